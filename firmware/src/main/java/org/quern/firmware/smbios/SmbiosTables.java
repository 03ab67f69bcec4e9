package org.quern.firmware.smbios;

import java.util.List;
import org.quern.firmware.BoardDescription;
import org.quern.firmware.bytes.ByteWriter;

/**
 * The SMBIOS 2.8 entry point and structures of types 0, 1, 3, 4, 16, 17, 19, 32 and 127. Source:
 * DMTF DSP0134 2.8.0, chapters 5 and 7.
 */
public final class SmbiosTables {
  private static final int ENTRY_SIZE = 31;
  private static final int VERSION = 0x0208;
  private static final String VENDOR = "Quern";

  private static final int NO_HANDLE = 0xffff;
  private static final int NO_ERROR_HANDLE = 0xfffe;
  private static final int HANDLE_BIOS = 0x0000;
  private static final int HANDLE_SYSTEM = 0x0100;
  private static final int HANDLE_CHASSIS = 0x0300;
  private static final int HANDLE_PROCESSOR = 0x0400;
  private static final int HANDLE_ARRAY = 0x1000;
  private static final int HANDLE_DIMM = 0x1100;
  private static final int HANDLE_MAPPED = 0x1300;
  private static final int HANDLE_BOOT = 0x2000;
  private static final int HANDLE_END = 0x7f00;

  // Values that the enumerations of most structures share.
  private static final int OTHER = 1;
  private static final int UNKNOWN = 2;
  private static final int SAFE = 3;

  /** Sizes from here on are told in the extended fields only: 2 TiB in KiB, 32 GiB in MiB. */
  private static final long ARRAY_KIB_LIMIT = 0x80000000L;

  private static final long DIMM_MIB_LIMIT = 0x7fff;
  private static final long END_KIB_LIMIT = 0xffffffffL;

  private final BoardDescription board;
  private final ByteWriter table = new ByteWriter();
  private int count;
  private int largest;

  private SmbiosTables(BoardDescription board) {
    this.board = board;
  }

  /**
   * Builds the entry point and, right behind it, the structures.
   *
   * @param base physical address of the result, on a 16-byte boundary within 0xf0000 to 0xfffff
   */
  public static byte[] build(BoardDescription board, long base) {
    SmbiosTables t = new SmbiosTables(board);
    t.structures();
    ByteWriter w =
        new ByteWriter()
            .text("_SM_")
            .u8(0)
            .u8(ENTRY_SIZE)
            .u8(VERSION >> 8)
            .u8(VERSION)
            .u16(t.largest)
            .u8(0)
            .zeros(5)
            .text("_DMI_")
            .u8(0)
            .u16(t.table.size())
            .u32(base + ENTRY_SIZE + 1)
            .u16(t.count)
            .u8((VERSION >> 8) << 4 | VERSION & 0xf);
    w.checksum(21, 16, 15).checksum(4, 0, ENTRY_SIZE);
    return w.zeros(1).raw(t.table.toBytes()).toBytes();
  }

  private void structures() {
    bios();
    system();
    chassis();
    for (int i = 0; i < board.cpus(); i++) {
      processor(i);
    }
    memory();
    add(32, HANDLE_BOOT, new ByteWriter().zeros(6).u8(0), List.of());
    add(127, HANDLE_END, new ByteWriter(), List.of());
  }

  private void bios() {
    // Characteristics not supported; table is virtual; UEFI not there.
    ByteWriter b =
        new ByteWriter().u8(1).u8(2).u16(0xf000).u8(3).u8(0).u64(1 << 3).u8(0).u8(1 << 4);
    add(0, HANDLE_BIOS, b.u8(0).u8(1).u8(0xff).u8(0xff), List.of(VENDOR, "0.1", "01/01/2025"));
  }

  private void system() {
    ByteWriter b = new ByteWriter().u8(1).u8(2).u8(3).u8(0).zeros(16).u8(6).u8(0).u8(0);
    add(1, HANDLE_SYSTEM, b, List.of(VENDOR, board.product(), "0.1"));
  }

  private void chassis() {
    ByteWriter b = new ByteWriter().u8(1).u8(OTHER).u8(0).u8(0).u8(0).u8(SAFE).u8(SAFE).u8(SAFE);
    b.u8(UNKNOWN).u32(0).u8(0).u8(0).u8(0).u8(0).u8(0);
    add(3, HANDLE_CHASSIS, b, List.of(VENDOR));
  }

  private void processor(int index) {
    int central = 3;
    int populatedAndEnabled = 0x41;
    ByteWriter b = new ByteWriter().u8(1).u8(central).u8(OTHER).u8(2).u64(0).u8(0).u8(0);
    b.u16(0).u16(0).u16(0).u8(populatedAndEnabled).u8(OTHER);
    b.u16(NO_HANDLE).u16(NO_HANDLE).u16(NO_HANDLE).u8(0).u8(0).u8(0);
    b.u8(1).u8(1).u8(1).u16(UNKNOWN).u16(OTHER);
    add(4, HANDLE_PROCESSOR + index, b, List.of("CPU " + index, VENDOR));
  }

  private void memory() {
    long kib = board.ramBelow4G() + board.ramAbove4G() >> 10;
    boolean wide = kib >= ARRAY_KIB_LIMIT;
    int systemMemory = 3;
    int noCorrection = 3;
    ByteWriter array = new ByteWriter().u8(OTHER).u8(systemMemory).u8(noCorrection);
    array.u32(wide ? ARRAY_KIB_LIMIT : kib).u16(NO_ERROR_HANDLE).u16(1);
    add(16, HANDLE_ARRAY, array.u64(wide ? kib << 10 : 0), List.of());

    long mib = kib + 1023 >> 10;
    boolean big = mib >= DIMM_MIB_LIMIT;
    int dimm = 9;
    int ram = 7;
    ByteWriter device = new ByteWriter().u16(HANDLE_ARRAY).u16(NO_ERROR_HANDLE);
    device.u16(0xffff).u16(0xffff).u16((int) (big ? DIMM_MIB_LIMIT : mib));
    device.u8(dimm).u8(0).u8(1).u8(0).u8(ram).u16(1 << 1).u16(0);
    device.u8(2).u8(0).u8(0).u8(0).u8(0).u32(big ? mib : 0).u16(0).u16(0).u16(0).u16(0);
    add(17, HANDLE_DIMM, device, List.of("DIMM 0", VENDOR));

    long end = board.ramAbove4G() > 0 ? (1L << 32) + board.ramAbove4G() : board.ramBelow4G();
    boolean far = end >> 10 > END_KIB_LIMIT;
    ByteWriter mapped = new ByteWriter().u32(far ? END_KIB_LIMIT : 0);
    mapped.u32(far ? END_KIB_LIMIT : (end >> 10) - 1).u16(HANDLE_ARRAY).u8(1);
    add(19, HANDLE_MAPPED, mapped.u64(0).u64(far ? end - 1 : 0), List.of());
  }

  private void add(int type, int handle, ByteWriter body, List<String> strings) {
    int start = table.size();
    table.u8(type).u8(4 + body.size()).u16(handle).raw(body.toBytes());
    for (String s : strings) {
      table.text(s).u8(0);
    }
    table.zeros(strings.isEmpty() ? 2 : 1);
    count++;
    largest = Math.max(largest, table.size() - start);
  }
}
