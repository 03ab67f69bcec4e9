package org.quern.firmware.linux;

import static org.quern.firmware.bytes.LittleEndian.put16;
import static org.quern.firmware.bytes.LittleEndian.put32;
import static org.quern.firmware.bytes.LittleEndian.put64;

import java.util.List;
import org.quern.firmware.BoardDescription;
import org.quern.firmware.GuestMemory;
import org.quern.firmware.image.SetupHeader;
import org.quern.firmware.memory.FirmwareLayout;
import org.quern.firmware.memory.MemoryMap;
import org.quern.firmware.memory.MemoryMap.Range;

/**
 * struct boot_params. Source: Linux, Documentation/arch/x86/zero-page.rst and boot.rst ("The
 * Real-Mode Kernel Header").
 */
final class ZeroPage {
  private static final int SIZE = 4096;

  private static final int EXT_MEM_K = 0x02;
  private static final int OLD_COMMAND_LINE_MAGIC = 0x20;
  private static final int OLD_COMMAND_LINE_OFFSET = 0x22;
  private static final int RSDP = 0x70;
  private static final int EXT_RAMDISK_IMAGE = 0xc0;
  private static final int EXT_RAMDISK_SIZE = 0xc4;
  private static final int ALT_MEM_K = 0x1e0;
  private static final int E820_ENTRIES = 0x1e8;
  private static final int E820_TABLE = 0x2d0;

  private static final int VIDEO_MODE = 0x1fa;
  private static final int BOOT_FLAG = 0x1fe;
  private static final int HEADER = 0x202;
  private static final int VERSION = 0x206;
  private static final int LOADER = 0x210;
  private static final int LOAD_FLAGS = 0x211;
  private static final int CODE32_START = 0x214;
  private static final int RAMDISK_IMAGE = 0x218;
  private static final int RAMDISK_SIZE = 0x21c;
  private static final int HEAP_END = 0x224;
  private static final int COMMAND_LINE = 0x228;
  private static final int SETUP_DATA = 0x250;

  private static final int LOADER_UNREGISTERED = 0xff;
  private static final int LOADED_HIGH = 1;
  private static final int CAN_USE_HEAP = 0x80;
  private static final int NORMAL_VGA = 0xffff;
  private static final int PROTOCOL_WITHOUT_HEADER = 0x20f;

  private final byte[] page = new byte[SIZE];
  private final int version;
  private final boolean takesRsdp;
  private final boolean takesSetupData;

  /** The page of a kernel with a setup header. */
  ZeroPage(SetupHeader header) {
    byte[] copy = header.forZeroPage();
    System.arraycopy(copy, 0, page, SetupHeader.START, copy.length);
    version = header.version();
    takesRsdp = header.takesRsdp();
    takesSetupData = header.takesSetupData();
    page[LOADER] = (byte) LOADER_UNREGISTERED;
    put16(page, VIDEO_MODE, NORMAL_VGA);
    if (version >= 0x201) {
      page[LOAD_FLAGS] |= (byte) CAN_USE_HEAP;
      // Relative to the end of the boot sector; nobody runs the setup code that would use it.
      put16(page, HEAP_END, 0xe000 - 0x200);
    }
  }

  /** The page of a kernel that came as a plain ELF file. */
  ZeroPage() {
    version = PROTOCOL_WITHOUT_HEADER;
    takesRsdp = true;
    takesSetupData = true;
    page[LOADER] = (byte) LOADER_UNREGISTERED;
    page[LOAD_FLAGS] = LOADED_HIGH;
    put16(page, VIDEO_MODE, NORMAL_VGA);
    put16(page, BOOT_FLAG, 0xaa55);
    put32(page, HEADER, 0x53726448L);
    put16(page, VERSION, version);
  }

  void memory(BoardDescription board) {
    long extended = Math.max(0, board.ramBelow4G() - FirmwareLayout.LOW_END) >> 10;
    put16(page, EXT_MEM_K, (int) Math.min(extended, 0xfc00));
    put32(page, ALT_MEM_K, extended);
    List<Range> map = MemoryMap.of(board);
    page[E820_ENTRIES] = (byte) map.size();
    int at = E820_TABLE;
    for (Range range : map) {
      put64(page, at, range.start());
      put64(page, at + 8, range.size());
      put32(page, at + 16, range.kind().code);
      at += 20;
    }
  }

  /** Colour text mode 80 by 25, as the video BIOS would have left it. */
  void textMode() {
    page[0x06] = 3; // orig_video_mode
    page[0x07] = 80; // orig_video_cols
    page[0x0e] = 25; // orig_video_lines
    page[0x0f] = 1; // orig_video_isVGA
    put16(page, 0x10, 16); // orig_video_points
  }

  void commandLine(long physical) {
    if (version >= SetupHeader.VERSION_2_02) {
      put32(page, COMMAND_LINE, physical);
    } else {
      put16(page, OLD_COMMAND_LINE_MAGIC, 0xa33f);
      put16(page, OLD_COMMAND_LINE_OFFSET, (int) (physical - FirmwareLayout.BOOT_PARAMS));
    }
  }

  void initrd(long physical, long size) {
    put32(page, RAMDISK_IMAGE, physical);
    put32(page, RAMDISK_SIZE, size);
    put32(page, EXT_RAMDISK_IMAGE, physical >>> 32);
    put32(page, EXT_RAMDISK_SIZE, size >>> 32);
  }

  void loadAddress(long physical) {
    put32(page, CODE32_START, physical);
  }

  void rsdp(long physical) {
    if (takesRsdp) {
      put64(page, RSDP, physical);
    }
  }

  /** Whether {@link #setupData} means anything to the kernel. */
  boolean takesSetupData() {
    return takesSetupData;
  }

  void setupData(long physical) {
    put64(page, SETUP_DATA, physical);
  }

  void write(GuestMemory memory) {
    memory.write(FirmwareLayout.BOOT_PARAMS, page, 0, SIZE);
  }
}
