/**
 * The KVM of the host as an accelerator.
 *
 * <p>What will live here: the device, machine and virtual-CPU descriptors over JNA, one file of
 * ioctl numbers and structures, and a typed view of the shared {@code kvm_run} page. A missing or
 * unusable {@code /dev/kvm} is a value with a reason, never an exception. JNA is used here and in
 * the disassembly package of the front end, nowhere else.
 *
 * <p>Nothing is implemented yet.
 */
package org.quern.accel.kvm;
