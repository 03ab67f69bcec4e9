package org.quern.cli.difftest;

/** Every address of the guest. Linear and physical addresses are the same. */
final class Layout {
  static final int RAM_BYTES = 32 << 20;

  // ---- tables of the processor
  static final int GDT = 0x1000;
  static final int IDT = 0x2000;
  static final int TSS = 0x3000;

  /** The TSS and an I/O bitmap for ports 0 to FFh. */
  static final int TSS_LIMIT = 104 + 32;

  static final int PML4 = 0x4000;
  static final int PDPT = 0x5000;
  static final int PD = 0x6000;

  /** Code at CPL 0: where exceptions arrive. */
  static final int STUBS = 0x8000;

  /** What the stubs return with: an interrupt frame for each vector. */
  static final int FRAMES = 0x7000;

  static final int FRAME_BYTES = 40;

  /** Top of the stack at CPL 0, whose page user code reads. */
  static final int EXCEPTION_STACK = 0xa000;

  /** Variables of the harness. */
  static final int VARIABLES = 0xa000;

  static final int HARNESS = 0xb000;

  /** Where a fault of vector v re-enters user code, 16 bytes each. */
  static final int FAULT_ENTRIES = 0xc000;

  /** Table of instructions under test: code, first case, number of cases. */
  static final int BLOCKS = 0x20000;

  static final int BLOCK_BYTES = 32;
  static final int MAX_BLOCKS = 1023;

  static final int PAGE_TABLES = 0x40000;

  /** One slot of code for each instruction under test. */
  static final int CODE = 0x100000;

  static final int CODE_END = 0x140000;

  static final int SLOT_BYTES = 128;

  /** Where in its slot the instruction begins. */
  static final int SLOT_ENTRY = 32;

  /** Where branches go: one place before the instruction, two behind. */
  static final int[] SLOT_PADS = {0, 64, 96};

  /** Data at fixed addresses, for addressing forms without a register: a piece for each slot. */
  static final int FIXED = CODE_END;

  static final int FIXED_BYTES = 768;

  /** Images for FXRSTOR and the upper halves of the YMM registers. */
  static final int VECTORS = 0x200000;

  static final int VECTOR_BYTES = 768;
  static final int VECTOR_COUNT = 512;

  /**
   * Pages that differ in what is allowed: writable, not present, writable, read-only, writable,
   * supervisor only, writable, not executable.
   */
  static final int SPECIAL = 0x300000;

  static final int SPECIAL_PAGES = 8;
  static final int SPECIAL_NOT_PRESENT = 1;
  static final int SPECIAL_READ_ONLY = 3;
  static final int SPECIAL_SUPERVISOR = 5;

  /** What the special pages contain when a case begins. */
  static final int PRISTINE = 0x310000;

  /** The special pages that user code may write. */
  static final int[] SPECIAL_WRITABLE = {0, 2, 4, 6, 7};

  /** The cases. */
  static final int CASES = 0x400000;

  static final int CASE_BYTES = 0xa00;
  static final int MAX_CASES = (RAM_BYTES - CASES) / CASE_BYTES;

  // ---- offsets in a case
  static final int IN_RFLAGS = 0;

  /** RAX RCX RDX RBX RBP RSI RDI R8 to R15 RSP: see {@link #gprOffset}. */
  static final int IN_GPR = 8;

  static final int VECTORS_IN = 0x88;
  static final int VECTORS_OUT = 0x90;

  /** Linear address of the case itself; the guest does not look at it. */
  static final int SELF = 0x98;

  /** If the case may use the special pages: an address in one, of which memory is kept; else 0. */
  static final int WINDOW = 0xa0;

  /**
   * If the instruction has an operand at a fixed address: where the memory there begins; else 0.
   */
  static final int FIXED_AT = 0xa8;

  static final int OUT_RFLAGS = 0xb8;
  static final int OUT_RSP = 0xc0;
  static final int OUT_GPR = 0xc8;
  static final int OUT_END = 0x140;

  /** 0 behind the instruction, else the number of the pad, or {@link #FAULT} and the vector. */
  static final int OUT_EXIT = 0x140;

  static final int OUT_ERROR = 0x148;
  static final int OUT_RIP = 0x150;
  static final int OUT_FAULT_RFLAGS = 0x158;
  static final int OUT_FAULT_RSP = 0x160;
  static final int OUT_CR2 = 0x168;

  /** FNSTENV, because FXSAVE of some processors does not store the x87 pointers. */
  static final int OUT_ENVIRONMENT = 0x180;

  /** Memory at {@link #WINDOW} behind the case. */
  static final int OUT_WINDOW = 0x1a0;

  static final int WINDOW_BYTES = 32;

  static final int OUT_VECTORS = 0x1c0;
  static final int OUT_YMM_HIGH = 0x3c0;
  static final int DATA = 0x4c0;

  /** Memory at the fixed address, as it is before and behind the case: the last of its data. */
  static final int FIXED_COPY = CASE_BYTES - FIXED_BYTES;

  static final int FAULT = 0x100;
  static final int END_PORT = 0xf4;

  // ---- selectors
  static final int KERNEL_CODE = 0x08;
  static final int KERNEL_DATA = 0x10;
  static final int USER_DATA = 0x28 | 3;
  static final int USER_CODE = 0x30 | 3;
  static final int TSS_SELECTOR = 0x38;

  /** Base of FS; that of GS is twice as far. */
  static final int FS_BASE = 0x1000;

  /** Place of each register by number, counted from {@link #IN_GPR} or {@link #OUT_GPR}. */
  private static final int[] GPR_PLACE = {0, 1, 2, 3, 15, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};

  private Layout() {}

  static int inGpr(int r) {
    return IN_GPR + 8 * GPR_PLACE[r];
  }

  static int outGpr(int r) {
    return r == 4 ? OUT_RSP : OUT_GPR + 8 * GPR_PLACE[r];
  }

  static long caseAt(int n) {
    return CASES + (long) n * CASE_BYTES;
  }

  static long slot(int n) {
    return CODE + (long) n * SLOT_BYTES;
  }

  static long fixed(int n) {
    return FIXED + (long) n * FIXED_BYTES;
  }

  static long vectors(int n) {
    return VECTORS + (long) n * VECTOR_BYTES;
  }
}
