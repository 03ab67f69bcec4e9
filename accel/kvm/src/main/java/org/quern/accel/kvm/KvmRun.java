package org.quern.accel.kvm;

import org.quern.x86.mem.HostMemory;

/**
 * The page that the kernel shares with us for a virtual processor ({@code struct kvm_run}), mapped
 * once. Each method reads or writes one field; which of them mean something depends on {@link
 * #reason}.
 */
public final class KvmRun {
  private final long base;

  KvmRun(long base) {
    this.base = base;
  }

  public KvmExitReason reason() {
    return KvmExitReason.of(reasonNumber());
  }

  public int reasonNumber() {
    return HostMemory.getInt(base + KvmAbi.RUN_EXIT_REASON);
  }

  /** Makes the next (or present, when it comes back by a signal) KVM_RUN return at once. */
  public void immediateExit(boolean on) {
    HostMemory.putByte(base + KvmAbi.RUN_IMMEDIATE_EXIT, (byte) (on ? 1 : 0));
  }

  public boolean readyForInterrupt() {
    return HostMemory.getByte(base + KvmAbi.RUN_READY_FOR_INTERRUPT) != 0;
  }

  public boolean interruptFlag() {
    return HostMemory.getByte(base + KvmAbi.RUN_IF) != 0;
  }

  /** Asks for an exit as soon as the guest can take an interrupt. */
  public void requestInterruptWindow(boolean on) {
    HostMemory.putByte(base + KvmAbi.RUN_REQUEST_INTERRUPT_WINDOW, (byte) (on ? 1 : 0));
  }

  /** IA32_APIC_BASE as the guest has it. */
  public long apicBase() {
    return HostMemory.getLong(base + KvmAbi.RUN_APIC_BASE);
  }

  /** Sets CR8 for the next run; only where KVM has no interrupt controller of its own. */
  public void cr8(long value) {
    HostMemory.putLong(base + KvmAbi.RUN_CR8, value);
  }

  /** CR8 as the guest has it; only where KVM has no interrupt controller of its own. */
  public long cr8() {
    return HostMemory.getLong(base + KvmAbi.RUN_CR8);
  }

  // ---- IO

  public boolean ioOut() {
    return HostMemory.getByte(base + KvmAbi.RUN_IO_OUT) != 0;
  }

  /** Bytes of an element: 1, 2 or 4. */
  public int ioSize() {
    return HostMemory.getByte(base + KvmAbi.RUN_IO_SIZE);
  }

  public int ioPort() {
    return HostMemory.getShort(base + KvmAbi.RUN_IO_PORT) & 0xffff;
  }

  /** Elements: more than one for INS and OUTS. */
  public int ioCount() {
    return HostMemory.getInt(base + KvmAbi.RUN_IO_COUNT);
  }

  /** Element {@code n}, zero-extended. */
  public int ioData(int n) {
    long at = ioAddress(n);
    return switch (ioSize()) {
      case 1 -> HostMemory.getByte(at) & 0xff;
      case 2 -> HostMemory.getShort(at) & 0xffff;
      default -> HostMemory.getInt(at);
    };
  }

  /** Answers element {@code n} of an input. */
  public void ioData(int n, int value) {
    long at = ioAddress(n);
    switch (ioSize()) {
      case 1 -> HostMemory.putByte(at, (byte) value);
      case 2 -> HostMemory.putShort(at, (short) value);
      default -> HostMemory.putInt(at, value);
    }
  }

  private long ioAddress(int n) {
    return base + HostMemory.getLong(base + KvmAbi.RUN_IO_DATA_OFFSET) + (long) n * ioSize();
  }

  // ---- MMIO

  public long mmioAddress() {
    return HostMemory.getLong(base + KvmAbi.RUN_MMIO_ADDRESS);
  }

  /** Bytes, 1 to 8. */
  public int mmioLength() {
    return HostMemory.getInt(base + KvmAbi.RUN_MMIO_LENGTH);
  }

  public boolean mmioWrite() {
    return HostMemory.getByte(base + KvmAbi.RUN_MMIO_WRITE) != 0;
  }

  public long mmioData() {
    return HostMemory.getLong(base + KvmAbi.RUN_MMIO_DATA);
  }

  public void mmioData(long value) {
    HostMemory.putLong(base + KvmAbi.RUN_MMIO_DATA, value);
  }

  // ---- the rest

  /** The exit and what belongs to it, in a sentence for people. */
  public String describe() {
    KvmExitReason reason = reason();
    return switch (reason) {
      case IO ->
          String.format(
              "%s port %#x, %d bytes, %d times",
              ioOut() ? "output to" : "input from", ioPort(), ioSize(), ioCount());
      case MMIO ->
          String.format(
              "%s of %d bytes at physical address %#x",
              mmioWrite() ? "write" : "read", mmioLength(), mmioAddress());
      case FAIL_ENTRY ->
          String.format(
              "the processor refused to enter the guest, hardware reason %#x",
              HostMemory.getLong(base + KvmAbi.RUN_FAIL_ENTRY_REASON));
      case INTERNAL_ERROR -> internalError();
      case SYSTEM_EVENT -> "system event " + HostMemory.getInt(base + KvmAbi.RUN_SYSTEM_EVENT);
      case OTHER -> "exit reason " + reasonNumber();
      default -> reason.name();
    };
  }

  private String internalError() {
    int suberror = HostMemory.getInt(base + KvmAbi.RUN_SUBERROR);
    String what =
        switch (suberror) {
          case 1 -> "KVM cannot emulate an instruction of the guest";
          case 2 -> "two events at once";
          case 3 -> "an event could not be delivered";
          case 4 -> "an unexpected exit of the processor";
          default -> "internal error " + suberror + " of KVM";
        };
    StringBuilder s = new StringBuilder(what);
    int count = Math.min(16, HostMemory.getInt(base + KvmAbi.RUN_INTERNAL_COUNT));
    for (int n = 0; n < count; n++) {
      long v = HostMemory.getLong(base + KvmAbi.RUN_INTERNAL_DATA + 8L * n);
      s.append(n == 0 ? ": " : " ").append(Long.toHexString(v));
    }
    return s.toString();
  }
}
