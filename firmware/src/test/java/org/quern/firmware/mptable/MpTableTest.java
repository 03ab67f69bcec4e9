package org.quern.firmware.mptable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quern.firmware.bytes.LittleEndian.u16;
import static org.quern.firmware.bytes.LittleEndian.u32;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.quern.firmware.BoardDescription;

class MpTableTest {
  private static final int BASE = 0xf0000;
  private static final int TABLE = 16;

  private final byte[] bytes = MpTable.build(BoardDescription.pc(3, 1 << 30, 0), BASE);

  private List<byte[]> entries() {
    List<byte[]> all = new ArrayList<>();
    int at = TABLE + 44;
    while (at < bytes.length) {
      int size = bytes[at] == 0 ? 20 : 8;
      all.add(Arrays.copyOfRange(bytes, at, at + size));
      at += size;
    }
    return all;
  }

  private static int sum(byte[] b, int from, int to) {
    int sum = 0;
    for (int i = from; i < to; i++) {
      sum += b[i];
    }
    return sum & 0xff;
  }

  @Test
  void pointsToTheTableWithRightChecksums() {
    assertThat(Arrays.copyOf(bytes, 4)).asString().isEqualTo("_MP_");
    assertThat(u32(bytes, 4)).isEqualTo(BASE + TABLE);
    assertThat(sum(bytes, 0, TABLE)).isZero();
    assertThat(Arrays.copyOfRange(bytes, TABLE, TABLE + 4)).asString().isEqualTo("PCMP");
    assertThat(u16(bytes, TABLE + 4)).isEqualTo(bytes.length - TABLE);
    assertThat(sum(bytes, TABLE, bytes.length)).isZero();
  }

  @Test
  void countsItsEntries() {
    assertThat(u16(bytes, TABLE + 34)).isEqualTo(entries().size());
  }

  @Test
  void listsTheProcessorsWithTheBootProcessorFirst() {
    List<byte[]> cpus = entries().stream().filter(e -> e[0] == 0).toList();
    assertThat(cpus).extracting(e -> (int) e[1]).containsExactly(0, 1, 2);
    assertThat(cpus).extracting(e -> (int) e[3]).containsExactly(3, 1, 1);
  }

  @Test
  void sendsTheTimerToPin2() {
    byte[] timer = {3, 0, 0, 0, 1, 0, 0, 2};
    assertThat(entries()).contains(timer);
  }

  @Test
  void routesPciPinsAsThePiixDoes() {
    byte[] slot3PinA = {3, 0, 0x0d, 0, 0, 3 << 2, 0, 11};
    byte[] slot2PinD = {3, 0, 0x0d, 0, 0, 2 << 2 | 3, 0, 10};
    assertThat(entries()).contains(slot3PinA, slot2PinD);
  }

  @Test
  void hasTheLocalInterrupts() {
    byte[] extInt = {4, 3, 0, 0, 1, 0, (byte) 0xff, 0};
    byte[] nmi = {4, 1, 0, 0, 1, 0, (byte) 0xff, 1};
    assertThat(entries()).endsWith(extInt, nmi);
  }
}
