package org.quern.translator;

import static org.objectweb.asm.Opcodes.*;
import static org.quern.translator.RegionCode.CPU;
import static org.quern.translator.RegionCode.L_T0;
import static org.quern.translator.RegionCode.L_T1;
import static org.quern.translator.RegionCode.L_T2;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;

/**
 * Emits floating-point arithmetic, comparison and conversion as calls of the semantic methods,
 * whose fast path HotSpot puts into the region. Where these are for values and not for registers,
 * results wait in temporaries until {@code SseMath.finish} has raised what is to be raised.
 */
final class SseFloatEmitter {
  private static final String ARITHMETIC = "org/quern/x86/semantics/SseArithmetic";
  private static final String MATH = "org/quern/x86/semantics/SseMath";
  private static final String PAIR = "org/quern/x86/semantics/SsePair";
  private static final String OF_CPU = "(L" + CPU + ";";

  private final RegionCode out;
  private final OperandEmitter operands;
  private final FlagEmitter flags;
  private final SseOperands sse;

  SseFloatEmitter(RegionCode out, OperandEmitter operands, FlagEmitter flags, SseOperands sse) {
    this.out = out;
    this.operands = operands;
    this.flags = flags;
    this.sse = sse;
  }

  /** Calls a method whose first parameter, the processor, is already under the others. */
  private void call(String owner, String method, String parameters, String result) {
    out.callStatic(owner, method, OF_CPU + parameters + ")" + result);
  }

  private void finish() {
    out.cpu();
    call(MATH, "finish", "", "V");
  }

  private void pushSingle(int local) {
    out.load(local);
    out.op(L2I);
  }

  private void singleToT1() {
    out.op(I2L);
    out.store(L_T1);
  }

  // ---- arithmetic, minimum, maximum

  /** These raise their exceptions themselves. */
  void arithmetic64(RegionPlan.Item item, String method) {
    int d = item.insn().op0.reg();
    sse.readScalar(item, 64);
    out.cpu();
    sse.half(d, 0);
    out.load(L_T1);
    call(ARITHMETIC, method, "JJ", "J");
    sse.store(d, 0);
  }

  void arithmetic32(RegionPlan.Item item, String method) {
    int d = item.insn().op0.reg();
    sse.readScalar(item, 32);
    out.cpu();
    sse.half(d, 0);
    out.op(L2I);
    pushSingle(L_T1);
    call(ARITHMETIC, method, "II", "I");
    singleToT1();
    sse.storeSingle(d);
  }

  void arithmeticPacked(RegionPlan.Item item, String method) {
    packed(item, ARITHMETIC, method, -1);
  }

  void choice64(RegionPlan.Item item, String method) {
    scalar64(item, MATH, method, -1);
  }

  void choice32(RegionPlan.Item item, String method) {
    scalar32(item, MATH, method, -1);
  }

  void choicePacked(RegionPlan.Item item, String method) {
    packed(item, method.endsWith("64") ? MATH : PAIR, method, -1);
  }

  // ---- comparison to masks

  void mask64(RegionPlan.Item item) {
    scalar64(item, MATH, "cmp64", (int) item.insn().imm & 7);
  }

  void mask32(RegionPlan.Item item) {
    scalar32(item, MATH, "cmp32", (int) item.insn().imm & 7);
  }

  void maskPacked(RegionPlan.Item item, String method) {
    packed(item, method.endsWith("64") ? MATH : PAIR, method, (int) item.insn().imm & 7);
  }

  // ---- values

  /**
   * An operation on the low halves.
   *
   * @param predicate of a comparison, or -1
   */
  private void scalar64(RegionPlan.Item item, String owner, String method, int predicate) {
    int d = item.insn().op0.reg();
    sse.readScalar(item, 64);
    out.cpu();
    sse.half(d, 0);
    out.load(L_T1);
    operate(owner, method, "J", predicate);
    out.store(L_T1);
    finish();
    sse.storeFrom(L_T1, d, 0);
  }

  private void scalar32(RegionPlan.Item item, String owner, String method, int predicate) {
    int d = item.insn().op0.reg();
    sse.readScalar(item, 32);
    out.cpu();
    sse.half(d, 0);
    out.op(L2I);
    pushSingle(L_T1);
    operate(owner, method, "I", predicate);
    singleToT1();
    finish();
    sse.storeSingle(d);
  }

  private void packed(RegionPlan.Item item, String owner, String method, int predicate) {
    Insn i = item.insn();
    int d = i.op0.reg();
    sse.readSource(item);
    for (int half = 1; half >= 0; half--) {
      out.cpu();
      sse.half(d, half);
      sse.source(i, half);
      operate(owner, method, "J", predicate);
      out.store(half == 0 ? L_T1 : L_T0);
    }
    finish();
    sse.storeFrom(L_T1, d, 0);
    sse.storeFrom(L_T0, d, 1);
  }

