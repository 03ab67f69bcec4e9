package org.quern.x86.semantics;

import java.util.Arrays;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.semantics.LaneOps.Lanes;
import org.quern.x86.state.Cpu;

/**
 * AVX and AVX2 instructions without a legacy form that move elements: broadcasts, permutations,
 * 128-bit lanes in and out, blends of doublewords; also shifts by a count for each element, the
 * tests of sign bits, VZEROUPPER and VZEROALL. Source: SDM vol. 2C.
 */
public final class VexPermute {
  private static final long LOW32 = 0xffffffffL;

  private VexPermute() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case VBROADCASTSS, VPBROADCASTD -> (c, i) -> broadcast(c, i, 4, v -> v << 32 | v & LOW32);
      case VBROADCASTSD, VPBROADCASTQ -> (c, i) -> broadcast(c, i, 8, v -> v);
      case VPBROADCASTB -> (c, i) -> broadcast(c, i, 1, v -> (v & 0xff) * 0x0101010101010101L);
      case VPBROADCASTW -> (c, i) -> broadcast(c, i, 2, v -> (v & 0xffff) * 0x0001000100010001L);
      case VBROADCASTF128, VBROADCASTI128 -> VexPermute::broadcast128;
      case VINSERTF128, VINSERTI128 -> VexPermute::insert128;
      case VEXTRACTF128, VEXTRACTI128 -> VexPermute::extract128;
      case VPERM2F128, VPERM2I128 -> VexPermute::perm2x128;
      case VPERMQ, VPERMPD -> VexPermute::vpermq;
      case VPERMD, VPERMPS -> VexPermute::vpermd;
      case VPERMILPS -> VexPermute::vpermilps;
      case VPERMILPD -> VexPermute::vpermilpd;
      case VPBLENDD -> VexPermute::vpblendd;
      case VPSLLVD -> (c, i) -> VexForms.lanes(c, i, VexPermute::sllvd);
      case VPSRLVD -> (c, i) -> VexForms.lanes(c, i, VexPermute::srlvd);
      case VPSRAVD -> (c, i) -> VexForms.lanes(c, i, VexPermute::sravd);
      case VPSLLVQ -> (c, i) -> VexForms.lanes(c, i, Packed::psllq);
      case VPSRLVQ -> (c, i) -> VexForms.lanes(c, i, Packed::psrlq);
      case VPTEST -> (c, i) -> test(c, i, -1);
      case VTESTPS -> (c, i) -> test(c, i, 0x8000000080000000L);
      case VTESTPD -> (c, i) -> test(c, i, Long.MIN_VALUE);
      case VZEROUPPER -> VexPermute::vzeroupper;
      case VZEROALL -> VexPermute::vzeroall;
      default -> null;
    };
  }

  // ---- broadcasts

  /** Fills 64 bits with copies of the lowest element. */
  @FunctionalInterface
  private interface Copies {
    long of(long v);
  }

  private static void broadcast(Cpu c, Insn i, int bytes, Copies f) {
    VexOperands.check(c);
    long v = f.of(c.vec[VexOperands.source(c, i, i.op1, bytes)]);
    VexOperands.set(c, i, v, v, v, v);
  }

  private static void broadcast128(Cpu c, Insn i) {
    VexOperands.check(c);
    int b = VexOperands.source(c, i, i.op1, 16);
    VexOperands.set(c, i, c.vec[b], c.vec[b + 1], c.vec[b], c.vec[b + 1]);
  }

  // ---- 128-bit lanes

  private static void insert128(Cpu c, Insn i) {
    VexOperands.check(c);
    int b = VexOperands.source(c, i, i.op2, 16);
    int a = i.op1.reg() * 4;
    long[] v = c.vec;
    if ((i.imm & 1) == 0) {
      VexOperands.set(c, i, v[b], v[b + 1], v[a + 2], v[a + 3]);
    } else {
      VexOperands.set(c, i, v[a], v[a + 1], v[b], v[b + 1]);
    }
  }

  private static void extract128(Cpu c, Insn i) {
    VexOperands.check(c);
    int a = i.op1.reg() * 4 + 2 * ((int) i.imm & 1);
    if (i.op0.isMem()) {
      VexOperands.store(c, Operands.writeAddress(c, i, 16), 2, a);
    } else {
      VexOperands.set128(c, i, c.vec[a], c.vec[a + 1]);
    }
  }

  /** Each half of the result: two bits choose one of the four, bit 3 makes it zero. */
  private static void perm2x128(Cpu c, Insn i) {
    VexOperands.check(c);
    int b = VexOperands.source(c, i, i.op2);
    int a = i.op1.reg() * 4;
    int imm = (int) i.imm;
    int low = ((imm & 2) == 0 ? a : b) + 2 * (imm & 1);
    int high = ((imm & 0x20) == 0 ? a : b) + 2 * (imm >> 4 & 1);
    long lowMask = (imm & 8) == 0 ? -1 : 0;
    long highMask = (imm & 0x80) == 0 ? -1 : 0;
    long[] v = c.vec;
    VexOperands.set(
        c, i, v[low] & lowMask, v[low + 1] & lowMask, v[high] & highMask, v[high + 1] & highMask);
  }

  // ---- permutations over the whole register

  private static void vpermq(Cpu c, Insn i) {
    VexOperands.check(c);
    int b = VexOperands.source(c, i, i.op1);
    int n = (int) i.imm;
    long[] v = c.vec;
    VexOperands.set(
        c, i, v[b + (n & 3)], v[b + (n >> 2 & 3)], v[b + (n >> 4 & 3)], v[b + (n >> 6 & 3)]);
  }

  private static void vpermd(Cpu c, Insn i) {
    VexOperands.check(c);
    int b = VexOperands.source(c, i, i.op2);
    int a = i.op1.reg() * 4;
    long[] v = c.vec;
    VexOperands.set(
        c, i, pair(v, b, v[a]), pair(v, b, v[a + 1]), pair(v, b, v[a + 2]), pair(v, b, v[a + 3]));
  }

  /** Two doublewords of eight by the two indices in {@code by}. */
  private static long pair(long[] v, int b, long by) {
    return dword(v, b, (int) by) | dword(v, b, (int) (by >>> 32)) << 32;
  }

  private static long dword(long[] v, int b, int n) {
    return v[b + (n >> 1 & 3)] >>> 32 * (n & 1) & LOW32;
  }

  // ---- permutations inside 128-bit lanes

  /** By an immediate, or by a register: then the first operand is what is permuted. */
  private static void vpermilps(Cpu c, Insn i) {
    if (byImmediate(i)) {
      VexForms.halvesBy(
          c,
          i,
          0,
          (a0, a1, b0, b1, n) -> PackedShuffle.shufd(b0, b1, n),
          (a0, a1, b0, b1, n) -> PackedShuffle.shufd(b0, b1, n >> 4));
    } else {
      VexForms.halves(
          c,
          i,
          (a0, a1, b0, b1) -> PackedShuffle.shufd(a0, a1, singles(b0)),
          (a0, a1, b0, b1) -> PackedShuffle.shufd(a0, a1, singles(b1)));
    }
  }

  private static int singles(long by) {
    return (int) by & 3 | (int) (by >>> 32) << 2 & 12;
  }

  private static void vpermilpd(Cpu c, Insn i) {
    if (byImmediate(i)) {
      VexForms.halvesBy(
          c,
          i,
          2,
          (a0, a1, b0, b1, n) -> (n & 1) != 0 ? b1 : b0,
          (a0, a1, b0, b1, n) -> (n & 2) != 0 ? b1 : b0);
    } else {
      VexForms.halves(
          c,
          i,
          (a0, a1, b0, b1) -> (b0 & 2) != 0 ? a1 : a0,
          (a0, a1, b0, b1) -> (b1 & 2) != 0 ? a1 : a0);
    }
  }

  private static boolean byImmediate(Insn i) {
    return i.op2.kind() == Operand.Kind.IMM;
  }

  private static void vpblendd(Cpu c, Insn i) {
    VexForms.halvesBy(
        c,
        i,
        4,
        (a0, a1, b0, b1, n) -> PackedBlend.blendps(a0, b0, n),
        (a0, a1, b0, b1, n) -> PackedBlend.blendps(a1, b1, n >> 2));
  }

  // ---- shifts by a count for each doubleword

  private static long both(Lanes f, long a, long n) {
    return f.apply(a & LOW32, n & LOW32) & LOW32 | f.apply(a >>> 32, n >>> 32) << 32;
  }

  private static long sllvd(long a, long n) {
    return both(Packed::pslld, a, n);
  }

  private static long srlvd(long a, long n) {
    return both(Packed::psrld, a, n);
  }

  private static long sravd(long a, long n) {
    return both(Packed::psrad, a, n);
  }

  // ---- tests and clearing

  /** PTEST of the bits in {@code mask} of each lane. */
  private static void test(Cpu c, Insn i, long mask) {
    VexOperands.check(c);
    int b = VexOperands.source(c, i, i.op1);
    int a = i.op0.reg() * 4;
    long and = 0;
    long andn = 0;
    for (int n = 0; n < VexOperands.lanes(i); n++) {
      and |= c.vec[a + n] & c.vec[b + n];
      andn |= ~c.vec[a + n] & c.vec[b + n];
    }
    SimdExtensions.test(c, and & mask, andn & mask);
  }

  private static int registers(Cpu c) {
    return c.longMode ? 16 : 8;
  }

  private static void vzeroupper(Cpu c, Insn i) {
    VexOperands.check(c);
    for (int r = 0; r < registers(c); r++) {
      c.vec[r * 4 + 2] = 0;
      c.vec[r * 4 + 3] = 0;
    }
  }

  private static void vzeroall(Cpu c, Insn i) {
    VexOperands.check(c);
    Arrays.fill(c.vec, 0, registers(c) * 4, 0);
  }
}
