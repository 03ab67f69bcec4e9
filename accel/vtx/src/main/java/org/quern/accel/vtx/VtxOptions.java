package org.quern.accel.vtx;

/**
 * The choices of the VMM.
 *
 * @param ept extended page tables; otherwise shadow page tables
 * @param lazyFpu the guest's x87, SSE and AVX state is loaded when the guest first uses it, and not
 *     with each run
 * @param unrestricted the guest may be in real mode and without paging in non-root operation, which
 *     needs {@code ept}; otherwise such code is emulated
 * @param pleGap ticks of the time-stamp counter between two PAUSEs of one loop at most; 0: loops of
 *     PAUSE do not exit
 * @param pleWindow ticks that such a loop may run before it exits
 */
public record VtxOptions(
    boolean ept, boolean lazyFpu, boolean unrestricted, int pleGap, int pleWindow) {
  /** KVM's default for {@code pleWindow}. */
  public static final int PLE_WINDOW = 4096;

  /** EPT, FPU loaded with each run, unrestricted guest, no PAUSE-loop exiting. */
  public static final VtxOptions DEFAULT = of(true, false, true);

  public VtxOptions {
    unrestricted &= ept;
  }

  /** Without PAUSE-loop exiting. */
  public static VtxOptions of(boolean ept, boolean lazyFpu, boolean unrestricted) {
    return new VtxOptions(ept, lazyFpu, unrestricted, 0, PLE_WINDOW);
  }

  /** The same with PAUSE-loop exiting. */
  public VtxOptions withPauseLoops(int gap, int window) {
    return new VtxOptions(ept, lazyFpu, unrestricted, gap, window);
  }
}
