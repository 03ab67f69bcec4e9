package org.quern.tests.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.quern.x86.bus.RamBus;
import org.quern.x86.mem.HostMemory;

/** RAM from 0 and ports that are only written down: enough for programs without devices. */
public final class TestBus extends RamBus {
  public static final int RAM_BYTES = 16 << 20;

  /** A write to this port is recorded in {@link #output}. */
  public static final int OUTPUT_PORT = 0xe9;

  final StringBuilder output = new StringBuilder();
  final List<Integer> writes = new ArrayList<>();

  /** Told of each port write, with port and value, before it is recorded. */
  public BiConsumer<Integer, Integer> onPortWrite = (port, value) -> {};

  private static final RamPool POOL = new RamPool(RAM_BYTES);

  private final long ram;

  public TestBus() {
    this(POOL.take());
  }

  private TestBus(long ram) {
    super(ram, RAM_BYTES);
    this.ram = ram;
    POOL.ownedBy(this, ram);
  }

  @Override
  public int portRead(int port, int size) {
    return 0x12345678 ^ port;
  }

  @Override
  public synchronized void portWrite(int port, int size, int value) {
    onPortWrite.accept(port, value);
    if (port == OUTPUT_PORT) {
      output.append((char) (value & 0xff));
    } else {
      writes.add(port << 16 | value & 0xffff);
    }
  }

  public void write(long physical, byte[] bytes) {
    HostMemory.write(bytes, 0, bytes.length, ram + physical);
  }

  public byte[] read(long physical, int length) {
    byte[] b = new byte[length];
    HostMemory.read(ram + physical, b, 0, length);
    return b;
  }

  public long read64(long physical) {
    return HostMemory.getLong(ram + physical);
  }

  public void write64(long physical, long v) {
    HostMemory.putLong(ram + physical, v);
  }
}
