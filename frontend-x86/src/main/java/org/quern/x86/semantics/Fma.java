package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.state.Cpu;

/**
 * The FMA instructions. A mnemonic's name says all about it: which operands are multiplied (132,
 * 213 or 231: the two first numbers, counted from 1), the signs, and the lanes. Scalar forms leave
 * the rest of the low 128 bits of the destination. Source: SDM vol. 2C, VFMADD132PD and following.
 */
public final class Fma implements Handler {
  private final int order;

  /** {@link FmaMath#PRODUCT} and {@link FmaMath#ADDEND}, for lanes of even and of odd number. */
  private final int even;

  private final int odd;
  private final boolean single;
  private final boolean scalar;

  private Fma(String name) {
    int digits = name.length() - 5;
    String sign = name.substring(2, digits);
    this.order = Integer.parseInt(name, digits, digits + 3, 10);
    this.single = name.charAt(digits + 4) == 'S';
    this.scalar = name.charAt(digits + 3) == 'S';
    int product = sign.charAt(0) == 'N' ? FmaMath.PRODUCT : 0;
    // MADDSUB adds in the odd lanes and subtracts in the even ones, MSUBADD the other way round.
    this.odd = product | (sign.contains("MSUB") ? FmaMath.ADDEND : 0);
    this.even = product | (sign.endsWith("SUB") ? FmaMath.ADDEND : 0);
  }

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    String name = m.name();
    return name.startsWith("VFMADD")
            || name.startsWith("VFMSUB")
            || name.startsWith("VFNMADD")
            || name.startsWith("VFNMSUB")
        ? new Fma(name)
        : null;
  }

  @Override
  public void exec(Cpu c, Insn i) {
    VexOperands.check(c);
    int b =
        scalar ? VexOperands.source(c, i, i.op2, single ? 4 : 8) : VexOperands.source(c, i, i.op2);
    int a = i.op1.reg() * 4;
    int d = i.op0.reg() * 4;
    int x = order == 132 ? d : a;
    int y = order == 213 ? d : b;
    int z = order == 132 ? a : order == 213 ? b : d;
    if (scalar) {
      scalar(c, i, x, y, z);
    } else {
      packed(c, i, x, y, z);
    }
  }

  private void scalar(Cpu c, Insn i, int x, int y, int z) {
    long[] v = c.vec;
    int d = i.op0.reg() * 4;
    long r;
    if (single) {
      int low = FmaMath.fma32(c, (int) v[x], (int) v[y], (int) v[z], even);
      r = v[d] & 0xffffffff00000000L | low & 0xffffffffL;
    } else {
      r = FmaMath.fma64(c, v[x], v[y], v[z], even);
    }
    SseMath.finish(c);
    VexOperands.set128(c, i, r, v[d + 1]);
  }

  private void packed(Cpu c, Insn i, int x, int y, int z) {
    long r0 = lane(c, x, y, z, 0);
    long r1 = lane(c, x, y, z, 1);
    long r2 = i.vexL == 0 ? 0 : lane(c, x, y, z, 2);
    long r3 = i.vexL == 0 ? 0 : lane(c, x, y, z, 3);
    SseMath.finish(c);
    VexOperands.set(c, i, r0, r1, r2, r3);
  }

  private long lane(Cpu c, int x, int y, int z, int n) {
    long p = c.vec[x + n];
    long q = c.vec[y + n];
    long s = c.vec[z + n];
    if (!single) {
      return FmaMath.fma64(c, p, q, s, (n & 1) == 0 ? even : odd);
    }
    int low = FmaMath.fma32(c, (int) p, (int) q, (int) s, even);
    int high = FmaMath.fma32(c, (int) (p >>> 32), (int) (q >>> 32), (int) (s >>> 32), odd);
    return low & 0xffffffffL | (long) high << 32;
  }
}
