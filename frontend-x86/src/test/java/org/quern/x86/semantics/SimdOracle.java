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
  /** One for all instructions: a machine has megabytes of RAM that are never freed. */
  private static final Cpu SHARED = FakeMachine.long64().cpu;

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
  private final DrawnOperands draw;
  private final Insn insn;
  private final Insn sameRegister;
  private int number;

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
    draw = new DrawnOperands(name);
  }

  private static Insn decode(byte[] bytes) {
    return new Decoder(64).decode(bytes, 0, bytes.length);
  }

  /** Draws the next case and runs it. */
  void next() {
    for (int n = 0; n < 4; n++) {
      xmm[n] = draw.lane(operands);
    }
    mm[0] = draw.integer();
    mm[1] = draw.integer();
    rcx = draw.integer();
    rax = draw.integer();
    if (operands == 's') {
      xmm[2] = draw.count();
      mm[1] = xmm[2];
    }
    mxcsr = draw.control();
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

  int digest() {
    return DrawnOperands.digest(out);
  }

  @Override
  public String toString() {
    return String.format(
        "case %d: xmm0 %016x%016x xmm1 %016x%016x mm %016x %016x rcx %x mxcsr %04x",
        number - 1, xmm[1], xmm[0], xmm[3], xmm[2], mm[0], mm[1], rcx, mxcsr);
  }
}
