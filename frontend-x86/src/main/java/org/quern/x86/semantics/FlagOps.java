package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;

/**
 * Instructions on RFLAGS as a whole, with the rules of IOPL, virtual-8086 mode extensions (VME) and
 * protected-mode virtual interrupts (PVI). Source: SDM vol. 2A and 2B, CLI, STI, PUSHF, POPF, and
 * vol. 3B, 21.3 and 21.4.
 */
public final class FlagOps {
  /** What POPF may always change, besides the status flags. */
  private static final int POPF_ALWAYS = RFlags.TF | RFlags.DF | RFlags.NT | RFlags.AC | RFlags.ID;

  private FlagOps() {}

  static Handler of(Mnemonic m) {
    return switch (m) {
      case CLC -> (c, i) -> c.setCf(false);
      case STC -> (c, i) -> c.setCf(true);
      case CMC -> (c, i) -> c.setCf(!c.cf());
      case CLD -> (c, i) -> c.eflags &= ~RFlags.DF;
      case STD -> (c, i) -> c.eflags |= RFlags.DF;
      case CLI -> (c, i) -> cli(c);
      case STI -> (c, i) -> sti(c);
      case PUSHF -> FlagOps::pushf;
      case POPF -> FlagOps::popf;
      default -> null;
    };
  }

  private static boolean vme(Cpu c) {
    return (c.cr4 & Cr.CR4_VME) != 0;
  }

  /** Whether CLI and STI act on VIF: no right to IF, but an extension that virtualizes it. */
  private static boolean virtualInterrupts(Cpu c) {
    return c.v86() ? vme(c) : c.cpl == 3 && (c.cr4 & Cr.CR4_PVI) != 0;
  }

  private static boolean ownsIf(Cpu c) {
    return c.realMode() || c.iopl() >= c.cpl;
  }

  public static void cli(Cpu c) {
    if (ownsIf(c)) {
      c.eflags &= ~RFlags.IF;
    } else if (virtualInterrupts(c)) {
      c.eflags &= ~RFlags.VIF;
    } else {
      throw c.gp(0);
    }
  }

  /** The instruction after STI runs before any interrupt, if IF was 0. */
  public static void sti(Cpu c) {
    if (ownsIf(c)) {
      if ((c.eflags & RFlags.IF) == 0) {
        c.setSystemFlags(c.eflags | RFlags.IF);
        c.startShadow(Cpu.Shadow.STI);
      }
    } else if (virtualInterrupts(c) && (c.eflags & RFlags.VIP) == 0) {
      c.eflags |= RFlags.VIF;
    } else {
      throw c.gp(0);
    }
  }

  private static void pushf(Cpu c, Insn i) {
    int f = c.rflags() & ~(RFlags.VM | RFlags.RF) | c.model.generation().flagsSet();
    if (c.v86() && c.iopl() < 3) {
      if (!vme(c) || i.opSize != 16) {
        throw c.gp(0);
      }
      boolean vif = (f & RFlags.VIF) != 0;
      f = f | RFlags.IOPL | RFlags.IF;
      f = vif ? f : f & ~RFlags.IF;
    }
    Stack.push(c, i.opSize, f);
  }

  private static void popf(Cpu c, Insn i) {
    if (c.v86() && c.iopl() < 3) {
      popfVirtual(c, i);
      return;
    }
    int change = RFlags.STATUS | POPF_ALWAYS;
    if (c.cpl == 0) {
      change |= RFlags.IOPL;
    }
    if (ownsIf(c)) {
      change |= RFlags.IF;
    }
    int clear = RFlags.RF;
    if (i.opSize == 16) {
      change &= 0xffff;
      clear = 0;
    }
    if (c.realMode()) {
      change &= ~c.model.generation().realFlagsFixed();
    }
    int f = (int) Stack.pop(c, i.opSize);
    c.setRflags(c.rflags() & ~change & ~clear | f & change);
  }

  /** Virtual-8086 mode with IOPL below 3: the guest's IF is VIF. */
  private static void popfVirtual(Cpu c, Insn i) {
    if (!vme(c) || i.opSize != 16) {
      throw c.gp(0);
    }
    int f = (int) Stack.peek(c, 16, 0);
    boolean pending = (c.eflags & RFlags.VIP) != 0 && (f & RFlags.IF) != 0;
    if (pending || (f & RFlags.TF) != 0) {
      throw c.gp(0);
    }
    Stack.adjust(c, 2);
    int change = (RFlags.STATUS | RFlags.DF | RFlags.NT) & 0xffff;
    int vif = (f & RFlags.IF) != 0 ? RFlags.VIF : 0;
    c.setRflags(c.rflags() & ~(change | RFlags.VIF | RFlags.TF) | f & change | vif);
  }
}
