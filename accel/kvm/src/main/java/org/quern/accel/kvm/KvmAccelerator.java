package org.quern.accel.kvm;

import org.quern.accel.api.Accelerator;
import org.quern.accel.api.AcceleratorException;
import org.quern.accel.api.Vm;
import org.quern.accel.api.VmConfig;

/** {@code -accel kvm}: the host's processor runs the guest. */
public final class KvmAccelerator implements Accelerator {
  private final IrqChip irqChip;

  /** An accelerator whose machines have their own interrupt controllers. */
  public KvmAccelerator() {
    this(IrqChip.OFF);
  }

  public KvmAccelerator(IrqChip irqChip) {
    this.irqChip = irqChip;
  }

  @Override
  public String name() {
    return "kvm";
  }

  @Override
  public Vm createVm(VmConfig config) throws AcceleratorException {
    if (irqChip != IrqChip.OFF) {
      throw new AcceleratorException(
          "interrupt controllers in the kernel are not supported yet; use kernel_irqchip=off");
    }
    Kvm.Probe probe = Kvm.probe();
    if (!probe.available()) {
      throw new AcceleratorException(probe.reason());
    }
    try (KvmDevice device = KvmDevice.open()) {
      return KvmMachine.create(device, config);
    }
  }
}
