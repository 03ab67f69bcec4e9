package org.quern.accel.kvm;

import java.util.HashSet;
import java.util.Set;
import org.quern.accel.api.AcceleratorException;
import org.quern.x86.mem.HostMemory;

/** An open {@code /dev/kvm}. Thread-safe. */
public final class KvmDevice implements AutoCloseable {
  private static final int MAX_CPUID_ENTRIES = 256;
  private static final int MAX_MSRS = HostMemory.PAGE_SIZE / 4 - 1;

  final int fd;

  private KvmDevice(int fd) {
    this.fd = fd;
  }

  /**
   * Opens the device and checks that it is one we can work with.
   *
   * @throws AcceleratorException if it cannot be opened or lacks something
   */
  public static KvmDevice open() throws AcceleratorException {
    int fd = Libc.open(KvmAbi.DEVICE, Libc.O_RDWR | Libc.O_CLOEXEC);
    if (fd < 0) {
      throw new AcceleratorException("cannot open " + KvmAbi.DEVICE + ": " + Libc.error());
    }
    KvmDevice device = new KvmDevice(fd);
    try {
      device.check();
    } catch (AcceleratorException e) {
      device.close();
      throw e;
    }
    return device;
  }

  private void check() throws AcceleratorException {
    int version = Libc.ioctl(fd, KvmAbi.GET_API_VERSION, 0);
    if (version != KvmAbi.API_VERSION) {
      throw new AcceleratorException(
          "KVM has API version " + version + ", not " + KvmAbi.API_VERSION);
    }
    need(KvmAbi.CAP_USER_MEMORY, "memory of the user (KVM_CAP_USER_MEMORY)");
    need(KvmAbi.CAP_EXT_CPUID, "setting CPUID (KVM_CAP_EXT_CPUID)");
    need(KvmAbi.CAP_XSAVE, "access to the vector registers (KVM_CAP_XSAVE)");
    need(KvmAbi.CAP_XCRS, "access to XCR0 (KVM_CAP_XCRS)");
    need(KvmAbi.CAP_IMMEDIATE_EXIT, "leaving a guest at once (KVM_CAP_IMMEDIATE_EXIT)");
    need(KvmAbi.CAP_VCPU_EVENTS, "access to events on their way (KVM_CAP_VCPU_EVENTS)");
    need(KvmAbi.CAP_DEBUGREGS, "access to the debug registers (KVM_CAP_DEBUGREGS)");
    need(KvmAbi.CAP_USER_NMI, "NMIs from outside (KVM_CAP_USER_NMI)");
    need(KvmAbi.CAP_GET_TSC_KHZ, "the frequency of the time-stamp counter (KVM_CAP_GET_TSC_KHZ)");
  }

  private void need(int capability, String what) throws AcceleratorException {
    if (extension(capability) <= 0) {
      throw new AcceleratorException("the KVM of this host lacks " + what);
    }
  }

  /** KVM_CHECK_EXTENSION: 0 if it is absent, else 1 or a number. */
  public int extension(int capability) {
    return Libc.ioctl(fd, KvmAbi.CHECK_EXTENSION, capability);
  }

  /** Whether memory slots may be read-only to the guest. */
  public boolean readOnlyMemory() {
    return extension(KvmAbi.CAP_READONLY_MEM) > 0;
  }

  /** What CPUID of a guest may say on this host (KVM_GET_SUPPORTED_CPUID). */
  public KvmCpuid supportedCpuid() throws AcceleratorException {
    KvmCpuid all = new KvmCpuid(MAX_CPUID_ENTRIES);
    if (Libc.ioctl(fd, KvmAbi.GET_SUPPORTED_CPUID, all.address()) < 0) {
      throw new AcceleratorException("KVM does not tell what CPUID supports: " + Libc.error());
    }
    return all;
  }

  /** Indices of the model-specific registers that KVM lists (KVM_GET_MSR_INDEX_LIST). */
  Set<Integer> msrs() throws AcceleratorException {
    KvmStruct list = new KvmStruct(HostMemory.PAGE_SIZE);
    HostMemory.putInt(list.address, MAX_MSRS);
    if (Libc.ioctl(fd, KvmAbi.GET_MSR_INDEX_LIST, list.address) < 0) {
      throw new AcceleratorException("KVM does not list its MSRs: " + Libc.error());
    }
    Set<Integer> all = new HashSet<>();
    for (int n = 0; n < HostMemory.getInt(list.address); n++) {
      all.add(HostMemory.getInt(list.address + 4 + 4L * n));
    }
    return all;
  }

  int runBytes() throws AcceleratorException {
    int bytes = Libc.ioctl(fd, KvmAbi.GET_VCPU_MMAP_SIZE, 0);
    if (bytes <= 0) {
      throw new AcceleratorException("KVM_GET_VCPU_MMAP_SIZE: " + Libc.error());
    }
    return bytes;
  }

  /** An empty machine: no memory, no processor, no interrupt controller. */
  public KvmVm createVm() throws AcceleratorException {
    KvmVectors vectors = new KvmVectors(supportedCpuid());
    int vm = Libc.ioctl(fd, KvmAbi.CREATE_VM, 0);
    if (vm < 0) {
      throw new AcceleratorException("KVM cannot create a machine: " + Libc.error());
    }
    return new KvmVm(this, vm, vectors);
  }

  @Override
  public void close() {
    Libc.close(fd);
  }
}
