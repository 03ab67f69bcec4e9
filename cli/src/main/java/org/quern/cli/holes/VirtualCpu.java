package org.quern.cli.holes;

import org.quern.accel.api.CpuState;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Segment;

/** What the monitor keeps for the guest: the processor as the kernel believes it to be. */
final class VirtualCpu {
  private static final int IOPL = 3 << RFlags.IOPL_SHIFT;

  final Memory memory;
  final int ring;
  int gdtBase;
  int gdtLimit;
  int idtBase;
  int idtLimit;
  int ldtr;
  int tr;
  int cr0;
  int sysenterCs;

  /** IF and IOPL. */
  private int flags;

  VirtualCpu(Memory memory, CpuState start, int ring) {
    this.memory = memory;
    this.ring = ring;
    gdtBase = (int) start.gdtBase;
    gdtLimit = start.gdtLimit;
    idtBase = (int) start.idtBase;
    idtLimit = start.idtLimit;
    ldtr = start.ldtr.selector;
    tr = start.tr.selector;
    cr0 = (int) start.cr0;
  }

  boolean interrupts() {
    return (flags & RFlags.IF) != 0;
  }

  void interrupts(boolean on) {
    flags = on ? flags | RFlags.IF : flags & ~RFlags.IF;
  }

  /** The kernel's EFLAGS: arithmetic flags are real, the rest is not. */
  int flags(int real) {
    return real & ~(RFlags.IF | IOPL) | flags;
  }

  /**
   * Takes over what a privileged load of EFLAGS changes.
   *
   * @return the flags to run on with
   */
  int loadFlags(int v) {
    flags = v & (RFlags.IF | IOPL);
    return v & ~IOPL | RFlags.IF | 2;
  }

  /** A descriptor of the guest's GDT; 0 beyond its limit. */
  long descriptor(int selector) {
    int at = selector & 0xfff8;
    return at + 7 > gdtLimit || (selector & 4) != 0 ? 0 : memory.read64(gdtBase + at);
  }

  /** The privilege level the kernel gave to the code in a real CS. */
  int level(int cs) {
    return attributes(descriptor(cs)) >> Segment.DPL_SHIFT & 3;
  }

  static int attributes(long descriptor) {
    return (int) (descriptor >>> 40) & 0xf0ff;
  }

  /** Writes the real GDT anew: the guest's segments, in the outer ring and cut short. */
  void shadowTable() {
    for (int at = 0; at < Layout.MONITOR_CODE; at += 8) {
      long d = descriptor(at);
      int a = attributes(d);
      long shadow = 0;
      if ((a & (Segment.P | Segment.S)) == (Segment.P | Segment.S)) {
        int dpl = Math.max(ring, a >> Segment.DPL_SHIFT & 3) << Segment.DPL_SHIFT;
        int outer = a & ~(Segment.DPL | Segment.G) | dpl | Segment.ACCESSED;
        boolean inside = Integer.compareUnsigned(limit(d), Layout.MONITOR) < 0;
        int limit = inside ? limit(d) : Layout.MONITOR - 1;
        shadow = GuestKernel.descriptor(base(d), limit, outer);
      }
      memory.write64(Layout.MONITOR_GDT + at, shadow);
    }
  }

  private static int base(long d) {
    return (int) (d >>> 16 & 0xffffff | d >>> 32 & 0xff000000L);
  }

  private static int limit(long d) {
    int field = (int) (d & 0xffff | d >>> 32 & 0xf0000);
    return (attributes(d) & Segment.G) != 0 ? field << 12 | 0xfff : field;
  }

  /** Loads a segment register from the real GDT. */
  void loadReal(Segment s, int selector) {
    long d = memory.read64(Layout.MONITOR_GDT + (selector & 0xfff8));
    s.set(selector, base(d) & 0xffffffffL, limit(d), attributes(d), d != 0);
  }
}
