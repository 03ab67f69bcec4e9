package org.quern.x86.state;

/**
 * Steps of the architecture that no CPUID bit tells apart. A model has everything up to its own
 * step; {@code c.model.generation().before(Generation.I386)} asks.
 */
public enum Generation {
  /** 8086 and 8088: no faults for undefined opcodes, no protected mode. */
  I8086,
  /** 80186: PUSHA, BOUND, ENTER, shifts by immediates, INS and OUTS; #UD. */
  I186,
  /** 80286: protected mode with 16-bit segments. */
  I286,
  /** 80386: 32 bits, paging, virtual-8086 mode, debug registers. */
  I386,
  /** 80486: BSWAP, CMPXCHG, XADD, INVLPG, alignment checks, CR0.WP. */
  I486,
  /** Pentium: CR4, MSRs, virtual interrupts. */
  PENTIUM,
  /** Pentium Pro and everything since: RDPMC, multi-byte NOP. */
  P6;

  private static final Generation[] BY_FAMILY = values();

  public boolean before(Generation other) {
    return compareTo(other) < 0;
  }

  /** Address lines: what lies beyond wraps around. 36 and more lines are paging's business. */
  public int addressLines() {
    return switch (this) {
      case I8086, I186 -> 20;
      case I286 -> 24;
      default -> 32;
    };
  }

  /**
   * Whether a word at the end of a segment continues at its beginning; all later processors raise
   * an exception.
   */
  public boolean wrapsSegments() {
    return before(I286);
  }

  /** Whether an access beyond the stack segment is #SS in real mode, too: the 80286 raises #GP. */
  public boolean realStackFaults() {
    return this != I286;
  }

  /** Whether LOCK is refused where it makes no sense. */
  public boolean checksLock() {
    return !before(I386);
  }

  /** The longest instruction in bytes; what is longer raises #GP. */
  public int longest() {
    return this == I286 ? 10 : 15;
  }

  /** FLAGS bits that are always set: 12 to 15 of the first processors. */
  public int flagsSet() {
    return before(I286) ? 0xf000 : 0;
  }

  /** FLAGS bits that nothing changes in real mode: NT and IOPL came with protected mode. */
  public int realFlagsFixed() {
    return before(I386) ? 0xf000 : 0;
  }

  /** The step that a CPUID family belongs to; 0 to 3 stand for what came before CPUID. */
  static Generation ofFamily(int family) {
    return BY_FAMILY[Math.min(family, P6.ordinal())];
  }
}
