package org.quern.x86.decode;

import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Generation;

/**
 * One row of the instruction table: an encoding and what is known about it before any operand is.
 * The same rows drive the decoder, the disassembler and the assembler.
 */
public final class InsnForm {
  /** Opcode maps, legacy and VEX apart. */
  enum Space {
    ONE_BYTE,
    OF,
    OF38,
    OF3A,
    VEX_0F,
    VEX_0F38,
    VEX_0F3A;

    boolean vex() {
      return ordinal() >= VEX_0F.ordinal();
    }
  }

  /** What the row says about the prefixes 66, F2 and F3. */
  enum Prefix {
    /** Not part of the opcode. */
    ANY,
    /** None of them. */
    NP,
    /** Neither F2 nor F3; 66 is the operand size. */
    NF,
    P66,
    F3,
    F2
  }

  /** How the operand size comes about, see {@link Insn#opSize}. */
  enum Sizing {
    DEFAULT,
    /** 64 bits by default in 64-bit mode; 66 makes it 16. */
    D64,
    /** Always 64 bits in 64-bit mode; 66 is ignored there. */
    F64,
    /** REX.W does not count. */
    MAX32,
    /** 32 bits, or 64 with W in 64-bit mode; 66 does not count. */
    WIDE,
    BYTE
  }

  /** Who may execute it in protected mode; the semantics has the last word. */
  public enum Privilege {
    ANYONE,
    /** CPL 0, with the exceptions the manual names for the instruction. */
    CPL0,
    /** Depends on IOPL (CLI, STI, PUSHF, POPF in virtual-8086 mode). */
    IOPL,
    /** IOPL or the I/O permission bitmap. */
    IO
  }

  // Conditions on the mode and on prefix bits; a form is out if one of its forbidden bits is set.
  static final int IN_64 = 1;
  static final int NOT_64 = 1 << 1;
  static final int W1 = 1 << 2;
  static final int W0 = 1 << 3;

  /** W with effect on a general register: W in 64-bit mode. */
  static final int WQ = 1 << 4;

  static final int WD = 1 << 5;
  static final int L1 = 1 << 6;
  static final int L0 = 1 << 7;
  static final int B1 = 1 << 8;
  static final int B0 = 1 << 9;

  static final int MOD_ANY = 0;
  static final int MOD_MEM = 1;
  static final int MOD_REG = 2;

  final Mnemonic mnemonic;
  final Space space;
  final Prefix prefix;

  /** Last opcode byte; the first of eight or sixteen if a register or condition is part of it. */
  final int opcode;

  /** 1, or 8 for {@code +r}, 16 for {@code +c}. */
  final int opcodeSpan;

  /** Required ModRM.reg, or -1. */
  final int digit;

  /** {@link #MOD_ANY}, {@link #MOD_MEM} or {@link #MOD_REG}. */
  final int mod;

  /** Required ModRM byte, or -1. */
  final int modrmByte;

  final OperandSpec[] operands;
  final Sizing sizing;
  final int forbidden;
  final boolean modrm;

  /** Condition, where the opcode does not hold it in its low bits; else -1. */
  final int cc;

  final boolean vvvv;

  /** ModRM.mod is taken for 11: MOV to and from control and debug registers. */
  final boolean registerAlways;

  private final int vectorIndex;
  private final boolean lockable;
  private final boolean protectedOnly;
  private final Privilege privilege;
  private final CpuFeature feature;
  private final Generation since;
  private final Mnemonic fallback;

