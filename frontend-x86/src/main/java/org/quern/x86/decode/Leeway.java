package org.quern.x86.decode;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * What the manuals leave to the processor, or processors do differently, beyond the flags that
 * {@link InsnForm#flagsUndefined} names: a column of the instruction table. Whoever compares two
 * processors must not take such a difference for an error. "Observed" is what an AMD Zen 4 does.
 */
public enum Leeway {
  /**
   * The result has a relative error up to 1.5 * 2<sup>-12</sup>, chosen by the processor, and one
   * near the smallest normal number may be zero. SDM vol. 2B, RCPPS, RSQRTPS.
   */
  RECIPROCAL("RCPPS RCPSS RSQRTPS RSQRTSS VRCPPS VRCPSS VRSQRTPS VRSQRTSS"),

  /**
   * The result is within one unit in the last place; C1, which tells whether it was rounded up,
   * follows it. SDM vol. 1, 8.3.10.
   */
  TRANSCENDENTAL("F2XM1 FYL2X FYL2XP1 FPTAN FPATAN FSIN FCOS FSINCOS"),

  /**
   * The memory operand is a structure: which of its parts faults first, and so the error code and
   * CR2, and how much of it is written before, is up to the processor; so is whether an #AC comes
   * of it. SDM vol. 2A, FXSAVE (#AC); APM vol. 2, 8.2.15 names the address for single accesses
   * only.
   */
  STRUCTURE("FNSAVE FRSTOR FNSTENV FLDENV FXSAVE FXRSTOR XSAVE XSAVEC XSAVEOPT XRSTOR"),

  /**
   * The x87 pointers in the image: AMD's processors store and load them only for a pending
   * exception (APM vol. 2, 11.4.4), Intel's always. MXCSR_MASK has the bits that the processor
   * knows (SDM vol. 1, 11.6.6).
   */
  IMAGE_POINTERS("FXSAVE XSAVE XSAVEC XSAVEOPT"),

  /** The selectors of the x87 pointers: newer processors store zero. SDM vol. 1, 8.1.8. */
  SELECTORS("FNSAVE FNSTENV"),

  /**
   * Whether anything faults where the mask is empty, and whether the whole operand counts or the
   * bytes selected. SDM vol. 2B, MASKMOVQ.
   */
  MASKED_BYTES("MASKMOVQ MASKMOVDQU VMASKMOVDQU"),

  /**
   * Whether alignment is checked, and of which element. Observed: none is checked, and with a
   * 32-bit address each element's own wraps at 4 GiB. SDM vol. 2C, VMASKMOV, is silent about both.
   */
  MASKED_ELEMENTS("VMASKMOVPS VMASKMOVPD VPMASKMOVD VPMASKMOVQ"),

  /** Elements are loaded in any order. SDM vol. 2C, VGATHERDPS. */
  GATHER("VGATHERDPS VGATHERDPD VGATHERQPS VGATHERQPD VPGATHERDD VPGATHERDQ VPGATHERQD VPGATHERQQ"),

  /**
   * With a memory operand: leaves x87 state alone, pending exceptions too, on AMD's processors (APM
   * vol. 5, CVTPI2PS), enters MMX state on Intel's (SDM vol. 2A).
   */
  MMX_FROM_MEMORY("CVTPI2PS"),

  /** With a 16-bit operand: reads 32 bits on AMD's processors, 16 on Intel's. SDM vol. 2B. */
  NARROW_READ("MOVSXD"),

  /**
   * Observed: the memory operand need not be aligned. The manuals want it aligned (SDM vol. 2A,
   * 2.4.4, exception type 4).
   */
  UNALIGNED("SHA1NEXTE SHA1MSG1 SHA1MSG2 SHA1RNDS4 SHA256RNDS2 SHA256MSG1 SHA256MSG2"),

  /**
   * With a REP prefix, which is reserved here (SDM vol. 2A, 2.1.1; APM vol. 3, 1.2.6). Observed: F3
   * makes both of them LOOPE, F2 LOOPNE.
   */
  REPEATED_LOOP("LOOPE LOOPNE"),

  /**
   * MXCSR has a bit 17, MM, on processors with MISALIGNSSE, which no Intel has (APM vol. 1, 4.2.2);
   * ours reserves it.
   */
  MISALIGNED_MASK("LDMXCSR VLDMXCSR FXRSTOR XRSTOR"),

  /**
   * Which of the two operands is read first, and so faults first, no manual says. Observed: that at
   * RDI, as on an 80286 and here; with a REP prefix now and then the other.
   */
  COMPARED_FIRST("CMPS"),

  /**
   * A target that is not canonical. Observed: noticed only behind the push of the return address,
   * whose faults come first; in the pseudo-code of SDM vol. 2A, CALL, it comes before.
   */
  PUSH_FIRST("CALL");

  private static final Map<Mnemonic, Set<Leeway>> TABLE = table();

  /** The mnemonics, all forms of which have it. */
  private final String names;

  Leeway(String names) {
    this.names = names;
  }

  private static Map<Mnemonic, Set<Leeway>> table() {
    Map<Mnemonic, Set<Leeway>> t = new EnumMap<>(Mnemonic.class);
    for (Leeway l : values()) {
      for (String name : l.names.split(" ", -1)) {
        t.computeIfAbsent(Mnemonic.valueOf(name), m -> EnumSet.noneOf(Leeway.class)).add(l);
      }
    }
    return t;
  }

  /** Whether instructions of a mnemonic have it. */
  boolean of(Mnemonic m) {
    return TABLE.getOrDefault(m, Set.of()).contains(this);
  }
}
