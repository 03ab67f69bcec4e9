package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.semantics.LaneOps.Converted;
import org.quern.x86.semantics.LaneOps.Narrowed;
import org.quern.x86.state.Cpu;

/** SSE, SSE2 and AVX conversions between binary32, binary64 and integers, packed and scalar. */
public final class SseConvert {
  /** A binary64 to an integer of {@code bits}. */
  @FunctionalInterface
  private interface Integer64 {
    long apply(Cpu c, long a, int bits);
  }

  @FunctionalInterface
  private interface Integer32 {
    long apply(Cpu c, int a, int bits);
  }

  private SseConvert() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case CVTSI2SD -> SseConvert::cvtsi2sd;
      case CVTSI2SS -> SseConvert::cvtsi2ss;
      case CVTSD2SI, VCVTSD2SI -> (c, i) -> scalarFrom64(c, i, SseMath::toInteger64);
      case CVTTSD2SI, VCVTTSD2SI -> (c, i) -> scalarFrom64(c, i, SseMath::truncate64);
      case CVTSS2SI, VCVTSS2SI -> (c, i) -> scalarFrom32(c, i, SseMath::toInteger32);
      case CVTTSS2SI, VCVTTSS2SI -> (c, i) -> scalarFrom32(c, i, SseMath::truncate32);
      case CVTSS2SD -> SseConvert::cvtss2sd;
      case CVTSD2SS -> SseConvert::cvtsd2ss;
      case CVTPS2PD -> SseConvert::cvtps2pd;
      case CVTPD2PS, VCVTPD2PS -> (c, i) -> narrowed(c, i, SsePair::narrow);
      case CVTDQ2PS, VCVTDQ2PS -> (c, i) -> packed(c, i, SsePair::fromInteger);
      case CVTDQ2PD -> SseConvert::cvtdq2pd;
      case CVTPS2DQ, VCVTPS2DQ -> (c, i) -> packed(c, i, SsePair::toInteger);
      case CVTTPS2DQ, VCVTTPS2DQ -> (c, i) -> packed(c, i, SsePair::truncate);
      case CVTPD2DQ, VCVTPD2DQ -> (c, i) -> narrowed(c, i, SsePair::toInteger64);
      case CVTTPD2DQ, VCVTTPD2DQ -> (c, i) -> narrowed(c, i, SsePair::truncate64);
      case CVTPI2PS -> SseConvert::cvtpi2ps;
      case CVTPI2PD -> SseConvert::cvtpi2pd;
      case CVTPS2PI -> (c, i) -> mmxFrom32(c, i, SsePair::toInteger);
      case CVTTPS2PI -> (c, i) -> mmxFrom32(c, i, SsePair::truncate);
      case CVTPD2PI -> (c, i) -> mmxFrom64(c, i, SsePair::toInteger64);
      case CVTTPD2PI -> (c, i) -> mmxFrom64(c, i, SsePair::truncate64);
      case VCVTSI2SD -> VexFloat::integerTo64;
      case VCVTSI2SS -> VexFloat::integerTo32;
      case VCVTSS2SD -> VexFloat::widenScalar;
      case VCVTSD2SS -> VexFloat::narrowScalar;
      case VCVTPS2PD -> (c, i) -> VexFloat.widened(c, i, SseMath::widen);
      case VCVTDQ2PD -> (c, i) -> VexFloat.widened(c, i, SseMath::fromInt64);
      default -> null;
    };
  }

  // ---- scalar integers

  private static long readInteger(Cpu c, Insn i) {
    long v = Operands.read(c, i, i.op1);
    return i.op1.size() == 64 ? v : (int) v;
  }

  private static void cvtsi2sd(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    long r = SseMath.fromInteger64(c, readInteger(c, i));
    SseMath.finish(c);
    c.vec[i.op0.reg() * 4] = r;
  }

  private static void cvtsi2ss(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    int r = SseMath.fromInteger32(c, readInteger(c, i));
    SseMath.finish(c);
    setLow32(c, i, r);
  }

  private static void setLow32(Cpu c, Insn i, int v) {
    int d = i.op0.reg() * 4;
    c.vec[d] = c.vec[d] & 0xffffffff00000000L | v & 0xffffffffL;
  }

  private static void scalarFrom64(Cpu c, Insn i, Integer64 f) {
    VexOperands.checkEither(c, i);
    long v = f.apply(c, SimdAccess.readScalar64(c, i), i.op0.size());
    SseMath.finish(c);
    c.setReg(i.op0.reg(), i.op0.size(), v);
  }

  private static void scalarFrom32(Cpu c, Insn i, Integer32 f) {
    VexOperands.checkEither(c, i);
    long v = f.apply(c, SimdAccess.readScalar32(c, i), i.op0.size());
    SseMath.finish(c);
    c.setReg(i.op0.reg(), i.op0.size(), v);
  }

  // ---- formats

  private static void cvtss2sd(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    long r = SseMath.widen(c, SimdAccess.readScalar32(c, i));
    SseMath.finish(c);
    c.vec[i.op0.reg() * 4] = r;
  }

  private static void cvtsd2ss(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    int r = SseMath.narrow(c, SimdAccess.readScalar64(c, i));
    SseMath.finish(c);
    setLow32(c, i, r);
  }

  private static void cvtps2pd(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    long b = SimdAccess.readScalar64(c, i);
    long lo = SseMath.widen(c, (int) b);
    long hi = SseMath.widen(c, (int) (b >>> 32));
    SseMath.finish(c);
    set(c, i, lo, hi);
  }

  private static void set(Cpu c, Insn i, long lo, long hi) {
    int d = i.op0.reg() * 4;
    c.vec[d] = lo;
    c.vec[d + 1] = hi;
  }

  // ---- packed

  /** Both halves by themselves. */
  private static void packed(Cpu c, Insn i, Converted f) {
    if (i.vexL >= 0) {
      VexFloat.converted(c, i, f);
      return;
    }
    SimdAccess.checkSse(c);
    long b = SimdAccess.readHalf(c, i, 0);
    long bHigh = SimdAccess.readHalf(c, i, 1);
    long lo = f.apply(c, b);
    long hi = f.apply(c, bHigh);
    SseMath.finish(c);
    set(c, i, lo, hi);
  }

  /** Both halves to the lower one; the upper one becomes zero. */
  private static void narrowed(Cpu c, Insn i, Narrowed f) {
    if (i.vexL >= 0) {
      VexFloat.narrowed(c, i, f);
      return;
    }
    SimdAccess.checkSse(c);
    long b = SimdAccess.readHalf(c, i, 0);
    long bHigh = SimdAccess.readHalf(c, i, 1);
    long lo = f.apply(c, b, bHigh);
    SseMath.finish(c);
    set(c, i, lo, 0);
  }

  private static void cvtdq2pd(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    long b = SimdAccess.readScalar64(c, i);
    set(c, i, SseMath.fromInt64(c, (int) b), SseMath.fromInt64(c, (int) (b >> 32)));
  }

  // ---- MMX registers: they become the ones in use before an unmasked exception is raised
  // (silicon)

  private static void cvtpi2ps(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    SimdAccess.checkMmx(c);
    long r = SsePair.fromInteger(c, SimdAccess.readMmx(c, i, i.op1));
    SimdAccess.enterMmx(c);
    SseMath.finish(c);
    c.vec[i.op0.reg() * 4] = r;
  }

  /** From memory it does not touch the x87 state: SDM vol. 2A, CVTPI2PD. */
  private static void cvtpi2pd(Cpu c, Insn i) {
    SimdAccess.check(c, i.op0, i.op1);
    long b = SimdAccess.readMmx(c, i, i.op1);
    if (i.op1.kind() == Operand.Kind.MMX) {
      SimdAccess.enterMmx(c);
    }
    set(c, i, SseMath.fromInt64(c, (int) b), SseMath.fromInt64(c, (int) (b >> 32)));
  }

  private static void mmxFrom32(Cpu c, Insn i, Converted f) {
    SimdAccess.checkSse(c);
    SimdAccess.checkMmx(c);
    long r = f.apply(c, SimdAccess.readScalar64(c, i));
    SimdAccess.enterMmx(c);
    SseMath.finish(c);
    SimdAccess.setMmx(c, i.op0.reg(), r);
  }

  private static void mmxFrom64(Cpu c, Insn i, Narrowed f) {
    SimdAccess.checkSse(c);
    SimdAccess.checkMmx(c);
    long b = SimdAccess.readHalf(c, i, 0);
    long bHigh = SimdAccess.readHalf(c, i, 1);
    long r = f.apply(c, b, bHigh);
    SimdAccess.enterMmx(c);
    SseMath.finish(c);
    SimdAccess.setMmx(c, i.op0.reg(), r);
  }
}