  InsnForm(RowParser p) {
    this.mnemonic = p.mnemonic;
    this.space = p.space;
    this.prefix = p.prefix;
    this.opcode = p.opcode;
    this.opcodeSpan = p.span;
    this.digit = p.digit;
    this.mod = p.mod;
    this.modrmByte = p.modrmByte;
    this.operands = p.operands;
    this.sizing = p.sizing;
    this.forbidden = p.forbidden;
    this.cc = p.cc;
    this.lockable = p.lockable;
    this.protectedOnly = p.protectedOnly;
    this.privilege = p.privilege;
    this.feature = p.feature;
    this.since = p.since;
    this.fallback = p.fallback;
    boolean needsModrm = p.digit >= 0 || p.modrmByte >= 0 || p.mod != MOD_ANY;
    boolean usesVvvv = false;
    for (OperandSpec o : p.operands) {
      needsModrm |= o.place().usesModrm();
      usesVvvv |=
          o.place() == OperandSpec.Place.VVVV_VEC || o.place() == OperandSpec.Place.VVVV_GPR;
    }
    this.modrm = needsModrm;
    this.vvvv = usesVvvv;
    this.registerAlways = has(OperandSpec.Place.CONTROL) || has(OperandSpec.Place.DEBUG);
    this.vectorIndex =
        has(OperandSpec.Place.VSIB) ? 256 : has(OperandSpec.Place.VSIB_XMM) ? 128 : 0;
  }

  /** Row of an instruction that has no encoding (INVALID and its like). */
  private InsnForm(Mnemonic mnemonic) {
    this.mnemonic = mnemonic;
    this.space = Space.ONE_BYTE;
    this.prefix = Prefix.ANY;
    this.opcode = 0;
    this.opcodeSpan = 0;
    this.digit = -1;
    this.mod = MOD_ANY;
    this.modrmByte = -1;
    this.operands = new OperandSpec[0];
    this.sizing = Sizing.DEFAULT;
    this.forbidden = 0;
    this.cc = -1;
    this.lockable = false;
    this.protectedOnly = false;
    this.privilege = Privilege.ANYONE;
    this.feature = null;
    this.since = Generation.I8086;
    this.fallback = null;
    this.modrm = false;
    this.vvvv = false;
    this.registerAlways = false;
    this.vectorIndex = 0;
  }

  static final InsnForm INVALID = new InsnForm(Mnemonic.INVALID);
  static final InsnForm TOO_LONG = new InsnForm(Mnemonic.TOO_LONG);
  static final InsnForm TRUNCATED = new InsnForm(Mnemonic.TRUNCATED);

  public Mnemonic mnemonic() {
    return mnemonic;
  }

  /** The CPUID bit the instruction needs, or null if every processor has it. */
  public CpuFeature feature() {
    return feature;
  }

  /** The first processors that have it; {@link #feature} says more if it is not null. */
  public Generation since() {
    return since;
  }

  /**
   * What the bytes mean on a processor: {@link #mnemonic}, {@link #fallback}, or null if they are
   * undefined there.
   */
  public Mnemonic nameOn(CpuModel model) {
    if (model.generation().before(since) || (mnemonic == Mnemonic.CPUID && !model.cpuid())) {
      return null;
    }
    if (escape() && !model.has(CpuFeature.FPU)) {
      return Mnemonic.ESC; // what came with SSE3 too
    }
    return feature == null || model.has(feature) ? mnemonic : fallback;
  }

  /** Opcodes D8 to DF: for a coprocessor, whether there is one or not. */
  private boolean escape() {
    return space == Space.ONE_BYTE && (opcode & 0xf8) == 0xd8;
  }

  /** Whether it has been there since the 8086. */
  boolean onFirst() {
    return since == Generation.I8086
        && feature == null
        && !escape()
        && prefix == Prefix.ANY
        && (forbidden & NOT_64) == 0;
  }

  /**
   * What the same bytes mean on a processor without {@link #feature}: BSF for TZCNT, BSR for LZCNT;
   * null if they are undefined there. {@link #nameOn} knows more of the x87.
   */
  public Mnemonic fallback() {
    return fallback;
  }

  /** Whether LOCK is allowed when the destination is memory. */
  public boolean lockable() {
    return lockable;
  }

  /** Undefined in real and virtual-8086 mode. */
  public boolean protectedOnly() {
    return protectedOnly;
  }

  public Privilege privilege() {
    return privilege;
  }

  /** Whether it exists in 64-bit mode. */
  public boolean in64BitMode() {
    return (forbidden & IN_64) == 0;
  }

