/**
 * A virtual-machine monitor on the modelled VMX hardware.
 *
 * <p>The monitor only: it sets up one VMCS per virtual CPU, launches it, handles each exit by its
 * reason against the shared machine and counts what exits cost. The hardware it runs on (VMCS,
 * entry checks, exits, EPT) belongs to the front end, so that guests are given the same hardware.
 *
 * <p>Start with {@link org.quern.accel.vtx.VtxVcpu}, the loop of entries and exits, then {@link
 * org.quern.accel.vtx.ExitHandlers}.
 */
package org.quern.accel.vtx;
