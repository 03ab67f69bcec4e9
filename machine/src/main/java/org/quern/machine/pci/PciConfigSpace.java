package org.quern.machine.pci;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * The 256 bytes of configuration space of one function: values, which bits the guest may write, and
 * which it clears by writing ones. Under the machine lock. Source: PCI Local Bus 3.0, 6.
 */
public final class PciConfigSpace {
  public static final int BYTES = 256;

  private static final int SUBSYSTEM_VENDOR_QEMU = 0x1af4;
  private static final int SUBSYSTEM_QEMU = 0x1100;

  private final byte[] value = new byte[BYTES];
  private final byte[] initial = new byte[BYTES];
  private final byte[] writable = new byte[BYTES];
  private final byte[] clearable = new byte[BYTES];
  private final List<PciBar> bars = new ArrayList<>();

  /**
   * A function with an ordinary header: type 0, QEMU's subsystem, the usual writable bits.
   *
   * @param classCode base class, subclass and programming interface, 24 bits
   */
  public PciConfigSpace(int vendor, int device, int revision, int classCode) {
    initial(PciReg.VENDOR, 2, vendor);
    initial(PciReg.DEVICE, 2, device);
    initial(PciReg.REVISION, 1, revision);
    initial(PciReg.CLASS, 3, classCode);
    initial(PciReg.SUBSYSTEM_VENDOR, 2, SUBSYSTEM_VENDOR_QEMU);
    initial(PciReg.SUBSYSTEM, 2, SUBSYSTEM_QEMU);
    writable(
        PciReg.COMMAND,
        2,
        PciReg.COMMAND_IO
            | PciReg.COMMAND_MEMORY
            | PciReg.COMMAND_MASTER
            | PciReg.COMMAND_SERR
            | PciReg.COMMAND_INTX_DISABLE);
    writable(PciReg.CACHE_LINE, 1, 0xff);
    writable(PciReg.INTERRUPT_LINE, 1, 0xff);
    put(clearable, PciReg.STATUS, 2, PciReg.STATUS_ERRORS);
  }

  // ---- definition

  /** Sets the value after reset, and the present one. */
  public void initial(int offset, int size, int v) {
    put(initial, offset, size, v);
    put(value, offset, size, v);
  }

  /** Sets which bits the guest may write. */
  public void writable(int offset, int size, int mask) {
    put(writable, offset, size, mask);
  }

  /** Makes all device-specific registers plain storage, as QEMU does. */
  public void writableDeviceSpecific() {
    Arrays.fill(writable, PciReg.DEVICE_SPECIFIC, BYTES, (byte) 0xff);
  }

  /** Adds a base address register. */
  public void bar(PciBar bar) {
    bars.add(bar);
    int offset = PciReg.BAR0 + 4 * bar.index();
    long mask = -bar.size();
    initial(offset, 4, bar.type());
    writable(offset, 4, (int) mask);
    if (bar instanceof PciBar.Memory64) {
      writable(offset + 4, 4, (int) (mask >>> 32));
    }
  }

  List<PciBar> bars() {
    return bars;
  }

  // ---- access

  /** Reads {@code size} (1, 2 or 4) bytes, zero-extended but for size 4. */
  public int get(int offset, int size) {
    int v = 0;
    for (int i = 0; i < size; i++) {
      v |= (value[offset + i] & 0xff) << 8 * i;
    }
    return v;
  }

  /** Sets a value regardless of what the guest may write: the device's own doing. */
  public void set(int offset, int size, int v) {
    put(value, offset, size, v);
  }

  /** A write by the guest. */
  void guestWrite(int offset, int size, int v) {
    for (int i = 0; i < size; i++) {
      int at = offset + i;
      int b = v >>> 8 * i;
      int kept = value[at] & ~writable[at] & ~(b & clearable[at]);
      value[at] = (byte) (kept | b & writable[at]);
    }
  }

  /** Where a base address register points, 0 while it points nowhere or decoding is off. */
  long base(PciBar bar) {
    int decode = bar instanceof PciBar.Ports ? PciReg.COMMAND_IO : PciReg.COMMAND_MEMORY;
    if ((get(PciReg.COMMAND, 2) & decode) == 0) {
      return 0;
    }
    int offset = PciReg.BAR0 + 4 * bar.index();
    long base = Integer.toUnsignedLong(get(offset, 4)) & -bar.size();
    if (bar instanceof PciBar.Memory64) {
      base |= (long) get(offset + 4, 4) << 32;
    }
    return base;
  }

  /** Back to the values after reset. */
  public void reset() {
    System.arraycopy(initial, 0, value, 0, BYTES);
  }

  /** All bytes, as hexadecimal digits: for device states. */
  public String dump() {
    return HexFormat.of().formatHex(value);
  }

  /**
   * Takes all bytes from {@link #dump}.
   *
   * @throws IllegalArgumentException if they are not those of this function: another length or
   *     another vendor or device
   */
  public void load(String dump) {
    byte[] bytes = HexFormat.of().parseHex(dump);
    if (bytes.length != BYTES
        || bytes[0] != value[0]
        || bytes[1] != value[1]
        || bytes[2] != value[2]
        || bytes[3] != value[3]) {
      throw new IllegalArgumentException("not the configuration space of this function");
    }
    System.arraycopy(bytes, 0, value, 0, BYTES);
  }

  private static void put(byte[] to, int offset, int size, int v) {
    for (int i = 0; i < size; i++) {
      to[offset + i] = (byte) (v >>> 8 * i);
    }
  }
}
