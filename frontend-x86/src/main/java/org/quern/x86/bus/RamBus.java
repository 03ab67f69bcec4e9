package org.quern.x86.bus;

import org.quern.x86.mem.HostMemory;

/**
 * RAM from address 0 on and nothing else: for a processor without a machine. Whoever needs a port
 * overrides the access to it.
 */
public class RamBus implements GuestBus {
  private final long ram;
  private final long bytes;

  /**
   * A bus with RAM.
   *
   * @param ram its host address, see {@link HostMemory#allocate}
   * @param bytes its size, whole pages; 0: no RAM
   */
  public RamBus(long ram, long bytes) {
    this.ram = ram;
    this.bytes = bytes;
  }

  @Override
  public int portRead(int port, int size) {
    return -1 >>> 32 - 8 * size;
  }

  @Override
  public void portWrite(int port, int size, int value) {}

  @Override
  public final long mmioRead(long physical, int size) {
    return -1L >>> 64 - 8 * size;
  }

  @Override
  public final void mmioWrite(long physical, int size, long value) {}

  @Override
  public final long hostPage(long physical) {
    return physical >= 0 && physical < bytes ? ram + (physical & -4096) : 0;
  }

  @Override
  public final boolean hostPageWritable(long physical) {
    return hostPage(physical) != 0;
  }

  @Override
  public final long hostRun(long physical) {
    return GuestBus.hostRun(physical, bytes);
  }

  @Override
  public final void addRemapListener(Runnable listener) {}
}
