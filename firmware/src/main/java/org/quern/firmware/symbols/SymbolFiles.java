package org.quern.firmware.symbols;

import static org.quern.firmware.bytes.LittleEndian.u16;
import static org.quern.firmware.bytes.LittleEndian.u32;
import static org.quern.firmware.bytes.LittleEndian.u64;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.quern.firmware.BootException;
import org.quern.firmware.image.ElfImage;
import org.quern.firmware.image.ImageFile;
import org.quern.firmware.symbols.SymbolTable.Entry;

/** Reads symbol tables: System.map, /proc/kallsyms or the symbol table of an x86 ELF file. */
public final class SymbolFiles {
  private static final int MAX_FILE = 256 << 20;
  private static final int SHT_SYMTAB = 2;
  private static final int STT_FUNC = 2;
  private static final int SHN_UNDEF = 0;
  private static final int SHN_ABS = 0xfff1;

  private SymbolFiles() {}

  /**
   * Reads a file of either kind, told by its content.
   *
   * @throws BootException if it cannot be read or holds no symbols
   */
  public static SymbolTable read(Path path) throws BootException {
    try (ImageFile file = ImageFile.open("symbol file", path)) {
      List<Entry> entries = ElfImage.hasMagic(file.head(4)) ? fromElf(file) : fromSystemMap(file);
      if (entries.isEmpty()) {
        throw file.error("holds no symbols; a System.map or an ELF file with them is needed");
      }
      return new SymbolTable(entries);
    }
  }

  /** Lines of an address, a type letter and a name; anything else is skipped. */
  private static List<Entry> fromSystemMap(ImageFile file) throws BootException {
    if (file.size() > MAX_FILE) {
      throw file.error("is too large for a System.map");
    }
    String text = new String(file.read(0, (int) file.size()), StandardCharsets.ISO_8859_1);
    List<Entry> entries = new ArrayList<>();
    for (int at = 0; at < text.length(); ) {
      int end = text.indexOf('\n', at);
      end = end < 0 ? text.length() : end;
      int blank = text.indexOf(' ', at);
      int digits = blank - at;
      if (digits > 0 && digits <= 16 && blank + 3 < end && text.charAt(blank + 2) == ' ') {
        addLine(entries, text, at, blank, end);
      }
      at = end + 1;
    }
    return entries;
  }

  private static void addLine(List<Entry> entries, String text, int at, int blank, int end) {
    long address = 0;
    for (int i = at; i < blank; i++) {
      int digit = Character.digit(text.charAt(i), 16);
      if (digit < 0) {
        return;
      }
      address = address << 4 | digit;
    }
    // Absolute symbols are numbers, not places.
    if (Character.toUpperCase(text.charAt(blank + 1)) != 'A') {
      entries.add(new Entry(address, 0, text.substring(blank + 3, end).strip()));
    }
  }

  private static List<Entry> fromElf(ImageFile file) throws BootException {
    byte[] head = file.head(ElfImage.HEADER_SIZE);
    if (head.length < ElfImage.HEADER_SIZE) {
      throw file.error("is truncated: its ELF header is not complete");
    }
    boolean wide = head[4] == 2;
    long tableAt = wide ? u64(head, 40) : u32(head, 32);
    int entrySize = u16(head, wide ? 58 : 46);
    int count = u16(head, wide ? 60 : 48);
    List<Entry> entries = new ArrayList<>();
    if (entrySize < (wide ? 64 : 40)) {
      return entries;
    }
    byte[] sections = file.read(tableAt, entrySize * count);
    for (int i = 0; i < count; i++) {
      int s = i * entrySize;
      int link = (int) u32(sections, s + (wide ? 40 : 24));
      if (u32(sections, s + 4) == SHT_SYMTAB && link >= 0 && link < count) {
        byte[] symbols = section(file, sections, s, wide);
        byte[] strings = section(file, sections, link * entrySize, wide);
        addSymbols(entries, symbols, strings, wide);
      }
    }
    return entries;
  }

  private static byte[] section(ImageFile file, byte[] sections, int s, boolean wide)
      throws BootException {
    long offset = wide ? u64(sections, s + 24) : u32(sections, s + 16);
    long size = wide ? u64(sections, s + 32) : u32(sections, s + 20);
    if (size < 0 || size > MAX_FILE) {
      throw file.error("has a broken ELF section header");
    }
    return file.read(offset, (int) size);
  }

  private static void addSymbols(
      List<Entry> entries, byte[] symbols, byte[] strings, boolean wide) {
    int step = wide ? 24 : 16;
    for (int at = 0; at + step <= symbols.length; at += step) {
      int type = symbols[at + (wide ? 4 : 12)] & 0xf;
      int section = u16(symbols, at + (wide ? 6 : 14));
      long name = u32(symbols, at);
      boolean place = section != SHN_UNDEF && section != SHN_ABS && type <= STT_FUNC;
      if (place && name != 0 && name < strings.length) {
        long address = wide ? u64(symbols, at + 8) : u32(symbols, at + 4);
        long size = wide ? u64(symbols, at + 16) : u32(symbols, at + 8);
        entries.add(new Entry(address, size, text(strings, (int) name)));
      }
    }
  }

  private static String text(byte[] strings, int at) {
    int end = at;
    while (end < strings.length && strings[end] != 0) {
      end++;
    }
    return new String(strings, at, end - at, StandardCharsets.ISO_8859_1);
  }
}
