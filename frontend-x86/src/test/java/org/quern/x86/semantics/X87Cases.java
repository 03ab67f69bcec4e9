package org.quern.x86.semantics;

import java.util.HexFormat;
import org.quern.x86.FakeMachine;
import org.quern.x86.decode.Decoder;
import org.quern.x86.decode.Insn;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Fpu;
import org.quern.x86.state.Reg;

/**
 * Draws the same operands as {@code src/test/oracle/x87-instructions.c} for an instruction and runs
 * it, so that results can be compared with those of a real processor. Keep both in step.
 */
final class X87Cases {
  private static final long TOP = Long.MIN_VALUE;

  private static final int[] EDGE_SE = {
    0, 0x8000, 0x3fff, 0xbfff, 0x3fff, 0x3ffe, 0x4000, 0xc000, 0, 0x8000, 0, 0x8000, 1, 0x8001,
    0x7ffe, 0xfffe, 0x7fff, 0xffff, 0x7fff, 0x7fff, 0xffff, 0x7fff, 0x7fff, 0xffff, 0x4000, 0xc03e,
    0x403e, 0x401e, 0x3ffe, 0x4000, 0x3fff, 0xbfff,
  };

  private static final long[] EDGE_SIG = {
    0,
    0,
    TOP,
    TOP,
    TOP | 1,
    -1,
    TOP,
    0xc000000000000000L,
    1,
    0x7fffffffffffffffL,
    TOP,
    TOP | 1,
    TOP,
    TOP,
    -1,
    -1,
    TOP,
    TOP,
    0,
    0x4000000000000000L,
    0xc000000000000000L,
    0xc000000000000001L,
    TOP | 1,
    0xbfffffffffffffffL,
    0x4000000000000000L,
    TOP,
    TOP,
    0xffffffff80000000L,
    TOP,
    0xc90fdaa22168c235L,
    0xc90fdaa22168c235L,
    0xc90fdaa22168c234L,
  };

  private static final int[] PRECISION = {3, 3, 3, 2, 0, 3, 2, 1};
  private static final long BUFFER = FakeMachine.STACK0;

  private static final FakeMachine MACHINE = FakeMachine.long64();

  /** Inputs of the last case. */
  int control;

  int status;
  int tag;
  int flags;
  final int[] se = new int[8];
  final long[] sig = new long[8];
  final long[] mem = new long[2];

  /** Outputs: status word, tag word, opcode, flags. */
  final int[] out = new int[4];

  final int[] outSe = new int[8];
  final long[] outSig = new long[8];
  final long[] outMem = new long[2];

  private final Cpu c = MACHINE.cpu;
  private final char operands;
  private final Insn insn;
  private int number;
  private long state;

  X87Cases(String name, String code, char operands) {
    this.operands = operands;
    byte[] bytes = HexFormat.of().parseHex(code);
    insn = new Decoder(64).decode(bytes, 0, bytes.length);
    for (int n = 0; n < name.length(); n++) {
      state = state * 31 + name.charAt(n);
    }
  }

  /** Draws the next case and runs it. */
  void next() {
    drawCase();
    number++;
    Fpu f = c.fpu;
    f.control = control;
    f.top = status >> 11 & 7;
    f.status = status & ~0x3800;
    f.tag = tag;
    f.opcode = 0;
    for (int k = 0; k < 8; k++) {
      f.signExponent[f.top + k & 7] = se[k];
      f.significand[f.top + k & 7] = sig[k];
    }
    MACHINE.bus.write(BUFFER, 8, mem[0]);
    MACHINE.bus.write(BUFFER + 8, 8, mem[1]);
    c.gpr[Reg.RSI] = BUFFER;
    c.gpr[Reg.RAX] = 0;
    c.setStatusFlags(flags);
    Binding.of(insn.mnemonic).exec(c, insn);
    out[0] = X87Control.statusWord(c);
    out[1] = ExtendedState.fullTag(f, ExtendedState.abridged(f.tag));
    out[2] = f.opcode;
    out[3] = c.statusFlags();
    for (int k = 0; k < 8; k++) {
      outSe[k] = f.signExponent[f.top + k & 7];
      outSig[k] = f.significand[f.top + k & 7];
    }
    outMem[0] = MACHINE.bus.read(BUFFER, 8);
    outMem[1] = MACHINE.bus.read(BUFFER + 8, 8) ^ c.gpr[Reg.RAX];
  }

  /** Twelve bits that depend on every output but the opcode. */
  int digest() {
    long h = mix(0, out[0] | (long) out[1] << 16 | (long) out[3] << 32);
    for (int k = 0; k < 8; k++) {
      h = mix(mix(h, outSig[k]), outSe[k]);
    }
    return (int) (mix(mix(h, outMem[0]), outMem[1]) >>> 52);
  }

  private static long mix(long h, long v) {
    long x = (h ^ v) * 0x9e3779b97f4a7c15L;
    return x ^ x >>> 29;
  }

  @Override
  public String toString() {
    return String.format(
        "case %d: cw %04x sw %04x tw %04x flags %03x st0 %04x:%016x st1 %04x:%016x mem %04x:%016x",
        number - 1, control, status, tag, flags, se[0], sig[0], se[1], sig[1], mem[1], mem[0]);
  }

  // ---- operands

  private long draw() {
    state += 0x9e3779b97f4a7c15L;
    long z = state;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }

