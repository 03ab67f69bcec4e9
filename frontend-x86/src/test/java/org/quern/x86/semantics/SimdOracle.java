package org.quern.x86.semantics;

import java.util.HexFormat;
import org.quern.x86.FakeMachine;
import org.quern.x86.decode.Decoder;
import org.quern.x86.decode.Insn;
import org.quern.x86.fault.GuestFault;
import org.quern.x86.state.Cpu;

/**
 * Draws the same operands as {@code src/test/oracle/simd-oracle.c} for an instruction and runs it,
 * so that results can be compared with those of a real processor. Keep both in step.
 */
final class SimdOracle {
  private static final long[] EDGES = {
    0L,
    0x8000000000000000L,
    1L,
    0x000fffffffffffffL,
    0x0010000000000000L,
    0x3ff0000000000000L,
    0xbff0000000000000L,
    0x3ff0000000000001L,
    0x3fefffffffffffffL,
    0x3fe0000000000000L,
    0x4000000000000000L,
    0x7fefffffffffffffL,
    0xffefffffffffffffL,
    0x7ff0000000000000L,
    0xfff0000000000000L,
    0x7ff8000000000000L,
    0xfff8000000000123L,
    0x7ff0000000000001L,
    0xfff7fffffffff000L,
    0x41dfffffffc00000L,
    0x41dfffffffe00000L,
    0xc1e0000000000000L,
    0xc1e0000000100000L,
    0x43e0000000000000L,
    0xc3e0000000000000L,
    0x43dfffffffffffffL,
    0x380fffffffffffffL,
    0x3690000000000000L,
    0x3690000000000001L,
    0x47efffffe0000000L,
    0x47effffff0000000L,
    0x3ff8000000000000L,
  };

  /** One for all instructions: a machine has megabytes of RAM that are never freed. */
  private static final Cpu SHARED = FakeMachine.long64().cpu;

  private static final int[] BYTES = {0, 1, 0x7f, 0x80, 0x81, 0xff, 0xfe, 0x40};
  private static final long SIGN = Long.MIN_VALUE;
  private static final long SIGN_FRACTION = 0x800fffffffffffffL;
  private static final long FRACTION = 0xfffffffffffffL;
  private static final int SIGN_FRACTION32 = 0x807fffff;

  /** Inputs of the last case. */
  final long[] xmm = new long[4];

  final long[] mm = new long[2];
  long rcx;
  long rax;
  int mxcsr;

  /** Outputs: xmm0 low and high, mm0, rax, status flags, MXCSR, whether #XM was raised. */
  final long[] out = new long[7];

  private final Cpu c = SHARED;
  private final char operands;
  private final Insn insn;
  private final Insn sameRegister;
  private int number;
  private long state;

  SimdOracle(String name, String code, char operands) {
    this.operands = operands;
    byte[] bytes = HexFormat.of().parseHex(code);
    insn = decode(bytes);
    for (int n = bytes.length - 1; n > 1; n--) {
      if (bytes[n] == (byte) 0xc1) {
        bytes[n] = (byte) 0xc0;
        break;
      }
    }
    sameRegister = decode(bytes);
    for (int n = 0; n < name.length(); n++) {
      state = state * 31 + name.charAt(n);
    }
  }

  private static Insn decode(byte[] bytes) {
    return new Decoder(64).decode(bytes, 0, bytes.length);
  }

  /** Draws the next case and runs it. */
  void next() {
    for (int n = 0; n < 4; n++) {
      xmm[n] = lane();
    }
    mm[0] = integer();
    mm[1] = integer();
    rcx = integer();
    rax = integer();
    if (operands == 's') {
      xmm[2] = count();
      mm[1] = xmm[2];
    }
    mxcsr = control();
    run(number++ % 8 == 7 ? sameRegister : insn);
  }

  private void run(Insn i) {
    System.arraycopy(xmm, 0, c.vec, 0, 2);
    System.arraycopy(xmm, 2, c.vec, 4, 2);
    System.arraycopy(mm, 0, c.fpu.significand, 0, 2);
    c.gpr[0] = rax;
    c.gpr[1] = rcx;
    c.mxcsr = mxcsr;
    c.setStatusFlags(0);
    out[6] = 0;
    try {
      Binding.of(i.mnemonic).exec(c, i);
    } catch (GuestFault f) {
      out[6] = f.vector == 19 ? 1 : -1;
    }
    out[0] = c.vec[0];
    out[1] = c.vec[1];
    out[2] = c.fpu.significand[0];
    out[3] = c.gpr[0];
    out[4] = c.statusFlags();
    out[5] = c.mxcsr;
  }

