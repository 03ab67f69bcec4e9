package org.quern.firmware;

import org.quern.machine.mem.GuestRam;
import org.quern.x86.mem.HostMemory;

/** {@link GuestMemory} over a board's RAM; every access is checked to lie in one of its pieces. */
public final class RamMemory implements GuestMemory {
  private final GuestRam ram;

  public RamMemory(GuestRam ram) {
    this.ram = ram;
  }

  @Override
  public void read(long physical, byte[] to, int offset, int length) {
    HostMemory.read(host(physical, length), to, offset, length);
  }

  @Override
  public void write(long physical, byte[] from, int offset, int length) {
    HostMemory.write(from, offset, length, host(physical, length));
  }

  @Override
  public void clear(long physical, long length) {
    HostMemory.fill(host(physical, length), length, (byte) 0);
  }

  private long host(long physical, long length) {
    if (inside(physical, length, ram.lowBytes())) {
      return ram.lowHost() + physical;
    }
    long high = physical - GuestRam.HIGH_START;
    if (inside(high, length, ram.highBytes())) {
      return ram.highHost() + high;
    }
    throw new IndexOutOfBoundsException(
        String.format("%d bytes at 0x%x are not RAM", length, physical));
  }

  private static boolean inside(long start, long length, long size) {
    return start >= 0 && length >= 0 && start <= size && length <= size - start;
  }
}