  private void drawCase() {
    long v = draw();
    int masks = (v >>> 8 & 3) != 0 ? 0x3f : (int) (v >>> 16) & 0x3f;
    control = 0x40 | (int) (v & 3) << 10 | PRECISION[(int) (v >>> 2) & 7] << 8 | masks;
    int top = (int) (v >>> 24) & 7;
    status = top << 11 | (int) (v >>> 32 & 7) << 8 | (int) (v >>> 35 & 1) << 14;
    if ((v >>> 36 & 3) == 0) {
      status |= (int) (v >>> 40) & 0x3f & masks | (int) (v >>> 46 & 1) << 6;
    }
    tag = 0;
    if ((v >>> 48 & 15) == 0) {
      tag |= 3 << 2 * top;
    }
    if ((v >>> 52 & 15) == 0) {
      tag |= 3 << 2 * (top + 1 & 7);
    }
    if ((v >>> 56 & 7) != 0) {
      tag |= 3 << 2 * (top + 7 & 7);
    }
    boolean near = operands == 'n' || operands == 't';
    drawRegister(0, near);
    drawRegister(1, near);
    for (int k = 2; k < 8; k++) {
      se[k] = 0x4000 + k;
      sig[k] = TOP | (long) k << 32;
    }
    mem[0] = draw();
    mem[1] = draw();
    drawMemory();
    flags = (int) draw() & 0x8d5;
  }

  private void drawRegister(int st, boolean near) {
    long how = draw();
    long v = draw();
    int w = (int) draw() & 0xffff;
    int n = (int) (how >>> 8) & 63;
    int sign = w & 0x8000;
    sig[st] = v | TOP;
    switch ((int) how & 7) {
      case 0 -> {
        se[st] = EDGE_SE[n & 31];
        sig[st] = EDGE_SIG[n & 31];
      }
      case 1 -> se[st] = sign | 0x3ffb + (n & 7);
      case 2 -> {
        se[st] = near ? sign | 0x3ff0 + (n & 31) : w;
        sig[st] = v & -1L << n | TOP;
      }
      case 3 -> {
        se[st] = sign | n & 3;
        sig[st] = near ? v | TOP : v;
      }
      case 4 -> se[st] = sign | (near ? 0x3fc0 + n : 0x7ffc + (n & 3));
      case 5 -> {
        se[st] = sign | 0x3fff + n;
        sig[st] = v & -1L << Math.max(62 - n, 0) | TOP;
      }
      case 6 -> se[st] = sign | 0x3fff - 40 + n;
      default -> {
        se[st] = near ? sign | 0x3ff8 + (n & 7) : w;
        sig[st] = near ? v & -1L << 56 | TOP : v;
      }
    }
  }

  private void drawMemory() {
    switch (operands) {
      case 'f' -> mem[0] = drawFloat() & 0xffffffffL | mem[1] << 32;
      case 'd' -> mem[0] = drawDouble();
      case 'e' -> {
        int keepSe = se[0];
        long keepSig = sig[0];
        drawRegister(0, false);
        mem[0] = sig[0];
        mem[1] = se[0] | mem[1] << 16;
        se[0] = keepSe;
        sig[0] = keepSig;
      }
      case 'i' -> {
        long how = draw();
        long v = draw();
        int n = (int) (how >>> 8) & 63;
        mem[0] =
            switch ((int) how & 3) {
              case 0 -> v >> n;
              case 1 -> TOP >>> n;
              default -> (n & 7) == 0 ? 0 : v;
            };
      }
      case 'b' -> drawBcd();
      default -> {
        // Memory is an output, if anything.
      }
    }
  }

  private void drawBcd() {
    long how = draw();
    if ((how & 7) == 0) {
      return;
    }
    int digits = Math.min((int) (how >>> 8) & 31, 18);
    long[] m = new long[2];
    for (int k = 0; k < digits; k++) {
      m[k >> 4] |= (mem[k >> 4] >>> 4 * (k & 15) & 15) % 10 << 4 * (k & 15);
    }
    mem[0] = m[0];
    mem[1] = m[1] | mem[1] & 0x8000 | mem[1] & ~0xffffL;
  }

  private long drawDouble() {
    long how = draw();
    long v = draw();
    int n = (int) (how >>> 8) & 63;
    long signFraction = 0x800fffffffffffffL;
    long fraction = 0xfffffffffffffL;
    return switch ((int) how & 7) {
      case 0 -> v & TOP | ((n & 1) != 0 ? 0x7ff0000000000000L : 0);
      case 1 -> v & signFraction | 1020L + (n & 7) << 52;
      case 2 -> v & ~fraction | v & fraction & -1L << n;
      case 3 -> v & signFraction | (n & 3L) << 52;
      case 4 -> v & signFraction | 2044L + (n & 3) << 52;
      case 5 -> v & TOP | 1023L + n << 52;
      default -> v;
    };
  }

  private int drawFloat() {
    long how = draw();
    int w = (int) draw();
    int n = (int) (how >>> 8) & 31;
    int signFraction = 0x807fffff;
    return switch ((int) how & 7) {
      case 0 -> w & 0x80000000 | ((n & 1) != 0 ? 0x7f800000 : 0);
      case 1 -> w & signFraction | 124 + (n & 7) << 23;
      case 2 -> w & 0xff800000 | w & 0x7fffff & -1 << Math.min(n, 22);
      case 3 -> w & signFraction | (n & 3) << 23;
      case 4 -> w & signFraction | 252 + (n & 3) << 23;
      case 5 -> w & 0x80000000 | 127 + n << 23;
      default -> w;
    };
  }
}
