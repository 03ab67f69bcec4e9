package org.quern.accel.kvm;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.quern.accel.api.ExitCounts;

/** Exits of one processor by reason. Written by its thread, read by any. */
final class KvmExits {
  private final long[] counts = new long[KvmExitReason.values().length];
  private final long[] nanos = new long[counts.length];
  private int reason = -1;
  private long since;

  /** The processor has left the guest. */
  void left(KvmExitReason why) {
    reason = why.ordinal();
    counts[reason]++;
    since = System.nanoTime();
  }

  /** The processor is about to enter the guest. */
  void entering() {
    if (reason >= 0) {
      nanos[reason] += System.nanoTime() - since;
      reason = -1;
    }
  }

  /** The processor stops running: what follows is not the exit's time. */
  void stopped() {
    entering();
  }

  static List<ExitCounts.Exit> sum(List<KvmExits> all) {
    List<ExitCounts.Exit> sums = new ArrayList<>();
    for (KvmExitReason r : KvmExitReason.values()) {
      long count = 0;
      long nanoseconds = 0;
      for (KvmExits e : all) {
        count += e.counts[r.ordinal()];
        nanoseconds += e.nanos[r.ordinal()];
      }
      if (count > 0) {
        sums.add(new ExitCounts.Exit(r.name(), count, nanoseconds));
      }
    }
    sums.sort(Comparator.comparingLong(ExitCounts.Exit::count).reversed());
    return sums;
  }
}
