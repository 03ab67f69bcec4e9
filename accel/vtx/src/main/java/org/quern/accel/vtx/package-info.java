/**
 * A virtual-machine monitor on the modelled VMX hardware.
 *
 * <p>What will live here: the monitor only. It sets up one VMCS per virtual CPU, launches it,
 * handles each exit by its reason against the shared machine and counts what exits cost. The
 * hardware it runs on (VMCS, entry checks, exits, EPT) belongs to the front end, so that guests can
 * be given the same hardware later.
 *
 * <p>Nothing is implemented yet.
 */
package org.quern.accel.vtx;