  /** Whether it has a VEX prefix (and so is undefined in real and virtual-8086 mode). */
  public boolean vex() {
    return space.vex();
  }

  /** Status and control flags it depends on, as {@code RFlags} bits. */
  public int flagsRead() {
    return MnemonicTraits.of(mnemonic).read();
  }

  /** Flags it gives a defined value, at least sometimes ({@link #flagsConditional}). */
  public int flagsWritten() {
    return MnemonicTraits.of(mnemonic).written();
  }

  /**
   * Flags it leaves with a value the manual does not define; those that are also in {@link
   * #flagsWritten} only for some operands (OF after a shift by more than one).
   */
  public int flagsUndefined() {
    return MnemonicTraits.of(mnemonic).undefined();
  }

  /** Whether the flags may also stay as they were (a shift by zero, a repeat count of zero). */
  public boolean flagsConditional() {
    return MnemonicTraits.of(mnemonic).conditional();
  }

  /** Whether the processor has this choice when it executes the instruction. */
  public boolean leaves(Leeway l) {
    return l.of(mnemonic);
  }

  /** Element of MOVS, CMPS, SCAS, LODS, STOS, INS and OUTS. */
  public boolean string() {
    return mnemonic.ordinal() >= Mnemonic.MOVS.ordinal()
        && mnemonic.ordinal() <= Mnemonic.OUTS.ordinal();
  }

  /** String instruction whose source segment can be overridden: also XLAT. */
  public boolean sourceString() {
    return switch (mnemonic) {
      case MOVS, CMPS, LODS, OUTS, XLAT, MASKMOVQ, MASKMOVDQU, VMASKMOVDQU, MONITOR, CLZERO -> true;
      default -> false;
    };
  }

  /** Last opcode byte; of a row for several, the first. */
  public int opcodeByte() {
    return opcode;
  }

  /** The opcode extension in ModRM.reg, or -1. */
  public int group() {
    return digit;
  }

  /** Conditions this row has in the low bits of its opcode: 16, or 1 for none. */
  public int conditions() {
    return opcodeSpan == 16 ? 16 : 1;
  }

  /** Condition of the row itself (FCMOVcc), or -1. */
  public int condition() {
    return cc;
  }

  /** Whether the operand size is always 8 bits. */
  public boolean byteSized() {
    return sizing == Sizing.BYTE;
  }

  /** Number of operands. */
  public int operandCount() {
    return operands.length;
  }

  /** Whether its only operand is a branch displacement. */
  public boolean relative() {
    return has(OperandSpec.Place.REL);
  }

  /** Whether operand {@code n} is a second immediate. */
  public boolean second(int n) {
    return operands[n].place() == OperandSpec.Place.IMM2;
  }

  /** Whether its operands are x87 stack registers. */
  public boolean stackRegisters() {
    return has(OperandSpec.Place.RM_ST);
  }

  /** Whether the operand size changes what it does: not so where the row leaves no choice. */
  public boolean sizesOperands() {
    return sizing != Sizing.WIDE && sizing != Sizing.BYTE && prefix != Prefix.P66;
  }

