package org.quern.x86.state;

/**
 * A segment register with its hidden part. Also used for LDTR and TR. Source: SDM vol. 3A, 3.4.2 to
 * 3.5.
 *
 * <p>{@link #attr} keeps bits 8 to 23 of a descriptor's second doubleword shifted right by 8, that
 * is the access byte in bits 0 to 7 and AVL, L, D/B, G in bits 12 to 15 (the layout VMX calls
 * "access rights", without its unusable bit).
 */
public final class Segment {
  /** Mask of the type field of {@link #attr}. */
  public static final int TYPE = 0xf;

  /** Type bit: accessed (code and data segments). */
  public static final int ACCESSED = 1;

  /** Type bit: writable (data) or readable (code). */
  public static final int WRITABLE = 2;

  public static final int READABLE = 2;

  /** Type bit: expand-down (data) or conforming (code). */
  public static final int EXPAND_DOWN = 4;

  public static final int CONFORMING = 4;

  /** Type bit: code segment. */
  public static final int CODE = 8;

  /** Descriptor type: 1 = code or data, 0 = system. */
  public static final int S = 1 << 4;

  public static final int DPL_SHIFT = 5;
  public static final int DPL = 3 << DPL_SHIFT;
  public static final int P = 1 << 7;
  public static final int AVL = 1 << 12;
  public static final int L = 1 << 13;

  /** Default operand size (code), stack pointer size (stack), upper bound (expand-down). */
  public static final int DB = 1 << 14;

  public static final int G = 1 << 15;

  public int selector;

  /** Linear base; 32-bit bases are zero-extended. */
  public long base;

  /** Limit in bytes (granularity applied), as an unsigned 32-bit value. */
  public int limit;

  public int attr;

  /** False for a null selector (or an unusable register): any access through it is #GP or #SS. */
  public boolean usable;

  public int dpl() {
    return attr >> DPL_SHIFT & 3;
  }

  public int type() {
    return attr & TYPE;
  }

  public boolean isCode() {
    return (attr & (S | CODE)) == (S | CODE);
  }

  public void copyFrom(Segment o) {
    selector = o.selector;
    base = o.base;
    limit = o.limit;
    attr = o.attr;
    usable = o.usable;
  }

  /** Sets all five parts. */
  public void set(int selector, long base, int limit, int attr, boolean usable) {
    this.selector = selector;
    this.base = base;
    this.limit = limit;
    this.attr = attr;
    this.usable = usable;
  }

  @Override
  public String toString() {
    return String.format("%04x %016x %08x %04x%s", selector, base, limit, attr, usable ? "" : " -");
  }
}
