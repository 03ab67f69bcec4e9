package org.quern.accel.kvm;

/** Where a machine of KVM has its interrupt controllers: QEMU's {@code kernel_irqchip}. */
public enum IrqChip {
  /** All are the machine's own devices, as under every other accelerator. */
  OFF,
  /** The local APICs are the kernel's, 8259A and I/O APIC the machine's. */
  SPLIT,
  /** All are the kernel's. */
  ON
}
