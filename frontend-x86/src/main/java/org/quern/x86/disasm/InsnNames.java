package org.quern.x86.disasm;

import java.util.Locale;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.InsnForm;
import org.quern.x86.decode.Mnemonic;

/** Intel's names of instructions whose {@link Mnemonic} is a family. */
public final class InsnNames {
  private static final String[] CONDITIONS = {
    "o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"
  };
  private static final String[] FLOAT_CONDITIONS = {
    "", "", "b", "nb", "e", "ne", "be", "nbe", "", "", "u", "nu"
  };

  private static final String[] PREFETCH = {
    "prefetchnta", "prefetcht0", "prefetcht1", "prefetcht2"
  };

  private InsnNames() {}

  /** The name in an assembler listing, without prefixes. */
  public static String of(Insn i) {
    return of(i.form, i.opSize, i.addrSize, i.cc);
  }

  /** Suffix of a condition code, 0 to 15. */
  public static String condition(int cc) {
    return CONDITIONS[cc];
  }

  /**
   * The name of a row's instructions.
   *
   * @param opSize operand size in bits
   * @param addrSize address size in bits
   * @param cc condition, for the conditional families
   */
  public static String of(InsnForm form, int opSize, int addrSize, int cc) {
    Mnemonic m = form.mnemonic();
    return switch (m) {
      case INVALID, TOO_LONG, TRUNCATED -> "(bad)";
      case JCC -> "j" + CONDITIONS[cc];
      case SETCC -> "set" + CONDITIONS[cc];
      case CMOVCC -> "cmov" + CONDITIONS[cc];
      case FCMOVCC -> "fcmov" + FLOAT_CONDITIONS[cc];
      case CBW -> opSize == 16 ? "cbw" : opSize == 32 ? "cwde" : "cdqe";
      case CWD -> opSize == 16 ? "cwd" : opSize == 32 ? "cdq" : "cqo";
      case MOVS, CMPS, SCAS, LODS, STOS, INS, OUTS -> lower(m) + letter(opSize);
      case XLAT -> "xlatb";
      case PUSHA, POPA, PUSHF, POPF, IRET ->
          lower(m) + (opSize == 16 ? "w" : opSize == 32 ? "d" : "q");
      case RET_FAR -> opSize == 64 ? "retfq" : "retf";
      case SYSRET -> opSize == 64 ? "sysretq" : "sysret";
      case SYSEXIT -> opSize == 64 ? "sysexitq" : "sysexit";
      case JCXZ -> addrSize == 16 ? "jcxz" : addrSize == 32 ? "jecxz" : "jrcxz";
      case PREFETCH ->
          form.opcodeByte() == 0x18 ? PREFETCH[form.group()] : "prefetch"; // 0F 0D: AMD's
      case PREFETCHW -> form.group() == 2 ? "prefetchwt1" : "prefetchw";
      case MOV_SREG, MOV_CR, MOV_DR -> "mov";
      case PUSH_SREG -> "push";
      case POP_SREG -> "pop";
      case JMP_FAR -> "jmp far";
      case CALL_FAR -> "call far";
      case FXSAVE, FXRSTOR, XSAVE, XRSTOR, XSAVEOPT, XSAVEC, XSAVES, XRSTORS ->
          lower(m) + (opSize == 64 ? "64" : "");
      default -> lower(m);
    };
  }

  private static String letter(int size) {
    return switch (size) {
      case 8 -> "b";
      case 16 -> "w";
      case 32 -> "d";
      default -> "q";
    };
  }

  private static String lower(Mnemonic m) {
    return m.name().toLowerCase(Locale.ROOT);
  }
}
