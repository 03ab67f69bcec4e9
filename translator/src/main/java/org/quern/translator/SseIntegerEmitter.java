package org.quern.translator;

import static org.objectweb.asm.Opcodes.*;
import static org.quern.translator.RegionCode.L_T0;
import static org.quern.translator.RegionCode.L_T1;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Operand.Kind;

/**
 * Emits packed integer, bitwise and shuffling instructions: the semantic methods for 64 bits,
 * applied to halves of registers. All of the source is read before the destination changes, since
 * they may be one register.
 */
final class SseIntegerEmitter {
  private static final String PACKED = "org/quern/x86/semantics/Packed";
  private static final String SHUFFLE = "org/quern/x86/semantics/PackedShuffle";
  private static final String LANES = "(JJ)J";

  private final RegionCode out;
  private final SseOperands sse;

  SseIntegerEmitter(RegionCode out, SseOperands sse) {
    this.out = out;
    this.sse = sse;
  }

  void lanes(RegionPlan.Item item, String method) {
    Insn i = item.insn();
    int d = i.op0.reg();
    sse.readSource(item);
    for (int half = 0; half < 2; half++) {
      sse.half(d, half);
      sse.source(i, half);
      out.callStatic(PACKED, method, LANES);
      sse.store(d, half);
    }
  }

  /** A count in a register may be the destination: it goes to temporary 1 first. */
  void shift(RegionPlan.Item item, String method) {
    Insn i = item.insn();
    int d = i.op0.reg();
    boolean immediate = i.op1.kind() == Kind.IMM;
    if (!immediate) {
      sse.readSourceHalf(item, 0);
      sse.source(i, 0);
      out.store(L_T1);
    }
    for (int half = 0; half < 2; half++) {
      sse.half(d, half);
      if (immediate) {
        out.push(i.imm & 0xff);
      } else {
        out.load(L_T1);
      }
      out.callStatic(PACKED, method, LANES);
      sse.store(d, half);
    }
  }

  /**
   * PUNPCKLBW and its like.
   *
   * @param half which halves of the operands are interleaved; it is written last
   */
  void unpack(RegionPlan.Item item, String lanes, int half) {
    Insn i = item.insn();
    int d = i.op0.reg();
    sse.readSourceHalf(item, half);
    for (int n : new int[] {1 - half, half}) {
      sse.half(d, half);
      sse.source(i, half);
      out.callStatic(SHUFFLE, "unpack" + (n == 0 ? "l" : "h") + lanes, LANES);
      sse.store(d, n);
    }
  }

  /** PUNPCKLQDQ. */
  void unpackLowHalves(RegionPlan.Item item) {
    Insn i = item.insn();
    sse.readSourceHalf(item, 0);
    sse.source(i, 0);
    sse.store(i.op0.reg(), 1);
  }

  /** PUNPCKHQDQ. */
  void unpackHighHalves(RegionPlan.Item item) {
    Insn i = item.insn();
    int d = i.op0.reg();
    sse.readSourceHalf(item, 1);
    sse.half(d, 1);
    sse.store(d, 0);
    sse.source(i, 1);
    sse.store(d, 1);
  }

  /** PACKSSWB and its like: the lower half from the destination, the upper from the source. */
  void pack(RegionPlan.Item item, String method) {
    Insn i = item.insn();
    int d = i.op0.reg();
    sse.readSource(item);
    bothOfSource(i);
    out.callStatic(SHUFFLE, method, LANES);
    out.store(L_T0);
    bothOf(d);
    out.callStatic(SHUFFLE, method, LANES);
    sse.store(d, 0);
    sse.storeFrom(L_T0, d, 1);
  }

  private void bothOf(int r) {
    sse.half(r, 0);
    sse.half(r, 1);
  }

  private void bothOfSource(Insn i) {
    sse.source(i, 0);
    sse.source(i, 1);
  }

  void shiftBytes(Insn i, boolean left) {
    int d = i.op0.reg();
    int n = (int) i.imm & 0xff;
    // First the half that the other does not depend on.
    int first = left ? 1 : 0;
    bothOf(d);
    out.push(n);
    out.callStatic(SHUFFLE, left ? "pslldqHigh" : "psrldqLow", "(JJI)J");
    sse.store(d, first);
    sse.half(d, 1 - first);
    out.push(n);
    out.callStatic(SHUFFLE, left ? "pslldqLow" : "psrldqHigh", "(JI)J");
    sse.store(d, 1 - first);
  }

  private void dwords(int imm) {
    out.push(imm & 0xf);
    out.callStatic(SHUFFLE, "shufd", "(JJI)J");
  }

  /** PSHUFD, and SHUFPS, whose lower half comes from the destination. */
  void shuffleDwords(RegionPlan.Item item, boolean ofDestination) {
    Insn i = item.insn();
    int d = i.op0.reg();
    int imm = (int) i.imm;
    sse.readSource(item);
    bothOfSource(i);
    dwords(imm >> 4);
    out.store(L_T0);
    if (ofDestination) {
      bothOf(d);
    } else {
      bothOfSource(i);
    }
    dwords(imm);
    sse.store(d, 0);
    sse.storeFrom(L_T0, d, 1);
  }

  /** PSHUFLW, PSHUFHW: one half shuffled, the other copied. */
  void shuffleWords(RegionPlan.Item item, int half) {
    Insn i = item.insn();
    int d = i.op0.reg();
    sse.readSource(item);
    for (int n = 0; n < 2; n++) {
      sse.source(i, n);
      if (n == half) {
        out.push((int) i.imm & 0xff);
        out.callStatic(SHUFFLE, "shufw", "(JI)J");
      }
      sse.store(d, n);
    }
  }

  /** SHUFPD. */
  void shuffleDoubles(RegionPlan.Item item) {
    Insn i = item.insn();
    int d = i.op0.reg();
    sse.readSource(item);
    sse.source(i, (int) i.imm >> 1 & 1);
    out.store(L_T0);
    sse.half(d, (int) i.imm & 1);
    sse.store(d, 0);
    sse.storeFrom(L_T0, d, 1);
  }

  /**
   * PMOVMSKB, MOVMSKPS, MOVMSKPD.
   *
   * @param each bits that one half gives
   */
  void signs(Insn i, String method, int each) {
    sse.half(i.op1.reg(), 0);
    out.callStatic(PACKED, method, "(J)I");
    sse.half(i.op1.reg(), 1);
    out.callStatic(PACKED, method, "(J)I");
    out.push(each);
    out.op(ISHL);
    out.op(IOR);
    out.op(I2L);
    out.storeReg(i.op0.reg());
  }
}
