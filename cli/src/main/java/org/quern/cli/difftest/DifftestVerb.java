package org.quern.cli.difftest;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.quern.accel.kvm.Kvm;
import org.quern.cli.CliException;
import org.quern.x86.decode.InsnForm;
import org.quern.x86.state.CpuModel;

/** {@code quern difftest}. */
public final class DifftestVerb {
  private static final Set<String> HELP = Set.of("help", "-h", "-help", "--help");

  private static final long MAX_SECONDS = 1L << 32;

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
    if (o.replay() != null) {
      return ReplayRun.run(o);
    }
    Kvm.Probe kvm = Kvm.probe();
    if (!kvm.available()) {
      throw new CliException("no processor to compare with: " + kvm.reason());
    }
    HostFeatures host = HostFeatures.read();
    CpuModel model = TestedModel.of();
    FormFilter forms = new FormFilter(o.forms(), o.features(), model::has, host::has);
    if (forms.taken.isEmpty()) {
      throw new CliException(
          "no instruction form that can be compared contains "
              + o.forms()
              + (o.features().isEmpty() ? "" : " and needs one of " + o.features()));
    }
    Findings findings =
        new Findings(o.corpus(), "found by quern difftest --seed " + o.seed() + " on " + host.name);
    runAll(o, model, forms, findings);
    System.out.print(findings.report());
    for (Map.Entry<String, List<InsnForm>> e : forms.left.entrySet()) {
      System.out.printf("not covered, %s: %d forms%n", e.getKey(), e.getValue().size());
      if (o.list()) {
        e.getValue().forEach(f -> System.out.println("    " + f));
      }
    }
    return findings.differing() == 0 ? 0 : 1;
  }

  /** Runs campaigns, each on a thread of its own with a guest of its own. */
  private static void runAll(DifftestOptions o, CpuModel model, FormFilter forms, Findings findings)
      throws CliException {
    long end = System.nanoTime() + Math.min(o.seconds(), MAX_SECONDS) * 1_000_000_000L;
    List<Thread> threads = new ArrayList<>();
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    SplittableRandom seeds = new SplittableRandom(o.seed());
    for (int job = 0; job < o.jobs(); job++) {
      long seed = seeds.nextLong();
      Thread t =
          new Thread(
              () -> {
                try (Campaign c = new Campaign(o, model, forms, seed, findings)) {
                  while (failures.isEmpty()
                      && findings.cases() < o.cases()
                      && System.nanoTime() < end) {
                    c.batch();
                  }
                } catch (CliException | RuntimeException e) {
                  failures.add(e);
                }
              },
              "difftest " + job);
      threads.add(t);
      t.start();
    }
    for (Thread t : threads) {
      try {
        t.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CliException("interrupted", e);
      }
    }
    if (!failures.isEmpty()) {
      System.out.print(findings.report());
      Throwable first = failures.get(0);
      if (first instanceof CliException e) {
        throw e;
      }
      throw new IllegalStateException("difftest failed", first);
    }
  }
}
