package org.quern.machine.io;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.quern.machine.core.PortDevice;

/**
 * The I/O port space as one table of 65,536 entries. The board's own ranges are fixed, and two of
 * them that overlap are a bug; ranges that the guest moves about (PCI BARs, the PM block) give way
 * to everything that was there before them.
 *
 * <p>An access wider than a device's data path, or one that crosses the end of its range, is split
 * into smaller ones at ascending ports, as the bus does; bytes that nobody claims read as ones.
 *
 * <p>Threading: all under the machine lock.
 */
public final class PortMap {
  private static final int PORTS = 0x10000;

  /**
   * Some ports and who answers there.
   *
   * @param width widest access the device takes in one piece: 1, 2 or 4 bytes
   */
  public record Range(String name, int first, int count, int width, PortDevice device) {
    public Range {
      if (first < 0 || count <= 0 || first + count > PORTS) {
        throw new IllegalArgumentException(
            "bad port range " + name + " at " + Integer.toHexString(first) + " length " + count);
      }
      if (width != 1 && width != 2 && width != 4) {
        throw new IllegalArgumentException("bad width of port range " + name + ": " + width);
      }
    }
  }

  private final Range[] table = new Range[PORTS];
  private final List<Range> fixed = new ArrayList<>();
  private final UnassignedAccesses unassigned;

  public PortMap(UnassignedAccesses unassigned) {
    this.unassigned = unassigned;
  }

  /**
   * Adds some of the board's ports.
   *
   * @throws IllegalArgumentException if one of them is taken
   */
  public void add(String name, int first, int count, int width, PortDevice device) {
    Range r = new Range(name, first, count, width, device);
    for (int p = first; p < first + count; p++) {
      if (table[p] != null) {
        throw new IllegalArgumentException(
            String.format("port %x of %s belongs to %s", p, name, table[p].name));
      }
    }
    Arrays.fill(table, first, first + count, r);
    fixed.add(r);
  }

  /**
   * Replaces all movable ranges. One that overlaps a fixed range or an earlier one of the list
   * stays invisible.
   *
   * @return how many of them are visible
   */
  public int movable(List<Range> ranges) {
    Arrays.fill(table, null);
    for (Range r : fixed) {
      Arrays.fill(table, r.first, r.first + r.count, r);
    }
    int visible = 0;
    for (Range r : ranges) {
      if (isFree(r)) {
        Arrays.fill(table, r.first, r.first + r.count, r);
        visible++;
      }
    }
    return visible;
  }

  private boolean isFree(Range r) {
    for (int p = r.first; p < r.first + r.count; p++) {
      if (table[p] != null) {
        return false;
      }
    }
    return true;
  }

  /** The board's own ranges, in the order they were added. */
  public List<Range> ranges() {
    return List.copyOf(fixed);
  }

  /** Reads {@code size} (1, 2 or 4) bytes, zero-extended. */
  public int read(int port, int size) {
    Range r = at(port);
    if (r != null && size <= r.width && port + size <= r.first + r.count) {
      return r.device.read(port - r.first, size) & mask(size);
    }
    if (size == 1) {
      unassigned.portRead(port);
      return 0xff;
    }
    int half = size / 2;
    return read(port, half) | read(port + half, half) << 8 * half;
  }

  /** Writes the low {@code size} (1, 2 or 4) bytes of a value. */
  public void write(int port, int size, int value) {
    Range r = at(port);
    if (r != null && size <= r.width && port + size <= r.first + r.count) {
      r.device.write(port - r.first, size, value & mask(size));
    } else if (size == 1) {
      unassigned.portWrite(port);
    } else {
      int half = size / 2;
      write(port, half, value);
      write(port + half, half, value >>> 8 * half);
    }
  }

  /** Bytes beyond port 0xffff belong to nobody. */
  private Range at(int port) {
    return port < PORTS ? table[port] : null;
  }

  private static int mask(int size) {
    return size == 4 ? -1 : (1 << 8 * size) - 1;
  }
}
