package org.quern.cli.difftest;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.quern.cli.CliException;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.CpuModel;

/** One thread's share of a run: makes batches, runs them everywhere, compares. */
final class Campaign implements AutoCloseable {
  private final DifftestOptions options;
  private final Silicon silicon;
  private final List<Engine> engines = new ArrayList<>();
  private final BatchBuilder builder;
  private final Findings findings;

  /** The batch as it was before any engine ran it. */
  private final long before = HostMemory.allocate(Layout.RAM_BYTES);

  Campaign(DifftestOptions options, CpuModel model, FormFilter forms, long seed, Findings findings)
      throws CliException {
    this.options = options;
    this.findings = findings;
    GuestImage image = new GuestImage(false);
    silicon = new Silicon(image);
    for (String name : options.engines()) {
      engines.add(new SoftwareEngine(name, DifftestOptions.tiering(name), model, image));
    }
    builder =
        new BatchBuilder(silicon.ram(), image.leave(), new SplittableRandom(seed), forms.taken);
  }

  /** Runs one batch. */
  void batch() throws CliException {
    long t0 = System.nanoTime();
    Batch b = builder.build(Layout.MAX_CASES, options.each());
    copyBatch(b, silicon.ram(), before);
    long t1 = System.nanoTime();
    findings.time("generating", t1 - t0);
    silicon.codeWritten();
    silicon.run();
    findings.time(silicon.name(), System.nanoTime() - t1);
    for (Engine e : engines) {
      copyBatch(b, before, e.ram());
      e.codeWritten();
      long t2 = System.nanoTime();
      e.run();
      long t3 = System.nanoTime();
      findings.time(e.name(), t3 - t2);
      compare(b, e);
      findings.time("comparing", System.nanoTime() - t3);
    }
    findings.count(b);
  }

  private static void copyBatch(Batch b, long from, long to) {
    copy(from, to, Layout.BLOCKS, (b.blocks + 1) * Layout.BLOCK_BYTES);
    copy(from, to, Layout.CODE, b.blocks * Layout.SLOT_BYTES);
    copy(from, to, Layout.FIXED, b.blocks * Layout.FIXED_BYTES);
    copy(from, to, Layout.VECTORS, Layout.VECTOR_COUNT * Layout.VECTOR_BYTES);
    copy(from, to, Layout.SPECIAL, Layout.SPECIAL_PAGES * HostMemory.PAGE_SIZE);
    copy(from, to, Layout.CASES, b.cases * Layout.CASE_BYTES);
  }

  private static void copy(long from, long to, int at, int bytes) {
    HostMemory.copy(from + at, to + at, bytes);
  }

  private void compare(Batch b, Engine e) {
    for (int block = 0; block < b.blocks; block++) {
      for (int n = b.firstCase[block]; n < b.firstCase[block + 1]; n++) {
        long expected = silicon.ram() + Layout.caseAt(n);
        long actual = e.ram() + Layout.caseAt(n);
        if (!Comparison.same(expected, actual)) {
          List<String> d = Comparison.differences(b.samples[block].insn(), expected, actual);
          if (!d.isEmpty()) {
            findings.difference(e, b, block, n, before, d);
          }
        }
      }
    }
  }

  @Override
  public void close() {
    silicon.close();
    engines.forEach(Engine::close);
  }
}
