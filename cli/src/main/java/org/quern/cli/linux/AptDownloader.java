package org.quern.cli.linux;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Fetches Debian packages with the host's own apt. No root is needed: if the system's package lists
 * are missing or out of date, apt keeps lists of its own in our scratch folder.
 */
final class AptDownloader {
  private static final long MINUTES = 10;

  private final Path scratch;
  private final Progress progress;

  /** Set once the system's lists turned out to be useless. */
  private boolean ownLists;

  /**
   * A downloader.
   *
   * @param scratch an existing folder that the caller deletes afterwards
   */
  AptDownloader(Path scratch, Progress progress) {
    this.scratch = scratch;
    this.progress = progress;
  }

  /**
   * The name of the package that a meta package stands for.
   *
   * @return its first dependency that starts with the prefix
   */
  String dependency(String meta, String prefix) throws ImageException {
    String name = findDependency(meta, prefix);
    if (name == null && !ownLists) {
      updateOwnLists();
      name = findDependency(meta, prefix);
    }
    if (name == null) {
      throw unavailable("apt knows no package " + meta, null);
    }
    return name;
  }

  /** Downloads a package into the scratch folder. */
  Path download(String name) throws ImageException {
    progress.step("downloading " + name);
    Output result = apt("apt-get", "download", name);
    if (result.code != 0 && !ownLists) {
      updateOwnLists();
      result = apt("apt-get", "download", name);
    }
    if (result.code != 0) {
      throw unavailable("apt cannot download " + name + ": " + result.lastError(), null);
    }
    try (Stream<Path> files = Files.list(scratch)) {
      return files
          .filter(p -> p.getFileName().toString().startsWith(name + "_"))
          .findFirst()
          .orElseThrow(() -> unavailable("apt downloaded " + name + " to nowhere", null));
    } catch (IOException e) {
      throw unavailable("cannot list " + scratch + ": " + e.getMessage(), e);
    }
  }

  private String findDependency(String meta, String prefix) throws ImageException {
    Output result = apt("apt-cache", "depends", meta);
    return result.lines.stream()
        .map(String::trim)
        .filter(l -> l.startsWith("Depends: " + prefix))
        .map(l -> l.substring("Depends: ".length()))
        .findFirst()
        .orElse(null);
  }

  private void updateOwnLists() throws ImageException {
    progress.step("updating package lists");
    ownLists = true;
    try {
      for (String folder : List.of("state/lists/partial", "cache/archives/partial")) {
        Files.createDirectories(scratch.resolve(folder));
      }
    } catch (IOException e) {
      throw unavailable("cannot write to " + scratch + ": " + e.getMessage(), e);
    }
    Output result = apt("apt-get", "update");
    if (result.code != 0) {
      throw unavailable("apt cannot update its package lists: " + result.lastError(), null);
    }
  }

  /** Exit code and output lines, standard error included. */
  private record Output(int code, List<String> lines) {
    String lastError() {
      String error = "exit code " + code;
      for (String l : lines) {
        if (l.startsWith("E:")) {
          error = l.substring(2).trim();
        }
      }
      return error;
    }
  }

  private Output apt(String program, String... arguments) throws ImageException {
    List<String> command =
        new ArrayList<>(
            List.of(program, "-q", "-o", "APT::Architecture=amd64", "-o", "APT::Sandbox::User="));
    if (ownLists) {
      command.addAll(
          List.of(
              "-o", "Dir::State=" + scratch.resolve("state"),
              "-o", "Dir::State::status=/var/lib/dpkg/status",
              "-o", "Dir::Cache=" + scratch.resolve("cache")));
    }
    command.addAll(List.of(arguments));
    File log = scratch.resolve("apt.log").toFile();
    try {
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().put("LC_ALL", "C");
      builder.environment().put("DEBIAN_FRONTEND", "noninteractive");
      Process process =
          builder
              .directory(scratch.toFile())
              .redirectErrorStream(true)
              .redirectInput(new File("/dev/null"))
              .redirectOutput(log)
              .start();
      if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw unavailable(program + " gave no answer within " + MINUTES + " minutes", null);
      }
      return new Output(
          process.exitValue(), Files.readAllLines(log.toPath(), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw unavailable(
          "the packages come from Debian, and " + program + " cannot be run: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable("interrupted while waiting for " + program, e);
    }
  }

  private static ImageException unavailable(String message, Throwable cause) {
    return new ImageException(message, true, cause);
  }
}
