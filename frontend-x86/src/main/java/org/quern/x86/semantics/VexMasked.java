package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.state.Cpu;

/**
 * AVX and AVX2 loads and stores of the elements whose mask has its top bit set: VMASKMOV, VPMASKMOV
 * and the gathers. Elements that are not selected are not accessed and cannot fault. A gather that
 * faults keeps the elements before the one at fault, with their mask cleared, so that it can be
 * restarted. Source: SDM vol. 2C, VMASKMOV, VPGATHERDD, VPGATHERQD.
 */
public final class VexMasked {
  private VexMasked() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case VMASKMOVPS, VPMASKMOVD -> (c, i) -> move(c, i, 4);
      case VMASKMOVPD, VPMASKMOVQ -> (c, i) -> move(c, i, 8);
      case VGATHERDPS, VPGATHERDD -> (c, i) -> gather(c, i, 4, 4);
      case VGATHERDPD, VPGATHERDQ -> (c, i) -> gather(c, i, 4, 8);
      case VGATHERQPS, VPGATHERQD -> (c, i) -> gather(c, i, 8, 4);
      case VGATHERQPD, VPGATHERQQ -> (c, i) -> gather(c, i, 8, 8);
      default -> null;
    };
  }

  // ---- elements of 4 or 8 bytes of the vector that begins at lane r

  private static long element(Cpu c, int r, int n, int bytes) {
    return bytes == 8 ? c.vec[r + n] : (int) (c.vec[r + (n >> 1)] >>> 32 * (n & 1));
  }

  private static void setElement(Cpu c, int r, int n, int bytes, long v) {
    if (bytes == 8) {
      c.vec[r + n] = v;
    } else {
      int shift = 32 * (n & 1);
      long old = c.vec[r + (n >> 1)];
      c.vec[r + (n >> 1)] = old & ~(0xffffffffL << shift) | (v & 0xffffffffL) << shift;
    }
  }

  private static boolean selected(Cpu c, int mask, int n, int bytes) {
    return element(c, mask, n, bytes) < 0;
  }

  // ---- VMASKMOV, VPMASKMOV

  private static void move(Cpu c, Insn i, int bytes) {
    VexOperands.check(c);
    if (i.op0.isMem()) {
      store(c, i, bytes);
    } else {
      load(c, i, bytes);
    }
  }

  private static void load(Cpu c, Insn i, int bytes) {
    int mask = i.op1.reg() * 4;
    long offset = Operands.effective(c, i);
    int lanes = VexOperands.lanes(i);
    int to = Cpu.VEC_SCRATCH;
    for (int n = 0; n < lanes; n++) {
      c.vec[to + n] = 0;
    }
    for (int n = 0; n < lanes * 8 / bytes; n++) {
      if (selected(c, mask, n, bytes)) {
        long la = Segmentation.read(c, i.segment, offset + (long) n * bytes, bytes);
        setElement(c, to, n, bytes, c.mmu.read(la, bytes));
      }
    }
    int d = i.op0.reg() * 4;
    System.arraycopy(c.vec, to, c.vec, d, lanes);
    VexOperands.clearUpper(c, i, d);
  }

  private static void store(Cpu c, Insn i, int bytes) {
    int mask = i.op1.reg() * 4;
    int from = i.op2.reg() * 4;
    long offset = Operands.effective(c, i);
    int elements = VexOperands.lanes(i) * 8 / bytes;
    for (int n = 0; n < elements; n++) {
      if (selected(c, mask, n, bytes)) {
        long la = Segmentation.write(c, i.segment, offset + (long) n * bytes, bytes);
        c.mmu.probeWrite(la, bytes);
      }
    }
    for (int n = 0; n < elements; n++) {
      if (selected(c, mask, n, bytes)) {
        long la = Segmentation.write(c, i.segment, offset + (long) n * bytes, bytes);
        c.mmu.write(la, bytes, element(c, from, n, bytes));
      }
    }
  }

  // ---- gathers

  private static void gather(Cpu c, Insn i, int indexBytes, int bytes) {
    VexOperands.check(c);
    int d = i.op0.reg() * 4;
    int mask = i.op2.reg() * 4;
    int elements = VexOperands.lanes(i) * 8 / Math.max(indexBytes, bytes);
    for (int n = 0; n < elements; n++) {
      if (selected(c, mask, n, bytes)) {
        long la = Segmentation.read(c, i.segment, offset(c, i, n, indexBytes), bytes);
        setElement(c, d, n, bytes, c.mmu.read(la, bytes));
      }
      setElement(c, mask, n, bytes, 0);
    }
    clearAbove(c, d, elements * bytes >> 3);
    clearAbove(c, mask, elements * bytes >> 3);
  }

  /** Clears the lanes of a register from lane {@code n} on. */
  private static void clearAbove(Cpu c, int r, int n) {
    for (int k = n; k < 4; k++) {
      c.vec[r + k] = 0;
    }
  }

  /** Offset in the segment of element {@code n}. */
  private static long offset(Cpu c, Insn i, int n, int indexBytes) {
    long index = element(c, i.index * 4, n, indexBytes);
    long ea = c.gpr[i.base] + (index << i.scale) + i.disp;
    return i.addrSize == 64 ? ea : ea & 0xffffffffL;
  }
}
