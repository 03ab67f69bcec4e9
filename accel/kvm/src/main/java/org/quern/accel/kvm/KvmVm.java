package org.quern.accel.kvm;

import org.quern.accel.api.AcceleratorException;
import org.quern.x86.mem.HostMemory;

/** A machine of KVM: memory slots and processors. */
public final class KvmVm implements AutoCloseable {
  /** Three pages below 4 GiB that no board uses; hosts with old VT-x need them for real mode. */
  private static final long TSS = 0xfffbd000L;

  private final KvmDevice device;
  private final int fd;
  private final KvmVectors vectors;
  private final KvmStruct region = new KvmStruct(HostMemory.PAGE_SIZE);

  KvmVm(KvmDevice device, int fd, KvmVectors vectors) {
    this.device = device;
    this.fd = fd;
    this.vectors = vectors;
  }

  boolean usable() {
    return fd >= 0;
  }

  /** Reserves the pages that some hosts need to run real-mode code. */
  public void reserveTss() throws AcceleratorException {
    if (device.extension(KvmAbi.CAP_SET_TSS_ADDR) > 0
        && Libc.ioctl(fd, KvmAbi.SET_TSS_ADDR, TSS) < 0) {
      throw new AcceleratorException("KVM_SET_TSS_ADDR: " + Libc.error());
    }
  }

  /**
   * Maps host memory into the guest's physical address space, or changes or removes a mapping.
   *
   * @param slot number of the mapping
   * @param physical guest address of its first page
   * @param bytes size, whole pages; 0 removes it
   * @param host address of the memory, page-aligned; must live as long as the mapping
   * @param readOnly whether writes become MMIO exits (see {@link KvmDevice#readOnlyMemory})
   * @param logDirty whether {@link #dirtyLog} works for it
   */
  public void setMemory(
      int slot, long physical, long bytes, long host, boolean readOnly, boolean logDirty)
      throws AcceleratorException {
    long r = region.address;
    int flags = (readOnly ? KvmAbi.MEM_READONLY : 0) | (logDirty ? KvmAbi.MEM_LOG_DIRTY_PAGES : 0);
    HostMemory.putInt(r + KvmAbi.REGION_SLOT, slot);
    HostMemory.putInt(r + KvmAbi.REGION_FLAGS, flags);
    HostMemory.putLong(r + KvmAbi.REGION_GUEST_ADDRESS, physical);
    HostMemory.putLong(r + KvmAbi.REGION_SIZE, bytes);
    HostMemory.putLong(r + KvmAbi.REGION_HOST_ADDRESS, host);
    if (Libc.ioctl(fd, KvmAbi.SET_USER_MEMORY_REGION, r) < 0) {
      throw new AcceleratorException(
          String.format(
              "KVM refuses %d bytes of memory at physical address %#x: %s",
              bytes, physical, Libc.error()));
    }
  }

  /**
   * Fetches and clears which pages of a slot were written, one bit a page.
   *
   * @param bitmap host address of the bits, whole longs
   */
  public void dirtyLog(int slot, long bitmap) throws AcceleratorException {
    HostMemory.putInt(region.address, slot);
    HostMemory.putLong(region.address + 8, bitmap);
    if (Libc.ioctl(fd, KvmAbi.GET_DIRTY_LOG, region.address) < 0) {
      throw new AcceleratorException("KVM_GET_DIRTY_LOG of slot " + slot + ": " + Libc.error());
    }
  }

  /** A processor without interrupt controller; its state is that of a reset. */
  public KvmVcpu createVcpu(int index) throws AcceleratorException {
    int vcpu = Libc.ioctl(fd, KvmAbi.CREATE_VCPU, index);
    if (vcpu < 0) {
      throw new AcceleratorException("KVM cannot create processor " + index + ": " + Libc.error());
    }
    int bytes = device.runBytes();
    long run = Libc.mmap(0, bytes, Libc.PROT_READ_WRITE, Libc.MAP_SHARED, vcpu, 0);
    if (run == -1) {
      String why = Libc.error();
      Libc.close(vcpu);
      throw new AcceleratorException("cannot map the state of processor " + index + ": " + why);
    }
    return new KvmVcpu(vcpu, run, bytes, vectors);
  }

  @Override
  public void close() {
    Libc.close(fd);
  }
}
