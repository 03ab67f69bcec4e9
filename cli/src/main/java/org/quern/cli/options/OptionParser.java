package org.quern.cli.options;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Reads a whole command line. */
public final class OptionParser {
  private final long hostMemory;

  public OptionParser() {
    this(readHostMemory());
  }

  /** For tests: a host with that many bytes of memory. */
  OptionParser(long hostMemory) {
    this.hostMemory = hostMemory;
  }

  /** Reads QEMU's options. */
  public Parsed parse(List<String> words) throws OptionException {
    return parse(words, Preset.NONE);
  }

  /** The list of options for {@code quern help}. */
  public static String help() {
    StringBuilder s = new StringBuilder();
    for (Option o : Option.values()) {
      s.append(
          String.format("  %-32s %s%n", o.label == null ? o.name : o.name + " " + o.label, o.help));
    }
    return s.toString();
  }

  /** Reads QEMU's options on top of what a verb presets. */
  public Parsed parse(List<String> words, Preset preset) throws OptionException {
    ParseResult result = split(words);
    Draft draft = new Draft(hostMemory, preset);
    for (OptionSpec spec : result.matchedOptionsSet()) {
      Option option = (Option) spec.userObject();
      if (option.label == null) {
        option.effect.apply(draft, null);
      } else {
        for (String value : spec.originalStringValues()) {
          option.effect.apply(draft, value);
        }
      }
    }
    return draft.print != null ? new Parsed.Print(draft.print) : new Parsed.Run(draft.finish());
  }

  private static ParseResult split(List<String> words) throws OptionException {
    CommandSpec spec = CommandSpec.create();
    for (Option o : Option.values()) {
      OptionSpec.Builder b = OptionSpec.builder(o.name, "-" + o.name).userObject(o);
      if (o.label != null) {
        b.type(List.class).auxiliaryTypes(String.class).arity("1").paramLabel(o.label);
      } else {
        b.type(boolean.class).arity("0");
      }
      spec.addOption(b.build());
    }
    CommandLine line = new CommandLine(spec);
    line.setExpandAtFiles(false);
    line.setPosixClusteredShortOptionsAllowed(false);
    line.setOverwrittenOptionsAllowed(true);
    line.setUnmatchedOptionsArePositionalParams(false);
    line.setInterpolateVariables(false);
    try {
      return line.parseArgs(words.toArray(new String[0]));
    } catch (MissingParameterException e) {
      throw new OptionException(
          e.getMissing().stream()
              .filter(a -> a.isOption())
              .map(a -> ((OptionSpec) a).shortestName() + ": requires a value")
              .findFirst()
              .orElse(e.getMessage()));
    } catch (UnmatchedArgumentException e) {
      throw new OptionException(Refusals.sentence(e.getUnmatched().get(0)));
    } catch (ParameterException e) {
      throw new OptionException(e.getMessage());
    }
  }

  /** RAM and swap of the host in bytes; no limit where the host does not tell. */
  private static long readHostMemory() {
    long bytes = 0;
    try {
      for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
        if (line.startsWith("MemTotal:") || line.startsWith("SwapTotal:")) {
          bytes += Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
        }
      }
    } catch (IOException | NumberFormatException e) {
      bytes = 0;
    }
    return bytes == 0 ? Long.MAX_VALUE : bytes;
  }
}
