package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.state.Cpu;

/**
 * Legacy-encoded instructions of AES-NI, PCLMULQDQ, SHA and GFNI. The values are computed in {@link
 * Aes}, {@link Clmul}, {@link Sha} and {@link Gf256}.
 */
public final class CryptoOps {
  /** The low half of a round; with the halves exchanged, the high one. */
  @FunctionalInterface
  private interface Round {
    long apply(long lo, long hi);
  }

  /** Changes a register in place by the halves of its source. */
  @FunctionalInterface
  private interface InPlace {
    void apply(long[] v, int d, long lo, long hi);
  }

  @FunctionalInterface
  private interface Affine {
    long apply(long a, long matrix, int imm);
  }

  private CryptoOps() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case AESENC -> (c, i) -> round(c, i, Aes::enc);
      case AESENCLAST -> (c, i) -> round(c, i, Aes::encLast);
      case AESDEC -> (c, i) -> round(c, i, Aes::dec);
      case AESDECLAST -> (c, i) -> round(c, i, Aes::decLast);
      case AESIMC -> CryptoOps::aesimc;
      case AESKEYGENASSIST -> CryptoOps::aeskeygenassist;
      case PCLMULQDQ -> CryptoOps::pclmulqdq;
      case SHA1RNDS4 ->
          (c, i) -> inPlace(c, i, (v, d, lo, hi) -> Sha.sha1Rounds(v, d, lo, hi, (int) i.imm & 3));
      case SHA1NEXTE -> (c, i) -> inPlace(c, i, Sha::sha1NextE);
      case SHA1MSG1 -> (c, i) -> inPlace(c, i, Sha::sha1Message1);
      case SHA1MSG2 -> (c, i) -> inPlace(c, i, Sha::sha1Message2);
      case SHA256RNDS2 ->
          (c, i) -> inPlace(c, i, (v, d, lo, hi) -> Sha.sha256Rounds(v, d, lo, hi, v[0]));
      case SHA256MSG1 -> (c, i) -> inPlace(c, i, Sha::sha256Message1);
      case SHA256MSG2 -> (c, i) -> inPlace(c, i, Sha::sha256Message2);
      case GF2P8MULB -> (c, i) -> SimdInteger.lanes(c, i, Gf256::multiply);
      case GF2P8AFFINEQB -> (c, i) -> affine(c, i, Gf256::affine);
      case GF2P8AFFINEINVQB -> (c, i) -> affine(c, i, Gf256::affineInverse);
      default -> null;
    };
  }

  private static void round(Cpu c, Insn i, Round f) {
    SimdAccess.checkSse(c);
    long keyLow = SimdAccess.readHalf(c, i, 0);
    long keyHigh = SimdAccess.readHalf(c, i, 1);
    int d = i.op0.reg() * 4;
    long lo = c.vec[d];
    long hi = c.vec[d + 1];
    c.vec[d] = f.apply(lo, hi) ^ keyLow;
    c.vec[d + 1] = f.apply(hi, lo) ^ keyHigh;
  }

  private static void aesimc(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    long lo = SimdAccess.readHalf(c, i, 0);
    long hi = SimdAccess.readHalf(c, i, 1);
    int d = i.op0.reg() * 4;
    c.vec[d] = Aes.imc(lo);
    c.vec[d + 1] = Aes.imc(hi);
  }

  private static void aeskeygenassist(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    long lo = SimdAccess.readHalf(c, i, 0);
    long hi = SimdAccess.readHalf(c, i, 1);
    int d = i.op0.reg() * 4;
    c.vec[d] = Aes.keygenAssist((int) (lo >>> 32), (int) i.imm);
    c.vec[d + 1] = Aes.keygenAssist((int) (hi >>> 32), (int) i.imm);
  }

  /** Bits 0 and 4 of the immediate choose the halves to multiply. */
  private static void pclmulqdq(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    long lo = SimdAccess.readHalf(c, i, 0);
    long hi = SimdAccess.readHalf(c, i, 1);
    int d = i.op0.reg() * 4;
    long a = c.vec[d + ((int) i.imm & 1)];
    long b = (i.imm & 0x10) != 0 ? hi : lo;
    c.vec[d] = Clmul.low(a, b);
    c.vec[d + 1] = Clmul.high(a, b);
  }

  private static void inPlace(Cpu c, Insn i, InPlace f) {
    SimdAccess.checkSse(c);
    long lo = SimdAccess.readHalf(c, i, 0);
    long hi = SimdAccess.readHalf(c, i, 1);
    f.apply(c.vec, i.op0.reg() * 4, lo, hi);
  }

  private static void affine(Cpu c, Insn i, Affine f) {
    SimdAccess.checkSse(c);
    long lo = SimdAccess.readHalf(c, i, 0);
    long hi = SimdAccess.readHalf(c, i, 1);
    int d = i.op0.reg() * 4;
    c.vec[d] = f.apply(c.vec[d], lo, (int) i.imm);
    c.vec[d + 1] = f.apply(c.vec[d + 1], hi, (int) i.imm);
  }
}