  private void operate(String owner, String method, String type, int predicate) {
    if (predicate < 0) {
      call(owner, method, type + type, type);
    } else {
      out.push(predicate);
      call(owner, method, type + type + "I", type);
    }
  }

  // ---- comparison to flags

  void flags64(RegionPlan.Item item) {
    sse.readScalar(item, 64);
    out.cpu();
    sse.half(item.insn().op0.reg(), 0);
    out.load(L_T1);
    setFlags(item.insn(), "compare64", "JJZ");
  }

  void flags32(RegionPlan.Item item) {
    sse.readScalar(item, 32);
    out.cpu();
    sse.half(item.insn().op0.reg(), 0);
    out.op(L2I);
    pushSingle(L_T1);
    setFlags(item.insn(), "compare32", "IIZ");
  }

  private void setFlags(Insn i, String method, String parameters) {
    boolean signaling = i.mnemonic == Mnemonic.COMISD || i.mnemonic == Mnemonic.COMISS;
    out.push(signaling ? 1 : 0);
    call(MATH, method, parameters, "I");
    singleToT1();
    finish();
    out.load(L_T1);
    out.storeA();
    flags.setKind(LazyFlags.ORDER, 64);
  }

  // ---- conversion of scalars

  void fromInteger64(RegionPlan.Item item) {
    Insn i = item.insn();
    sse.loadGeneral(item, i.op1.size());
    out.store(L_T1);
    out.cpu();
    out.load(L_T1);
    call(MATH, "fromInteger64", "J", "J");
    out.store(L_T1);
    finish();
    sse.storeFrom(L_T1, i.op0.reg(), 0);
  }

  void fromInteger32(RegionPlan.Item item) {
    Insn i = item.insn();
    sse.loadGeneral(item, i.op1.size());
    out.store(L_T1);
    out.cpu();
    out.load(L_T1);
    call(MATH, "fromInteger32", "J", "I");
    singleToT1();
    finish();
    sse.storeSingle(i.op0.reg());
  }

  void toInteger(RegionPlan.Item item, String method, int bits) {
    Insn i = item.insn();
    sse.readScalar(item, bits);
    out.cpu();
    out.load(L_T1);
    if (bits == 32) {
      out.op(L2I);
    }
    out.push(i.op0.size());
    call(MATH, method, bits == 32 ? "II" : "JI", "J");
    out.store(L_T1);
    finish();
    out.load(L_T1);
    operands.storeGpr(i.op0);
  }

  /** CVTSS2SD. */
  void widen(RegionPlan.Item item) {
    sse.readScalar(item, 32);
    out.cpu();
    pushSingle(L_T1);
    call(MATH, "widen", "I", "J");
    out.store(L_T1);
    finish();
    sse.storeFrom(L_T1, item.insn().op0.reg(), 0);
  }

  /** CVTSD2SS. */
  void narrow(RegionPlan.Item item) {
    sse.readScalar(item, 64);
    out.cpu();
    out.load(L_T1);
    call(MATH, "narrow", "J", "I");
    singleToT1();
    finish();
    sse.storeSingle(item.insn().op0.reg());
  }

  // ---- conversion of pairs

  /** CVTPS2PD, CVTDQ2PD. */
  void widenPair(RegionPlan.Item item, String method) {
    int d = item.insn().op0.reg();
    sse.readScalar(item, 64);
    out.cpu();
    out.load(L_T1);
    out.push(32);
    out.op(LSHR);
    out.op(L2I);
    call(MATH, method, "I", "J");
    out.store(L_T2);
    out.cpu();
    pushSingle(L_T1);
    call(MATH, method, "I", "J");
    out.store(L_T1);
    finish();
    sse.storeFrom(L_T1, d, 0);
    sse.storeFrom(L_T2, d, 1);
  }

  /** CVTDQ2PS, CVTPS2DQ, CVTTPS2DQ. */
  void convertHalves(RegionPlan.Item item, String method) {
    Insn i = item.insn();
    int d = i.op0.reg();
    sse.readSource(item);
    for (int half = 1; half >= 0; half--) {
      out.cpu();
      sse.source(i, half);
      call(PAIR, method, "J", "J");
      out.store(half == 0 ? L_T1 : L_T0);
    }
    finish();
    sse.storeFrom(L_T1, d, 0);
    sse.storeFrom(L_T0, d, 1);
  }

  /** CVTPD2PS, CVTPD2DQ, CVTTPD2DQ. */
  void convertToHalf(RegionPlan.Item item, String method) {
    Insn i = item.insn();
    sse.readSource(item);
    out.cpu();
    sse.source(i, 0);
    sse.source(i, 1);
    call(PAIR, method, "JJ", "J");
    out.store(L_T1);
    finish();
    sse.storeFrom(L_T1, i.op0.reg(), 0);
    sse.clear(i.op0.reg(), 1);
  }
}
