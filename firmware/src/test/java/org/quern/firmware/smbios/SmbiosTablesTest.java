package org.quern.firmware.smbios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quern.firmware.bytes.LittleEndian.u16;
import static org.quern.firmware.bytes.LittleEndian.u32;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.quern.firmware.BoardDescription;

class SmbiosTablesTest {
  private static final int BASE = 0xf1230;

  private final byte[] table = build(BoardDescription.pc(2, 1L << 30, 0));

  private static byte[] build(BoardDescription board) {
    return SmbiosTables.build(board, BASE);
  }

  private record Structure(int type, byte[] body, List<String> strings) {}

  private static List<Structure> walk(byte[] table) {
    List<Structure> all = new ArrayList<>();
    int at = (int) u32(table, 24) - BASE;
    int end = at + u16(table, 22);
    while (at < end) {
      int length = table[at + 1] & 0xff;
      byte[] body = Arrays.copyOfRange(table, at, at + length);
      List<String> strings = new ArrayList<>();
      int p = at + length;
      while (table[p] != 0) {
        int stop = p;
        while (table[stop] != 0) {
          stop++;
        }
        strings.add(new String(table, p, stop - p, StandardCharsets.US_ASCII));
        p = stop + 1;
      }
      at = Math.max(p + 1, at + length + 2);
      all.add(new Structure(body[0] & 0xff, body, strings));
    }
    assertThat(at).isEqualTo(end);
    return all;
  }

  private static int sum(byte[] b, int from, int length) {
    int sum = 0;
    for (int i = from; i < from + length; i++) {
      sum += b[i];
    }
    return sum & 0xff;
  }

  @Test
  void hasAnEntryPointWithRightChecksums() {
    assertThat(new String(table, 0, 4, StandardCharsets.US_ASCII)).isEqualTo("_SM_");
    assertThat(new String(table, 16, 5, StandardCharsets.US_ASCII)).isEqualTo("_DMI_");
    assertThat(sum(table, 0, table[5])).isZero();
    assertThat(sum(table, 16, 15)).isZero();
    assertThat(table[6]).isEqualTo((byte) 2);
    assertThat(table[7]).isEqualTo((byte) 8);
  }

  @Test
  void hasTheStructuresItCounts() {
    List<Structure> all = walk(table);
    assertThat(all).extracting(Structure::type).containsExactly(0, 1, 3, 4, 4, 16, 17, 19, 32, 127);
    assertThat(u16(table, 28)).isEqualTo(all.size());
  }

  @Test
  void hasTheLengthsOfVersion28() {
    assertThat(walk(table))
        .extracting(s -> s.body.length)
        .containsExactly(24, 27, 22, 42, 42, 23, 40, 31, 11, 4);
  }

  @Test
  void namesTheMachine() {
    assertThat(walk(table).get(1).strings)
        .containsExactly("Quern", "Standard PC (i440FX + PIIX, 1996)", "0.1");
  }

  @Test
  void tellsTheSizeOfMemory() {
    List<Structure> all = walk(table);
    assertThat(u32(all.get(5).body, 7)).as("KiB").isEqualTo(1 << 20);
    assertThat(u16(all.get(6).body, 12)).as("MiB").isEqualTo(1024);
    assertThat(u32(all.get(7).body, 8)).as("last KiB").isEqualTo((1 << 20) - 1);
  }

  @Test
  void tellsTheSizeOfMuchMemoryInTheExtendedField() {
    List<Structure> all = walk(build(BoardDescription.pc(1, 3L << 30, 61L << 30)));
    byte[] device = all.get(5).body;
    assertThat(u16(device, 12)).isEqualTo(0x7fff);
    assertThat(u32(device, 28)).isEqualTo(64 << 10);
    assertThat(u32(all.get(6).body, 8)).isEqualTo((65L << 20) - 1);
  }
}
