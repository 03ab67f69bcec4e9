package org.quern.machine.debug;

import java.util.HexFormat;
import java.util.List;
import org.quern.machine.core.IrqLine;
import org.quern.machine.core.MmioDevice;
import org.quern.machine.core.PortDevice;
import org.quern.machine.core.Resettable;
import org.quern.machine.core.Stateful;

/**
 * QEMU's {@code pc-testdev}, by which test programs such as kvm-unit-tests check port and memory
 * accesses of every size and raise interrupts at will. Four parts:
 *
 * <ul>
 *   <li>a latch of four bytes that gives back what was written, once with a data path of four bytes
 *       and once of one;
 *   <li>a port that takes the address of a page to forget in the host's page tables: nothing a
 *       guest could notice, so writes have no effect;
 *   <li>a port for each interrupt line, which drives it high with any value but 0;
 *   <li>64 KiB of memory behind a device's interface.
 * </ul>
 *
 * <p>Under the machine lock. Source: QEMU, hw/misc/pc-testdev.c (behaviour).
 */
public final class PcTestDevice implements Resettable, Stateful<PcTestDevice.State> {
  /** Ports of the latch, and of the page to forget. */
  public static final int LATCH_PORTS = 4;

  /** Bytes of the memory. */
  public static final int MEMORY_BYTES = 1 << 16;

  private final List<IrqLine> lines;
  private final byte[] memory = new byte[MEMORY_BYTES];
  private int latch;
  private int levels;

  /**
   * Guest-visible state.
   *
   * @param latch the four bytes, the first in the low one
   * @param levels a bit for each interrupt line that is high
   * @param memory the memory in hexadecimal digits
   */
  public record State(int latch, int levels, String memory) {}

  /**
   * Creates the device.
   *
   * @param lines the interrupt lines in the order of their ports, at most 32
   */
  public PcTestDevice(List<IrqLine> lines) {
    this.lines = List.copyOf(lines);
  }

  /** The latch; the board says how wide the path to it is. */
  public PortDevice latchPorts() {
    return new PortDevice() {
      @Override
      public int read(int offset, int size) {
        return latch >>> 8 * offset;
      }

      @Override
      public void write(int offset, int size, int value) {
        int mask = -1 >>> 32 - 8 * size << 8 * offset;
        latch = latch & ~mask | value << 8 * offset & mask;
      }
    };
  }

  /** The page to forget. */
  public PortDevice flushPort() {
    return new PortDevice() {
      @Override
      public int read(int offset, int size) {
        return 0;
      }

      @Override
      public void write(int offset, int size, int value) {}
    };
  }

  /** A port for each interrupt line. */
  public PortDevice linePorts() {
    return new PortDevice() {
      @Override
      public int read(int offset, int size) {
        return 0;
      }

      @Override
      public void write(int offset, int size, int value) {
        drive(offset, value != 0);
      }
    };
  }

  /** The memory. */
  public MmioDevice memory() {
    return new MmioDevice() {
      @Override
      public long read(long offset, int size) {
        long v = 0;
        for (int i = size - 1; i >= 0; i--) {
          v = v << 8 | memory[(int) offset + i] & 0xff;
        }
        return v;
      }

      @Override
      public void write(long offset, int size, long value) {
        for (int i = 0; i < size; i++) {
          memory[(int) offset + i] = (byte) (value >>> 8 * i);
        }
      }
    };
  }

  private void drive(int line, boolean high) {
    levels = levels & ~(1 << line) | (high ? 1 << line : 0);
    lines.get(line).set(high);
  }

  @Override
  public void reset() {
    for (int i = 0; i < lines.size(); i++) {
      drive(i, false);
    }
  }

  @Override
  public State state() {
    return new State(latch, levels, HexFormat.of().formatHex(memory));
  }

  @Override
  public void restore(State s) {
    byte[] bytes = HexFormat.of().parseHex(s.memory);
    if (bytes.length != MEMORY_BYTES || lines.size() < 32 && s.levels >>> lines.size() != 0) {
      throw new IllegalArgumentException("not a state of this test device");
    }
    latch = s.latch;
    System.arraycopy(bytes, 0, memory, 0, MEMORY_BYTES);
    for (int i = 0; i < lines.size(); i++) {
      drive(i, (s.levels >> i & 1) != 0);
    }
  }
}
