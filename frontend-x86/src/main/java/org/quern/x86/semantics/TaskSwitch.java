package org.quern.x86.semantics;

import org.quern.x86.fault.GuestFault;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuMode;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/**
 * Hardware task switching with 16- and 32-bit TSSs; never in long mode. Source: SDM vol. 3A, 8.3.
 *
 * <p>A fault before the switch is committed belongs to the old task. One after it belongs to the
 * new task: it is raised with {@link GuestFault#trap} set, so that the engine leaves RIP alone.
 */
final class TaskSwitch {
  // What causes a switch.
  static final int JMP = 0;
  static final int CALL = 1;
  static final int IRET = 2;

  // Offsets in a 32-bit TSS: SDM vol. 3A, figure 8-2.
  private static final int LINK = 0;
  private static final int CR3_32 = 28;
  private static final int EIP_32 = 32;
  private static final int EFLAGS_32 = 36;
  private static final int GPR_32 = 40;
  private static final int SEG_32 = 72;
  private static final int LDT_32 = 96;
  private static final int TRAP_32 = 100;
  private static final int MIN_LIMIT_32 = 0x67;

  // Offsets in a 16-bit TSS: SDM vol. 3A, figure 8-10.
  private static final int IP_16 = 14;
  private static final int FLAGS_16 = 16;
  private static final int GPR_16 = 18;
  private static final int SEG_16 = 34;
  private static final int LDT_16 = 42;
  private static final int MIN_LIMIT_16 = 0x2b;

  private TaskSwitch() {}

  /** Switches to the task that a task gate names. */
  static void throughGate(Cpu c, int selector, int cause, int flags) {
    int code = selector & 0xfffc;
    if ((selector & 4) != 0) {
      throw c.gp(code);
    }
    long d = Descriptor.read(c, selector, Vector.GP);
    int kind = Descriptor.kind(d);
    if (kind != Descriptor.TSS16 && kind != Descriptor.TSS32) {
      throw c.gp(code);
    }
    if (!Descriptor.present(d)) {
      throw c.np(code);
    }
    switchTo(c, selector, d, cause, flags);
  }

  /** IRET with NT set: back to the task in the link field. */
  static void iret(Cpu c) {
    int selector = c.mmu.readSystem16(c.tr.base & 0xffffffffL);
    int code = selector & 0xfffc;
    if ((selector & 4) != 0) {
      throw c.ts(code);
    }
    long d = Descriptor.read(c, selector, Vector.TS);
    int kind = Descriptor.kind(d);
    if (kind != Descriptor.TSS16_BUSY && kind != Descriptor.TSS32_BUSY) {
      throw c.ts(code);
    }
    if (!Descriptor.present(d)) {
      throw c.np(code);
    }
    switchTo(c, selector, d, IRET, c.rflags() & ~RFlags.NT);
  }

  /**
   * Switches tasks.
   *
   * @param d the new TSS descriptor, its type and presence checked
   * @param flags RFLAGS to save for the old task
   */
  static void switchTo(Cpu c, int selector, long d, int cause, int flags) {
    boolean wide = (Descriptor.kind(d) & 8) != 0;
    long base = Descriptor.base(d);
    if (Descriptor.limitLong(d) < (wide ? MIN_LIMIT_32 : MIN_LIMIT_16)) {
      throw c.ts(selector & 0xfffc);
    }
    if (c.nonRoot != null) {
      int source = c.nonRoot.delivers() ? 3 : cause == JMP ? 2 : cause == IRET ? 1 : 0;
      throw c.nonRoot.taskSwitch(selector, source);
    }
    // Both ends, so that no page of it can fault later.
    c.mmu.readSystem8(base);
    c.mmu.readSystem8(base + (wide ? MIN_LIMIT_32 : MIN_LIMIT_16) & 0xffffffffL);
    probeSave(c);
    if (cause != CALL && !Descriptor.nullSelector(c.tr.selector)) {
      Descriptor.setBusy(c, c.tr.selector & 0xfffb, false);
    }
    save(c, flags);
    if (cause == CALL) {
      c.mmu.writeSystem(base + LINK, 2, c.tr.selector);
    }
    if (cause != IRET) {
      Descriptor.setBusy(c, selector, true);
      d |= (long) Descriptor.BUSY << 40;
    }

    Descriptor.load(c.tr, selector, d);
    c.cr0 |= Cr.CR0_TS;
    c.dr[7] &= ~DR7_LOCAL;
    c.mmu.debugRegistersChanged();
    try {
      load(c, wide, base, cause == CALL);
    } catch (GuestFault g) {
      g.trap = true;
      throw g;
    }
  }

  /** L0 to L3 and LE, which a task switch clears. */
  private static final long DR7_LOCAL = 0x155;

  /** Raises the fault that saving would, before anything has changed. */
  private static void probeSave(Cpu c) {
    boolean wide = InnerStack.wideTss(c);
    long first = c.tr.base + (wide ? EIP_32 : IP_16);
    long last = c.tr.base + (wide ? SEG_32 + 4 * 5 + 1 : SEG_16 + 2 * 3 + 1);
    c.mmu.probeWriteSystem(first & 0xffffffffL);
    c.mmu.probeWriteSystem(last & 0xffffffffL);
  }

  private static void save(Cpu c, int flags) {
    long base = c.tr.base;
    if (InnerStack.wideTss(c)) {
      put(c, base + EIP_32, 4, c.rip);
      put(c, base + EFLAGS_32, 4, flags);
      for (int r = 0; r < 8; r++) {
        put(c, base + GPR_32 + 4L * r, 4, c.gpr[r]);
      }
      for (int s = 0; s < 6; s++) {
        put(c, base + SEG_32 + 4L * s, 2, c.seg[s].selector);
      }
    } else {
      put(c, base + IP_16, 2, c.rip);
      put(c, base + FLAGS_16, 2, flags);
      for (int r = 0; r < 8; r++) {
        put(c, base + GPR_16 + 2L * r, 2, c.gpr[r]);
      }
      for (int s = 0; s < 4; s++) {
        put(c, base + SEG_16 + 2L * s, 2, c.seg[s].selector);
      }
    }
  }

