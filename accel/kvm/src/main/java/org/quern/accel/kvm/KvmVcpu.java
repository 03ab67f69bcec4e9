package org.quern.accel.kvm;

import org.quern.accel.api.AcceleratorException;
import org.quern.accel.api.CpuState;
import org.quern.x86.mem.HostMemory;

/** A virtual processor of KVM. Belongs to one thread, but for {@link KvmRun#immediateExit}. */
public final class KvmVcpu implements AutoCloseable {
  private final int fd;
  private final long runAddress;
  private final int runBytes;
  private final KvmRun run;
  private final KvmStruct struct = new KvmStruct(KvmAbi.XSAVE_BYTES);

  KvmVcpu(int fd, long runAddress, int runBytes) {
    this.fd = fd;
    this.runAddress = runAddress;
    this.runBytes = runBytes;
    this.run = new KvmRun(runAddress);
  }

  /** The view of the last exit; always the same object. */
  public KvmRun exit() {
    return run;
  }

  /**
   * Runs guest code until there is something to do; {@link #exit} tells what.
   *
   * @return false if a signal or {@link KvmRun#immediateExit} ended it
   */
  public boolean run() throws AcceleratorException {
    if (Libc.ioctl(fd, KvmAbi.RUN, 0) >= 0) {
      return true;
    }
    if (Libc.errno() == Libc.EINTR) {
      return false;
    }
    throw new AcceleratorException("KVM cannot run the guest: " + Libc.error());
  }

  public void setCpuid(KvmCpuid cpuid) throws AcceleratorException {
    call(KvmAbi.SET_CPUID2, cpuid.address(), "take these CPUID leaves");
  }

  // ---- state

  /** General registers, RIP and RFLAGS only. */
  public void registers(CpuState from) throws AcceleratorException {
    KvmRegisters.put(from, struct.address);
    call(KvmAbi.SET_REGS, struct.address, "set the registers");
  }

  /** Reads general registers, RIP and RFLAGS only. */
  public void copyRegisters(CpuState to) throws AcceleratorException {
    call(KvmAbi.GET_REGS, struct.address, "read the registers");
    KvmRegisters.get(struct.address, to);
  }

  /** Segments, tables, control registers and EFER only. */
  public void systemRegisters(CpuState from) throws AcceleratorException {
    // What we do not know of (APIC base, pending interrupt) stays.
    call(KvmAbi.GET_SREGS, struct.address, "read the system registers");
    KvmSystemRegisters.put(from, struct.address);
    call(KvmAbi.SET_SREGS, struct.address, "set the system registers");
  }

  /** Reads segments, tables, control registers and EFER only. */
  public void copySystemRegisters(CpuState to) throws AcceleratorException {
    call(KvmAbi.GET_SREGS, struct.address, "read the system registers");
    KvmSystemRegisters.get(struct.address, to);
  }

  /** XCR0, then x87, SSE and AVX registers. */
  public void vectors(CpuState from) throws AcceleratorException {
    KvmVectors.putXcr0(from, struct.address);
    call(KvmAbi.SET_XCRS, struct.address, "set XCR0");
    KvmVectors.put(from, struct.address);
    call(KvmAbi.SET_XSAVE, struct.address, "set the vector registers");
  }

  /** Reads XCR0 and x87, SSE and AVX registers. */
  public void copyVectors(CpuState to) throws AcceleratorException {
    call(KvmAbi.GET_XCRS, struct.address, "read XCR0");
    KvmVectors.getXcr0(struct.address, to);
    call(KvmAbi.GET_XSAVE, struct.address, "read the vector registers");
    KvmVectors.get(struct.address, to);
  }

  /** DR0 to DR3, DR6 and DR7. */
  public void debugRegisters(CpuState from) throws AcceleratorException {
    clear(128);
    for (int n = 0; n < 4; n++) {
      HostMemory.putLong(struct.address + 8L * n, from.dr[n]);
    }
    HostMemory.putLong(struct.address + KvmAbi.DEBUGREGS_DR6, from.dr[6]);
    HostMemory.putLong(struct.address + KvmAbi.DEBUGREGS_DR7, from.dr[7]);
    call(KvmAbi.SET_DEBUGREGS, struct.address, "set the debug registers");
  }

  /**
   * Writes a model-specific register.
   *
   * @return false if KVM does not have it or refuses the value
   */
  public boolean msr(int index, long value) throws AcceleratorException {
    msrRequest(index, value);
    return call(KvmAbi.SET_MSRS, struct.address, "set a model-specific register") == 1;
  }

  /** Reads a model-specific register; 0 if KVM does not have it. */
  public long msr(int index) throws AcceleratorException {
    msrRequest(index, 0);
    call(KvmAbi.GET_MSRS, struct.address, "read a model-specific register");
    return HostMemory.getLong(struct.address + KvmAbi.MSRS_ENTRIES + KvmAbi.MSR_DATA);
  }

  private void msrRequest(int index, long value) {
    clear(KvmAbi.MSRS_ENTRIES + 16);
    HostMemory.putInt(struct.address, 1);
    HostMemory.putInt(struct.address + KvmAbi.MSRS_ENTRIES, index);
    HostMemory.putLong(struct.address + KvmAbi.MSRS_ENTRIES + KvmAbi.MSR_DATA, value);
  }

  private void clear(int bytes) {
    HostMemory.fill(struct.address, bytes, (byte) 0);
  }

  private int call(long request, long argument, String what) throws AcceleratorException {
    int result = Libc.ioctl(fd, request, argument);
    if (result < 0) {
      throw new AcceleratorException("KVM does not " + what + ": " + Libc.error());
    }
    return result;
  }

  @Override
  public void close() {
    Libc.munmap(runAddress, runBytes);
    Libc.close(fd);
  }
}