  /** Whether an operand of this kind can stand at place {@code n}; its size is not looked at. */
  public boolean accepts(int n, Operand o) {
    OperandSpec s = operands[n];
    return switch (s.place()) {
      case RM_GPR -> o.isMem() || general(o);
      case REG_GPR, RM_GPR_ALWAYS, OPCODE_GPR, VVVV_GPR -> general(o);
      case MEM, MOFFS, VSIB, VSIB_XMM -> o.isMem();
      case IMM, IMM_SIGNED, ONE -> o.kind() == Operand.Kind.IMM;
      case IMM2 -> o.kind() == Operand.Kind.IMM2;
      case REL -> o.kind() == Operand.Kind.REL;
      case FAR -> o.kind() == Operand.Kind.FAR;
      case CONTROL -> o.kind() == Operand.Kind.CONTROL;
      case DEBUG -> o.kind() == Operand.Kind.DEBUG;
      case SEGMENT -> o.kind() == Operand.Kind.SEGMENT;
      case FIXED_SEGMENT -> o.kind() == Operand.Kind.SEGMENT && o.reg() == s.fixed();
      case REG_MMX -> o.kind() == Operand.Kind.MMX;
      case RM_MMX -> o.kind() == Operand.Kind.MMX || o.isMem();
      case REG_VEC, VVVV_VEC, IS4_VEC -> o.kind() == Operand.Kind.VEC;
      case RM_VEC -> o.kind() == Operand.Kind.VEC || o.isMem();
      case FIXED_GPR -> o.kind() == Operand.Kind.GPR && o.reg() == s.fixed();
      case FIXED_VEC -> o.kind() == Operand.Kind.VEC && o.reg() == s.fixed();
      case RM_ST -> o.kind() == Operand.Kind.ST;
      case TOP_ST -> o.kind() == Operand.Kind.ST && o.reg() == 0;
    };
  }

  private static boolean general(Operand o) {
    return o.kind() == Operand.Kind.GPR || o.kind() == Operand.Kind.GPR_HIGH;
  }

  /** Whether it is in the x87 escapes D8 to DF. */
  public boolean x87() {
    return space == Space.ONE_BYTE && opcode >= 0xd8 && opcode <= 0xdf;
  }

  /** Whether 66 is part of its opcode. */
  public boolean mandatory66() {
    return prefix == Prefix.P66;
  }

  /** Whether one of its operands is an MMX or vector register. */
  public boolean vector() {
    for (OperandSpec o : operands) {
      switch (o.place()) {
        case REG_MMX, RM_MMX, REG_VEC, RM_VEC, VVVV_VEC -> {
          return true;
        }
        default -> {}
      }
    }
    return false;
  }

  /** Whether its memory operand is a bare offset (MOV moffs). */
  public boolean absolute() {
    return has(OperandSpec.Place.MOFFS);
  }

  /** Whether its immediate has the operand size, 64 bits included (MOV). */
  public boolean fullImmediate() {
    for (OperandSpec o : operands) {
      if (o.place() == OperandSpec.Place.IMM && o.width() == OperandSpec.Width.V) {
        return true;
      }
    }
    return false;
  }

  /**
   * Bits of the vector register that is the index of its memory operand: 0 if it is none, 128, or
   * 256 for one as long as the instruction's vectors.
   */
  public int vectorIndex() {
    return vectorIndex;
  }

  /** Whether the operand size in 64-bit mode is 64 bits without REX.W. */
  public boolean wideByDefault() {
    return sizing == Sizing.D64 || sizing == Sizing.F64;
  }

  private boolean has(OperandSpec.Place place) {
    for (OperandSpec o : operands) {
      if (o.place() == place) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether an engine must stop pre-decoded execution behind it: control transfers and whatever may
   * change mode, mapping, interruptibility or code. What depends on the operands (repeated strings,
   * loads of SS) is in {@link Insn#endsBlock}.
   */
  public boolean endsBlock() {
    return MnemonicTraits.of(mnemonic).endsBlock();
  }

  /** Encoding and operands in the notation of the table, for messages and tests. */
  @Override
  public String toString() {
    StringBuilder s = new StringBuilder();
    s.append(space).append(' ').append(prefix).append(' ');
    s.append(String.format("%02x", opcode));
    if (opcodeSpan > 1) {
      s.append(opcodeSpan == 8 ? "+r" : "+c");
    }
    if (modrmByte >= 0) {
      s.append(String.format("=%02x", modrmByte));
    } else if (digit >= 0 || mod != MOD_ANY) {
      s.append('/').append(digit >= 0 ? Integer.toString(digit) : "");
      s.append(mod == MOD_MEM ? "m" : mod == MOD_REG ? "r" : "");
    }
    s.append(' ').append(mnemonic);
    for (int n = 0; n < operands.length; n++) {
      s.append(n == 0 ? ' ' : ',').append(operands[n].text());
    }
    return s.toString();
  }
}
