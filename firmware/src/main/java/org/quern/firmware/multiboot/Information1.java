package org.quern.firmware.multiboot;

import java.util.List;
import org.quern.firmware.BoardDescription;
import org.quern.firmware.BootException;
import org.quern.firmware.GuestMemory;
import org.quern.firmware.bytes.ByteWriter;
import org.quern.firmware.memory.FirmwareLayout;
import org.quern.firmware.memory.InfoArea;
import org.quern.firmware.memory.MemoryMap;
import org.quern.firmware.memory.MemoryMap.Range;
import org.quern.firmware.memory.Modules.Module;

/** The multiboot 1 information structure. Source: Multiboot Specification 0.6.96, section 3.3. */
final class Information1 {
  static final String LOADER_NAME = "quern";

  private static final int SIZE = 116;
  private static final int MMAP_ENTRY_SIZE = 20;

  private static final int FLAG_MEMORY = 1;
  private static final int FLAG_BOOT_DEVICE = 1 << 1;
  private static final int FLAG_COMMAND_LINE = 1 << 2;
  private static final int FLAG_MODULES = 1 << 3;
  private static final int FLAG_MMAP = 1 << 6;
  private static final int FLAG_LOADER_NAME = 1 << 9;

  /** First BIOS hard disk, no partition: what QEMU says, and as good as anything. */
  private static final long BOOT_DEVICE = 0x8000ffffL;

  private final BoardDescription board;
  private final String commandLine;
  private final List<Module> modules;

  Information1(BoardDescription board, String commandLine, List<Module> modules) {
    this.board = board;
    this.commandLine = commandLine;
    this.modules = modules;
  }

  void write(GuestMemory memory) throws BootException {
    InfoArea area = new InfoArea();
    ByteWriter w = area.bytes().zeros(SIZE);
    long map = area.here();
    List<Range> ranges = MemoryMap.of(board);
    for (Range range : ranges) {
      w.u32(MMAP_ENTRY_SIZE).u64(range.start()).u64(range.size()).u32(range.kind().code);
    }
    int list = w.size();
    w.zeros(16 * modules.size());
    for (int i = 0; i < modules.size(); i++) {
      Module module = modules.get(i);
      long string = area.string(module.commandLine());
      w.patch32(list + 16 * i, module.start())
          .patch32(list + 16 * i + 4, module.start() + module.size())
          .patch32(list + 16 * i + 8, string);
    }
    w.patch32(
        0,
        FLAG_MEMORY
            | FLAG_BOOT_DEVICE
            | FLAG_COMMAND_LINE
            | FLAG_MODULES
            | FLAG_MMAP
            | FLAG_LOADER_NAME);
    w.patch32(4, lowerKib()).patch32(8, upperKib(board));
    w.patch32(12, BOOT_DEVICE);
    w.patch32(16, area.string(commandLine));
    w.patch32(20, modules.size()).patch32(24, InfoArea.address(list));
    w.patch32(44, (long) ranges.size() * (MMAP_ENTRY_SIZE + 4)).patch32(48, map);
    w.patch32(64, area.string(LOADER_NAME));
    area.write(memory);
  }

  /** Conventional memory in KiB. */
  static long lowerKib() {
    return FirmwareLayout.EBDA >> 10;
  }

  /** Memory from 1 MiB to the first hole in KiB. */
  static long upperKib(BoardDescription board) {
    return Math.max(0, board.ramBelow4G() - FirmwareLayout.LOW_END) >> 10;
  }
}
