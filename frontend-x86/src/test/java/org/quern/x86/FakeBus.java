package org.quern.x86;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.quern.x86.bus.GuestBus;
import org.quern.x86.mem.HostMemory;

/** RAM from address 0 up, nothing else; ports answer what a test put there. */
public final class FakeBus implements GuestBus {
  /** A port or MMIO access. */
  public record Access(boolean write, long address, int size, long value) {}

  private final long ram;
  private final long size;
  private final List<Runnable> listeners = new ArrayList<>();

  /** Values that port reads give; all-ones elsewhere. */
  public final Map<Integer, Integer> ports = new HashMap<>();

  public final List<Access> portAccesses = new ArrayList<>();
  public final List<Access> mmioAccesses = new ArrayList<>();

  /** Pages (by number) that may be read but not written. */
  public final java.util.Set<Long> romPages = new java.util.HashSet<>();

  public FakeBus(long size) {
    this.size = size;
    this.ram = HostMemory.allocate(size);
  }

  @Override
  public int portRead(int port, int bytes) {
    int v = ports.getOrDefault(port, -1) & (int) mask(bytes);
    portAccesses.add(new Access(false, port, bytes, v & 0xffffffffL));
    return v;
  }

  @Override
  public void portWrite(int port, int bytes, int value) {
    portAccesses.add(new Access(true, port, bytes, value & mask(bytes)));
  }

  @Override
  public long mmioRead(long physical, int bytes) {
    mmioAccesses.add(new Access(false, physical, bytes, mask(bytes)));
    return mask(bytes);
  }

  @Override
  public void mmioWrite(long physical, int bytes, long value) {
    mmioAccesses.add(new Access(true, physical, bytes, value & mask(bytes)));
  }

  @Override
  public long hostPage(long physical) {
    return physical >= 0 && physical < size ? ram + (physical & -4096L) : 0;
  }

  @Override
  public boolean hostPageWritable(long physical) {
    return physical >= 0 && physical < size && !romPages.contains(physical >>> 12);
  }

  @Override
  public long hostRun(long physical) {
    return 4096; // pages may be ROM one by one
  }

  @Override
  public void addRemapListener(Runnable listener) {
    listeners.add(listener);
  }

  /** Tells the processors that the memory map changed. */
  public void remapped() {
    listeners.forEach(Runnable::run);
  }

  // ---- physical memory for tests

  public long read(long physical, int bytes) {
    check(physical, bytes);
    long v = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      v = v << 8 | HostMemory.getByte(ram + physical + i) & 0xff;
    }
    return v;
  }

  public void write(long physical, int bytes, long value) {
    check(physical, bytes);
    for (int i = 0; i < bytes; i++) {
      HostMemory.putByte(ram + physical + i, (byte) (value >>> 8 * i));
    }
  }

  public void write(long physical, byte[] bytes) {
    check(physical, bytes.length);
    HostMemory.write(bytes, 0, bytes.length, ram + physical);
  }

  /** Reads as many bytes as {@code to} holds. */
  public void read(long physical, byte[] to) {
    check(physical, to.length);
    HostMemory.read(ram + physical, to, 0, to.length);
  }

  private void check(long physical, int bytes) {
    if (physical < 0 || physical + bytes > size) {
      throw new IllegalArgumentException("outside the fake RAM: " + Long.toHexString(physical));
    }
  }

  private static long mask(int bytes) {
    return bytes == 8 ? -1 : (1L << bytes * 8) - 1;
  }
}
