package org.quern.accel.software;

import java.util.ArrayList;
import java.util.List;
import org.quern.accel.api.ExceptionLog;
import org.quern.x86.fault.GuestFault;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;

/** The last exceptions of a processor, kept without allocation. */
final class ExceptionRing implements ExceptionLog {
  private static final int SIZE = 16;
  private static final int FIELDS = 7;

  private final long[] ring = new long[SIZE * FIELDS];
  private long count;

  /** Notes the exception that is about to be delivered at {@code c.rip}. */
  void add(Cpu c, GuestFault f) {
    int i = (int) (count++ & SIZE - 1) * FIELDS;
    ring[i] = f.vector;
    ring[i + 1] = f.errorCode;
    ring[i + 2] = f.vector == Vector.PF ? f.cr2 : 0;
    ring[i + 3] = c.seg[Reg.CS].selector;
    ring[i + 4] = c.rip;
    ring[i + 5] = c.cpl;
    ring[i + 6] = c.instructions;
  }

  @Override
  public List<Entry> recentExceptions() {
    List<Entry> entries = new ArrayList<>();
    for (long n = Math.max(0, count - SIZE); n < count; n++) {
      int i = (int) (n & SIZE - 1) * FIELDS;
      entries.add(
          new Entry(
              (int) ring[i],
              (int) ring[i + 1],
              ring[i + 2],
              (int) ring[i + 3],
              ring[i + 4],
              (int) ring[i + 5],
              ring[i + 6]));
    }
    return entries;
  }
}
