package org.quern.cli.difftest;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.quern.cli.CliException;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.CpuModel;

/** One thread's share of a run: makes batches, runs them everywhere, compares. */
final class Campaign implements AutoCloseable {
  /** A case that differed in its batch. */
  private record Suspect(TestVector vector, Engine engine, String difference) {}

  /**
   * Cases of a batch: few enough for the host's caches, many for the price of leaving the guest.
   */
  private static final int BATCH = 1024;

  private final DifftestOptions options;
  private final Silicon silicon;
  private final List<Engine> engines = new ArrayList<>();
  private final BatchBuilder builder;
  private final Findings findings;
  private final Comparison comparison;
  private final Single single;

  /** The batch as it was before any engine ran it. */
  private final long before = HostMemory.allocate(Layout.RAM_BYTES);

  Campaign(DifftestOptions options, CpuModel model, FormFilter forms, long seed, Findings findings)
      throws CliException {
    this.options = options;
    this.findings = findings;
    GuestImage image = new GuestImage(true);
    silicon = new Silicon(image);
    for (String name : options.engines()) {
      engines.add(new SoftwareEngine(name, DifftestOptions.tiering(name), model, image));
    }
    comparison = new Comparison(Single.emulatesGp(silicon));
    single = new Single(silicon, comparison);
    builder = new BatchBuilder(silicon.ram(), new SplittableRandom(seed), forms.taken);
  }

  /** Runs one batch. */
  void batch() throws CliException {
    long t0 = cpuTime();
    Batch b = builder.build(Math.max(BATCH, options.each()), options.each());
    copyBatch(b, silicon.ram(), before);
    long t1 = cpuTime();
    findings.time("generating", t1 - t0);
    silicon.codeWritten();
    silicon.run();
    findings.time(silicon.name(), cpuTime() - t1);
    for (Engine e : engines) {
      copyBatch(b, before, e.ram());
      e.codeWritten();
      long t2 = cpuTime();
      e.run();
      findings.time(e.name(), cpuTime() - t2);
    }
    List<Suspect> suspects = new ArrayList<>();
    long t3 = cpuTime();
    for (Engine e : engines) {
      compare(b, e, suspects);
    }
    findings.time("comparing", cpuTime() - t3);
    // Only now: it overwrites the memory of the batch.
    for (Suspect s : suspects) {
      confirm(s);
    }
    findings.count(b);
  }

  /** CPU time of this thread in ns: the machine may be busy with other things. */
  private static long cpuTime() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static void copyBatch(Batch b, long from, long to) {
    copy(from, to, Layout.BLOCKS, (b.blocks + 1) * Layout.BLOCK_BYTES);
    copy(from, to, Layout.CODE, b.blocks * Layout.SLOT_BYTES);
    copy(from, to, Layout.VECTORS, Layout.VECTOR_COUNT * Layout.VECTOR_BYTES);
    copy(from, to, Layout.SPECIAL, Layout.SPECIAL_PAGES * HostMemory.PAGE_SIZE);
    copy(from, to, Layout.CASES, b.cases * Layout.CASE_BYTES);
  }

  private static void copy(long from, long to, int at, int bytes) {
    HostMemory.copy(from + at, to + at, bytes);
  }

  /** Finds the cases that differ in the batch, and again when they run by themselves. */
  private void compare(Batch b, Engine e, List<Suspect> suspects) {
    long ours = e.ram();
    long expected = silicon.ram();
    for (int block = 0; block < b.blocks; block++) {
      CodeSlot slot = b.slots[block];
      for (int n = b.firstCase[block]; n < b.firstCase[block + 1]; n++) {
        long at = Layout.caseAt(n);
        if (Comparison.same(expected + at, ours + at)) {
          continue;
        }
        List<String> d = comparison.differences(slot, expected + at, ours + at);
        if (!d.isEmpty() && findings.wants(slot, e)) {
          suspects.add(new Suspect(TestVector.of(slot, n, before), e, d.get(0)));
        }
      }
    }
  }

  private void confirm(Suspect s) throws CliException {
    TestVector v = s.vector;
    Engine e = s.engine;
    if (single.differences(v, e).isEmpty()) {
      findings.unconfirmed(v, e, s.difference);
      return;
    }
    TestVector reduced = findings.keeps(v, e) ? single.reduce(v, e) : v;
    findings.difference(e, reduced, single.differences(reduced, e));
  }

  @Override
  public void close() {
    silicon.close();
    engines.forEach(findings::translated);
    engines.forEach(Engine::close);
  }
}
