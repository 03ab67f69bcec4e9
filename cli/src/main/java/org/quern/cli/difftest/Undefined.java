package org.quern.cli.difftest;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Leeway;
import org.quern.x86.fault.Vector;
import org.quern.x86.mem.HostMemory;

/**
 * How what the instruction table leaves to the processor ({@link Leeway}, with the sources) shows
 * in a case. What is said here of operands of more than 8 bytes holds for all instructions: whether
 * they raise #AC, and by which alignment, depends on the processor (SDM vol. 2B, MOVUPS), and so
 * does which of their bytes CR2 names (APM vol. 2, 8.2.15 names it for single accesses only).
 */
final class Undefined {
  private static final long GP = Layout.FAULT + Vector.GP;
  private static final long MF = Layout.FAULT + Vector.MF;
  private static final long AC = Layout.FAULT + Vector.AC;
  private static final long ALL = -1;
  private static final long OFFSET_IN_PAGE = 0xfff;
  private static final long C1 = 0x200;

  /** MM, "misaligned exception mask", in MXCSR. */
  private static final int MM = 1 << 17;

  private static final int FXSAVE_MXCSR = 24;

  private Undefined() {}

  /** RFLAGS bits that mean nothing behind this case. */
  static int flags(Insn insn) {
    return insn.form.flagsUndefined();
  }

  /** Bits of CR2 that mean nothing. */
  static long cr2(Insn insn) {
    if (errorCode(insn) == ALL) {
      return ALL;
    }
    if (has(insn, Leeway.MASKED_ELEMENTS) && insn.addrSize == 32) {
      return ALL;
    }
    return wideMemory(insn) ? OFFSET_IN_PAGE : 0;
  }

  /** Bits of the error code of a page fault that mean nothing. */
  static long errorCode(Insn insn) {
    boolean any =
        has(insn, Leeway.STRUCTURE) || has(insn, Leeway.MASKED_BYTES) || eitherFirst(insn);
    return any ? ALL : 0;
  }

  private static boolean eitherFirst(Insn insn) {
    return has(insn, Leeway.COMPARED_FIRST) && insn.rep != 0;
  }

  private static boolean has(Insn insn, Leeway l) {
    return insn.form.leaves(l);
  }

  private static boolean wideMemory(Insn insn) {
    for (int n = 0; n < insn.operandCount; n++) {
      if (insn.operand(n).isMem() && insn.operand(n).size() > 64) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether processors differ in how a case ends.
   *
   * @param expected how it ended on the real processor
   * @param actual and on ours
   * @param testCase host address of the case
   */
  static boolean exit(CodeSlot slot, long expected, long actual, long testCase) {
    Insn insn = slot.insn;
    if (has(insn, Leeway.PUSH_FIRST) && actual == GP) {
      return expected >= Layout.FAULT;
    }
    if (x87State(insn) && (expected == MF || actual == MF)) {
      return true;
    }
    if (expected == AC || actual == AC) {
      return wideMemory(insn)
          || has(insn, Leeway.STRUCTURE)
          || has(insn, Leeway.GATHER)
          || has(insn, Leeway.MASKED_ELEMENTS)
          || has(insn, Leeway.MASKED_BYTES)
          || eitherFirst(insn)
          || (has(insn, Leeway.NARROW_READ) && insn.opSize == 16);
    }
    if (has(insn, Leeway.MISALIGNED_MASK) && actual == GP) {
      return expected == 0 && loadsMisalignedMask(slot, testCase);
    }
    return has(insn, Leeway.MASKED_BYTES)
        || (has(insn, Leeway.NARROW_READ) && insn.opSize == 16)
        || (has(insn, Leeway.REPEATED_LOOP) && insn.rep != 0)
        || (has(insn, Leeway.UNALIGNED) && actual == GP);
  }

  private static boolean loadsMisalignedMask(CodeSlot slot, long testCase) {
    long offset = slot.insn.operandCount > 0 && slot.insn.op0.size() == 32 ? 0 : FXSAVE_MXCSR;
    long self = HostMemory.getLong(testCase + Layout.SELF);
    long at = EffectiveAddress.of(slot, testCase) + offset - self;
    return at < Layout.DATA
        || at + 4 > Layout.CASE_BYTES
        || (HostMemory.getInt(testCase + at) & MM) != 0;
  }

  /** Whether the x87 registers are renamed or not by this case alone. */
  static boolean x87State(Insn insn) {
    return has(insn, Leeway.MMX_FROM_MEMORY) && insn.op1.isMem();
  }

  /** Bits of the x87 status word that mean nothing. */
  static long status(Insn insn) {
    return has(insn, Leeway.TRANSCENDENTAL) ? C1 : 0;
  }

  /**
   * Whether a byte of memory means nothing.
   *
   * @param offset of the byte from the begin of the memory operand
   */
  static boolean memory(Insn insn, long offset) {
    if (has(insn, Leeway.IMAGE_POINTERS)) {
      return offset >= 6 && offset < 24 || offset >= 28 && offset < 32;
    }
    if (has(insn, Leeway.SELECTORS)) {
      // The pointers too: see Comparison.samePointer.
      boolean wide = insn.opSize != 16;
      return offset >= (wide ? 12 : 6) && offset < (wide ? 28 : 14);
    }
    return false;
  }

  /** Whether two lanes of 32 bits are equal as far as {@link Leeway#RECIPROCAL} promises. */
  static boolean sameReciprocal(int expected, int actual) {
    if (expected == actual) {
      return true;
    }
    float e = Float.intBitsToFloat(expected);
    float a = Float.intBitsToFloat(actual);
    if (Float.isInfinite(e) || Float.isInfinite(a)) {
      return false;
    }
    if (e == 0 || a == 0) {
      boolean sameSign = (expected ^ actual) >= 0;
      return sameSign && Math.abs(e + a) <= Float.MIN_NORMAL * (1 + 0x1p-10f);
    }
    // Twice the error that each of the two may have.
    return Math.abs(e - a) <= Math.abs(e) * 0x1p-10f;
  }

  /** Whether two x87 registers at host addresses are equal as far as the instruction promises. */
  static boolean sameTranscendental(long expected, long actual) {
    long e = HostMemory.getLong(expected);
    long a = HostMemory.getLong(actual);
    int se = HostMemory.getShort(expected + 8);
    int sa = HostMemory.getShort(actual + 8);
    // Across a power of two the significands are at the two ends of their range.
    return (se == sa && Math.abs(e - a) <= 2)
        || (Math.abs(se - sa) == 1 && Math.abs((e << 1) - (a << 1)) <= 4);
  }
}
