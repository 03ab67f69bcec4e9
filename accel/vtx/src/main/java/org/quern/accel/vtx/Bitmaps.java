package org.quern.accel.vtx;

/**
 * The MSR bitmap of a virtual machine: which accesses exit. Source: SDM vol. 3C, 25.6.9 (the layout
 * of the page), vol. 4 (the MSRs).
 */
final class Bitmaps {
  private static final int HIGH = 1024;
  private static final int WRITES = 2048;

  /**
   * What a guest may read and write by itself: the state of these is switched by the VMCS, or is
   * the guest's as long as it runs (KERNEL_GS_BASE). SYSENTER_CS, ESP and EIP; FS_BASE, GS_BASE,
   * KERNEL_GS_BASE.
   */
  private static final int[] OWNED_BY_GUEST = {
    0x174, 0x175, 0x176, 0xc0000100, 0xc0000101, 0xc0000102
  };

  /** The TSC is read with the offset; writing it exits. */
  private static final int TSC = 0x10;

  private final PrivateMemory memory;
  private final long msrs;

  Bitmaps(PrivateMemory memory) {
    this.memory = memory;
    this.msrs = memory.page();
    memory.fill(msrs, 0xff);
    for (int msr : OWNED_BY_GUEST) {
      pass(msr, 0);
      pass(msr, WRITES);
    }
    pass(TSC, 0);
  }

  private void pass(int msr, int direction) {
    int n = msr & 0x1fff;
    long at = msrs + direction + (msr < 0 ? HIGH : 0) + (n >> 3);
    memory.write8(at, memory.read8(at) & ~(1 << (n & 7)));
  }

  /** Address of the MSR bitmap. */
  long msrs() {
    return msrs;
  }
}
