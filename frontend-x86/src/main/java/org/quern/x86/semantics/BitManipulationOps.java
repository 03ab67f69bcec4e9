package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.semantics.fp.SoftFloat;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/**
 * General-purpose extensions: BMI1, BMI2, POPCNT, LZCNT, TZCNT, ADX, CRC32 and MOVBE. Source: SDM
 * vol. 2.
 *
 * <p>Flags that the manual leaves undefined are as an AMD Zen 4 leaves them: TZCNT and LZCNT keep
 * OF and clear SF, AF and PF; BEXTR sets AF, clears SF and makes PF by its result; the other BMI
 * instructions clear AF and make PF by their result.
 */
public final class BitManipulationOps {
  private BitManipulationOps() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case POPCNT -> BitManipulationOps::popcnt;
      case LZCNT -> BitManipulationOps::lzcnt;
      case TZCNT -> BitManipulationOps::tzcnt;
      case ANDN -> BitManipulationOps::andn;
      case BLSR -> BitManipulationOps::blsr;
      case BLSMSK -> BitManipulationOps::blsmsk;
      case BLSI -> BitManipulationOps::blsi;
      case BEXTR -> BitManipulationOps::bextr;
      case BZHI -> BitManipulationOps::bzhi;
      case PDEP -> (c, i) -> set(c, i, BitManipulation.pdep(source(c, i), third(c, i)));
      case PEXT -> (c, i) -> set(c, i, BitManipulation.pext(source(c, i), third(c, i)));
      case MULX -> BitManipulationOps::mulx;
      case SHLX -> (c, i) -> set(c, i, source(c, i) << count(c, i));
      case SHRX -> (c, i) -> set(c, i, source(c, i) >>> count(c, i));
      case SARX -> (c, i) -> set(c, i, signed(i, source(c, i)) >> count(c, i));
      case RORX -> BitManipulationOps::rorx;
      case ADCX -> BitManipulationOps::adcx;
      case ADOX -> BitManipulationOps::adox;
      case CRC32 -> BitManipulationOps::crc32;
      case MOVBE -> BitManipulationOps::movbe;
      default -> null;
    };
  }

  // ---- operands

  private static long source(Cpu c, Insn i) {
    return Operands.read(c, i, i.op1);
  }

  private static long third(Cpu c, Insn i) {
    return Operands.read(c, i, i.op2);
  }

  private static void set(Cpu c, Insn i, long v) {
    c.setReg(i.op0.reg(), i.op0.size(), v);
  }

  private static int count(Cpu c, Insn i) {
    return (int) third(c, i) & i.op0.size() - 1;
  }

  /** {@code v} sign-extended from the size of the destination. */
  private static long signed(Insn i, long v) {
    int s = 64 - i.op0.size();
    return v << s >> s;
  }

  // ---- counting

  private static void popcnt(Cpu c, Insn i) {
    long a = source(c, i);
    set(c, i, Long.bitCount(a));
    c.setStatusFlags(a == 0 ? RFlags.ZF : 0);
  }

  private static void lzcnt(Cpu c, Insn i) {
    int bits = i.op0.size();
    counted(c, i, Long.numberOfLeadingZeros(source(c, i)) - (64 - bits));
  }

  private static void tzcnt(Cpu c, Insn i) {
    int bits = i.op0.size();
    counted(c, i, Math.min(Long.numberOfTrailingZeros(source(c, i)), bits));
  }

  private static void counted(Cpu c, Insn i, int n) {
    set(c, i, n);
    int flags = c.of() ? RFlags.OF : 0;
    flags |= n == 0 ? RFlags.ZF : 0;
    c.setStatusFlags(flags | (n == i.op0.size() ? RFlags.CF : 0));
  }

  // ---- BMI

  /** Writes a result and its flags: CF as given, OF clear. */
  private static void result(Cpu c, Insn i, long v, boolean carry) {
    set(c, i, v);
    Alu.logicFlags(c, signed(i, v));
    c.setCf(carry);
  }

  private static void andn(Cpu c, Insn i) {
    result(c, i, ~source(c, i) & third(c, i), false);
  }

  private static void blsr(Cpu c, Insn i) {
    long a = source(c, i);
    result(c, i, a & a - 1, a == 0);
  }

  private static void blsmsk(Cpu c, Insn i) {
    long a = source(c, i);
    result(c, i, a ^ a - 1, a == 0);
  }

  private static void blsi(Cpu c, Insn i) {
    long a = source(c, i);
    result(c, i, a & -a, a != 0);
  }

  private static void bzhi(Cpu c, Insn i) {
    long a = source(c, i);
    long n = third(c, i);
    result(c, i, BitManipulation.bzhi(a, n), (n & 0xff) >= i.op0.size());
  }

  private static void bextr(Cpu c, Insn i) {
    long a = source(c, i);
    result(c, i, BitManipulation.bextr(a, third(c, i)), false);
    c.ccAux |= 8 | c.ccResult >>> 63; // AF set, SF clear
  }

  /** The destinations may be the same register: the high half stays then. */
  private static void mulx(Cpu c, Insn i) {
    int bits = i.op0.size();
    long a = c.reg(Reg.RDX, bits);
    long b = third(c, i);
    long low = a * b;
    long high = bits == 64 ? SoftFloat.multiplyHigh(a, b) : low >>> 32;
    c.setReg(i.op1.reg(), bits, low);
    set(c, i, high);
  }

  private static void rorx(Cpu c, Insn i) {
    long a = source(c, i);
    int n = (int) i.imm;
    set(c, i, i.op0.size() == 64 ? Long.rotateRight(a, n) : Integer.rotateRight((int) a, n));
  }

  // ---- ADX: each has a carry of its own

  private static void adcx(Cpu c, Insn i) {
    c.setCf(addWithCarry(c, i, c.cf()));
  }

  private static void adox(Cpu c, Insn i) {
    c.setOf(addWithCarry(c, i, c.of()));
  }

  private static boolean addWithCarry(Cpu c, Insn i, boolean carry) {
    int bits = i.op0.size();
    long b = source(c, i);
    long a = c.reg(i.op0.reg(), bits);
    long r = a + b + (carry ? 1 : 0);
    set(c, i, r);
    return (bits == 64 ? a & b | (a | b) & ~r : r << 31) < 0;
  }

  // ---- CRC32, MOVBE

  /** The destination may be 64 bits wide, but only its low half counts. */
  private static void crc32(Cpu c, Insn i) {
    int bits = i.op1.size();
    c.setGpr32(i.op0.reg(), Crc32c.update(c.gpr32(i.op0.reg()), source(c, i), bits));
  }

  private static void movbe(Cpu c, Insn i) {
    int bits = i.opSize;
    Operands.write(c, i, i.op0, Long.reverseBytes(source(c, i)) >>> 64 - bits);
  }
}
