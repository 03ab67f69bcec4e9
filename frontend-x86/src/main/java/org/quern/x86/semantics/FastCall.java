package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuMode;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/**
 * SYSCALL, SYSRET, SYSENTER and SYSEXIT. Source: SDM vol. 2B, each; AMD APM vol. 3 for SYSCALL
 * outside 64-bit mode, which processors that call themselves Intel's do not have, and for SYSENTER
 * in long mode, which AMD's do not have.
 */
public final class FastCall {
  // Hidden parts of the flat segments these instructions make up.
  private static final int CODE64 = 0xa09b;
  private static final int CODE32 = 0xc09b;
  private static final int DATA = 0xc093;
  private static final int USER = 3 << 5;

  private FastCall() {}

  static Handler of(Mnemonic m) {
    return switch (m) {
      case SYSCALL -> FastCall::syscall;
      case SYSRET -> FastCall::sysret;
      case SYSENTER -> FastCall::sysenter;
      case SYSEXIT -> FastCall::sysexit;
      default -> null;
    };
  }

  private static void enter(Cpu c, int cs, int codeAttr, int ss, int level) {
    int user = level == 3 ? USER : 0;
    c.seg[Reg.CS].set(cs, 0, 0xffffffff, codeAttr | user, true);
    c.seg[Reg.SS].set(ss, 0, 0xffffffff, DATA | user, true);
    c.setCpl(level);
    CpuMode.update(c);
  }

  private static void checkSyscall(Cpu c) {
    boolean allowed = c.longMode || (c.protectedMode && c.model.amd());
    if ((c.efer & Cr.EFER_SCE) == 0 || !allowed) {
      throw c.ud();
    }
  }

  static void syscall(Cpu c, Insn i) {
    checkSyscall(c);
    int selectors = (int) (c.msr.star >>> 32) & 0xffff;
    int cs = selectors & 0xfffc;
    // The manual clears the RPL of CS only.
    int ss = selectors + 8 & 0xffff;
    if (!Descriptor.longModeActive(c)) {
      c.gpr[Reg.RCX] = c.rip & 0xffffffffL;
      c.rip = c.msr.star & 0xffffffffL;
      enter(c, cs, CODE32, ss, 0);
      c.setSystemFlags(c.eflags & ~(RFlags.VM | RFlags.IF | RFlags.RF));
      trapByNewFlags(c);
      return;
    }
    c.gpr[Reg.RCX] = c.rip;
    int flags = c.rflags() & ~RFlags.RF;
    c.gpr[11] = flags & 0xffffffffL;
    c.rip = c.longMode ? c.msr.lstar : c.msr.cstar;
    enter(c, cs, CODE64, ss, 0);
    c.setRflags(flags & ~(int) c.msr.sfmask);
    trapByNewFlags(c);
  }

  static void sysret(Cpu c, Insn i) {
    checkSyscall(c);
    ControlRegs.privileged(c);
    int base = (int) (c.msr.star >>> 48) & 0xffff;
    int ss = base + 8 & 0xffff | 3;
    if (i.opSize == 64) {
      long target = c.gpr[Reg.RCX];
      if (!Segmentation.canonical(c, target)) {
        throw c.gp(0);
      }
      c.rip = target;
      enter(c, base + 16 & 0xffff | 3, CODE64, ss, 3);
    } else {
      c.rip = c.gpr[Reg.RCX] & 0xffffffffL;
      boolean lma = Descriptor.longModeActive(c);
      enter(c, base & 0xffff | 3, CODE32, ss, 3);
      if (!lma) {
        c.setSystemFlags(c.eflags | RFlags.IF);
        trapByNewFlags(c);
        return;
      }
    }
    // RF and VM are not restored.
    c.setRflags((int) c.gpr[11] & ~(RFlags.RF | RFlags.VM));
    trapByNewFlags(c);
  }

  /** SYSCALL and SYSRET raise the single-step trap by TF as it is at their end. */
  private static void trapByNewFlags(Cpu c) {
    c.stepDecided = true;
    if ((c.eflags & RFlags.TF) != 0) {
      c.pendingDebug |= Debug.DR6_BS;
      c.request(Cpu.REQ_STEP);
    }
  }

  /** AMD's processors have SYSENTER and SYSEXIT outside long mode only. */
  private static void checkSysenter(Cpu c) {
    if (c.model.amd() && Descriptor.longModeActive(c)) {
      throw c.ud();
    }
  }

  static void sysenter(Cpu c, Insn i) {
    checkSysenter(c);
    int cs = (int) c.msr.sysenterCs & 0xfffc;
    if (c.realMode() || cs == 0) {
      throw c.gp(0);
    }
    boolean lma = Descriptor.longModeActive(c);
    long mask = lma ? -1 : 0xffffffffL;
    c.rip = c.msr.sysenterEip & mask;
    c.gpr[Reg.RSP] = c.msr.sysenterEsp & mask;
    c.setSystemFlags(c.eflags & ~(RFlags.VM | RFlags.IF | RFlags.RF));
    enter(c, cs, lma ? CODE64 : CODE32, cs + 8 & 0xffff, 0);
  }

  static void sysexit(Cpu c, Insn i) {
    checkSysenter(c);
    int cs = (int) c.msr.sysenterCs & 0xfffc;
    if (c.realMode() || c.cpl != 0 || cs == 0) {
      throw c.gp(0);
    }
    boolean wide = i.opSize == 64;
    long ip = c.gpr[Reg.RDX];
    long sp = c.gpr[Reg.RCX];
    if (wide) {
      if (!Segmentation.canonical(c, ip) || !Segmentation.canonical(c, sp)) {
        throw c.gp(0);
      }
    } else {
      ip &= 0xffffffffL;
      sp &= 0xffffffffL;
    }
    c.rip = ip;
    c.gpr[Reg.RSP] = sp;
    int code = cs + (wide ? 32 : 16) & 0xffff | 3;
    enter(c, code, wide ? CODE64 : CODE32, code + 8 & 0xffff, 3);
  }
}
