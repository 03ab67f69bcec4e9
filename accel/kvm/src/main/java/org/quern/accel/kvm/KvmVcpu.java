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
  private final KvmVectors vectors;
  private final KvmStruct struct = new KvmStruct(KvmAbi.XSAVE_BYTES);

  KvmVcpu(int fd, long runAddress, int runBytes, KvmVectors vectors) {
    this.fd = fd;
    this.vectors = vectors;
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
   * @return false if a signal or {@link KvmRun#immediateExit} ended it. Then an access to a port or
   *     to memory that was the exit before is complete
   */
  public boolean run() throws AcceleratorException {
    if (Libc.ioctl(fd, KvmAbi.RUN, 0) >= 0) {
      return true;
    }
    int errno = Libc.errno();
    if (errno == Libc.EINTR || errno == Libc.EAGAIN) {
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
    call(KvmAbi.SET_XCRS, struct.address, "set XCR0 to " + Long.toHexString(from.xcr0));
    vectors.put(from, struct.address);
    call(KvmAbi.SET_XSAVE, struct.address, "set the vector registers");
  }

  /** Reads XCR0 and x87, SSE and AVX registers. */
  public void copyVectors(CpuState to) throws AcceleratorException {
    call(KvmAbi.GET_XCRS, struct.address, "read XCR0");
    KvmVectors.getXcr0(struct.address, to);
    call(KvmAbi.GET_XSAVE, struct.address, "read the vector registers");
    vectors.get(struct.address, to);
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

  /** Reads DR0 to DR3, DR6 and DR7. */
  public void copyDebugRegisters(CpuState to) throws AcceleratorException {
    call(KvmAbi.GET_DEBUGREGS, struct.address, "read the debug registers");
    for (int n = 0; n < 4; n++) {
      to.dr[n] = HostMemory.getLong(struct.address + 8L * n);
    }
    to.dr[6] = HostMemory.getLong(struct.address + KvmAbi.DEBUGREGS_DR6);
    to.dr[7] = HostMemory.getLong(struct.address + KvmAbi.DEBUGREGS_DR7);
  }

  /** Sets shadow and NMIs, and the debug trap that is due; nothing else is on its way then. */
  void events(CpuState from) throws AcceleratorException {
    KvmEvents.put(from, struct.address);
    call(KvmAbi.SET_VCPU_EVENTS, struct.address, "set the events on their way");
  }

  /** Reads shadow and NMIs. */
  void copyEvents(CpuState to) throws AcceleratorException {
    KvmEvents.get(fetchEvents(), to);
  }

  /** Address of the {@code struct kvm_vcpu_events}, until the next call of any method here. */
  long fetchEvents() throws AcceleratorException {
    call(KvmAbi.GET_VCPU_EVENTS, struct.address, "read the events on their way");
    return struct.address;
  }

  /** Injects an acknowledged interrupt; the guest must be ready for it. */
  void interrupt(int vector) throws AcceleratorException {
    HostMemory.putInt(struct.address, vector);
    call(KvmAbi.INTERRUPT, struct.address, "take an interrupt");
  }

  void nmi() throws AcceleratorException {
    call(KvmAbi.NMI, 0, "take an NMI");
  }

  /** Sets IA32_APIC_BASE, which decides what CPUID says of the APIC. */
  void apicBase(long value) throws AcceleratorException {
    call(KvmAbi.GET_SREGS, struct.address, "read the system registers");
    HostMemory.putLong(struct.address + KvmAbi.SREGS_APIC_BASE, value);
    call(KvmAbi.SET_SREGS, struct.address, "set the base of the APIC");
  }

  /** Sets how many banks of machine-check registers there are. */
  void machineCheckBanks(int banks) throws AcceleratorException {
    HostMemory.putLong(struct.address, banks);
    call(KvmAbi.X86_SETUP_MCE, struct.address, "set up machine checks");
  }

  /** Sets the frequency of the guest's time-stamp counter. */
  void tscKhz(int khz) throws AcceleratorException {
    call(KvmAbi.SET_TSC_KHZ, khz, "set the frequency of the time-stamp counter");
  }

  /** Frequency of the guest's time-stamp counter. */
  int tscKhz() throws AcceleratorException {
    return call(KvmAbi.GET_TSC_KHZ, 0, "tell the frequency of the time-stamp counter");
  }

  /**
   * Writes several model-specific registers.
   *
   * @return how many, from the first on, KVM has taken
   */
  int msrs(int[] indices, long[] values, int from) throws AcceleratorException {
    msrRequests(indices, values, from);
    return call(KvmAbi.SET_MSRS, struct.address, "set model-specific registers");
  }

  /**
   * Reads several model-specific registers.
   *
   * @return how many, from the first on, KVM has
   */
  int copyMsrs(int[] indices, long[] values, int from) throws AcceleratorException {
    msrRequests(indices, values, from);
    int n = call(KvmAbi.GET_MSRS, struct.address, "read model-specific registers");
    for (int i = 0; i < n; i++) {
      values[from + i] = HostMemory.getLong(msrEntry(i) + KvmAbi.MSR_DATA);
    }
    return n;
  }

  private void msrRequests(int[] indices, long[] values, int from) {
    int n = indices.length - from;
    clear(KvmAbi.MSRS_ENTRIES + n * KvmAbi.MSR_BYTES);
    HostMemory.putInt(struct.address, n);
    for (int i = 0; i < n; i++) {
      HostMemory.putInt(msrEntry(i), indices[from + i]);
      HostMemory.putLong(msrEntry(i) + KvmAbi.MSR_DATA, values[from + i]);
    }
  }

  private long msrEntry(int n) {
    return struct.address + KvmAbi.MSRS_ENTRIES + (long) n * KvmAbi.MSR_BYTES;
  }

  /**
   * Writes a model-specific register.
   *
   * @return false if KVM does not have it or refuses the value
   */
  public boolean msr(int index, long value) throws AcceleratorException {
    return msrs(new int[] {index}, new long[] {value}, 0) == 1;
  }

  /** Reads a model-specific register; 0 if KVM does not have it. */
  public long msr(int index) throws AcceleratorException {
    long[] value = new long[1];
    copyMsrs(new int[] {index}, value, 0);
    return value[0];
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
