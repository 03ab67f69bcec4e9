package org.quern.x86.semantics;

import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;

/** Whether I/O instructions may run. Source: SDM vol. 1, 19.5 (protected-mode I/O). */
public final class IoPermission {
  /** Offset of the I/O map base address in a 32-bit and a 64-bit TSS. */
  private static final int MAP_BASE = 102;

  /** Descriptor types of a 32- or 64-bit TSS, available and busy. */
  private static final int TSS_AVAILABLE = 9;

  private static final int TSS_BUSY = 11;

  private IoPermission() {}

  /**
   * Raises #GP(0) unless {@code bytes} ports from {@code port} on may be accessed: CPL is within
   * IOPL, or the bitmap of the task allows each of them. Virtual-8086 mode always asks the bitmap.
   */
  public static void check(Cpu c, int port, int bytes) {
    if (c.realMode() || (!c.v86() && c.cpl <= c.iopl())) {
      return;
    }
    int type = c.tr.type();
    long limit = c.tr.limit & 0xffffffffL;
    if (!c.tr.usable || (type != TSS_AVAILABLE && type != TSS_BUSY) || limit < MAP_BASE + 1) {
      throw c.gp(0);
    }
    // Two bytes are read whatever the port, so both must lie inside the TSS.
    long at = (long) c.mmu.readSystem16(linear(c, MAP_BASE)) + (port >> 3);
    if (at + 1 > limit) {
      throw c.gp(0);
    }
    int denied = c.mmu.readSystem16(linear(c, at)) >>> (port & 7);
    if ((denied & (1 << bytes) - 1) != 0) {
      throw c.gp(0);
    }
  }

  private static long linear(Cpu c, long offset) {
    long la = c.tr.base + offset;
    return (c.efer & Cr.EFER_LMA) != 0 ? la : la & 0xffffffffL;
  }
}
