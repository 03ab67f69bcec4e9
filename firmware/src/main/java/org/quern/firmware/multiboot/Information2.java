package org.quern.firmware.multiboot;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.quern.firmware.BoardDescription;
import org.quern.firmware.BootException;
import org.quern.firmware.GuestMemory;
import org.quern.firmware.bytes.ByteWriter;
import org.quern.firmware.image.ElfImage;
import org.quern.firmware.image.ElfImage.SectionTable;
import org.quern.firmware.image.ImageFile;
import org.quern.firmware.memory.InfoArea;
import org.quern.firmware.memory.MemoryMap;
import org.quern.firmware.memory.MemoryMap.Range;
import org.quern.firmware.memory.Modules.Module;

/** The multiboot 2 information. Source: Multiboot2 Specification 2.0, section 3.6. */
final class Information2 {
  private static final int TAG_END = 0;
  private static final int TAG_COMMAND_LINE = 1;
  private static final int TAG_LOADER_NAME = 2;
  private static final int TAG_MODULE = 3;
  private static final int TAG_MEMORY = 4;
  private static final int TAG_MMAP = 6;
  private static final int TAG_ELF_SECTIONS = 9;
  private static final int TAG_ACPI_OLD = 14;
  private static final int TAG_ACPI_NEW = 15;
  private static final int TAG_LOAD_BASE = 21;

  private static final int MMAP_ENTRY_SIZE = 24;
  private static final int RSDP_SIZE = 36;
  private static final int RSDP_V1_SIZE = 20;

  /** Section headers beyond this are left out: nothing but debug builds has so many. */
  private static final int SECTIONS_MAX = 4096;

  private final BoardDescription board;
  private final String commandLine;
  private final List<Module> modules;
  private final long rsdp;
  private final long loadBase;

  Information2(
      BoardDescription board, String commandLine, List<Module> modules, long rsdp, long loadBase) {
    this.board = board;
    this.commandLine = commandLine;
    this.modules = modules;
    this.rsdp = rsdp;
    this.loadBase = loadBase;
  }

  void write(GuestMemory memory, ImageFile file, Optional<ElfImage> elf) throws BootException {
    InfoArea area = new InfoArea();
    ByteWriter w = area.bytes().zeros(8);
    tag(w, TAG_COMMAND_LINE, string(commandLine));
    tag(w, TAG_LOADER_NAME, string(Information1.LOADER_NAME));
    for (Module module : modules) {
      ByteWriter body = new ByteWriter().u32(module.start()).u32(module.start() + module.size());
      tag(w, TAG_MODULE, body.raw(string(module.commandLine())).toBytes());
    }
    tag(
        w,
        TAG_MEMORY,
        new ByteWriter().u32(Information1.lowerKib()).u32(Information1.upperKib(board)).toBytes());
    ByteWriter map = new ByteWriter().u32(MMAP_ENTRY_SIZE).u32(0);
    for (Range range : MemoryMap.of(board)) {
      map.u64(range.start()).u64(range.size()).u32(range.kind().code).u32(0);
    }
    tag(w, TAG_MMAP, map.toBytes());
    if (elf.isPresent()) {
      sections(w, file, elf.get().sections());
    }
    byte[] root = new byte[RSDP_SIZE];
    memory.read(rsdp, root, 0, RSDP_SIZE);
    tag(w, TAG_ACPI_OLD, Arrays.copyOf(root, RSDP_V1_SIZE));
    tag(w, TAG_ACPI_NEW, root);
    tag(w, TAG_LOAD_BASE, new ByteWriter().u32(loadBase).toBytes());
    tag(w, TAG_END, new byte[0]);
    w.patch32(0, w.size());
    area.write(memory);
  }

  private static void sections(ByteWriter w, ImageFile file, SectionTable table)
      throws BootException {
    long size = (long) table.count() * table.entrySize();
    boolean inside = table.offset() > 0 && table.offset() <= file.size() - size;
    if (size == 0 || size > SECTIONS_MAX || !inside) {
      return;
    }
    ByteWriter body = new ByteWriter().u32(table.count()).u32(table.entrySize()).u32(table.names());
    tag(w, TAG_ELF_SECTIONS, body.raw(file.read(table.offset(), (int) size)).toBytes());
  }

  private static byte[] string(String s) {
    return (s + "\0").getBytes(StandardCharsets.UTF_8);
  }

  private static void tag(ByteWriter w, int type, byte[] body) {
    w.u32(type).u32(8L + body.length).raw(body).align(8);
  }
}
