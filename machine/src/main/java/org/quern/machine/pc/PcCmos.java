package org.quern.machine.pc;

import java.util.HashMap;
import java.util.Map;
import org.quern.machine.mem.GuestRam;

/**
 * What the factory has written into CMOS: memory sizes, equipment, processors. Source: QEMU's
 * hw/i386/pc.c for the bytes it sets; Ralf Brown's CMOS list for their meaning.
 */
final class PcCmos {
  private static final int EQUIPMENT = 0x14;
  private static final int BASE_KIB = 0x15;
  private static final int EXTENDED_KIB = 0x17;
  private static final int EXTENDED_KIB_COPY = 0x30;
  private static final int ABOVE_16M = 0x34;
  private static final int BOOT_FLAGS = 0x38;
  private static final int BOOT_ORDER = 0x3d;
  private static final int ABOVE_4G = 0x5b;
  private static final int MORE_CPUS = 0x5f;

  private static final int HAS_FPU = 0x02;
  private static final int CONVENTIONAL_KIB = 640;
  private static final int WORD_MAX = 0xffff;
  private static final long MIB = 1L << 20;

  /** Unit of the sizes above 16 MiB. */
  private static final long BLOCK = 64 << 10;

  // QEMU's default boot order, hard disk (2), floppy (1), CD-ROM (3), in half bytes.
  private static final int BOOT_FIRST_AND_SECOND = 0x12;
  private static final int BOOT_THIRD = 0x30;

  private PcCmos() {}

  static Map<Integer, Integer> contents(int cpus, GuestRam ram) {
    Map<Integer, Integer> m = new HashMap<>();
    m.put(EQUIPMENT, HAS_FPU);
    bytes(m, BASE_KIB, 2, CONVENTIONAL_KIB);
    long extended = Math.min(WORD_MAX, (ram.lowBytes() - MIB) / 1024);
    bytes(m, EXTENDED_KIB, 2, extended);
    bytes(m, EXTENDED_KIB_COPY, 2, extended);
    bytes(m, ABOVE_16M, 2, Math.min(WORD_MAX, Math.max(0, ram.lowBytes() - 16 * MIB) / BLOCK));
    bytes(m, ABOVE_4G, 3, ram.highBytes() / BLOCK);
    m.put(MORE_CPUS, cpus - 1);
    m.put(BOOT_FLAGS, BOOT_THIRD);
    m.put(BOOT_ORDER, BOOT_FIRST_AND_SECOND);
    return m;
  }

  private static void bytes(Map<Integer, Integer> m, int at, int count, long value) {
    for (int i = 0; i < count; i++) {
      m.put(at + i, (int) (value >>> 8 * i) & 0xff);
    }
  }
}
