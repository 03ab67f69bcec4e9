package org.quern.cli.lockstep;

import org.quern.machine.mem.GuestRam;
import org.quern.x86.mem.HostMemory;

/** Compares the whole RAM of two machines. */
final class RamComparison {
  private RamComparison() {}

  /** Guest address of the first eight bytes from {@code from} on that differ; -1 if none do. */
  static long firstDifference(GuestRam a, GuestRam b, long from) {
    long at = difference(a.lowHost(), b.lowHost(), from, a.lowBytes());
    if (at >= 0 || a.highBytes() == 0) {
      return at;
    }
    long start = Math.max(0, from - GuestRam.HIGH_START);
    at = difference(a.highHost(), b.highHost(), start, a.highBytes());
    return at < 0 ? -1 : GuestRam.HIGH_START + at;
  }

  private static long difference(long a, long b, long from, long bytes) {
    for (long i = from; i < bytes; i += 64) {
      long different =
          HostMemory.getLong(a + i) ^ HostMemory.getLong(b + i)
              | HostMemory.getLong(a + i + 8) ^ HostMemory.getLong(b + i + 8)
              | HostMemory.getLong(a + i + 16) ^ HostMemory.getLong(b + i + 16)
              | HostMemory.getLong(a + i + 24) ^ HostMemory.getLong(b + i + 24)
              | HostMemory.getLong(a + i + 32) ^ HostMemory.getLong(b + i + 32)
              | HostMemory.getLong(a + i + 40) ^ HostMemory.getLong(b + i + 40)
              | HostMemory.getLong(a + i + 48) ^ HostMemory.getLong(b + i + 48)
              | HostMemory.getLong(a + i + 56) ^ HostMemory.getLong(b + i + 56);
      if (different != 0) {
        return exact(a, b, i);
      }
    }
    return -1;
  }

  private static long exact(long a, long b, long from) {
    long i = from;
    while (HostMemory.getLong(a + i) == HostMemory.getLong(b + i)) {
      i += 8;
    }
    return i;
  }

  /** The eight bytes at a guest address. */
  static long read(GuestRam ram, long address) {
    return address >= GuestRam.HIGH_START
        ? HostMemory.getLong(ram.highHost() + address - GuestRam.HIGH_START)
        : HostMemory.getLong(ram.lowHost() + address);
  }
}
