package org.quern.accel.software;

import org.quern.x86.bus.GuestBus;

/** 64 KiB of RAM at 0 and nothing else. */
final class RamBus implements GuestBus {
  private static final int BYTES = 0x10000;

  private final long ram;

  /** A bus with RAM at that host address; none if it is 0. */
  RamBus(long ram) {
    this.ram = ram;
  }

  @Override
  public int portRead(int port, int size) {
    return -1;
  }

  @Override
  public void portWrite(int port, int size, int value) {}

  @Override
  public long mmioRead(long physical, int size) {
    return -1;
  }

  @Override
  public void mmioWrite(long physical, int size, long value) {}

  @Override
  public long hostPage(long physical) {
    return ram != 0 && physical >= 0 && physical < BYTES ? ram + (physical & -4096) : 0;
  }

  @Override
  public boolean hostPageWritable(long physical) {
    return hostPage(physical) != 0;
  }

  @Override
  public long hostRun(long physical) {
    return GuestBus.hostRun(physical, BYTES);
  }

  @Override
  public void addRemapListener(Runnable listener) {}
}
