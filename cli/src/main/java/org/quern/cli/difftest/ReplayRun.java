package org.quern.cli.difftest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.quern.accel.kvm.Kvm;
import org.quern.cli.CliException;

/** {@code quern difftest --replay}. */
final class ReplayRun {
  private ReplayRun() {}

  /** Runs all files; the exit code of the process. */
  static int run(DifftestOptions o) throws CliException {
    Kvm.Probe kvm = Kvm.probe();
    if (o.record() && !kvm.available()) {
      throw new CliException("no processor to record: " + kvm.reason());
    }
    List<Replay> replays = new ArrayList<>();
    int bad = 0;
    try {
      if (kvm.available()) {
        replays.add(Replay.onSilicon());
      } else {
        System.out.println("not on silicon: " + kvm.reason());
      }
      for (String name : o.engines()) {
        replays.add(Replay.on(name));
      }
      List<Path> files = files(o.replay());
      for (Path file : files) {
        bad += one(file, replays, o.record());
      }
      System.out.printf("%d files, %d with differences%n", files.size(), bad);
    } finally {
      replays.forEach(Replay::close);
    }
    return bad == 0 ? 0 : 1;
  }

  private static int one(Path file, List<Replay> replays, boolean record) throws CliException {
    try {
      String text = Files.readString(file, StandardCharsets.US_ASCII);
      if (record) {
        text = replays.get(0).record(text);
        Files.writeString(file, text, StandardCharsets.US_ASCII);
      }
      boolean bad = false;
      for (Replay r : replays) {
        for (String line : r.run(text)) {
          System.out.printf("%s under %s: %s%n", file, r.engineName(), line);
          bad = true;
        }
      }
      return bad ? 1 : 0;
    } catch (IOException e) {
      throw new CliException("cannot read or write " + file + ": " + e.getMessage(), e);
    }
  }

  private static List<Path> files(Path where) throws CliException {
    if (!Files.isDirectory(where)) {
      return List.of(where);
    }
    try (Stream<Path> all = Files.list(where)) {
      return all.filter(f -> f.toString().endsWith(".txt")).sorted().toList();
    } catch (IOException e) {
      throw new CliException("cannot list " + where + ": " + e.getMessage(), e);
    }
  }
}
