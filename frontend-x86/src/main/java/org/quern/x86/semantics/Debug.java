package org.quern.x86.semantics;

import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;

/** Debug exceptions and their registers. Source: SDM vol. 3B, chapter 17. */
public final class Debug {
  // DR6 bits: SDM vol. 3B, figure 17-1.
  public static final int DR6_BD = 1 << 13;
  public static final int DR6_BS = 1 << 14;
  public static final int DR6_BT = 1 << 15;

  /** B0 to B3. */
  public static final int DR6_B = 15;

  public static final int DR7_GD = 1 << 13;

  private Debug() {}

  /**
   * Whether an enabled instruction breakpoint lies at the instruction about to run. If so the #DB
   * is filled in in {@code c.fault}: hand it to {@link Interrupts#deliverFault}, with RIP
   * unchanged. Call only if DR7 enables something; honours RF.
   *
   * @param linear linear address of the instruction's first byte
   */
  public static boolean instructionBreakpoint(Cpu c, long linear) {
    if ((c.eflags & RFlags.RF) != 0) {
      return false;
    }
    int hit = 0;
    long dr7 = c.dr[7];
    for (int i = 0; i < 4; i++) {
      boolean enabled = (dr7 >>> 2 * i & 3) != 0 && (dr7 >>> 16 + 4 * i & 15) == 0;
      if (enabled && c.dr[i] == linear) {
        hit |= 1 << i;
      }
    }
    if (hit == 0) {
      return false;
    }
    c.pendingDebug |= hit;
    c.fault.set(Vector.DB);
    return true;
  }

  /** Whether DR7 enables any instruction breakpoint. */
  public static boolean watchesCode(Cpu c) {
    long dr7 = c.dr[7];
    for (int i = 0; i < 4; i++) {
      if ((dr7 >>> 2 * i & 3) != 0 && (dr7 >>> 16 + 4 * i & 3) == 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * Notes the I/O breakpoints that an access to ports hits; they trap behind the instruction (or
   * the iteration). Source: SDM vol. 3B, 17.2.4 (R/W 10B, which needs CR4.DE) and 17.2.5.
   */
  static void portAccess(Cpu c, int port, int bytes) {
    long dr7 = c.dr[7];
    if ((c.cr4 & Cr.CR4_DE) == 0 || (dr7 & 0xff) == 0) {
      return;
    }
    for (int i = 0; i < 4; i++) {
      boolean enabled = (dr7 >>> 2 * i & 3) != 0 && (dr7 >>> 16 + 4 * i & 3) == 2;
      int length = (int) (dr7 >>> 18 + 4 * i & 3) + 1;
      long start = c.dr[i] & -length;
      if (enabled && length != 3 && port < start + length && start < port + bytes) {
        c.pendingDebug |= 1 << i;
        c.request(Cpu.REQ_STEP);
      }
    }
  }

  /** Moves pending causes into DR6 and drops the general-detect enable, as any #DB does. */
  static void enter(Cpu c) {
    c.dr[6] = c.dr[6] & ~DR6_B | c.pendingDebug;
    c.dr[7] &= ~DR7_GD;
    c.pendingDebug = 0;
  }
}
