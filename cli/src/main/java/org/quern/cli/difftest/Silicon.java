package org.quern.cli.difftest;

import org.quern.accel.api.AcceleratorException;
import org.quern.accel.api.CpuState;
import org.quern.accel.api.TranslationCounts;
import org.quern.accel.kvm.KvmDevice;
import org.quern.accel.kvm.KvmExitReason;
import org.quern.accel.kvm.KvmRun;
import org.quern.accel.kvm.KvmVcpu;
import org.quern.accel.kvm.KvmVm;
import org.quern.cli.CliException;
import org.quern.x86.mem.HostMemory;

/** The processor of this host, through KVM. */
final class Silicon implements Engine {
  private final KvmDevice device;
  private final KvmVm vm;
  private final KvmVcpu vcpu;
  private final long ram = HostMemory.allocate(Layout.RAM_BYTES);

  /**
   * @throws CliException if the host's KVM does not do what it has to
   */
  Silicon(GuestImage image) throws CliException {
    try {
      device = KvmDevice.open();
      vm = device.createVm();
      vm.setMemory(0, 0, Layout.RAM_BYTES, ram, false, false);
      vcpu = vm.createVcpu(0);
      vcpu.setCpuid(device.supportedCpuid());
      image.writeTo(ram);
      CpuState start = image.start();
      vcpu.systemRegisters(start);
      vcpu.vectors(start);
      vcpu.registers(start);
    } catch (AcceleratorException e) {
      throw new CliException(e.getMessage(), e);
    }
  }

  @Override
  public String name() {
    return "silicon";
  }

  @Override
  public long ram() {
    return ram;
  }

  @Override
  public void codeWritten() {}

  @Override
  public int runs() {
    return 1;
  }

  @Override
  public TranslationCounts translations() {
    return null;
  }

  @Override
  public void run() throws CliException {
    try {
      KvmRun exit = vcpu.exit();
      do {
        if (vcpu.run() && (exit.reason() != KvmExitReason.IO || exit.ioPort() != Layout.END_PORT)) {
          CpuState s = new CpuState();
          vcpu.copyRegisters(s);
          throw new CliException(
              String.format("the guest under KVM stopped at %#x: %s", s.rip, exit.describe()));
        }
      } while (exit.reason() != KvmExitReason.IO);
      GuestImage.check(ram);
    } catch (AcceleratorException e) {
      throw new CliException(e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    vcpu.close();
    vm.close();
    device.close();
  }
}
