package org.quern.cli.difftest;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Tolerance;
import org.quern.x86.fault.Vector;
import org.quern.x86.mem.HostMemory;

/**
 * What an instruction leaves undefined, or processors do differently, beyond the flags in its row
 * of the table: each rule with its source.
 */
final class Undefined {
  private static final long GP = Layout.FAULT + Vector.GP;
  private static final long MF = Layout.FAULT + Vector.MF;
  private static final long AC = Layout.FAULT + Vector.AC;
  private static final long C1 = 0x200;

  private Undefined() {}

  /** RFLAGS bits that mean nothing behind this case. */
  static int flags(Insn insn) {
    return insn.form.flagsUndefined();
  }

  /**
   * Bits of CR2 that mean nothing. Which byte of an operand of many parts faults first is up to the
   * processor (APM vol. 2, 8.2.15 names the address only for single accesses); for masked stores it
   * is also up to it whether masked bytes count (SDM vol. 2B, MASKMOVQ).
   */
  static long cr2(Insn insn) {
    return switch (insn.mnemonic) {
      // Which of its two operands is read first no manual says.
      case CMPS -> -1;
      case MASKMOVQ, MASKMOVDQU, VMASKMOVDQU -> 0xfff;
      default -> parts(insn) || wideMemory(insn) ? 0xfff : 0;
    };
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
   * <ul>
   *   <li>Whether an operand of more than 8 bytes or of many parts raises #AC, and by which
   *       alignment, depends on the processor (SDM vol. 2B, MOVUPS); so does the order of the
   *       elements of a gather (SDM vol. 2C, VGATHERDPS).
   *   <li>A masked store may fault or not where its mask is empty, and looks at all of its operand
   *       or at the bytes selected (SDM vol. 2B, MASKMOVQ).
   *   <li>CVTPI2PS from memory looks at pending x87 exceptions or not: {@link #x87State}.
   *   <li>MOVSXD to 16 bits reads 32 bits of memory on AMD's processors, 16 on Intel's (SDM vol.
   *       2B).
   *   <li>SHA instructions take unaligned operands on Zen 4; the manuals want them aligned (SDM
   *       vol. 2A, 2.4.4).
   * </ul>
   */
  static boolean exit(Insn insn, long expected, long actual) {
    boolean alignment = expected == AC || actual == AC;
    if (alignment && (parts(insn) || wideMemory(insn) || insn.form.vectorIndex() != 0)) {
      return true;
    }
    return switch (insn.mnemonic) {
      case VMASKMOVPS, VMASKMOVPD, VPMASKMOVD, VPMASKMOVQ -> alignment;
      case MASKMOVQ, MASKMOVDQU, VMASKMOVDQU -> true;
      case CVTPI2PS -> x87State(insn) && (expected == MF || actual == MF);
      case MOVSXD -> insn.opSize == 16;
      case SHA1NEXTE, SHA1MSG1, SHA1MSG2, SHA1RNDS4, SHA256RNDS2, SHA256MSG1, SHA256MSG2 ->
          actual == GP;
      default -> false;
    };
  }

  /** Whether the memory operand is a structure. */
  private static boolean parts(Insn insn) {
    return switch (insn.mnemonic) {
      case FNSAVE, FRSTOR, FNSTENV, FLDENV, FXSAVE, FXRSTOR, XSAVE, XRSTOR -> true;
      default -> false;
    };
  }

  /**
   * Whether the x87 registers are renamed or not by this case alone: CVTPI2PS from memory leaves
   * x87 state alone on AMD's (APM vol. 5, CVTPI2PS), and enters MMX state on Intel's (SDM vol. 2A).
   */
  static boolean x87State(Insn insn) {
    return insn.mnemonic == Mnemonic.CVTPI2PS && insn.op1.isMem();
  }

  /** Bits of the x87 status word that mean nothing. */
  static long status(Insn insn) {
    return Tolerance.of(insn.mnemonic) == Tolerance.TRANSCENDENTAL ? C1 : 0;
  }

  /**
   * Whether a byte of memory is unpredictable: the x87 pointers in images of FXSAVE, which AMD's
   * processors store only for a pending exception (APM vol. 2, 11.4.4), and selectors in all
   * images, which are the host's own under KVM of the PVM kind; and MXCSR_MASK.
   *
   * @param offset of the byte from the begin of the memory operand
   */
  static boolean memory(Insn insn, long offset) {
    return switch (insn.mnemonic) {
      case FXSAVE, XSAVE -> offset >= 6 && offset < 24 || offset >= 28 && offset < 32;
      case FNSTENV, FNSAVE -> {
        boolean wide = insn.opSize != 16;
        int from = wide ? 12 : 6;
        int to = wide ? 28 : 14;
        yield offset >= from && offset < to;
      }
      default -> false;
    };
  }

  /** Whether two lanes of 32 bits are equal as far as the instruction promises. */
  static boolean sameReciprocal(int expected, int actual) {
    if (expected == actual) {
      return true;
    }
    float e = Float.intBitsToFloat(expected);
    float a = Float.intBitsToFloat(actual);
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
