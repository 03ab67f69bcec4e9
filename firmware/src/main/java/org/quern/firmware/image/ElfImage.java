package org.quern.firmware.image;

import static org.quern.firmware.bytes.LittleEndian.u16;
import static org.quern.firmware.bytes.LittleEndian.u32;
import static org.quern.firmware.bytes.LittleEndian.u64;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.quern.firmware.BootException;

/**
 * The headers of an x86 ELF executable. Source: System V ABI, chapters 4 and 5; its AMD64
 * supplement.
 *
 * @param is64 ELFCLASS64
 * @param machine {@link #EM_386}, {@link #EM_486} or {@link #EM_X86_64}
 * @param entry entry address as in the file
 * @param segments all program headers
 * @param sections where the section headers are
 */
public record ElfImage(
    boolean is64, int machine, long entry, List<Segment> segments, SectionTable sections) {
  public static final int EM_386 = 3;
  public static final int EM_486 = 6;
  public static final int EM_X86_64 = 62;
  public static final int PT_LOAD = 1;
  public static final int PT_NOTE = 4;

  /** Bytes of the largest ELF header. */
  public static final int HEADER_SIZE = 64;

  private static final int EI_CLASS = 4;
  private static final int EI_DATA = 5;
  private static final int CLASS32 = 1;
  private static final int CLASS64 = 2;
  private static final int LITTLE_ENDIAN = 1;
  private static final int ET_EXEC = 2;
  private static final int ET_DYN = 3;
  private static final int PHENTSIZE32 = 32;
  private static final int PHENTSIZE64 = 56;

  /** XEN_ELFNOTE_PHYS32_ENTRY: the 32-bit physical entry of the PVH protocol. */
  private static final int NOTE_PHYS32_ENTRY = 18;

  private static final int MAX_NOTES = 64 << 10;

  public ElfImage {
    segments = List.copyOf(segments);
  }

  /** A program header; sizes and addresses as in the file, unsigned. */
  public record Segment(
      int type, long offset, long vaddr, long paddr, long fileSize, long memSize) {}

  /** The section header table: file offset, entry size, number of entries, index of the names. */
  public record SectionTable(long offset, int entrySize, int count, int names) {}

  /** Where the program headers are, known from the ELF header alone. */
  public record ProgramTable(long offset, int entrySize, int count) {
    public int size() {
      return entrySize * count;
    }
  }

  public static boolean hasMagic(byte[] head) {
    return head.length >= 4 && u32(head, 0) == 0x464c457fL;
  }

  /**
   * Checks the ELF header and finds the program headers.
   *
   * @param head at least the first 64 bytes, or all of a shorter file
   * @param name subject of messages
   */
  public static ProgramTable programTable(byte[] head, String name) throws BootException {
    if (head.length < 52 || head[EI_CLASS] == CLASS64 && head.length < HEADER_SIZE) {
      throw new BootException(name + " is truncated: its ELF header is not complete");
    }
    int elfClass = head[EI_CLASS];
    if (elfClass != CLASS32 && elfClass != CLASS64) {
      throw new BootException(name + " has a broken ELF header (class " + elfClass + ")");
    }
    int machine = u16(head, 18);
    if (head[EI_DATA] != LITTLE_ENDIAN) {
      int swapped = machine >> 8 | machine << 8 & 0xff00;
      throw wrongMachine(name, swapped);
    }
    if (machine != EM_386 && machine != EM_486 && machine != EM_X86_64) {
      throw wrongMachine(name, machine);
    }
    int type = u16(head, 16);
    if (type != ET_EXEC && type != ET_DYN) {
      throw new BootException(
          name + " is an ELF file, but not an executable one (type " + type + ")");
    }
    boolean is64 = elfClass == CLASS64;
    ProgramTable table =
        is64
            ? new ProgramTable(u64(head, 32), u16(head, 54), u16(head, 56))
            : new ProgramTable(u32(head, 28), u16(head, 42), u16(head, 44));
    if (table.count == 0) {
      throw new BootException(name + " is an ELF file without anything to load");
    }
    if (table.entrySize != (is64 ? PHENTSIZE64 : PHENTSIZE32) || table.offset < 0) {
      throw new BootException(name + " has a broken ELF program header table");
    }
    return table;
  }

  /**
   * Reads the program headers.
   *
   * @param head as in {@link #programTable}
   * @param bytes holds the table from {@code at} on
   */
  public static ElfImage parse(byte[] head, ProgramTable table, byte[] bytes, int at) {
    boolean is64 = head[EI_CLASS] == CLASS64;
    List<Segment> segments = new ArrayList<>(table.count);
    for (int i = 0; i < table.count; i++) {
      int p = at + i * table.entrySize;
      segments.add(
          is64
              ? new Segment(
                  (int) u32(bytes, p),
                  u64(bytes, p + 8),
                  u64(bytes, p + 16),
                  u64(bytes, p + 24),
                  u64(bytes, p + 32),
                  u64(bytes, p + 40))
              : new Segment(
                  (int) u32(bytes, p),
                  u32(bytes, p + 4),
                  u32(bytes, p + 8),
                  u32(bytes, p + 12),
                  u32(bytes, p + 16),
                  u32(bytes, p + 20)));
    }
    SectionTable sections =
        is64
            ? new SectionTable(u64(head, 40), u16(head, 58), u16(head, 60), u16(head, 62))
            : new SectionTable(u32(head, 32), u16(head, 46), u16(head, 48), u16(head, 50));
    return new ElfImage(
        is64, u16(head, 18), is64 ? u64(head, 24) : u32(head, 24), segments, sections);
  }

  /** Reads the headers of an ELF file. */
  static ElfImage read(ImageFile file) throws BootException {
    byte[] head = file.head(HEADER_SIZE);
    ProgramTable table = programTable(head, file.name());
    return parse(head, table, file.read(table.offset, table.size()), 0);
  }

  /** The segments to load: those of type PT_LOAD that take memory. */
  public List<Segment> loadable() {
    return segments.stream().filter(s -> s.type == PT_LOAD && s.memSize != 0).toList();
  }

  /**
   * The physical address of the entry: the file's entry address where that is a physical address of
   * a segment (as in Linux), else translated from the virtual address it is.
   */
  public long physicalEntry() {
    for (Segment s : loadable()) {
      if (inside(entry, s.paddr, s.memSize)) {
        return entry;
      }
    }
    for (Segment s : loadable()) {
      if (inside(entry, s.vaddr, s.memSize)) {
        return entry - s.vaddr + s.paddr;
      }
    }
    return entry;
  }

  private static boolean inside(long address, long start, long size) {
    return Long.compareUnsigned(address - start, size) < 0;
  }

  /** The PVH entry point, if the file has that note. */
  OptionalLong pvhEntry(ImageFile file) throws BootException {
    for (Segment s : segments) {
      if (s.type == PT_NOTE && s.fileSize > 0 && s.fileSize <= MAX_NOTES) {
        OptionalLong entry = findPvhNote(file.read(s.offset, (int) s.fileSize));
        if (entry.isPresent()) {
          return entry;
        }
      }
    }
    return OptionalLong.empty();
  }

  private static OptionalLong findPvhNote(byte[] notes) {
    int at = 0;
    while (at + 12 <= notes.length) {
      long nameSize = u32(notes, at);
      long descSize = u32(notes, at + 4);
      long type = u32(notes, at + 8);
      long desc = at + 12 + (nameSize + 3 & ~3L);
      long next = desc + (descSize + 3 & ~3L);
      if (desc + descSize > notes.length) {
        break;
      }
      boolean xen =
          nameSize == 4 && notes[at + 12] == 'X' && notes[at + 13] == 'e' && notes[at + 14] == 'n';
      if (xen && type == NOTE_PHYS32_ENTRY && descSize >= 4) {
        return OptionalLong.of(u32(notes, (int) desc));
      }
      if (next > notes.length) {
        break;
      }
      at = (int) next;
    }
    return OptionalLong.empty();
  }

  private static BootException wrongMachine(String name, int machine) {
    return new BootException(
        String.format(
            "%s is an ELF file for %s; this machine runs x86 (ELF for i386 or x86-64)",
            name, machineName(machine)));
  }

  private static String machineName(int machine) {
    return switch (machine) {
      case 2, 18, 43 -> "SPARC";
      case 4 -> "68000";
      case 8 -> "MIPS";
      case 15 -> "PA-RISC";
      case 20 -> "PowerPC";
      case 21 -> "64-bit PowerPC";
      case 22 -> "S/390";
      case 40 -> "ARM";
      case 42 -> "SuperH";
      case 50 -> "Itanium";
      case 183 -> "AArch64";
      case 243 -> "RISC-V";
      case 258 -> "LoongArch";
      default -> "machine type " + machine;
    };
  }
}
