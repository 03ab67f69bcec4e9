package org.quern.machine.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.quern.machine.core.PortDevice;

final class PortMapTest {
  private final UnassignedAccesses unassigned = new UnassignedAccesses();
  private final PortMap map = new PortMap(unassigned);

  /** Reads as its name's first letter plus the offset in each byte; notes every access. */
  private static final class Recorder implements PortDevice {
    final List<String> log = new ArrayList<>();

    @Override
    public int read(int offset, int size) {
      log.add("r" + size + "@" + offset);
      int v = 0;
      for (int i = 0; i < size; i++) {
        v |= 0x10 + offset + i << 8 * i;
      }
      return v;
    }

    @Override
    public void write(int offset, int size, int value) {
      log.add("w" + size + "@" + offset + "=" + Integer.toHexString(value));
    }
  }

  @Test
  void aWideDeviceTakesAWideAccessInOnePiece() {
    Recorder d = new Recorder();
    map.add("d", 0xcf8, 8, 4, d);

    assertThat(map.read(0xcfc, 4)).isEqualTo(0x17161514);
    map.write(0xcf8, 4, 0x80000000);
    assertThat(d.log).containsExactly("r4@4", "w4@0=80000000");
  }

  @Test
  void aByteDeviceGetsAWordAsTwoBytesLowFirst() {
    Recorder d = new Recorder();
    map.add("d", 0x40, 4, 1, d);
    map.write(0x40, 2, 0x1234);

    assertThat(d.log).containsExactly("w1@0=34", "w1@1=12");
    assertThat(map.read(0x40, 4)).isEqualTo(0x13121110);
  }

  @Test
  void anAccessAcrossTwoRangesReachesBoth() {
    Recorder a = new Recorder();
    Recorder b = new Recorder();
    map.add("a", 0x100, 2, 4, a);
    map.add("b", 0x102, 2, 4, b);

    assertThat(map.read(0x100, 4)).isEqualTo(0x11101110);
    assertThat(a.log).containsExactly("r2@0");
    assertThat(b.log).containsExactly("r2@0");
  }

  @Test
  void nobodysBytesReadAsOnesAndAreCounted() {
    Recorder d = new Recorder();
    map.add("d", 0x101, 1, 1, d);

    assertThat(map.read(0x100, 4)).isEqualTo(0xffff10ff);
    assertThat(unassigned.portReads()).isEqualTo(3);
    assertThat(unassigned.lastPort()).isEqualTo(0x103);
    map.write(0x200, 2, 0);
    assertThat(unassigned.portWrites()).isEqualTo(2);
  }

  @Test
  void anAccessBeyondTheLastPortReadsAsOnes() {
    Recorder d = new Recorder();
    map.add("d", 0xffff, 1, 1, d);

    assertThat(map.read(0xffff, 4)).isEqualTo(0xffffff10);
  }

  @Test
  void aDeviceCannotReturnMoreThanItsSize() {
    map.add(
        "d",
        0x80,
        1,
        1,
        new PortDevice() {
          @Override
          public int read(int offset, int size) {
            return -1;
          }

          @Override
          public void write(int offset, int size, int value) {}
        });

    assertThat(map.read(0x80, 1)).isEqualTo(0xff);
  }

  @Test
  void twoFixedRangesThatOverlapAreABug() {
    map.add("a", 0x60, 1, 1, new Recorder());

    assertThatThrownBy(() -> map.add("b", 0x5f, 2, 1, new Recorder()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("port 60 of b belongs to a");
  }

  @Test
  void movableRangesGiveWayAndComeBack() {
    Recorder fixed = new Recorder();
    Recorder moving = new Recorder();
    map.add("fixed", 0x600, 4, 4, fixed);

    assertThat(map.movable(List.of(new PortMap.Range("m", 0x602, 4, 4, moving)))).isZero();
    assertThat(map.read(0x604, 1)).isEqualTo(0xff);
    assertThat(map.movable(List.of(new PortMap.Range("m", 0x604, 4, 4, moving)))).isEqualTo(1);
    assertThat(map.read(0x604, 1)).isEqualTo(0x10);
    assertThat(map.movable(List.of())).isZero();
    assertThat(map.read(0x604, 1)).isEqualTo(0xff);
    assertThat(map.read(0x600, 1)).isEqualTo(0x10);
  }
}
