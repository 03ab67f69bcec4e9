package org.quern.x86.semantics;

import org.quern.x86.state.Cpu;
import org.quern.x86.state.Segment;

/**
 * Descriptor-table entries as plain 64-bit values, and the accesses to the tables. Source: SDM vol.
 * 3A, 3.4.5 (segment descriptors), 5.8.3 and 6.11 (gates), 8.2.2 (TSS descriptors).
 */
final class Descriptor {
  // Types of system descriptors: SDM vol. 3A, table 3-2.
  static final int TSS16 = 1;
  static final int LDT = 2;
  static final int TSS16_BUSY = 3;
  static final int CALL_GATE16 = 4;
  static final int TASK_GATE = 5;
  static final int INT_GATE16 = 6;
  static final int TRAP_GATE16 = 7;
  static final int TSS32 = 9;
  static final int TSS32_BUSY = 11;
  static final int CALL_GATE32 = 12;
  static final int INT_GATE32 = 14;
  static final int TRAP_GATE32 = 15;

  /** Busy bit within the type of a TSS. */
  static final int BUSY = 2;

  /** S bit and type together, as {@link #kind} gives them: below 16 is a system descriptor. */
  static final int KIND = Segment.S | Segment.TYPE;

  private Descriptor() {}

  /** Access byte and flag nibble in the layout of {@link Segment#attr}. */
  static int attr(long d) {
    return (int) (d >>> 40) & 0xf0ff;
  }

  /** S bit and type. */
  static int kind(long d) {
    return (int) (d >>> 40) & KIND;
  }

  static boolean system(long d) {
    return (d >>> 40 & Segment.S) == 0;
  }

  static boolean present(long d) {
    return (d >>> 40 & Segment.P) != 0;
  }

  static int dpl(long d) {
    return (int) (d >>> 45) & 3;
  }

  static boolean code(long d) {
    return (kind(d) & (Segment.S | Segment.CODE)) == (Segment.S | Segment.CODE);
  }

  static boolean conforming(long d) {
    return (kind(d) & Segment.CONFORMING) != 0;
  }

  static boolean writableData(long d) {
    return (kind(d) & (Segment.S | Segment.CODE | Segment.WRITABLE))
        == (Segment.S | Segment.WRITABLE);
  }

  /** 32-bit base, zero-extended. */
  static long base(long d) {
    return d >>> 16 & 0xffffff | d >>> 32 & 0xff000000L;
  }

  /** Limit in bytes, as an unsigned 32-bit value in an int. */
  static int limit(long d) {
    int raw = (int) (d & 0xffff | d >>> 32 & 0xf0000);
    return (d >>> 55 & 1) != 0 ? raw << 12 | 0xfff : raw;
  }

  /** Limit in bytes as a non-negative long. */
  static long limitLong(long d) {
    return limit(d) & 0xffffffffL;
  }

  // ---- gates

  static int gateSelector(long d) {
    return (int) (d >>> 16) & 0xffff;
  }

  /** Low 32 bits of a gate's offset; 16-bit gates have only 16. */
  static long gateOffset(long d) {
    return d & 0xffff | d >>> 32 & 0xffff0000L;
  }

  /** Parameter count of a call gate. */
  static int gateCount(long d) {
    return (int) (d >>> 32) & 31;
  }

  /** Interrupt stack table index of a 64-bit interrupt gate. */
  static int gateIst(long d) {
    return (int) (d >>> 32) & 7;
  }

  // ---- tables

  static boolean nullSelector(int selector) {
    return (selector & 0xfffc) == 0;
  }

  /** Whether an 8-byte entry for {@code selector} lies inside its table. */
  static boolean inTable(Cpu c, int selector, int bytes) {
    int last = (selector & 0xfff8) + bytes - 1;
    if ((selector & 4) == 0) {
      return last <= c.gdtLimit;
    }
    return c.ldtr.usable && last <= (c.ldtr.limit & 0xffffffffL);
  }

  /** Linear address of the entry of {@code selector}. */
  static long address(Cpu c, int selector) {
    long base = (selector & 4) == 0 ? c.gdtBase : c.ldtr.base;
    return linear(c, base + (selector & 0xfff8));
  }

  /** The entry of a selector; {@code vector} with the selector as error code if out of limits. */
  static long read(Cpu c, int selector, int vector) {
    if (!inTable(c, selector, 8)) {
      throw c.fault.set(vector, selector & 0xfffc);
    }
    return c.mmu.readSystem64(address(c, selector));
  }

  /** The upper eight bytes of a 16-byte entry of long mode; the lower have been read. */
  static long readHigh(Cpu c, int selector, int vector) {
    if (!inTable(c, selector, 16)) {
      throw c.fault.set(vector, selector & 0xfffc);
    }
    return c.mmu.readSystem64(linear(c, address(c, selector) + 8));
  }

  /** Sets the accessed bit in memory if it is clear. Returns the descriptor as it then is. */
  static long setAccessed(Cpu c, int selector, long d) {
    if ((d >>> 40 & Segment.ACCESSED) == 0) {
      d |= (long) Segment.ACCESSED << 40;
      c.mmu.writeSystem(linear(c, address(c, selector) + 5), 1, d >>> 40);
    }
    return d;
  }

  /** Sets or clears the busy bit of a TSS descriptor in memory. */
  static void setBusy(Cpu c, int selector, boolean busy) {
    long a = linear(c, address(c, selector) + 5);
    int v = c.mmu.readSystem8(a);
    c.mmu.writeSystem(a, 1, busy ? v | BUSY : v & ~BUSY);
  }

  /** Truncates a table address outside long mode. */
  static long linear(Cpu c, long a) {
    return longModeActive(c) ? a : a & 0xffffffffL;
  }

  /** EFER.LMA: IA-32e mode, 64-bit or compatibility. */
  static boolean longModeActive(Cpu c) {
    return (c.efer & org.quern.x86.state.Cr.EFER_LMA) != 0;
  }

  /** Fills a segment register's hidden part from a descriptor. */
  static void load(Segment s, int selector, long d) {
    s.set(selector, base(d), limit(d), attr(d), true);
  }
}
