package org.quern.accel.software;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.quern.x86.mem.HostMemory;

/** What a guest can make the code cache hold. */
class CodeCacheTest {
  @Test
  void codeInEveryPageOfRamDoesNotFillTheHeap() {
    long host = HostMemory.allocate(4096);
    AtomicInteger invalidations = new AtomicInteger();
    CodeCache cache = new CodeCache(invalidations::incrementAndGet);
    CodePage first = cache.page(0, CodeMode.LONG64, host);
    for (long n = 1; n <= CodeCache.PAGES_MAX + 10; n++) {
      cache.page(n << 12, CodeMode.LONG64, host);
    }
    assertThat(cache.size()).isLessThan(CodeCache.PAGES_MAX);
    assertThat(first.valid).isFalse();
    assertThat(cache.hasCode(0)).isFalse();
    assertThat(invalidations).hasValue(1);
  }
}
