package org.quern.x86.semantics;

import org.quern.x86.mmu.Mmu;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Generation;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/**
 * Logical to linear addresses with the checks of the segment's hidden part. Source: SDM vol. 3A,
 * 5.3 (limits), 5.4 (types), 3.3.7.1 (canonical addresses).
 */
public final class Segmentation {
  private Segmentation() {}

  /** Linear address for a read of {@code bytes} at {@code offset} in segment {@code s}. */
  public static long read(Cpu c, int s, long offset, int bytes) {
    Segment seg = c.seg[s];
    if (c.longMode) {
      return longLinear(c, s, seg, offset, bytes);
    }
    boolean ok = seg.usable && (seg.attr & (Segment.CODE | Segment.READABLE)) != Segment.CODE;
    if (!ok || !inLimit(seg, offset, bytes)) {
      return beyond(c, s, offset);
    }
    return seg.base + offset & 0xffffffffL;
  }

  /** Linear address for a write (or read-modify-write). */
  public static long write(Cpu c, int s, long offset, int bytes) {
    Segment seg = c.seg[s];
    if (c.longMode) {
      return longLinear(c, s, seg, offset, bytes);
    }
    boolean ok = seg.usable && (seg.attr & (Segment.CODE | Segment.WRITABLE)) == Segment.WRITABLE;
    // Real and virtual-8086 mode ignore the type: CS is writable there.
    if ((!ok && c.protectedMode) || !inLimit(seg, offset, bytes)) {
      return beyond(c, s, offset);
    }
    return seg.base + offset & 0xffffffffL;
  }

  private static long longLinear(Cpu c, int s, Segment seg, long offset, int bytes) {
    long la = s >= Reg.FS ? seg.base + offset : offset;
    if (s == Reg.SS && (!canonical(c, la) || !canonical(c, la + bytes - 1))) {
      throw c.ss(0);
    }
    // Other segments: the MMU raises #GP(0) for a non-canonical address, but sees no more than 8
    // bytes at once.
    if (bytes > 8 && !canonical(c, la + bytes - 1)) {
      throw c.gp(0);
    }
    return la;
  }

  /** Whether an access or a jump may use this address: 48 bits, or 57 with CR4.LA57. */
  public static boolean canonical(Cpu c, long la) {
    return la << c.linearShift >> c.linearShift == la;
  }

  /**
   * Whether a base register or MSR may hold this address. Processors with 5-level paging take 57
   * bits there whatever CR4.LA57 is, as their hypervisors had to learn (KVM, "model canonical
   * checks more precisely").
   */
  static boolean canonicalBase(Cpu c, long la) {
    return la << c.widestShift >> c.widestShift == la;
  }

  /** Whether {@code offset} to {@code offset + bytes - 1} lies inside the segment. */
  public static boolean inLimit(Segment seg, long offset, int bytes) {
    long last = offset + bytes - 1;
    long limit = seg.limit & 0xffffffffL;
    if ((seg.attr & (Segment.S | Segment.CODE | Segment.EXPAND_DOWN))
        != (Segment.S | Segment.EXPAND_DOWN)) {
      // One of 4 GiB may let an access wrap (SDM vol. 3A, 5.3): flat code then needs no check.
      return last <= limit || seg.limit == -1;
    }
    long top = (seg.attr & Segment.DB) != 0 ? 0xffffffffL : 0xffffL;
    return offset > limit && last <= top;
  }

  /**
   * Whether 32-bit code sees one linear space: CS readable, DS, ES and SS writable, all with base 0
   * and 4 GiB, and a 32-bit stack. FS and GS may be anything.
   */
  public static boolean flat(Cpu c) {
    return c.stackMask == 0xffffffffL
        && c.protectedMode
        && flat(c.seg[Reg.CS], Segment.CODE | Segment.READABLE)
        && flat(c.seg[Reg.DS], Segment.WRITABLE)
        && flat(c.seg[Reg.ES], Segment.WRITABLE)
        && flat(c.seg[Reg.SS], Segment.WRITABLE);
  }

  private static boolean flat(Segment s, int type) {
    int mask = Segment.CODE | Segment.WRITABLE;
    boolean down = (s.attr & (Segment.CODE | Segment.EXPAND_DOWN)) == Segment.EXPAND_DOWN;
    return s.usable && s.base == 0 && s.limit == -1 && (s.attr & mask) == type && !down;
  }

  /** An access that the segment does not allow: a fault, or what the 8086 makes of it. */
  private static long beyond(Cpu c, int s, long offset) {
    Generation g = c.model.generation();
    if (g.wrapsSegments()) {
      return Mmu.WRAPS | c.seg[s].base + offset;
    }
    throw s == Reg.SS && (c.protectedMode || g.realStackFaults()) ? c.ss(0) : c.gp(0);
  }
}
