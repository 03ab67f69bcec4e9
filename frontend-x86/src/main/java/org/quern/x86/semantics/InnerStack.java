package org.quern.x86.semantics;

import org.quern.x86.fault.Vector;
import org.quern.x86.mmu.Mmu;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Segment;

/**
 * The stack that a gate switches to, before the switch is committed: found in the TSS, checked, and
 * pushed to. Nothing here changes a register. Source: SDM vol. 3A, 5.8.5 and 6.12.1.
 */
final class InnerStack {
  private InnerStack() {}

  /**
   * Reads SS:ESP of a privilege level from a 16- or 32-bit TSS and leaves the checked stack segment
   * in {@code c.newStack}.
   *
   * @return the new ESP
   */
  static long fromTss(Cpu c, int level) {
    boolean wide = wideTss(c);
    long at = wide ? 4 + 8 * level : 2 + 4 * level;
    int last = wide ? 5 : 3;
    if (at + last > (c.tr.limit & 0xffffffffL)) {
      throw c.ts(c.tr.selector & 0xfffc);
    }
    long a = c.tr.base + at;
    long sp;
    int selector;
    if (wide) {
      sp = c.mmu.readSystem32(Descriptor.linear(c, a)) & 0xffffffffL;
      selector = c.mmu.readSystem16(Descriptor.linear(c, a + 4));
    } else {
      sp = c.mmu.readSystem16(Descriptor.linear(c, a));
      selector = c.mmu.readSystem16(Descriptor.linear(c, a + 2));
    }
    loadStack(c, selector, level, Vector.TS, 0);
    return sp;
  }

  /**
   * Checks a stack segment for use at {@code level} and leaves it in {@code c.newStack}; {@link
   * #setAccessed} must follow when nothing else can be wrong.
   *
   * @param vector what a bad selector raises: #TS or #GP
   * @param nullCode error code for a null selector
   */
  static void loadStack(Cpu c, int selector, int level, int vector, int nullCode) {
    if (Descriptor.nullSelector(selector)) {
      throw c.fault.set(vector, nullCode);
    }
    int code = selector & 0xfffc;
    long d = Descriptor.read(c, selector, vector);
    if ((selector & 3) != level || Descriptor.dpl(d) != level || !Descriptor.writableData(d)) {
      throw c.fault.set(vector, code);
    }
    if (!Descriptor.present(d)) {
      throw c.ss(code);
    }
    Descriptor.load(c.newStack, selector, d);
  }

  /** Sets the accessed bit of {@code c.newStack}, also in its table. */
  static void setAccessed(Cpu c) {
    Segment s = c.newStack;
    if (s.usable && (s.attr & Segment.ACCESSED) == 0) {
      s.attr |= Segment.ACCESSED;
      long access = Descriptor.linear(c, Descriptor.address(c, s.selector) + 5);
      c.mmu.writeSystem(access, 1, s.attr & 0xff);
    }
  }

  /** RSP{@code n} (0 to 2) or ISTn (slots 4 to 10 are IST1 to IST7) of a 64-bit TSS. */
  static long fromTss64(Cpu c, int slot) {
    long at = 4 + 8L * slot;
    if (at + 7 > (c.tr.limit & 0xffffffffL)) {
      throw c.ts(c.tr.selector & 0xfffc);
    }
    long sp = c.mmu.readSystem64(c.tr.base + at);
    if (!Segmentation.canonical(c, sp)) {
      throw c.ss(0);
    }
    return sp;
  }

  /** Slot of ISTn for {@link #fromTss64}. */
  static int istSlot(int ist) {
    return 3 + ist;
  }

  /** Makes {@code s} the null stack segment that long mode loads on a switch to {@code level}. */
  static void setNull(Segment s, int level) {
    s.set(level, 0, 0, level << Segment.DPL_SHIFT, false);
  }

  static boolean wideTss(Cpu c) {
    return (c.tr.attr & 8) != 0;
  }

  /** Stack pointer mask of a stack segment outside 64-bit mode. */
  static long mask(Segment ss) {
    return (ss.attr & Segment.DB) != 0 ? 0xffffffffL : 0xffffL;
  }

  /**
   * #SS unless a whole frame fits: asked before anything is pushed, and before the offset of the
   * code to enter is looked at.
   *
   * @param code error code of the #SS
   */
  static void checkRoom(Cpu c, Segment ss, long sp, int bytes, int words, int code) {
    for (int n = 1; n <= words; n++) {
      long at = sp - (long) n * bytes & mask(ss);
      if (!ss.usable || !Segmentation.inLimit(ss, at, bytes)) {
        throw c.ss(code);
      }
    }
  }

  /** The same for a flat 64-bit stack, whose addresses must be canonical. */
  static void checkRoom64(Cpu c, long sp, int words) {
    if (!Segmentation.canonical(c, sp - 8L * words) || !Segmentation.canonical(c, sp - 1)) {
      throw c.ss(0);
    }
  }

  /**
   * Pushes onto a stack segment outside 64-bit mode.
   *
   * @param bytes 2 or 4
   * @param code error code of the #SS that lacking room raises
   * @param system whether the push has supervisor privilege whatever CPL still is
   * @return the new, masked stack pointer
   */
  static long push(Cpu c, Segment ss, long sp, int bytes, long v, int code, boolean system) {
    long at = sp - bytes & mask(ss);
    long la = ss.base + at & 0xffffffffL;
    if (!ss.usable || !Segmentation.inLimit(ss, at, bytes)) {
      if (!c.model.generation().wrapsSegments()) {
        throw c.ss(code);
      }
      la |= Mmu.WRAPS;
    }
    if (system) {
      c.mmu.writeSystem(la, bytes, v);
    } else {
      c.mmu.write(la, bytes, v);
    }
    return at;
  }

  /** Pushes eight bytes on a flat 64-bit stack; returns the new stack pointer. */
  static long push64(Cpu c, long sp, long v, boolean system) {
    long at = sp - 8;
    if (!Segmentation.canonical(c, at) || !Segmentation.canonical(c, at + 7)) {
      throw c.ss(0);
    }
    if (system) {
      c.mmu.writeSystem(at, 8, v);
    } else {
      c.mmu.write64(at, v);
    }
    return at;
  }
}
