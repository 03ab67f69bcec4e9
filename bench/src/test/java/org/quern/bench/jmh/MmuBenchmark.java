package org.quern.bench.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.mmu.Mmu;

/**
 * What the software TLB costs: an access that hits it against one without any check, and the walk
 * of an access that misses. The difference between the first two is what hoisting checks out of
 * loops can win.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class MmuBenchmark {
  private static final int LOCATIONS = 1024;
  private static final int STRIDE = 64;
  private static final long DATA = PagedRam.DATA;

  private final PagedRam ram = new PagedRam();
  private Mmu mmu;
  private long host;
  private long at;

  /** A ring of pointers that visits 64 KiB, so that every read depends on the one before. */
  @Setup
  public void prepare() {
    mmu = ram.cpu().mmu;
    for (int n = 0; n < LOCATIONS; n++) {
      mmu.write64(DATA + (long) n * STRIDE, DATA + (n * 577L + 1) % LOCATIONS * STRIDE);
    }
    host = ram.at(0);
    at = DATA;
  }

  @Benchmark
  public long readThatHits() {
    at = mmu.read64(at);
    return at;
  }

  @Benchmark
  public long readWithoutCheck() {
    at = HostMemory.getLong(at + host);
    return at;
  }

  @Benchmark
  public void writeThatHits() {
    mmu.write64(DATA + 8, at);
  }

  @Benchmark
  public long readAfterInvlpg() {
    mmu.flushPage(DATA);
    return mmu.read64(DATA);
  }
}
