package org.quern.accel.vtx;

/**
 * The choices of the VMM.
 *
 * @param ept extended page tables; otherwise shadow page tables
 * @param lazyFpu the guest's x87, SSE and AVX state is loaded when the guest first uses it, and not
 *     with each run
 * @param unrestricted the guest may be in real mode and without paging in non-root operation, which
 *     needs {@code ept}; otherwise such code is emulated
 */
public record VtxOptions(boolean ept, boolean lazyFpu, boolean unrestricted) {
  /** EPT, FPU loaded with each run, unrestricted guest. */
  public static final VtxOptions DEFAULT = new VtxOptions(true, false, true);

  public VtxOptions {
    unrestricted &= ept;
  }
}
