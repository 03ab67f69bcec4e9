package org.quern.machine.bus;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.quern.machine.core.MmioDevice;
import org.quern.machine.core.Resettable;
import org.quern.machine.core.Stateful;
import org.quern.machine.io.PortMap;
import org.quern.machine.io.UnassignedAccesses;
import org.quern.machine.mem.MmioMap;
import org.quern.machine.mem.PhysicalMap;
import org.quern.x86.bus.GuestBus;
import org.quern.x86.mem.HostMemory;

/**
 * Ports and physical memory as the processors see them. {@link #forCpu} gives the view of one
 * processor, which has its own local APIC page; the bus itself is the view without one.
 *
 * <p>Lock order: the machine lock is taken for each access to a device and held for that access
 * only; no other lock is held by then. Host-page lookups take none.
 */
public final class SystemBus implements GuestBus, Resettable, Stateful<SystemBus.State> {
  private static final long A20 = 1L << 20;

  private final ReentrantLock lock;
  private final PhysicalMap memory;
  private final MmioMap windows;
  private final PortMap ports;
  private final UnassignedAccesses unassigned;

  /** What the A20 gate lets through. */
  private volatile long addressMask = -1;

  /**
   * Guest-visible state.
   *
   * @param a20 whether the A20 gate is open
   */
  public record State(boolean a20) {}

  public SystemBus(
      ReentrantLock lock,
      PhysicalMap memory,
      MmioMap windows,
      PortMap ports,
      UnassignedAccesses unassigned) {
    this.lock = lock;
    this.memory = memory;
    this.windows = windows;
    this.ports = ports;
    this.unassigned = unassigned;
  }

  /**
   * The bus as one processor sees it.
   *
   * @param localStart gives the first address of the window that only this processor has,
   *     page-aligned; asked at each access. Where RAM is mapped the RAM is seen
   * @param localBytes its length
   * @param local what answers there; thread-safe, called without the machine lock
   */
  public GuestBus forCpu(LongSupplier localStart, long localBytes, MmioDevice local) {
    return new CpuBus(this, localStart, localBytes, local);
  }

  /**
   * Drives the A20 gate: closed, address bit 20 is 0 for every processor, but not for its local
   * window. Under the machine lock.
   */
  public void a20(boolean open) {
    long mask = open ? -1 : ~A20;
    if (mask != addressMask) {
      addressMask = mask;
      memory.announce();
    }
  }

  /** Opens the A20 gate, as after power-on. */
  @Override
  public void reset() {
    a20(true);
  }

  @Override
  public State state() {
    return new State(addressMask == -1);
  }

  @Override
  public void restore(State s) {
    a20(s.a20);
  }

  @Override
  public int portRead(int port, int size) {
    lock.lock();
    try {
      return ports.read(port & 0xffff, size);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void portWrite(int port, int size, int value) {
    lock.lock();
    try {
      ports.write(port & 0xffff, size, value);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long mmioRead(long address, int size) {
    long physical = address & addressMask;
    long host = memory.readPage(physical);
    if (host != 0) {
      return readHost(host + (physical & 0xfff), size);
    }
    lock.lock();
    try {
      return read(windows.find(physical), physical, size);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void mmioWrite(long address, int size, long value) {
    long physical = address & addressMask;
    long host = memory.writePage(physical);
    if (host != 0) {
      writeHost(host + (physical & 0xfff), size, value);
      return;
    }
    lock.lock();
    try {
      write(windows.find(physical), physical, size, value);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long hostPage(long physical) {
    return memory.readPage(physical & addressMask);
  }

  @Override
  public boolean hostPageWritable(long physical) {
    long gated = physical & addressMask;
    long write = memory.writePage(gated);
    return write != 0 && write == memory.readPage(gated);
  }

  @Override
  public long hostRun(long physical) {
    // With the gate closed every odd MiB is the even one before it: page by page then.
    return addressMask == -1 ? memory.run(physical) : HostMemory.PAGE_SIZE;
  }

  @Override
  public void addRemapListener(Runnable listener) {
    memory.addListener(listener);
  }

  private long read(MmioMap.Window w, long physical, int size) {
    if (w == null) {
      unassigned.memoryRead(physical);
      return ones(size);
    }
    long offset = physical - w.start();
    if (offset + size <= w.bytes()) {
      return w.device().read(offset, size) & ones(size);
    }
    int half = size / 2;
    return read(w, physical, half)
        | read(windows.find(physical + half), physical + half, half) << 8 * half;
  }

  private void write(MmioMap.Window w, long physical, int size, long value) {
    if (w == null) {
      unassigned.memoryWrite(physical);
      return;
    }
    long offset = physical - w.start();
    if (offset + size <= w.bytes()) {
      w.device().write(offset, size, value & ones(size));
      return;
    }
    int half = size / 2;
    write(w, physical, half, value);
    write(windows.find(physical + half), physical + half, half, value >>> 8 * half);
  }

  private static long ones(int size) {
    return -1L >>> 64 - 8 * size;
  }

  private static long readHost(long host, int size) {
    return switch (size) {
      case 1 -> HostMemory.getByte(host) & 0xffL;
      case 2 -> HostMemory.getShort(host) & 0xffffL;
      case 4 -> HostMemory.getInt(host) & 0xffffffffL;
      default -> HostMemory.getLong(host);
    };
  }

  private static void writeHost(long host, int size, long value) {
    switch (size) {
      case 1 -> HostMemory.putByte(host, (byte) value);
      case 2 -> HostMemory.putShort(host, (short) value);
      case 4 -> HostMemory.putInt(host, (int) value);
      default -> HostMemory.putLong(host, value);
    }
  }

  /** One processor's view: everything of the shared bus, with one window in front. */
  private static final class CpuBus implements GuestBus {
    private final SystemBus bus;
    private final LongSupplier localStart;
    private final long localBytes;
    private final MmioDevice local;

    CpuBus(SystemBus bus, LongSupplier localStart, long localBytes, MmioDevice local) {
      this.bus = bus;
      this.localStart = localStart;
      this.localBytes = localBytes;
      this.local = local;
    }

    private boolean isLocal(long offset) {
      return offset >= 0 && offset < localBytes;
    }

    @Override
    public int portRead(int port, int size) {
      return bus.portRead(port, size);
    }

    @Override
    public void portWrite(int port, int size, int value) {
      bus.portWrite(port, size, value);
    }

    @Override
    public long mmioRead(long physical, int size) {
      long offset = physical - localStart.getAsLong();
      return isLocal(offset) ? local.read(offset, size) : bus.mmioRead(physical, size);
    }

    @Override
    public void mmioWrite(long physical, int size, long value) {
      long offset = physical - localStart.getAsLong();
      if (isLocal(offset)) {
        local.write(offset, size, value);
      } else {
        bus.mmioWrite(physical, size, value);
      }
    }

    @Override
    public long hostPage(long physical) {
      return bus.hostPage(physical);
    }

    @Override
    public boolean hostPageWritable(long physical) {
      return bus.hostPageWritable(physical);
    }

    @Override
    public long hostRun(long physical) {
      return bus.hostRun(physical);
    }

    @Override
    public void addRemapListener(Runnable listener) {
      bus.addRemapListener(listener);
    }
  }
}
