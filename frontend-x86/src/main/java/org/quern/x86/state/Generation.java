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

  public boolean before(Generation other) {
    return compareTo(other) < 0;
  }

  /** The step that a CPUID family belongs to; 0 to 3 stand for what came before CPUID. */
  static Generation ofFamily(int family) {
    return values()[Math.min(family, P6.ordinal())];
  }
}
