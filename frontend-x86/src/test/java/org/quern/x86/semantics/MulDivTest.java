package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.x86.fault.GuestFault;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/** {@link MulDiv} against {@link BigInteger}. */
class MulDivTest {
  private static final int SEED = 3;

  private final TestCpu t = TestCpu.long64();
  private final Cpu c = t.c;

  private static BigInteger unsigned(long v, int bits) {
    return new BigInteger(Long.toUnsignedString(FlagModel.truncate(v, bits)));
  }

  private static BigInteger signed(long v, int bits) {
    return BigInteger.valueOf(v << 64 - bits >> 64 - bits);
  }

  /** The double-width value in RDX:RAX or AX. */
  private BigInteger pair(int bits, boolean signed) {
    long low = c.reg(Reg.RAX, bits);
    long high = bits == 8 ? c.gpr8h(Reg.RAX) : c.reg(Reg.RDX, bits);
    BigInteger upper = signed ? signed(high, bits) : unsigned(high, bits);
    return upper.shiftLeft(bits).add(unsigned(low, bits));
  }

  private void setPair(int bits, BigInteger v) {
    if (bits == 8) {
      c.gpr[Reg.RAX] = v.longValue() & 0xffff;
    } else {
      c.gpr[Reg.RAX] = FlagModel.truncate(v.longValue(), bits);
      c.gpr[Reg.RDX] = FlagModel.truncate(v.shiftRight(bits).longValue(), bits);
    }
  }

  @ParameterizedTest(name = "mul, imul of {0} bits")
  @ValueSource(ints = {8, 16, 32, 64})
  void products(int bits) {
    for (long a : FlagModel.values(SEED, 60)) {
      for (long b : FlagModel.values(SEED + 1, 60)) {
        c.gpr[Reg.RAX] = a;
        MulDiv.mul(c, bits, b);
        BigInteger p = unsigned(a, bits).multiply(unsigned(b, bits));
        assertThat(pair(bits, false)).isEqualTo(p);
        assertThat(c.cf()).isEqualTo(p.bitLength() > bits);
        assertThat(c.of()).isEqualTo(c.cf());

        c.gpr[Reg.RAX] = a;
        MulDiv.imul(c, bits, b);
        p = signed(a, bits).multiply(signed(b, bits));
        assertThat(pair(bits, true)).isEqualTo(p);
        assertThat(c.cf()).isEqualTo(p.bitLength() >= bits);
        assertThat(c.of()).isEqualTo(c.cf());

        if (bits > 8) {
          long r = MulDiv.imul(c, bits, a, b);
          assertThat(r).isEqualTo(FlagModel.truncate(p.longValue(), bits));
          assertThat(c.cf()).isEqualTo(p.bitLength() >= bits);
          assertThat(c.of()).isEqualTo(c.cf());
        }
      }
    }
  }

  private boolean divides(Runnable r) {
    try {
      r.run();
      return true;
    } catch (GuestFault f) {
      assertThat(f.vector).isEqualTo(Vector.DE);
      return false;
    }
  }

  private void checkQuotient(int bits, BigInteger n, long b, boolean signed) {
    BigInteger d = signed ? signed(b, bits) : unsigned(b, bits);
    setPair(bits, n);
    n = pair(bits, signed);
    boolean fits = d.signum() != 0;
    BigInteger[] qr = fits ? n.divideAndRemainder(d) : null;
    if (fits) {
      fits = signed ? qr[0].bitLength() < bits : qr[0].bitLength() <= bits;
    }
    long rax = c.gpr[Reg.RAX];
    long rdx = c.gpr[Reg.RDX];
    boolean done = divides(() -> run(bits, b, signed));
    assertThat(done).as("%s / %s", n, d).isEqualTo(fits);
    if (!fits) {
      assertThat(c.gpr[Reg.RAX]).isEqualTo(rax);
      assertThat(c.gpr[Reg.RDX]).isEqualTo(rdx);
      return;
    }
    long remainder = bits == 8 ? c.gpr8h(Reg.RAX) : c.reg(Reg.RDX, bits);
    assertThat(c.reg(Reg.RAX, bits)).isEqualTo(FlagModel.truncate(qr[0].longValue(), bits));
    assertThat(remainder).isEqualTo(FlagModel.truncate(qr[1].longValue(), bits));
  }

  private void run(int bits, long b, boolean signed) {
    if (signed) {
      MulDiv.idiv(c, bits, b);
    } else {
      MulDiv.div(c, bits, b);
    }
  }

  @ParameterizedTest(name = "div, idiv of {0} bits, with every #DE")
  @ValueSource(ints = {8, 16, 32, 64})
  void quotients(int bits) {
    Random random = new Random(SEED);
    long[] values = FlagModel.values(SEED, 20);
    for (long d : values) {
      for (long q : values) {
        // Around the product of quotient and divisor, so that most quotients just fit or just do
        // not.
        for (boolean signed : new boolean[] {false, true}) {
          BigInteger p =
              signed
                  ? signed(q, bits).multiply(signed(d, bits))
                  : unsigned(q, bits).multiply(unsigned(d, bits));
          checkQuotient(bits, p, d, signed);
          checkQuotient(bits, p.add(BigInteger.ONE), d, signed);
          checkQuotient(bits, p.subtract(BigInteger.ONE), d, signed);
          checkQuotient(bits, p.add(new BigInteger(bits - 1, random)), d, signed);
          checkQuotient(bits, p.subtract(new BigInteger(bits - 1, random)), d, signed);
        }
      }
    }
  }

  @Test
  @DisplayName("div rbx: 128-bit dividends of random magnitude")
  void wideQuotients() {
    Random random = new Random(SEED);
    for (int k = 0; k < 100_000; k++) {
      long d = random.nextLong() >>> random.nextInt(64);
      long high = d == 0 ? 0 : Long.remainderUnsigned(random.nextLong(), d);
      long low = random.nextLong() >>> random.nextInt(64);
      if (d == 0) {
        continue;
      }
      BigInteger n = unsigned(high, 64).shiftLeft(64).add(unsigned(low, 64));
      assertThat(MulDiv.divide128(high, low, d)).isEqualTo(n.divide(unsigned(d, 64)).longValue());
    }
  }

  @Test
  @DisplayName("imul eax, [0x2000], -3")
  void threeOperands() {
    t.write(0x2000, 4, 7);
    c.gpr[Reg.RAX] = -1;
    assertThat(t.exec("6b 04 25 00 20 00 00 fd")).isEmpty();
    assertThat(c.gpr[Reg.RAX]).isEqualTo(-21 & 0xffffffffL);
    assertThat(t.read(0x2000, 4)).isEqualTo(7);
  }

  @Test
  @DisplayName("mul ebx: keeps SF, ZF, AF and PF")
  void productKeepsFlags() {
    c.setStatusFlags(RFlags.STATUS);
    c.gpr[Reg.RAX] = 2;
    c.gpr[Reg.RBX] = 3;
    assertThat(t.exec("f7 e3")).isEmpty();
    assertThat(t.flags()).isEqualTo("SZAP");
  }

  @Test
  @DisplayName("div bl: zero raises #DE and leaves AX")
  void byZero() {
    c.gpr[Reg.RAX] = 0x1234;
    c.gpr[Reg.RBX] = 0;
    assertThat(t.exec("f6 f3")).isEqualTo("#DE");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0x1234);
  }
}
