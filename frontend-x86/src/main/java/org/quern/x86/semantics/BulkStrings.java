package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/**
 * Runs of REP MOVS and REP STOS inside one page, as copies of host memory.
 *
 * <p>A run ends at a page boundary of either side, at the end of a segment and at a wrap of an
 * index register, so that whatever is special there happens to a single element. Memory that has to
 * see each access (MMIO, ROM, tracked code, watched pages) answers "no run" through the MMU.
 */
final class BulkStrings {
  private static final int PAGE = HostMemory.PAGE_SIZE;

  /** Bytes from which on a call into the JVM's fill pays. */
  private static final int NATIVE_FILL = 256;

  /** Downwards, and under TF, which traps behind each iteration (SDM vol. 3B, 17.3.1.4). */
  private static final int ONE_BY_ONE = RFlags.DF | RFlags.TF;

  private BulkStrings() {}

  /**
   * Moves a run of elements and advances RSI and RDI.
   *
   * @param left elements that remain
   * @return elements moved; 0 if the next one must be moved by itself
   * @throws org.quern.x86.fault.GuestFault as the next element would
   */
  static long movs(Cpu c, Insn i, long left) {
    if ((c.eflags & ONE_BY_ONE) != 0) {
      return 0;
    }
    int bytes = i.opSize >> 3;
    long si = c.gpr[Reg.RSI] & Strings.mask(i);
    long di = c.gpr[Reg.RDI] & Strings.mask(i);
    long from = Segmentation.read(c, i.segment, si, bytes);
    long n = run(c, i, i.segment, si, from, left * bytes, bytes);
    if (n == 0) {
      return 0;
    }
    long source = c.mmu.hostForRead(from);
    if (source == 0) {
      return 0;
    }
    long to = Segmentation.write(c, Reg.ES, di, bytes);
    n = run(c, i, Reg.ES, di, to, n, bytes);
    if (n == 0) {
      return 0;
    }
    long target = c.mmu.hostForWrite(to);
    if (target == 0 || !copy(source, target, n, bytes)) {
      return 0;
    }
    Strings.advance(c, i, Reg.RSI, n);
    Strings.advance(c, i, Reg.RDI, n);
    return n / bytes;
  }

  /** As {@link #movs} for STOS. */
  static long stos(Cpu c, Insn i, long left) {
    if ((c.eflags & ONE_BY_ONE) != 0) {
      return 0;
    }
    int bytes = i.opSize >> 3;
    long di = c.gpr[Reg.RDI] & Strings.mask(i);
    long to = Segmentation.write(c, Reg.ES, di, bytes);
    long n = run(c, i, Reg.ES, di, to, left * bytes, bytes);
    if (n == 0) {
      return 0;
    }
    long target = c.mmu.hostForWrite(to);
    if (target == 0) {
      return 0;
    }
    fill(target, n, bytes, c.gpr[Reg.RAX]);
    Strings.advance(c, i, Reg.RDI, n);
    return n / bytes;
  }

  /**
   * Bytes, a whole number of elements, that a run may cover from {@code offset} in a segment.
   *
   * @param la linear address of {@code offset}
   * @param wanted bytes asked for; negative or huge if the guest's counter is
   */
  private static long run(
      Cpu c, Insn i, int segment, long offset, long la, long wanted, int bytes) {
    long n = PAGE - (la & PAGE - 1);
    if (wanted > 0 && wanted < n) {
      n = wanted;
    }
    if (i.addrSize != 64) {
      n = Math.min(n, Strings.mask(i) - offset + 1);
    }
    n &= -bytes;
    if (!c.longMode && n != 0) {
      Segment s = c.seg[segment];
      if (!Segmentation.inLimit(s, offset, (int) n)) {
        return 0;
      }
    }
    return n;
  }

  /**
   * Copies as a loop over elements in ascending order does.
   *
   * @return false if elements overlap themselves: nothing done
   */
  private static boolean copy(long from, long to, long n, int bytes) {
    long ahead = to - from;
    if (ahead <= 0 || ahead >= n) {
      // Apart, or moving down: no element is overwritten before it is read.
      HostMemory.copy(from, to, n);
      return true;
    }
    if (ahead < bytes) {
      return false;
    }
    // The first `ahead` bytes repeat: double what is there until it is long enough.
    long done = 0;
    while (done < n) {
      long length = Math.min(ahead + done, n - done);
      HostMemory.copy(from, to + done, length);
      done += length;
    }
    return true;
  }

  private static void fill(long to, long n, int bytes, long value) {
    long pattern =
        switch (bytes) {
          case 1 -> (value & 0xff) * 0x0101_0101_0101_0101L;
          case 2 -> (value & 0xffff) * 0x0001_0001_0001_0001L;
          case 4 -> (value & 0xffffffffL) * 0x1_0000_0001L;
          default -> value;
        };
    if (n >= NATIVE_FILL && pattern == (pattern & 0xff) * 0x0101_0101_0101_0101L) {
      HostMemory.fill(to, n, (byte) pattern);
      return;
    }
    long done = 0;
    for (; done + 8 <= n; done += 8) {
      HostMemory.putLong(to + done, pattern);
    }
    for (int k = 0; done + k < n; k++) {
      HostMemory.putByte(to + done + k, (byte) (pattern >>> 8 * k));
    }
  }
}
