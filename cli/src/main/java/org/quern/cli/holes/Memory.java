package org.quern.cli.holes;

import org.quern.x86.bus.RamBus;
import org.quern.x86.mem.HostMemory;

/** {@link Layout#RAM_BYTES} of RAM and one port. One thread. */
final class Memory extends RamBus {
  private final long ram;
  private int latch;

  Memory() {
    this(HostMemory.allocate(Layout.RAM_BYTES));
  }

  private Memory(long ram) {
    super(ram, Layout.RAM_BYTES);
    this.ram = ram;
  }

  int read16(int at) {
    return HostMemory.getShort(ram + at) & 0xffff;
  }

  int read32(int at) {
    return HostMemory.getInt(ram + at);
  }

  long read64(int at) {
    return HostMemory.getLong(ram + at);
  }

  void write16(int at, int v) {
    HostMemory.putShort(ram + at, (short) v);
  }

  void write32(int at, int v) {
    HostMemory.putInt(ram + at, v);
  }

  void write64(int at, long v) {
    HostMemory.putLong(ram + at, v);
  }

  void write(int at, byte[] bytes) {
    HostMemory.write(bytes, 0, bytes.length, ram + at);
  }

  byte[] read(int at, int length) {
    byte[] bytes = new byte[length];
    HostMemory.read(ram + at, bytes, 0, length);
    return bytes;
  }

  @Override
  public int portRead(int port, int size) {
    return port == Layout.LATCH_PORT ? latch : -1;
  }

  @Override
  public void portWrite(int port, int size, int value) {
    if (port == Layout.LATCH_PORT) {
      latch = value & 0xff;
    }
  }
}
