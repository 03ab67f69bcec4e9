package org.quern.cli.difftest;

import java.util.SplittableRandom;
import org.quern.x86.mem.HostMemory;

/**
 * Makes contents of x87, MMX, XMM and YMM registers, and memory of the same kind: numbers at the
 * edges of each format, and others that lie near each other so that sums cancel and products
 * overflow.
 */
final class VectorPool {
  /** From here on images have small numbers in many registers, as gathers need them. */
  private static final int INDEX_FROM = Layout.VECTOR_COUNT - 64;

  private static final int FCW = 0;
  private static final int FSW = 2;
  private static final int FTW = 4;
  private static final int FOP = 6;
  private static final int FIP = 8;
  private static final int FDP = 16;
  private static final int MXCSR = 24;
  private static final int ST = 32;
  private static final int XMM = 160;
  private static final int YMM_HIGH = 512;

  private static final int[] EDGE_F32 = {
    0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000,
    0x7f800001, 0xffbfffff, 0x00000001, 0x807fffff, 0x00800000, 0x7f7fffff, 0xff7fffff, 0x3f000000,
    0x4f000000, 0xcf000000, 0x4effffff, 0x5f000000, 0xdf000000, 0x4b000001, 0x3fffffff, 0x33800000,
    0x47000000, 0x43000000, 0xc3000000, 0x477fe000, 0x38800000, 0x33000001
  };
  private static final long[] EDGE_F64 = {
    0L,
    1L << 63,
    0x3ff0000000000000L,
    0xbff0000000000000L,
    0x7ff0000000000000L,
    0xfff0000000000000L,
    0x7ff8000000000000L,
    0xfff8000000000000L,
    0x7ff0000000000001L,
    0xfff7ffffffffffffL,
    1L,
    0x800fffffffffffffL,
    0x0010000000000000L,
    0x7fefffffffffffffL,
    0x3fe0000000000000L,
    0x41e0000000000000L,
    0xc1e0000000000000L,
    0x41dfffffffc00000L,
    0x43e0000000000000L,
    0xc3e0000000000000L,
    0x43dfffffffffffffL,
    0x47efffffe0000000L,
    0x47f0000000000000L,
    0x380fffffffffffffL,
    0x36a0000000000000L,
    0x3ca0000000000000L,
    0x4330000000000001L
  };
  private static final int[] EDGE_BYTES = {0, 1, 0x7f, 0x80, 0x81, 0xff, 0xfe, 0x0f, 0xf0, 0x40};

  private final SplittableRandom random;

  VectorPool(SplittableRandom random) {
    this.random = random;
  }

  /** Writes all images of the pool. */
  void fill(long ram) {
    for (int n = 0; n < Layout.VECTOR_COUNT; n++) {
      image(ram + Layout.vectors(n));
    }
    for (int n = INDEX_FROM; n < Layout.VECTOR_COUNT; n++) {
      indexes(ram + Layout.vectors(n));
    }
  }

  /** An image for an instruction: one with small indexes for a gather. */
  int choose(boolean gather) {
    return gather
        ? INDEX_FROM + random.nextInt(Layout.VECTOR_COUNT - INDEX_FROM)
        : random.nextInt(INDEX_FROM);
  }

