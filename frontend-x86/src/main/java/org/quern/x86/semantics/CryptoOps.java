package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.state.Cpu;

/**
 * Instructions of AES-NI, PCLMULQDQ and GFNI with their VEX forms, and of SHA. The values are
 * computed in {@link Aes}, {@link Clmul}, {@link Sha} and {@link Gf256}.
 */
public final class CryptoOps {
  /** Changes a register in place by the halves of its source. */
  @FunctionalInterface
  private interface InPlace {
    void apply(long[] v, int d, long lo, long hi);
  }

  private CryptoOps() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case AESENC, VAESENC -> CryptoOps::aesenc;
      case AESENCLAST, VAESENCLAST -> CryptoOps::aesenclast;
      case AESDEC, VAESDEC -> CryptoOps::aesdec;
      case AESDECLAST, VAESDECLAST -> CryptoOps::aesdeclast;
      case AESIMC, VAESIMC -> CryptoOps::aesimc;
      case AESKEYGENASSIST, VAESKEYGENASSIST -> CryptoOps::aeskeygenassist;
      case PCLMULQDQ, VPCLMULQDQ -> CryptoOps::pclmulqdq;
      case SHA1RNDS4 ->
          (c, i) -> inPlace(c, i, (v, d, lo, hi) -> Sha.sha1Rounds(v, d, lo, hi, (int) i.imm & 3));
      case SHA1NEXTE -> (c, i) -> inPlace(c, i, Sha::sha1NextE);
      case SHA1MSG1 -> (c, i) -> inPlace(c, i, Sha::sha1Message1);
      case SHA1MSG2 -> (c, i) -> inPlace(c, i, Sha::sha1Message2);
      case SHA256RNDS2 ->
          (c, i) -> inPlace(c, i, (v, d, lo, hi) -> Sha.sha256Rounds(v, d, lo, hi, v[0]));
      case SHA256MSG1 -> (c, i) -> inPlace(c, i, Sha::sha256Message1);
      case SHA256MSG2 -> (c, i) -> inPlace(c, i, Sha::sha256Message2);
      case GF2P8MULB, VGF2P8MULB -> (c, i) -> SimdInteger.lanes(c, i, Gf256::multiply);
      case GF2P8AFFINEQB, VGF2P8AFFINEQB -> CryptoOps::affine;
      case GF2P8AFFINEINVQB, VGF2P8AFFINEINVQB -> CryptoOps::affineInverse;
      default -> null;
    };
  }

  private static void aesenc(Cpu c, Insn i) {
    SimdInteger.halves(
        c, i, (a0, a1, k0, k1) -> Aes.enc(a0, a1) ^ k0, (a0, a1, k0, k1) -> Aes.enc(a1, a0) ^ k1);
  }

  private static void aesenclast(Cpu c, Insn i) {
    SimdInteger.halves(
        c,
        i,
        (a0, a1, k0, k1) -> Aes.encLast(a0, a1) ^ k0,
        (a0, a1, k0, k1) -> Aes.encLast(a1, a0) ^ k1);
  }

  private static void aesdec(Cpu c, Insn i) {
    SimdInteger.halves(
        c, i, (a0, a1, k0, k1) -> Aes.dec(a0, a1) ^ k0, (a0, a1, k0, k1) -> Aes.dec(a1, a0) ^ k1);
  }

  private static void aesdeclast(Cpu c, Insn i) {
    SimdInteger.halves(
        c,
        i,
        (a0, a1, k0, k1) -> Aes.decLast(a0, a1) ^ k0,
        (a0, a1, k0, k1) -> Aes.decLast(a1, a0) ^ k1);
  }

  private static void aesimc(Cpu c, Insn i) {
    SimdInteger.lanes(c, i, (a, b) -> Aes.imc(b));
  }

  private static void aeskeygenassist(Cpu c, Insn i) {
    SimdInteger.halvesBy(
        c,
        i,
        0,
        (a0, a1, b0, b1, n) -> Aes.keygenAssist((int) (b0 >>> 32), n),
        (a0, a1, b0, b1, n) -> Aes.keygenAssist((int) (b1 >>> 32), n));
  }

  /** Bits 0 and 4 of the immediate choose the halves to multiply. */
  private static void pclmulqdq(Cpu c, Insn i) {
    SimdInteger.halvesBy(
        c,
        i,
        0,
        (a0, a1, b0, b1, n) -> Clmul.low((n & 1) != 0 ? a1 : a0, (n & 0x10) != 0 ? b1 : b0),
        (a0, a1, b0, b1, n) -> Clmul.high((n & 1) != 0 ? a1 : a0, (n & 0x10) != 0 ? b1 : b0));
  }

  private static void affine(Cpu c, Insn i) {
    SimdInteger.halvesBy(
        c,
        i,
        0,
        (a0, a1, b0, b1, n) -> Gf256.affine(a0, b0, n),
        (a0, a1, b0, b1, n) -> Gf256.affine(a1, b1, n));
  }

  private static void affineInverse(Cpu c, Insn i) {
    SimdInteger.halvesBy(
        c,
        i,
        0,
        (a0, a1, b0, b1, n) -> Gf256.affineInverse(a0, b0, n),
        (a0, a1, b0, b1, n) -> Gf256.affineInverse(a1, b1, n));
  }

  private static void inPlace(Cpu c, Insn i, InPlace f) {
    SimdAccess.checkSse(c);
    long lo = SimdAccess.readHalf(c, i, 0);
    long hi = SimdAccess.readHalf(c, i, 1);
    f.apply(c.vec, i.op0.reg() * 4, lo, hi);
  }
}
