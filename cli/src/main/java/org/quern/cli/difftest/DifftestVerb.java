package org.quern.cli.difftest;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.quern.accel.kvm.Kvm;
import org.quern.accel.kvm.KvmCpuid;
import org.quern.cli.CliException;
import org.quern.x86.decode.InsnForm;
import org.quern.x86.state.CpuModel;

/** {@code quern difftest}. */
public final class DifftestVerb {
  private static final Set<String> HELP = Set.of("help", "-h", "-help", "--help");

  private DifftestVerb() {}

  /**
   * Runs the command.
   *
   * @return exit code of the process: 0 without a difference, else 1
   */
  public static int run(List<String> words) throws CliException {
    if (words.size() == 1 && HELP.contains(words.get(0))) {
      System.out.print(DifftestOptions.HELP);
      return 0;
    }
    DifftestOptions o = DifftestOptions.parse(words);
    Kvm.Probe kvm = Kvm.probe();
    if (!kvm.available()) {
      throw new CliException("no processor to compare with: " + kvm.reason());
    }
    KvmCpuid host = Silicon.features();
    CpuModel model = CpuModel.max();
    FormFilter forms = new FormFilter(o.forms(), model::has, host::has);
    if (forms.taken.isEmpty()) {
      throw new CliException("no instruction form that can be compared contains " + o.forms());
    }
    Findings findings = new Findings();
    long end = System.nanoTime() + Math.min(o.seconds(), 1L << 31) * 1_000_000_000L;
    try (Campaign c = new Campaign(o, model, forms, o.seed(), findings)) {
      while (findings.cases() < o.cases() && System.nanoTime() < end) {
        c.batch();
      }
    }
    System.out.print(findings.report());
    for (Map.Entry<String, List<InsnForm>> e : forms.left.entrySet()) {
      System.out.printf("not covered, %s: %d forms%n", e.getKey(), e.getValue().size());
      if (o.list()) {
        e.getValue().forEach(f -> System.out.println("    " + f));
      }
    }
    return findings.differing() == 0 ? 0 : 1;
  }
}
