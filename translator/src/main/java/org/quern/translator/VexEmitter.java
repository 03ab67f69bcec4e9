package org.quern.translator;

import static org.objectweb.asm.Opcodes.*;
import static org.quern.translator.RegionCode.CPU;
import static org.quern.translator.RegionCode.L_T0;
import static org.quern.translator.RegionCode.L_T1;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.decode.Operand.Kind;

/**
 * Emits the VEX-encoded instructions that compilers and libraries use most: moves, lane-wise
 * integer instructions, shifts and sign masks. Bits 0 to 127 of a register are halves in locals, as
 * for SSE; those above stay in {@code Cpu.vec}. A memory operand that cannot be accessed directly
 * is left to the semantic method, which faults before it changes anything.
 */
final class VexEmitter {
  private static final String ACCESS = "org/quern/x86/semantics/VexOperands";
  private static final String SIMD = "org/quern/x86/semantics/SimdAccess";
  private static final String PACKED = "org/quern/x86/semantics/Packed";

  /** The legacy instructions whose VEX forms are emitted, by their VEX names. */
  private static final Map<Mnemonic, SseForms.Form> FORMS = forms();

  private final RegionCode out;
  private final OperandEmitter operands;
  private final MemoryEmitter memory;
  private final SseMoveEmitter moves;
  private final LightCalls calls;

  /** AVX is known to be on in the current block. */
  private boolean checked;

  VexEmitter(
      RegionCode out,
      OperandEmitter operands,
      MemoryEmitter memory,
      SseMoveEmitter moves,
      LightCalls calls) {
    this.out = out;
    this.operands = operands;
    this.memory = memory;
    this.moves = moves;
    this.calls = calls;
  }

  private static Map<Mnemonic, SseForms.Form> forms() {
    Map<Mnemonic, SseForms.Form> forms = new EnumMap<>(Mnemonic.class);
    for (Mnemonic m : SseForms.mnemonics()) {
      SseForms.Form form = SseForms.of(m);
      switch (form.shape()) {
        case MOVE_ALIGNED,
            MOVE_UNALIGNED,
            MOVE_LOW,
            MOVE_SINGLE,
            MOVE_DOUBLE,
            LANES,
            SHIFT,
            SIGN_BYTES ->
            forms.put(vex(m), form);
        default -> {}
      }
    }
    return forms;
  }

  private static Mnemonic vex(Mnemonic legacy) {
    return Mnemonic.valueOf("V" + legacy.name().toUpperCase(Locale.ROOT));
  }

  /**
   * Whether a call of its semantic method is a light one: it touches no status flags, and only
   * registers that its operands name.
   */
  static boolean suits(Insn i) {
    return switch (i.mnemonic) {
      case VZEROUPPER, VLDMXCSR, VSTMXCSR -> true;
      case VMASKMOVDQU, VPCMPISTRI, VPCMPISTRM, VPCMPESTRI, VPCMPESTRM -> false;
      // The index and the mask of a gather are more than operands say.
      default -> i.form.vector() && i.form.vectorIndex() == 0 && i.form.flagsWritten() == 0;
    };
  }

  void startBlock() {
    checked = false;
  }

  /** Emits an instruction, or returns false if it is not one of these. */
  boolean emit(RegionPlan.Item item) {
    Insn i = item.insn();
    SseForms.Form form = FORMS.get(i.mnemonic);
    if (form == null) {
      return false;
    }
    return switch (form.shape()) {
      case MOVE_ALIGNED -> whole(item, true);
      case MOVE_UNALIGNED -> whole(item, false);
      case MOVE_LOW -> low(item);
      case MOVE_SINGLE -> scalar(item, 32);
      case MOVE_DOUBLE -> scalar(item, 64);
      case LANES -> lanes(item, form.method());
      case SHIFT -> shift(item, form.method());
      default -> signs(i);
    };
  }

  /** Raises #UD or #NM if AVX is off. */
  private void check() {
    if (!checked) {
      out.cpu();
      out.callStatic(ACCESS, "check", "(L" + CPU + ";)V");
      checked = true;
    }
  }

  // ---- registers and memory

  private static int lanes(Insn i) {
    return 2 << i.vexL;
  }

  private void vec() {
    out.cpu();
    out.mv.visitFieldInsn(GETFIELD, CPU, "vec", "[J");
  }

  /** Pushes 64 bits of a register. */
  private void lane(int r, int n) {
    if (n < 2) {
      out.loadHalf(2 * r + n);
    } else {
      vec();
      out.push(4 * r + n);
      out.op(LALOAD);
    }
  }

