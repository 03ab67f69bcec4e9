package org.quern.machine.fwcfg;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.quern.machine.core.DmaSpace;
import org.quern.machine.core.PortDevice;
import org.quern.machine.core.Resettable;
import org.quern.machine.core.Stateful;

/**
 * QEMU's firmware configuration device: numbered items and named files, read byte by byte through a
 * selector and a data port or by DMA. Items are read-only to the guest.
 *
 * <p>Under the machine lock; items are put in while the board is built or by a boot hook. Their
 * contents are configuration and not part of {@link State}. Source: QEMU, docs/specs/fw_cfg.rst.
 */
public final class FwCfg implements Resettable, Stateful<FwCfg.State> {
  private static final byte[] SIGNATURE = "QEMU".getBytes(StandardCharsets.US_ASCII);

  /** Features: the port interface and DMA. */
  private static final int FEATURES = 3;

  private static final byte[] EMPTY = {};

  /** A file's entry in the directory: size, selector, reserved, name. */
  private static final int ENTRY_BYTES = 64;

  private static final int NAME_BYTES = 56;
  private static final int MAX_FILES = 0x1000;

  // DMA control bits; the selector is in the upper half.
  private static final int DMA_ERROR = 1;
  private static final int DMA_READ = 1 << 1;
  private static final int DMA_SKIP = 1 << 2;
  private static final int DMA_SELECT = 1 << 3;
  private static final int DMA_WRITE = 1 << 4;
  private static final int DESCRIPTOR_BYTES = 16;

