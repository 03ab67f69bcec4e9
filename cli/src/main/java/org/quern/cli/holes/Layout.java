package org.quern.cli.holes;

/** Addresses of the laboratory; linear is physical, for nothing is paged. */
final class Layout {
  static final int RAM_BYTES = 1 << 20;

  // The guest kernel's tables.
  static final int GDT = 0x1000;
  static final int GDT_LIMIT = 0x47;
  static final int IDT = 0x2000;
  static final int IDT_LIMIT = 0x7ff;
  static final int TSS = 0x3000;
  static final int TSS_LIMIT = 0x67;
  static final int LDT = 0x3800;

  /** Two doublewords that a probe fills. */
  static final int RESULT = 0x4000;

  /** How often a probe still runs. */
  static final int COUNT = 0x4010;

  static final int CODE = 0x8000;
  static final int STACK0 = 0x1f000;
  static final int STACK = 0x20000;
  static final int USER_STACK = 0x28000;

  // The guest kernel's selectors.
  static final int KERNEL_CODE = 0x08;
  static final int KERNEL_DATA = 0x10;
  static final int GATE = 0x18;
  static final int TASK = 0x20;
  static final int LOCAL = 0x28;
  static final int USER_CODE = 0x30 | 3;
  static final int USER_DATA = 0x38 | 3;
  static final int SPARE_TASK = 0x40;

  /** CR0 as the guest kernel has set it: PE, MP, ET, NE. */
  static final int CR0 = 0x33;

  /** From here on the memory is the monitor's: segments of the guest end before it. */
  static final int MONITOR = 0x80000;

  static final int MONITOR_GDT = MONITOR;
  static final int MONITOR_IDT = MONITOR + 0x1000;
  static final int MONITOR_TSS = MONITOR + 0x2000;

  /** A HLT for each vector, {@value #HANDLER_BYTES} bytes apart. */
  static final int MONITOR_HANDLERS = MONITOR + 0x3000;

  static final int HANDLER_BYTES = 16;
  static final int MONITOR_STACK = MONITOR + 0xf000;

  // The monitor's selectors, behind those of the guest in the real GDT.
  static final int MONITOR_CODE = 0x50;
  static final int MONITOR_DATA = 0x58;
  static final int MONITOR_TASK = 0x60;
  static final int MONITOR_GDT_LIMIT = 0x67;

  /** The real CR0: the monitor also has TS and WP set. */
  static final int MONITOR_CR0 = 0x1003b;

  /** A port that keeps the byte that is written to it. */
  static final int LATCH_PORT = 0x80;

  private Layout() {}
}