  private static void put(Cpu c, long la, int bytes, long v) {
    c.mmu.writeSystem(la & 0xffffffffL, bytes, v);
  }

  private static int get(Cpu c, boolean wide, long la) {
    return wide ? c.mmu.readSystem32(la & 0xffffffffL) : c.mmu.readSystem16(la & 0xffffffffL);
  }

  private static int selector(Cpu c, long la) {
    return c.mmu.readSystem16(la & 0xffffffffL);
  }

  /** Loads the new task; TR and the busy bits are already its own. */
  private static void load(Cpu c, boolean wide, long base, boolean nested) {
    int step = wide ? 4 : 2;
    long eip = get(c, wide, base + (wide ? EIP_32 : IP_16)) & 0xffffffffL;
    int flags = get(c, wide, base + (wide ? EFLAGS_32 : FLAGS_16));
    int ldt = selector(c, base + (wide ? LDT_32 : LDT_16));
    boolean trap = wide && (c.mmu.readSystem8(base + TRAP_32 & 0xffffffffL) & 1) != 0;
    long gprs = base + (wide ? GPR_32 : GPR_16);
    for (int r = 0; r < 8; r++) {
      int v = get(c, wide, gprs + (long) step * r);
      c.gpr[r] = (wide ? v : 0xffff0000 | v) & 0xffffffffL;
    }
    long segments = base + (wide ? SEG_32 : SEG_16);
    for (int s = 0; s < 6; s++) {
      boolean has = wide || s < 4;
      c.seg[s].set(has ? selector(c, segments + (long) step * s) : 0, 0, 0, 0, false);
    }
    if (wide && (c.cr0 & Cr.CR0_PG) != 0) {
      long cr3 = c.mmu.readSystem32(base + CR3_32 & 0xffffffffL) & 0xffffffffL;
      ControlRegs.writeCr3(c, cr3);
    }
    c.rip = eip;
    if (nested) {
      flags |= RFlags.NT;
    }
    boolean vm = (flags & RFlags.VM) != 0;
    c.setCpl(vm ? 3 : c.seg[Reg.CS].selector & 3);
    c.setRflags(flags);
    c.ldtr.set(ldt, 0, 0, 0, false);
    CpuMode.update(c);
    loadLdt(c, ldt);
    if (vm) {
      for (Segment s : c.seg) {
        SegmentLoad.setV86(s, s.selector);
      }
    } else {
      loadCode(c);
      loadStack(c);
      for (int s = 0; s < 6; s++) {
        if (s != Reg.CS && s != Reg.SS) {
          loadData(c, c.seg[s]);
        }
      }
    }
    CpuMode.update(c);
    if (trap) {
      c.pendingDebug |= Debug.DR6_BT;
      c.request(Cpu.REQ_STEP);
    }
    if (eip > (c.seg[Reg.CS].limit & 0xffffffffL)) {
      throw c.gp(0);
    }
  }

  private static void loadLdt(Cpu c, int selector) {
    if (Descriptor.nullSelector(selector)) {
      return;
    }
    int code = selector & 0xfffc;
    if ((selector & 4) != 0) {
      throw c.ts(code);
    }
    long d = Descriptor.read(c, selector, Vector.TS);
    if (Descriptor.kind(d) != Descriptor.LDT || !Descriptor.present(d)) {
      throw c.ts(code);
    }
    Descriptor.load(c.ldtr, selector, d);
  }

  private static void loadCode(Cpu c) {
    int selector = c.seg[Reg.CS].selector;
    int code = selector & 0xfffc;
    if (Descriptor.nullSelector(selector)) {
      throw c.ts(code);
    }
    long d = Descriptor.read(c, selector, Vector.TS);
    int rpl = selector & 3;
    boolean levelOk =
        Descriptor.conforming(d) ? Descriptor.dpl(d) <= rpl : Descriptor.dpl(d) == rpl;
    if (!Descriptor.code(d) || !levelOk) {
      throw c.ts(code);
    }
    if (!Descriptor.present(d)) {
      throw c.np(code);
    }
    Descriptor.load(c.seg[Reg.CS], selector, Descriptor.setAccessed(c, selector, d));
    CpuMode.update(c);
  }

  private static void loadStack(Cpu c) {
    int selector = c.seg[Reg.SS].selector;
    InnerStack.loadStack(c, selector, c.cpl, Vector.TS, selector & 0xfffc);
    InnerStack.setAccessed(c);
    c.seg[Reg.SS].copyFrom(c.newStack);
    CpuMode.update(c);
  }

  private static void loadData(Cpu c, Segment s) {
    int selector = s.selector;
    if (Descriptor.nullSelector(selector)) {
      return;
    }
    int code = selector & 0xfffc;
    long d = Descriptor.read(c, selector, Vector.TS);
    boolean checked = !Descriptor.code(d) || !Descriptor.conforming(d);
    boolean denied = checked && (Descriptor.dpl(d) < c.cpl || Descriptor.dpl(d) < (selector & 3));
    if (!SegmentLoad.readable(d) || denied) {
      throw c.ts(code);
    }
    if (!Descriptor.present(d)) {
      throw c.np(code);
    }
    Descriptor.load(s, selector, Descriptor.setAccessed(c, selector, d));
  }
}