  /** Sets 64 bits of a register to the long on the stack. */
  private void storeLane(int r, int n) {
    if (n < 2) {
      out.storeHalf(2 * r + n);
    } else {
      out.store(L_T0);
      vec();
      out.push(4 * r + n);
      out.load(L_T0);
      out.op(LASTORE);
    }
  }

  private void clear(int r, int n) {
    out.push(0L);
    storeLane(r, n);
  }

  /** Takes all lanes of the result from the stack, the last one first, and clears the others. */
  private void storeAll(Insn i) {
    int d = i.op0.reg();
    for (int n = lanes(i) - 1; n >= 0; n--) {
      storeLane(d, n);
    }
    clearUpper(i);
  }

  private void clearUpper(Insn i) {
    if (i.vexL == 0) {
      clear(i.op0.reg(), 2);
      clear(i.op0.reg(), 3);
    }
  }

  /**
   * Gets ready for direct accesses to the memory operand; or calls the semantic method and returns
   * false.
   */
  private boolean direct(RegionPlan.Item item, boolean store) {
    memory.prepare(8 * lanes(item.insn()), !store, store);
    if (memory.direct()) {
      return true;
    }
    if (store) {
      memory.storesPlainly();
    }
    calls.call(item);
    return false;
  }

  /** Pushes 64 bits of an operand; memory must be {@link #direct}. */
  private void source(Operand o, int n) {
    if (o.isMem()) {
      memory.load(64, 8 * n);
    } else {
      lane(o.reg(), n);
    }
  }

  // ---- moves

  private boolean whole(RegionPlan.Item item, boolean aligned) {
    Insn i = item.insn();
    boolean store = i.op0.isMem();
    check();
    if (i.hasMem()) {
      if (aligned) {
        out.cpu();
        operands.address(item, 8 * lanes(i), store);
        out.push(8 * lanes(i));
        out.callStatic(SIMD, "aligned", "(L" + CPU + ";JI)J");
        out.op(POP2);
      }
      if (!direct(item, store)) {
        return true;
      }
    }
    if (store) {
      for (int n = 0; n < lanes(i); n++) {
        lane(i.op1.reg(), n);
        out.store(L_T1);
        memory.store(64, 8 * n);
      }
      return true;
    }
    for (int n = 0; n < lanes(i); n++) {
      source(i.op1, n);
    }
    storeAll(i);
    return true;
  }

  /** VMOVD, VMOVQ. */
  private boolean low(RegionPlan.Item item) {
    check();
    moves.low(item);
    if (item.insn().op0.kind() == Kind.VEC) {
      clearUpper(item.insn());
    }
    return true;
  }

  /** VMOVSS and VMOVSD from and to memory. */
  private boolean scalar(RegionPlan.Item item, int bits) {
    Insn i = item.insn();
    if (!i.hasMem()) {
      return false;
    }
    check();
    moves.scalar(item, bits);
    if (!i.op0.isMem()) {
      clear(i.op0.reg(), 2);
      clear(i.op0.reg(), 3);
    }
    return true;
  }

  // ---- integers

  private boolean lanes(RegionPlan.Item item, String method) {
    Insn i = item.insn();
    check();
    if (i.op2.isMem() && !direct(item, false)) {
      return true;
    }
    for (int n = 0; n < lanes(i); n++) {
      lane(i.op1.reg(), n);
      source(i.op2, n);
      out.callStatic(PACKED, method, "(JJ)J");
    }
    storeAll(i);
    return true;
  }

  /** By an immediate or by a register. */
  private boolean shift(RegionPlan.Item item, String method) {
    Insn i = item.insn();
    if (i.hasMem()) {
      return false;
    }
    check();
    for (int n = 0; n < lanes(i); n++) {
      lane(i.op1.reg(), n);
      if (i.op2.kind() == Kind.IMM) {
        out.push(i.imm & 0xff);
      } else {
        lane(i.op2.reg(), 0);
      }
      out.callStatic(PACKED, method, "(JJ)J");
    }
    storeAll(i);
    return true;
  }

  /** VPMOVMSKB. */
  private boolean signs(Insn i) {
    check();
    for (int n = 0; n < lanes(i); n++) {
      lane(i.op1.reg(), n);
      out.callStatic(PACKED, "pmovmskb", "(J)I");
      if (n > 0) {
        out.push(8 * n);
        out.op(ISHL);
        out.op(IOR);
      }
    }
    out.op(I2L);
    out.push(0xffffffffL);
    out.op(LAND);
    out.storeReg(i.op0.reg());
    return true;
  }
}