  /** What the DMA address register reads as. */
  private static final byte[] DMA_SIGNATURE = "QEMU CFG".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] ZEROS = new byte[4096];

  private final DmaSpace dma;
  private final Map<Integer, byte[]> items = new HashMap<>();
  private final TreeMap<String, byte[]> files = new TreeMap<>();

  private int selector;
  private int offset;
  private int dmaHigh;

  /**
   * Guest-visible state.
   *
   * @param selector the selected item
   * @param offset the next byte of it
   * @param dmaHigh upper half of the DMA address, kept until the lower one is written
   */
  public record State(int selector, int offset, int dmaHigh) {}

  public FwCfg(DmaSpace dma) {
    this.dma = dma;
    put(FwCfgKey.SIGNATURE, SIGNATURE);
    putInt(FwCfgKey.ID, FEATURES);
    numberFiles();
  }

  // ---- contents

  /** Adds or replaces an item. */
  public void put(int key, byte[] data) {
    if (key < 0 || key > 0xffff) {
      throw new IllegalArgumentException("no such fw_cfg key: " + key);
    }
    items.put(key, data.clone());
  }

  /** Adds an item of two bytes, little-endian. */
  public void putShort(int key, int value) {
    put(key, new byte[] {(byte) value, (byte) (value >> 8)});
  }

  /** Adds an item of four bytes, little-endian. */
  public void putInt(int key, int value) {
    byte[] data = new byte[4];
    for (int i = 0; i < 4; i++) {
      data[i] = (byte) (value >>> 8 * i);
    }
    put(key, data);
  }

  /** Adds an item of eight bytes, little-endian. */
  public void putLong(int key, long value) {
    byte[] data = new byte[8];
    for (int i = 0; i < 8; i++) {
      data[i] = (byte) (value >>> 8 * i);
    }
    put(key, data);
  }

  /**
   * Adds or replaces a named file.
   *
   * @param name 1 to 55 ASCII characters, such as {@code etc/e820}
   * @throws IllegalArgumentException if the name is not one, or there are too many files
   */
  public void file(String name, byte[] data) {
    if (name.isEmpty() || name.length() >= NAME_BYTES || !name.chars().allMatch(FwCfg::printable)) {
      throw new IllegalArgumentException("bad name of a fw_cfg file: \"" + name + "\"");
    }
    files.put(name, data.clone());
    if (files.size() > MAX_FILES) {
      files.remove(name);
      throw new IllegalArgumentException("more than " + MAX_FILES + " fw_cfg files");
    }
    numberFiles();
  }

  private static boolean printable(int c) {
    return c > ' ' && c < 0x7f;
  }

  /** Files have selectors in the order of their names, as in QEMU. */
  private void numberFiles() {
    byte[] directory = new byte[4 + ENTRY_BYTES * files.size()];
    bigEndian(directory, 0, 4, files.size());
    int i = 0;
    for (Map.Entry<String, byte[]> f : files.entrySet()) {
      int at = 4 + ENTRY_BYTES * i;
      bigEndian(directory, at, 4, f.getValue().length);
      bigEndian(directory, at + 4, 2, FwCfgKey.FILE_FIRST + i);
      byte[] name = f.getKey().getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(name, 0, directory, at + 8, name.length);
      items.put(FwCfgKey.FILE_FIRST + i, f.getValue());
      i++;
    }
    items.put(FwCfgKey.FILE_DIR, directory);
  }

  // ---- ports

  /** Selector and data: two ports. */
  public PortDevice ports() {
    return new PortDevice() {
      @Override
      public int read(int port, int size) {
        return size == 1 ? next() : -1;
      }

      @Override
      public void write(int port, int size, int value) {
        if (size == 2 && port == 0) {
          select(value);
        }
      }
    };
  }

  /** The DMA address register, big-endian: eight ports. */
  public PortDevice dmaPorts() {
    return new PortDevice() {
      @Override
      public int read(int port, int size) {
        int v = 0;
        for (int i = 0; i < size; i++) {
          v |= DMA_SIGNATURE[port + i] << 8 * i;
        }
        return v;
      }

      @Override
      public void write(int port, int size, int value) {
        if (size != 4) {
          return;
        }
        if (port == 0) {
          dmaHigh = Integer.reverseBytes(value);
        } else if (port == 4) {
          long address = (long) dmaHigh << 32 | Integer.toUnsignedLong(Integer.reverseBytes(value));
          dmaHigh = 0;
          transfer(address);
        }
      }
    };
  }

  private void select(int key) {
    selector = key & 0xffff;
    offset = 0;
  }

  private byte[] selected() {
    return items.getOrDefault(selector, EMPTY);
  }

  private int next() {
    byte[] item = selected();
    return offset < item.length ? item[offset++] & 0xff : 0;
  }

  // ---- DMA

  private void transfer(long address) {
    byte[] d = new byte[DESCRIPTOR_BYTES];
    dma.read(address, d, 0, d.length);
    int control = (int) bigEndian(d, 0, 4);
    long length = bigEndian(d, 4, 4);
    long target = bigEndian(d, 8, 8);
    if ((control & DMA_SELECT) != 0) {
      select(control >>> 16);
    }
    int result = 0;
    if ((control & DMA_READ) != 0) {
      copyOut(target, length);
    } else if ((control & DMA_WRITE) != 0) {
      result = DMA_ERROR;
    } else if ((control & DMA_SKIP) != 0) {
      offset += (int) Math.min(length, Math.max(0, selected().length - offset));
    }
    bigEndian(d, 0, 4, result);
    dma.write(address, d, 0, 4);
  }

  /** What lies behind the end of an item reads as zeros. */
  private void copyOut(long target, long length) {
    byte[] item = selected();
    int data = (int) Math.min(length, Math.max(0, item.length - offset));
    dma.write(target, item, offset, data);
    offset += data;
    for (long done = data; done < length; done += ZEROS.length) {
      dma.write(target + done, ZEROS, 0, (int) Math.min(ZEROS.length, length - done));
    }
  }

  private static long bigEndian(byte[] from, int at, int bytes) {
    long v = 0;
    for (int i = 0; i < bytes; i++) {
      v = v << 8 | from[at + i] & 0xff;
    }
    return v;
  }

  private static void bigEndian(byte[] to, int at, int bytes, int value) {
    for (int i = 0; i < bytes; i++) {
      to[at + i] = (byte) (value >>> 8 * (bytes - 1 - i));
    }
  }

  // ---- state

  @Override
  public void reset() {
    select(0);
    dmaHigh = 0;
  }

  @Override
  public State state() {
    return new State(selector, offset, dmaHigh);
  }

  @Override
  public void restore(State s) {
    if ((s.selector & ~0xffff) != 0
        || s.offset < 0
        || s.offset > items.getOrDefault(s.selector, EMPTY).length) {
      throw new IllegalArgumentException("not a state of this fw_cfg: " + s);
    }
    selector = s.selector;
    offset = s.offset;
    dmaHigh = s.dmaHigh;
  }
}
