package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.quern.x86.FakeMachine;
import org.quern.x86.semantics.fp.Format;
import org.quern.x86.semantics.fp.FpFlags;
import org.quern.x86.semantics.fp.SoftFloat;
import org.quern.x86.state.Cpu;

/**
 * The fast paths of {@link SseArithmetic} against {@link SoftFloat}: results and flags, over the
 * edges of the formats and their neighbours.
 */
class SseArithmeticTest {
  private static final long SEED = 0xa57;
  private static final int CASES = 60_000;

  /** All masked, rounding to nearest, PE set: what the fast paths are for. */
  private static final int MXCSR = 0x1fa0;

  /** Exponents (biased, of binary64) around which something changes. */
  private static final int[] EXPONENTS64 = {0, 1, 2, 3, 0x3fe, 0x3ff, 0x400, 0x7fd, 0x7fe, 0x7ff};

  private static final int[] EXPONENTS32 = {0, 1, 2, 3, 0x7e, 0x7f, 0x80, 0xfd, 0xfe, 0xff};

  private final Random random = new Random(SEED);
  private final Cpu c = FakeMachine.long64().cpu;
  private final SoftFloat soft = new SoftFloat();

  @FunctionalInterface
  private interface Op64 {
    long apply(Cpu c, long a, long b);
  }

  @FunctionalInterface
  private interface Op32 {
    int apply(Cpu c, int a, int b);
  }

  private static void root(SoftFloat f) {
    f.a.set(f.b);
    f.squareRoot();
  }

  @Test
  @DisplayName("addsd, subsd, mulsd, divsd, sqrtsd")
  void scalar64() {
    compare64(SseArithmetic::addsd, SoftFloat::add);
    compare64(SseArithmetic::subsd, SoftFloat::subtract);
    compare64(SseArithmetic::mulsd, SoftFloat::multiply);
    compare64(SseArithmetic::divsd, SoftFloat::divide);
    compare64(SseArithmetic::sqrtsd, SseArithmeticTest::root);
  }

  @Test
  @DisplayName("a half of addpd, subpd, mulpd, divpd, sqrtpd")
  void packed64() {
    compare64(finished(SseArithmetic::addpd), SoftFloat::add);
    compare64(finished(SseArithmetic::subpd), SoftFloat::subtract);
    compare64(finished(SseArithmetic::mulpd), SoftFloat::multiply);
    compare64(finished(SseArithmetic::divpd), SoftFloat::divide);
    compare64(finished(SseArithmetic::sqrtpd), SseArithmeticTest::root);
  }

  @Test
  @DisplayName("addss, subss, mulss, divss, sqrtss")
  void scalar32() {
    compare32(SseArithmetic::addss, SoftFloat::add);
    compare32(SseArithmetic::subss, SoftFloat::subtract);
    compare32(SseArithmetic::mulss, SoftFloat::multiply);
    compare32(SseArithmetic::divss, SoftFloat::divide);
    compare32(SseArithmetic::sqrtss, SseArithmeticTest::root);
  }

  @Test
  @DisplayName("a half of addps, subps, mulps, divps, sqrtps")
  void pairs() {
    comparePair(SseArithmetic::addps, SoftFloat::add);
    comparePair(SseArithmetic::subps, SoftFloat::subtract);
    comparePair(SseArithmetic::mulps, SoftFloat::multiply);
    comparePair(SseArithmetic::divps, SoftFloat::divide);
    comparePair(SseArithmetic::sqrtps, SseArithmeticTest::root);
  }

  private static Op64 finished(Op64 op) {
    return (c, a, b) -> {
      long r = op.apply(c, a, b);
      SseMath.finish(c);
      return r;
    };
  }

  private void compare64(Op64 op, Consumer<SoftFloat> exact) {
    for (int n = 0; n < CASES; n++) {
      long a = value64();
      long b = related(a, value64());
      c.mxcsr = MXCSR;
      long r = op.apply(c, a, b);
      soft.control(FpFlags.NEAREST, FpFlags.ALL, false, false);
      soft.a.set64(a);
      soft.b.set64(b);
      exact.accept(soft);
      soft.round(Format.BINARY64);
      String what = String.format("%x, %x, seed %d", a, b, SEED);
      assertThat(r).as(what).isEqualTo(soft.r.to64());
      assertThat(c.mxcsr).as(what).isEqualTo(MXCSR | soft.flags);
    }
  }

  private void compare32(Op32 op, Consumer<SoftFloat> exact) {
    for (int n = 0; n < CASES; n++) {
      int a = value32();
      int b = random.nextInt(8) == 0 ? a ^ random.nextInt(4) << 30 : value32();
      c.mxcsr = MXCSR;
      int r = op.apply(c, a, b);
      String what = String.format("%x, %x, seed %d", a, b, SEED);
      assertThat(r).as(what).isEqualTo(exact32(exact, a, b));
      assertThat(c.mxcsr).as(what).isEqualTo(MXCSR | soft.flags);
    }
  }

  private int exact32(Consumer<SoftFloat> exact, int a, int b) {
    soft.control(FpFlags.NEAREST, FpFlags.ALL, false, false);
    soft.a.set32(a);
    soft.b.set32(b);
    exact.accept(soft);
    soft.round(Format.BINARY32);
    return soft.r.to32();
  }

  private void comparePair(Op64 op, Consumer<SoftFloat> exact) {
    Op64 whole = finished(op);
    for (int n = 0; n < CASES; n++) {
      int a0 = value32();
      int a1 = value32();
      int b0 = random.nextInt(8) == 0 ? a0 ^ random.nextInt(4) << 30 : value32();
      int b1 = value32();
      c.mxcsr = MXCSR;
      long r = whole.apply(c, pair(a0, a1), pair(b0, b1));
      String what = String.format("%x %x, %x %x, seed %d", a0, a1, b0, b1, SEED);
      int r0 = exact32(exact, a0, b0);
      int flags = soft.flags;
      int r1 = exact32(exact, a1, b1);
      assertThat(r).as(what).isEqualTo(pair(r0, r1));
      assertThat(c.mxcsr).as(what).isEqualTo(MXCSR | flags | soft.flags);
    }
  }

  private static long pair(int low, int high) {
    return low & 0xffffffffL | (long) high << 32;
  }

  private long related(long a, long other) {
    return random.nextInt(8) == 0 ? a ^ (long) random.nextInt(4) << 62 : other;
  }

  /** An edge exponent or any, and a fraction of few bits, many bits or none. */
  private long value64() {
    long e = random.nextInt(4) == 0 ? random.nextInt(0x800) : of(EXPONENTS64);
    long fraction =
        switch (random.nextInt(4)) {
          case 0 -> 0;
          case 1 -> 1L << random.nextInt(52);
          case 2 -> (1L << 52) - 1;
          default -> random.nextLong() >>> 12;
        };
    return (long) random.nextInt(2) << 63 | e << 52 | fraction;
  }

  private int value32() {
    int e = random.nextInt(4) == 0 ? random.nextInt(0x100) : of(EXPONENTS32);
    int fraction =
        switch (random.nextInt(4)) {
          case 0 -> 0;
          case 1 -> 1 << random.nextInt(23);
          case 2 -> (1 << 23) - 1;
          default -> random.nextInt() >>> 9;
        };
    return random.nextInt(2) << 31 | e << 23 | fraction;
  }

  private int of(int[] values) {
    return values[random.nextInt(values.length)];
  }
}
