package org.quern.cli;

import java.util.Arrays;
import java.util.List;
import org.quern.cli.linux.LinuxImages;
import org.quern.cli.options.OptionParser;
import org.quern.cli.options.Parsed;

/** The {@code quern} command. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    System.exit(run(Arrays.asList(arguments)));
  }

  /** Runs a command to its end and returns the exit code of the process. */
  static int run(List<String> words) {
    try {
      return dispatch(words);
    } catch (CliException e) {
      System.err.println("quern: " + e.getMessage());
      return e.exitCode();
    }
  }

  private static int dispatch(List<String> words) throws CliException {
    String verb = words.isEmpty() ? "help" : words.get(0);
    List<String> rest = words.isEmpty() ? words : words.subList(1, words.size());
    return switch (verb) {
      case "linux" -> {
        LinuxImages.Images i =
            new LinuxImages(LinuxImages.defaultCache(), s -> System.err.println("quern: " + s))
                .get();
        System.out.println(i.kernel() + "\n" + i.initrd());
        yield rest.size();
      }
      case "help", "-h", "-help", "--help" -> {
        System.out.print(OptionParser.help());
        yield 0;
      }
      default -> {
        Parsed parsed = new OptionParser().parse(words);
        System.out.println(parsed);
        yield 0;
      }
    };
  }
}
