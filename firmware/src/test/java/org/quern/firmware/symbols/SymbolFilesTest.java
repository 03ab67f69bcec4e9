package org.quern.firmware.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.firmware.BootException;
import org.quern.firmware.bytes.ByteWriter;

class SymbolFilesTest {
  @TempDir Path folder;

  private SymbolTable read(byte[] content) throws IOException, BootException {
    return SymbolFiles.read(Files.write(folder.resolve("s"), content));
  }

  private SymbolTable map(String text) throws IOException, BootException {
    return read(text.getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void readsASystemMap() throws Exception {
    SymbolTable t =
        map(
            """
            0000000000000000 A fixed_percpu_data
            ffffffff81000000 T _text
            ffffffff81000000 T startup_64
            ffffffff81000100 t inner
            junk
            """);
    assertThat(t.size()).isEqualTo(2);
    assertThat(t.lookup(0xffffffff81000012L)).hasToString("Optional[_text+0x12]");
    assertThat(t.lookup(0xffffffff81000100L)).hasToString("Optional[inner+0x0]");
    assertThat(t.lookup(0xffffffff80ffffffL)).isEmpty();
    assertThat(t.lookup(0x1000)).isEmpty();
    assertThat(t.lookup(0xffffffffff000000L)).as("far behind the last").isEmpty();
  }

  @Test
  void readsAMapOf32BitAddresses() throws Exception {
    assertThat(map("c1000000 T startup_32\n").lookup(0xc1000004L))
        .hasToString("Optional[startup_32+0x4]");
  }

  /** Debian ships a file of one sentence in place of the real one. */
  @Test
  void refusesAFileWithoutSymbols() {
    assertThatThrownBy(
            () -> map("ffffffffffffffff B The real System.map is elsewhere\n".substring(19)))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("holds no symbols");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void readsAnElfFile(boolean wide) throws Exception {
    SymbolTable t = read(elf(wide));
    assertThat(t.lookup(0x1008)).hasToString("Optional[main+0x8]");
    assertThat(t.lookup(0x1010)).as("behind the end of main").isEmpty();
    assertThat(t.size()).isEqualTo(1);
  }

  @Test
  void refusesATruncatedElfFile() {
    byte[] elf = elf(true);
    assertThatThrownBy(() -> read(java.util.Arrays.copyOf(elf, elf.length - 70)))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("truncated");
  }

  /** Sections: none, .symtab, .strtab; symbols: none, main, one absolute, one undefined. */
  private static byte[] elf(boolean wide) {
    int header = wide ? 64 : 52;
    byte[] strings = "\0main\0abs\0".getBytes(StandardCharsets.US_ASCII);
    ByteWriter symbols = new ByteWriter();
    symbol(symbols, wide, 0, 0, 0, 0, 0);
    symbol(symbols, wide, 1, 0x1000, 16, 2, 1);
    symbol(symbols, wide, 6, 0x2000, 16, 0, 0xfff1);
    symbol(symbols, wide, 6, 0x3000, 16, 0, 0);
    int stringsAt = header + symbols.size();
    int sectionsAt = stringsAt + strings.length;
    ByteWriter w = new ByteWriter().raw((byte) 0x7f).text("ELF").u8(wide ? 2 : 1).u8(1).u8(1);
    w.zeros(9).u16(2).u16(wide ? 62 : 3).u32(1);
    if (wide) {
      w.u64(0).u64(0).u64(sectionsAt);
    } else {
      w.u32(0).u32(0).u32(sectionsAt);
    }
    w.u32(0).u16(header).u16(0).u16(0).u16(wide ? 64 : 40).u16(3).u16(0);
    w.raw(symbols.toBytes()).raw(strings);
    section(w, wide, 0, 0, 0, 0);
    section(w, wide, 2, header, symbols.size(), 2);
    section(w, wide, 3, stringsAt, strings.length, 0);
    return w.toBytes();
  }

  private static void symbol(
      ByteWriter w, boolean wide, int name, long value, long size, int type, int section) {
    if (wide) {
      w.u32(name).u8(type).u8(0).u16(section).u64(value).u64(size);
    } else {
      w.u32(name).u32(value).u32(size).u8(type).u8(0).u16(section);
    }
  }

  private static void section(
      ByteWriter w, boolean wide, int type, long offset, long size, int link) {
    if (wide) {
      w.u32(0).u32(type).u64(0).u64(0).u64(offset).u64(size).u32(link).u32(0).u64(0).u64(0);
    } else {
      w.u32(0).u32(type).u32(0).u32(0).u32(offset).u32(size).u32(link).u32(0).u32(0).u32(0);
    }
  }
}