  /** Twelve bits that depend on every output. */
  int digest() {
    long h = 0;
    for (long v : out) {
      h = (h ^ v) * 0x9e3779b97f4a7c15L;
      h ^= h >>> 29;
    }
    return (int) (h >>> 52);
  }

  @Override
  public String toString() {
    return String.format(
        "case %d: xmm0 %016x%016x xmm1 %016x%016x mm %016x %016x rcx %x mxcsr %04x",
        number - 1, xmm[1], xmm[0], xmm[3], xmm[2], mm[0], mm[1], rcx, mxcsr);
  }

  // ---- operands

  private long draw() {
    state += 0x9e3779b97f4a7c15L;
    long z = state;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }

  private long lane() {
    return switch (operands) {
      case 'd' -> double64();
      case 'f' -> float32() & 0xffffffffL | (long) float32() << 32;
      default -> integer();
    };
  }

  private long double64() {
    long how = draw();
    long v = draw();
    int n = (int) (how >>> 8) & 63;
    return switch ((int) how & 7) {
      case 0 -> EDGES[n & 31];
      case 1 -> v & SIGN_FRACTION | 1020L + (n & 7) << 52;
      case 2 -> v & ~FRACTION | v & FRACTION & -1L << n;
      case 3 -> v & SIGN_FRACTION | (n & 3L) << 52;
      case 4 -> v & SIGN_FRACTION | 2044L + (n & 3) << 52;
      case 5 -> v & SIGN | 1023L + n << 52 | v & FRACTION & -1L << (n < 52 ? 51 - n : 0);
      case 6 -> v & SIGN_FRACTION | 890L + n << 52;
      default -> v;
    };
  }

  private int float32() {
    long how = draw();
    int w = (int) draw();
    int n = (int) (how >>> 8) & 31;
    return switch ((int) how & 7) {
      case 0 -> {
        long e = EDGES[n];
        int x = (int) (e >>> 52) & 0x7ff;
        int biased = x == 0x7ff ? 0xff : x < 897 ? 0 : x > 1150 ? 0xfe : x - 896;
        int fraction = (int) (e >>> 29) & 0x7fffff | (int) e & 1;
        yield (int) (e >>> 63) << 31 | biased << 23 | fraction;
      }
      case 1 -> w & SIGN_FRACTION32 | 124 + (n & 7) << 23;
      case 2 -> w & 0xff800000 | w & 0x7fffff & -1 << Math.min(n, 22);
      case 3 -> w & SIGN_FRACTION32 | (n & 3) << 23;
      case 4 -> w & SIGN_FRACTION32 | 252 + (n & 3) << 23;
      case 5 -> w & 0x80000000 | 127 + n << 23 | w & 0x7fffff & -1 << Math.max(22 - n, 0);
      case 6 -> w & SIGN_FRACTION32 | 62 + n * 2 << 23;
      default -> w;
    };
  }

  private long integer() {
    long how = draw();
    long v = draw();
    switch ((int) how & 3) {
      case 0 -> {
        long r = 0;
        for (int n = 0; n < 64; n += 8) {
          r |= (long) BYTES[(int) (v >>> n) & 7] << n;
        }
        return r;
      }
      case 1 -> {
        return v >> (how >>> 8 & 63);
      }
      default -> {
        return v;
      }
    }
  }

  private long count() {
    long how = draw();
    return how >>> 60 == 0 ? draw() : (how & 63) + (how >>> 8 & 7);
  }

  private int control() {
    long v = draw();
    int m = (int) (v & 3) << 13 | SseMath.MASKS;
    if ((v >>> 8 & 3) == 0) {
      m |= SseMath.DAZ;
    }
    if ((v >>> 10 & 3) == 0) {
      m |= SseMath.FTZ;
    }
    if ((v >>> 12 & 3) == 0) {
      m = m & ~SseMath.MASKS | (int) (v >>> 16 & 0x3f) << 7;
    }
    if ((v >>> 14 & 3) == 0) {
      m |= (int) (v >>> 24) & 0x3f;
    }
    return m;
  }
}
