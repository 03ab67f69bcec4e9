package org.quern.accel.kvm;

import org.quern.x86.bus.GuestBus;

/** Carries the accesses of a processor's exits to the bus. */
final class KvmExitHandler {
  private static final int MAX_ACCESS = 8;

  private final KvmRun run;
  private final GuestBus bus;

  KvmExitHandler(KvmRun run, GuestBus bus) {
    this.run = run;
    this.bus = bus;
  }

  /** Handles an exit of a port or of memory; any other is none of ours. */
  void access(KvmExitReason reason) {
    if (reason == KvmExitReason.IO) {
      port();
    } else if (reason == KvmExitReason.MMIO) {
      memory();
    }
  }

  private void port() {
    int port = run.ioPort();
    int size = run.ioSize();
    int count = run.ioCount();
    boolean out = run.ioOut();
    for (int n = 0; n < count; n++) {
      if (out) {
        bus.portWrite(port, size, run.ioData(n));
      } else {
        run.ioData(n, bus.portRead(port, size));
      }
    }
  }

  /** KVM gives any length from 1 to 8, the bus takes powers of two. */
  private void memory() {
    long at = run.mmioAddress();
    int left = run.mmioLength();
    boolean write = run.mmioWrite();
    long data = write ? run.mmioData() : 0;
    int done = 0;
    while (left > 0) {
      int size = Math.min(Integer.highestOneBit(left), MAX_ACCESS);
      if (write) {
        bus.mmioWrite(at + done, size, data >>> 8 * done & -1L >>> 64 - 8 * size);
      } else {
        data |= (bus.mmioRead(at + done, size) & -1L >>> 64 - 8 * size) << 8 * done;
      }
      done += size;
      left -= size;
    }
    if (!write) {
      run.mmioData(data);
    }
  }
}
