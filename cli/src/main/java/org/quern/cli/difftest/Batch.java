package org.quern.cli.difftest;

import org.quern.x86.decode.EncodingSampler.Sample;

/** Instructions that go into the guest together, each with its cases. */
final class Batch {
  final Sample[] samples = new Sample[Layout.MAX_BLOCKS];
  final int[] firstCase = new int[Layout.MAX_BLOCKS + 1];
  int blocks;
  int cases;

  /** The block that a case belongs to. */
  int blockOf(int testCase) {
    int lo = 0;
    int hi = blocks - 1;
    while (lo < hi) {
      int mid = lo + hi + 1 >>> 1;
      if (firstCase[mid] <= testCase) {
        lo = mid;
      } else {
        hi = mid - 1;
      }
    }
    return lo;
  }
}
