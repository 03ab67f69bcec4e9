package org.quern.x86.tables;

import org.quern.x86.FakeMachine;
import org.quern.x86.state.Reg;
import org.quern.x86.tables.Rig.Env;

/**
 * Stacks of privilege levels 0 to 2 in the TSS of a {@link Rig}, and what a switch to one of them
 * leaves. The TSS has 32-bit layout outside IA-32e mode; {@link #tss16} changes that. Source: SDM
 * vol. 3A, 5.8.5 (call gates), 6.12.1 (interrupts), figures 7-2, 7-10 and 7-11 (TSS).
 */
final class InnerStacks {
  /** GDT slot of the stack segment of level n: this plus 8 n. */
  static final int SLOT = 0x60;

  private static final long TOP = 0x7100;

  private InnerStacks() {}

  static void prepare(Rig r) {
    r.watch(FakeMachine.TSS, 0xa0);
    r.watch(TOP - 0x100, 0x300);
    for (int level = 0; level < 3; level++) {
      r.put(FakeMachine.GDT + SLOT + 8L * level, 8, descriptor(level));
      if (r.env == Env.PROTECTED32) {
        r.put(FakeMachine.TSS + 4 + 8L * level, 4, top(level));
        r.put(FakeMachine.TSS + 8 + 8L * level, 2, selector(level));
      } else {
        r.put(FakeMachine.TSS + 4 + 8L * level, 8, top(level));
      }
    }
  }

  /** Makes the TSS a 16-bit one with the same stacks. */
  static void tss16(Rig r) {
    int attr = CpuImage.seg(CpuImage.TR, CpuImage.ATTR);
    r.start.set(attr, r.start.v[attr] & ~0xfL | 3);
    for (int level = 0; level < 3; level++) {
      r.put(FakeMachine.TSS + 2 + 4L * level, 2, top(level));
      r.put(FakeMachine.TSS + 4 + 4L * level, 2, selector(level));
    }
  }

  static long top(int level) {
    return TOP + 0x80L * level;
  }

  static int selector(int level) {
    return SLOT + 8 * level | level;
  }

  /** A flat writable segment whose accessed bit is not set yet. */
  static long descriptor(int level) {
    return Fields.descriptor(0, 0xfffff, 0xc092 | level << 5);
  }

  /** Pushes onto the stack of {@code level}, which becomes the current one. */
  static void expectSwitch(Rig r, int level, int bytes, long... pushed) {
    long sp = top(level);
    for (long v : pushed) {
      sp -= bytes;
      r.expect(sp, bytes, v);
    }
    r.expected.v[Reg.RSP] = sp;
    r.expected.v[CpuImage.CPL] = level;
    if (r.env == Env.PROTECTED32) {
      long d = Fields.accessed(descriptor(level));
      r.expected.segment(Reg.SS, selector(level), d);
      r.expect(FakeMachine.GDT + SLOT + 8L * level, 8, d);
    } else {
      r.expected.nullSegment(Reg.SS, level, 0);
    }
  }

  /** Pushes onto the current stack. */
  static void expectPushes(Rig r, int bytes, long... pushed) {
    for (long v : pushed) {
      r.expected.v[Reg.RSP] -= bytes;
      r.expect(r.expected.v[Reg.RSP], bytes, v);
    }
  }
}
