package org.quern.cli.holes;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.quern.accel.api.AcceleratorException;
import org.quern.cli.CliException;

/** {@code quern holes}. */
public final class HolesVerb {
  private static final Set<String> HELP = Set.of("help", "-h", "-help", "--help");

  private HolesVerb() {}

  /**
   * Runs the command.
   *
   * @return exit code of the process: 1 if an accelerator let a guest see or do something wrong
   */
  public static int run(List<String> words) throws CliException {
    if (words.size() == 1 && HELP.contains(words.get(0))) {
      System.out.print(HolesOptions.HELP);
      return 0;
    }
    return run(HolesOptions.parse(words), System.out);
  }

  static int run(HolesOptions o, PrintStream out) throws CliException {
    List<Probe> probes = Probes.ALL.stream().filter(p -> wanted(p, o.words())).toList();
    if (probes.isEmpty()) {
      throw new CliException("no instruction with " + String.join(" or ", o.words()));
    }
    Laboratory laboratory = new Laboratory(o.count());
    List<List<Cell>> columns = new ArrayList<>();
    for (String name : o.ways().isEmpty() ? Ways.NAMES : o.ways()) {
      Way way = Ways.of(name);
      List<Cell> column = new ArrayList<>();
      try {
        Laboratory.Overhead overhead = laboratory.overhead(way);
        for (Probe p : probes) {
          column.add(laboratory.cell(p, way, overhead));
        }
        columns.add(column);
      } catch (AcceleratorException e) {
        if (!o.ways().isEmpty()) {
          throw new CliException("--way " + name + ": " + e.getMessage(), e);
        }
        out.println(name + " left out: " + e.getMessage());
      }
    }
    HolesReport report = new HolesReport(probes, columns);
    out.print(report.text());
    if (o.json().isPresent()) {
      try {
        Files.writeString(o.json().get(), report.json());
      } catch (IOException e) {
        throw new CliException("--json " + o.json().get() + ": " + e.getMessage(), e);
      }
    }
    return report.acceleratorsRight() ? 0 : 1;
  }

  private static boolean wanted(Probe p, List<String> words) {
    String name = p.name().toLowerCase(Locale.ROOT);
    return words.isEmpty()
        || words.stream().anyMatch(w -> name.contains(w.toLowerCase(Locale.ROOT)));
  }
}