  /** Makes some registers vectors of small numbers, of 32 or 64 bits; the others stay masks. */
  private void indexes(long image) {
    boolean wide = oneIn(2);
    for (int r = 0; r < 16; r++) {
      if (oneIn(4)) {
        continue;
      }
      for (int n = 0; n < 4; n++) {
        long v = random.nextInt(40) - 20L;
        if (!wide) {
          v = v & 0xffffffffL | (long) (random.nextInt(40) - 20) << 32;
        }
        int at = n < 2 ? XMM + 16 * r + 8 * n : YMM_HIGH + 16 * r + 8 * (n - 2);
        HostMemory.putLong(image + at, v);
      }
    }
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  private void image(long at) {
    int fcw = 0x37f;
    if (oneIn(2)) {
      int[] precision = {0, 2, 3, 3};
      fcw = fcw & 0xff | precision[random.nextInt(4)] << 8 | random.nextInt(4) << 10;
    }
    if (oneIn(8)) {
      fcw = fcw & ~0x3f | random.nextInt(64);
    }
    HostMemory.putShort(at + FCW, (short) fcw);
    int fsw = random.nextInt(8) << 11 | random.nextInt(16) * 0x100 & 0x4700;
    fsw = fsw & ~0x3800 | random.nextInt(8) << 11;
    if (oneIn(4)) {
      fsw |= random.nextInt(0x80) & fcw;
    }
    if (oneIn(24)) {
      fsw |= random.nextInt(0x80);
    }
    if ((fsw & ~fcw & 0x3f) != 0) {
      fsw |= 0x8080;
    } else {
      fsw &= ~0x8080;
    }
    HostMemory.putShort(at + FSW, (short) fsw);
    int kind = random.nextInt(4);
    int ftw = kind == 0 ? random.nextInt(256) : kind == 1 && oneIn(4) ? 0 : 0xff;
    HostMemory.putShort(at + FTW, (short) ftw);
    HostMemory.putShort(at + FOP, (short) random.nextInt(0x800));
    HostMemory.putLong(at + FIP, random.nextLong() >>> 17);
    HostMemory.putLong(at + FDP, random.nextLong() >>> 17);
    HostMemory.putInt(at + MXCSR, mxcsr());
    HostMemory.putInt(at + MXCSR + 4, 0xffff);
    boolean integers = oneIn(3);
    for (int n = 0; n < 8; n++) {
      long to = at + ST + 16L * n;
      if (integers) {
        HostMemory.putLong(to, lane());
        HostMemory.putLong(to + 8, oneIn(8) ? random.nextInt(0x10000) : 0xffff);
      } else {
        extended(to);
        HostMemory.putInt(to + 12, 0);
        HostMemory.putShort(to + 10, (short) 0);
      }
    }
    int theme = random.nextInt(8);
    for (int n = 0; n < 16; n++) {
      int kind2 = oneIn(3) ? random.nextInt(8) : theme;
      vector(at + XMM + 16L * n, kind2);
      vector(at + YMM_HIGH + 16L * n, kind2);
    }
  }

  private int mxcsr() {
    int v = 0x1f80;
    if (oneIn(2)) {
      v |= random.nextInt(4) << 13;
    }
    if (oneIn(6)) {
      v |= 0x8000;
    }
    if (oneIn(6)) {
      v |= 0x40;
    }
    if (oneIn(3)) {
      v |= random.nextInt(64);
    }
    if (oneIn(12)) {
      v = v & ~0x1f80 | random.nextInt(64) << 7;
    }
    return v;
  }

  /** 16 bytes of one kind. */
  private void vector(long at, int kind) {
    for (int n = 0; n < 16; n += 8) {
      long v =
          switch (kind) {
            case 0, 1 -> Integer.toUnsignedLong(f32()) | (long) f32() << 32;
            case 2, 3 -> f64();
            default -> lane();
          };
      HostMemory.putLong(at + n, v);
    }
  }

  /** Eight bytes of integers. */
  private long lane() {
    switch (random.nextInt(6)) {
      case 0:
        return random.nextLong();
      case 1:
        long v = 0;
        for (int n = 0; n < 8; n++) {
          v = v << 8 | EDGE_BYTES[random.nextInt(EDGE_BYTES.length)];
        }
        return v;
      case 2:
        return GprValues.value(random);
      case 3:
        return GprValues.value(random) << 32 | GprValues.value(random) & 0xffffffffL;
      case 4:
        return random.nextInt(256) | (long) random.nextInt(64) << 32;
      default:
        return random.nextLong() & 0x0f0f0f0f0f0f0f0fL;
    }
  }

  int f32() {
    switch (random.nextInt(8)) {
      case 0, 1:
        return EDGE_F32[random.nextInt(EDGE_F32.length)];
      case 2:
        return random.nextInt();
      case 3:
        return EDGE_F32[random.nextInt(EDGE_F32.length)] + random.nextInt(5) - 2;
      case 4:
        return Float.floatToRawIntBits(random.nextInt(2000) - 1000);
      default:
        return random.nextInt() & 0x807fffff | 118 + random.nextInt(20) << 23;
    }
  }

  long f64() {
    switch (random.nextInt(8)) {
      case 0, 1:
        return EDGE_F64[random.nextInt(EDGE_F64.length)];
      case 2:
        return random.nextLong();
      case 3:
        return EDGE_F64[random.nextInt(EDGE_F64.length)] + random.nextInt(5) - 2;
      case 4:
        return Double.doubleToRawLongBits(random.nextInt(2000) - 1000);
      default:
        return random.nextLong() & 0x800fffffffffffffL | 1000L + random.nextInt(60) << 52;
    }
  }

  /** Ten bytes of the x87 format. */
  void extended(long at) {
    int sign = random.nextInt(2) << 15;
    long significand = random.nextLong() | 1L << 63;
    int exponent = 16383 + random.nextInt(64) - 32;
    switch (random.nextInt(12)) {
      case 0 -> {
        significand = 0;
        exponent = 0;
      }
      case 1 -> {
        significand = 1L << 63;
        exponent = 0x7fff;
      }
      case 2 -> {
        significand |= 1L << 62;
        exponent = 0x7fff;
      }
      case 3 -> {
        significand = significand & ~(1L << 62) | 1;
        exponent = 0x7fff;
      }
      case 4 -> {
        significand &= -1L >>> 1;
        exponent = 0;
      }
      case 5 -> significand = 1L << 63;
      case 6 -> exponent = oneIn(2) ? 1 + random.nextInt(4) : 0x7ffe - random.nextInt(4);
      case 7 -> significand &= -1L << random.nextInt(63);
      case 8 -> {
        if (oneIn(4)) {
          significand = random.nextLong();
          exponent = random.nextInt(0x8000);
        }
      }
      case 9 -> exponent = 16383 + random.nextInt(70);
      default -> {}
    }
    HostMemory.putLong(at, significand);
    HostMemory.putShort(at + 8, (short) (sign | exponent));
  }

  /** Eight bytes of anything, for memory. */
  long memory() {
    return switch (random.nextInt(4)) {
      case 0 -> Integer.toUnsignedLong(f32()) | (long) f32() << 32;
      case 1 -> f64();
      default -> lane();
    };
  }
}
