package org.quern.machine.debug;

import java.nio.charset.StandardCharsets;
import org.quern.machine.core.MmioDevice;
import org.quern.machine.core.PortDevice;
import org.quern.machine.core.Stateful;
import org.quern.machine.pci.PciBar;
import org.quern.machine.pci.PciConfigSpace;
import org.quern.machine.pci.PciFunction;
import org.quern.machine.pci.PciReg;
import org.quern.machine.pci.PciWindows;

/**
 * QEMU's pci-testdev: a PCI function that counts accesses, to measure what they cost. BAR 0 is
 * memory, BAR 1 ports. A write of a number to offset 0 of either starts a test of that kind; the
 * start of the BAR then describes the test, and writes of one byte to the place it names are
 * counted.
 *
 * <p>Under the machine lock. Source: QEMU, docs/specs/pci-testdev. The tests that QEMU serves
 * through event descriptors of the kernel are served here as the others are.
 */
public final class PciTestDevice implements PciFunction, Stateful<PciTestDevice.State> {
  public static final int MEMORY_BYTES = 4096;
  public static final int PORTS = 256;

  private static final int VENDOR_RED_HAT = 0x1b36;
  private static final int DEVICE_TEST = 0x0005;
  private static final int CLASS_OTHER = 0xff_0000;

  // The description of a test: number, width of an access, its offset, its data, the count, a name.
  private static final int TEST = 0;
  private static final int WIDTH = 1;
  private static final int OFFSET = 4;
  private static final int DATA = 8;
  private static final int COUNT = 12;
  private static final int NAME = 16;

  /** What is to be written to be counted. */
  private static final int MATCH = 0xfa;

  /** What is to be written where any value is counted. */
  private static final int ANY = 0xce;

  private static final String[] NAMES = {"no-eventfd", "wildcard-eventfd", "datamatch-eventfd"};
  private static final int WILDCARD = 1;
  private static final int NONE = -1;

  private final PciConfigSpace config =
      new PciConfigSpace(VENDOR_RED_HAT, DEVICE_TEST, 0, CLASS_OTHER);
  private int test = NONE;
  private int count;

  /**
   * Guest-visible state.
   *
   * @param config configuration space
   * @param test the test that runs, counted over both kinds, or -1
   * @param count accesses it has seen
   */
  public record State(String config, int test, int count) {}

  /** A function that no test runs on. */
  public PciTestDevice() {
    config.bar(new PciBar.Memory(0, MEMORY_BYTES, false, new Memory()));
    config.bar(new PciBar.Ports(1, PORTS, 4, new Ports()));
  }

  /** Places both BARs as firmware would. Call {@code PciBus.remap} afterwards. */
  public void place(long memory, int port) {
    config.set(PciReg.BAR0, 4, (int) memory);
    config.set(PciReg.BAR0 + 4, 4, port | 1);
    config.set(PciReg.COMMAND, 2, PciReg.COMMAND_IO | PciReg.COMMAND_MEMORY);
  }

  @Override
  public PciConfigSpace config() {
    return config;
  }

  @Override
  public void configWritten(int offset, int size) {
    // The bus places the BARs; nothing else depends on a register.
  }

  @Override
  public void addWindows(PciWindows windows) {}

  // ---- the two kinds

  /** Where the place of a test is: behind the half of the BAR that describes tests. */
  private static int place(int test) {
    int half = test < NAMES.length ? MEMORY_BYTES / 2 : PORTS / 2;
    return half + test;
  }

  private int read(int offset) {
    if (test == NONE) {
      return 0;
    }
    String name = NAMES[test % NAMES.length];
    byte[] text = (kind() + ":" + name).getBytes(StandardCharsets.US_ASCII);
    if (offset >= NAME) {
      return offset - NAME < text.length ? text[offset - NAME] : 0;
    }
    if (offset >= COUNT) {
      return count >>> 8 * (offset - COUNT) & 0xff;
    }
    if (offset >= OFFSET && offset < DATA) {
      return place(test) >>> 8 * (offset - OFFSET) & 0xff;
    }
    return switch (offset) {
      case TEST -> test;
      case WIDTH -> 1;
      case DATA -> data();
      default -> 0;
    };
  }

  private String kind() {
    return test < NAMES.length ? "mmio" : "portio";
  }

  private int data() {
    return test % NAMES.length == WILDCARD ? ANY : MATCH;
  }

  /** A read of {@code size} bytes: little-endian, as the description is. */
  private long read(long offset, int size) {
    long v = 0;
    for (int n = 0; n < size; n++) {
      v |= (long) read((int) offset + n) << 8 * n;
    }
    return v;
  }

  private void write(long offset, int size, long value, int firstTest) {
    if (offset == TEST) {
      boolean known = Long.compareUnsigned(value, NAMES.length) < 0;
      test = known ? firstTest + (int) value : NONE;
      count = 0;
    } else if (test != NONE && offset == place(test)) {
      boolean any = test % NAMES.length == WILDCARD;
      count += any || (size == 1 && value == MATCH) ? 1 : 0;
    }
  }

  private final class Memory implements MmioDevice {
    @Override
    public long read(long offset, int size) {
      return PciTestDevice.this.read(offset, size);
    }

    @Override
    public void write(long offset, int size, long value) {
      PciTestDevice.this.write(offset, size, value, 0);
    }
  }

  private final class Ports implements PortDevice {
    @Override
    public int read(int offset, int size) {
      return (int) PciTestDevice.this.read((long) offset, size);
    }

    @Override
    public void write(int offset, int size, int value) {
      PciTestDevice.this.write(offset, size, value & 0xffffffffL, NAMES.length);
    }
  }

  // ---- reset, state

  @Override
  public void reset() {
    config.reset();
    test = NONE;
    count = 0;
  }

  @Override
  public State state() {
    return new State(config.dump(), test, count);
  }

  @Override
  public void restore(State s) {
    if (s.test < NONE || s.test >= 2 * NAMES.length) {
      throw new IllegalArgumentException("pci-testdev has no test " + s.test);
    }
    config.load(s.config);
    test = s.test;
    count = s.count;
  }
}
