/**
 * The KVM of the host.
 *
 * <p>{@link org.quern.accel.kvm.Kvm#probe} says whether it can be used; then {@link
 * org.quern.accel.kvm.KvmDevice}, {@link org.quern.accel.kvm.KvmVm} and {@link
 * org.quern.accel.kvm.KvmVcpu} are the kernel's three kinds of descriptors, and {@link
 * org.quern.accel.kvm.KvmRun} is a typed view of the page the kernel shares for each processor.
 * Numbers and offsets are in one file. JNA is used here and in the disassembly package of the front
 * end, nowhere else; memory is reached through {@code HostMemory} only.
 *
 * <p>On top of them {@link org.quern.accel.kvm.KvmAccelerator} is {@code -accel kvm}: start with
 * {@link org.quern.accel.kvm.KvmProcessor}. {@code quern difftest} uses the binding alone.
 */
package org.quern.accel.kvm;
