package org.quern.translator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.quern.x86.state.Cpu;

/** What a region learns from the processors that share it. */
class RegionTest {
  private static final int SHAPES = 2000;
  private static final int MISSES = 64;

  private static final class Nothing extends Region {
    @Override
    public long run(Cpu c, long base, int entry) {
      return REFUSED;
    }
  }

  @Test
  void processorsMayMissAtTheSameTime() throws InterruptedException {
    Region region = new Nothing();
    region.learnsFrom(IntStream.range(0, SHAPES).mapToObj(n -> "shape " + n).toList(), Hints.NONE);
    List<Throwable> thrown = Collections.synchronizedList(new ArrayList<>());
    List<Thread> threads = new ArrayList<>();
    for (int n = 0; n < 4; n++) {
      PagedRam ram = new PagedRam();
      Thread t = new Thread(() -> missAll(region, ram.cpu()));
      t.setUncaughtExceptionHandler((thread, e) -> thrown.add(e));
      threads.add(t);
    }
    threads.forEach(Thread::start);
    for (Thread t : threads) {
      t.join();
    }
    assertThat(thrown).isEmpty();
  }

  private static void missAll(Region region, Cpu c) {
    for (int shape = 0; shape < SHAPES; shape++) {
      c.missed = shape;
      for (int n = 0; n < MISSES; n++) {
        region.missed(c);
      }
    }
  }
}
