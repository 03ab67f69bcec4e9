package org.quern.accel.vtx;

/**
 * The choices of the VMM.
 *
 * @param ept extended page tables; otherwise shadow page tables
 * @param lazyFpu the guest's x87, SSE and AVX state is loaded when the guest first uses it, and not
 *     with each run
 */
public record VtxOptions(boolean ept, boolean lazyFpu) {
  /** EPT, FPU loaded with each run. */
  public static final VtxOptions DEFAULT = new VtxOptions(true, false);
}
