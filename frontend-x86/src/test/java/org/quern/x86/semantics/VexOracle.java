package org.quern.x86.semantics;

import java.util.HexFormat;
import org.quern.x86.FakeMachine;
import org.quern.x86.decode.Decoder;
import org.quern.x86.decode.Insn;
import org.quern.x86.fault.GuestFault;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;

/**
 * Runs a VEX-encoded instruction on the operands of {@code src/test/oracle/vex-oracle.c}, so that
 * results can be compared with those of a real processor. Keep both in step.
 */
final class VexOracle {
  /** Of a memory operand; not aligned. */
  private static final int DATA = 0x40001;

  private static final int DATA_BYTES = 64;

  /** One for all instructions: a machine has megabytes of RAM that are never freed. */
  private static final FakeMachine SHARED = FakeMachine.long64();

  private final FakeMachine m = SHARED;
  private final Cpu c = m.cpu;
  private final char operands;
  private final Insn insn;
  private final DrawnOperands draw;
  private final long[] vec = new long[16];
  private final long[] memory = new long[DATA_BYTES / 8];
  private int mxcsr;

  /** Outputs: YMM0 to YMM3, memory, RAX, status flags, MXCSR, whether #XM was raised. */
  private final long[] out = new long[16 + DATA_BYTES / 8 + 4];

  VexOracle(String name, String code, char operands) {
    this.operands = operands;
    byte[] bytes = HexFormat.of().parseHex(code);
    insn = new Decoder(64).decode(bytes, 0, bytes.length);
    draw = new DrawnOperands(name);
    c.cr4 |= Cr.CR4_OSXSAVE;
    c.xcr0 = 7;
  }

  /** Draws the next case and runs it. */
  void next() {
    for (int n = 0; n < 16; n++) {
      vec[n] = draw.lane(operands);
    }
    for (int n = 0; n < memory.length; n++) {
      memory[n] = draw.lane(operands);
    }
    long rax = draw.integer();
    if (operands == 's') {
      vec[8] = draw.count();
    }
    // Indices of a gather, as doublewords or quadwords
    for (int n = 8; n < 12 && (operands == 'x' || operands == 'q'); n++) {
      vec[n] &= operands == 'x' ? 0x700000007L : 7;
    }
    mxcsr = draw.control();
    run(rax);
  }

  private void run(long rax) {
    System.arraycopy(vec, 0, c.vec, 0, 16);
    for (int n = 0; n < memory.length; n++) {
      m.bus.write(DATA + 8L * n, 8, memory[n]);
    }
    c.gpr[Reg.RAX] = rax;
    c.gpr[Reg.RSI] = DATA;
    c.mxcsr = mxcsr;
    c.setStatusFlags(0);
    long raised = 0;
    try {
      Binding.of(insn.mnemonic).exec(c, insn);
    } catch (GuestFault f) {
      raised = f.vector == 19 ? 1 : -1;
    }
    System.arraycopy(c.vec, 0, out, 0, 16);
    int n = 16;
    for (int k = 0; k < memory.length; k++) {
      out[n++] = m.bus.read(DATA + 8L * k, 8);
    }
    out[n++] = c.gpr[Reg.RAX];
    out[n++] = c.statusFlags();
    out[n++] = c.mxcsr;
    out[n] = raised;
  }

  int digest() {
    return DrawnOperands.digest(out);
  }

  @Override
  public String toString() {
    StringBuilder s = new StringBuilder(insn.form + String.format(" mxcsr %04x", mxcsr));
    for (int r = 0; r < 4; r++) {
      s.append(String.format(" ymm%d", r));
      for (int n = 3; n >= 0; n--) {
        s.append(String.format(" %016x", vec[r * 4 + n]));
      }
    }
    return s.toString();
  }
}
