package org.quern.x86.tables;

import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuMode;
import org.quern.x86.state.Segment;

/**
 * The architectural state that system instructions work on, as numbers that can be copied, changed
 * and compared. Of an unusable segment register only selector and base count.
 */
final class CpuImage {
  static final int RIP = 16;
  static final int FLAGS = 17;
  static final int CPL = 18;
  static final int CR0 = 19;
  static final int CR2 = 20;
  static final int CR3 = 21;
  static final int CR4 = 22;
  static final int EFER = 23;
  static final int GDT_BASE = 24;
  static final int GDT_LIMIT = 25;
  static final int IDT_BASE = 26;
  static final int IDT_LIMIT = 27;
  static final int NMI_BLOCKED = 28;
  static final int SHADOW = 29;
  static final int ACTIVITY = 30;

  /** Causes of a debug trap at the next boundary. */
  static final int PENDING_DEBUG = 31;

  static final int KERNEL_GS = 32;
  static final int DR = 33;
  private static final int SEGMENTS = DR + 8;

  /** Numbers of LDTR and TR beside the six segment registers. */
  static final int LDTR = 6;

  static final int TR = 7;

  // Parts of a segment register.
  static final int SELECTOR = 0;
  static final int BASE = 1;
  static final int LIMIT = 2;
  static final int ATTR = 3;
  static final int USABLE = 4;

  private static final int SIZE = SEGMENTS + 8 * 5;

  private static final String[] NAMES = names();

  final long[] v = new long[SIZE];

  /** Index of a part of a segment register. */
  static int seg(int s, int part) {
    return SEGMENTS + 5 * s + part;
  }

  private static Segment register(Cpu c, int s) {
    return s == LDTR ? c.ldtr : s == TR ? c.tr : c.seg[s];
  }

  void set(int index, long value) {
    v[index] = value;
  }

  void copyFrom(CpuImage o) {
    System.arraycopy(o.v, 0, v, 0, SIZE);
  }

  void segment(int s, int selector, long base, long limit, int attr) {
    v[seg(s, SELECTOR)] = selector;
    v[seg(s, BASE)] = base;
    v[seg(s, LIMIT)] = limit;
    v[seg(s, ATTR)] = attr;
    v[seg(s, USABLE)] = 1;
  }

  /** What a segment register holds after loading descriptor {@code d}. */
  void segment(int s, int selector, long d) {
    segment(s, selector, Fields.base(d), Fields.limit(d), Fields.attr(d));
  }

  /** A null segment register. */
  void nullSegment(int s, int selector, long base) {
    segment(s, selector, base, 0, 0);
    v[seg(s, USABLE)] = 0;
  }

  void capture(Cpu c) {
    System.arraycopy(c.gpr, 0, v, 0, 16);
    v[RIP] = c.rip;
    v[FLAGS] = c.rflags();
    v[CPL] = c.cpl;
    v[CR0] = c.cr0;
    v[CR2] = c.cr2;
    v[CR3] = c.cr3;
    v[CR4] = c.cr4;
    v[EFER] = c.efer;
    v[GDT_BASE] = c.gdtBase;
    v[GDT_LIMIT] = c.gdtLimit;
    v[IDT_BASE] = c.idtBase;
    v[IDT_LIMIT] = c.idtLimit;
    v[NMI_BLOCKED] = c.nmiBlocked ? 1 : 0;
    v[SHADOW] = c.shadow;
    v[ACTIVITY] = c.activity.ordinal();
    v[PENDING_DEBUG] = c.pendingDebug;
    v[KERNEL_GS] = c.msr.kernelGsBase;
    System.arraycopy(c.dr, 0, v, DR, 8);
    for (int s = 0; s < 8; s++) {
      Segment r = register(c, s);
      if (r.usable) {
        segment(s, r.selector, r.base, r.limit & 0xffffffffL, r.attr);
      } else {
        nullSegment(s, r.selector, r.base);
      }
    }
  }

  void restore(Cpu c) {
    System.arraycopy(v, 0, c.gpr, 0, 16);
    c.rip = v[RIP];
    c.cr0 = v[CR0];
    c.cr2 = v[CR2];
    c.cr3 = v[CR3];
    c.cr4 = v[CR4];
    c.efer = v[EFER];
    c.gdtBase = v[GDT_BASE];
    c.gdtLimit = (int) v[GDT_LIMIT];
    c.idtBase = v[IDT_BASE];
    c.idtLimit = (int) v[IDT_LIMIT];
    c.nmiBlocked = v[NMI_BLOCKED] != 0;
    c.shadow = (int) v[SHADOW];
    c.activity = Cpu.Activity.values()[(int) v[ACTIVITY]];
    c.pendingDebug = (int) v[PENDING_DEBUG];
    c.msr.kernelGsBase = v[KERNEL_GS];
    c.stepDecided = false;
    System.arraycopy(v, DR, c.dr, 0, 8);
    for (int s = 0; s < 8; s++) {
      int at = seg(s, 0);
      register(c, s)
          .set((int) v[at], v[at + 1], (int) v[at + 2], (int) v[at + 3], v[at + USABLE] != 0);
    }
    c.setRflags((int) v[FLAGS]);
    c.setCpl((int) v[CPL]);
    CpuMode.update(c);
  }

  /** The first difference, or null. */
  String difference(CpuImage o) {
    for (int i = 0; i < SIZE; i++) {
      if (v[i] != o.v[i]) {
        return NAMES[i] + " " + Long.toHexString(v[i]) + " but was " + Long.toHexString(o.v[i]);
      }
    }
    return null;
  }

  private static String[] names() {
    String[] n = new String[SIZE];
    for (int r = 0; r < 16; r++) {
      n[r] = "gpr" + r;
    }
    String[] single = {
      "RIP",
      "RFLAGS",
      "CPL",
      "CR0",
      "CR2",
      "CR3",
      "CR4",
      "EFER",
      "GDT base",
      "GDT limit",
      "IDT base",
      "IDT limit",
      "NMI blocked",
      "shadow",
      "activity",
      "pending debug",
      "kernel GS"
    };
    System.arraycopy(single, 0, n, RIP, single.length);
    for (int r = 0; r < 8; r++) {
      n[DR + r] = "DR" + r;
    }
    String[] segments = {"ES", "CS", "SS", "DS", "FS", "GS", "LDTR", "TR"};
    String[] parts = {"selector", "base", "limit", "attr", "usable"};
    for (int s = 0; s < 8; s++) {
      for (int p = 0; p < 5; p++) {
        n[seg(s, p)] = segments[s] + " " + parts[p];
      }
    }
    return n;
  }
}
