package org.quern.machine.bus;

import java.util.Objects;
import org.quern.machine.mem.GuestRam;
import org.quern.x86.mem.HostMemory;

/**
 * Guest RAM by physical address for loaders, whatever the board maps over it: what a boot hook
 * writes below the legacy hole is there once the hole is shadowed. Addresses are ours, not the
 * guest's, so one outside RAM is an error.
 *
 * <p>Threading: while the processors do not run.
 */
public final class RamAccess {
  private final GuestRam ram;
  private volatile SystemDma.WriteListener listener = (physical, bytes) -> {};

  public RamAccess(GuestRam ram) {
    this.ram = ram;
  }

  /** Sets who is told of each write from now on; replaces the one before. */
  public void onWrite(SystemDma.WriteListener newListener) {
    listener = newListener;
  }

  public void read(long physical, byte[] to, int offset, int length) {
    HostMemory.read(host(physical, length), to, offset, length);
  }

  public void write(long physical, byte[] from, int offset, int length) {
    HostMemory.write(from, offset, length, host(physical, length));
    listener.memoryWritten(physical, length);
  }

  /** Fills with zeros. */
  public void clear(long physical, long length) {
    HostMemory.fill(host(physical, length), length, (byte) 0);
    listener.memoryWritten(physical, length);
  }

  /** Host address of a stretch that lies in one piece of RAM. */
  private long host(long physical, long length) {
    if (physical >= GuestRam.HIGH_START) {
      long offset = physical - GuestRam.HIGH_START;
      Objects.checkFromIndexSize(offset, length, ram.highBytes());
      return ram.highHost() + offset;
    }
    Objects.checkFromIndexSize(physical, length, ram.lowBytes());
    return ram.lowHost() + physical;
  }
}
