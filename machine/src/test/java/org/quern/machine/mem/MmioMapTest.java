package org.quern.machine.mem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.quern.machine.core.MmioDevice;

final class MmioMapTest {
  private final MmioMap map = new MmioMap();
  private final MmioDevice device =
      new MmioDevice() {
        @Override
        public long read(long offset, int size) {
          return 0;
        }

        @Override
        public void write(long offset, int size, long value) {}
      };

  @Test
  void findsTheWindowOfItsFirstAndLastByteOnly() {
    map.add("b", 0x2000, 0x100, device);
    map.add("a", 0x1000, 0x100, device);
    map.add("c", 0x3000, 0x100, device);

    assertThat(map.find(0x1fff)).isNull();
    assertThat(map.find(0x2000).name()).isEqualTo("b");
    assertThat(map.find(0x20ff).name()).isEqualTo("b");
    assertThat(map.find(0x2100)).isNull();
    assertThat(map.find(-1)).isNull();
  }

  @Test
  void twoFixedWindowsThatOverlapAreABug() {
    map.add("a", 0x1000, 0x100, device);

    assertThatThrownBy(() -> map.add("b", 0x10ff, 1, device))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("overlaps a");
  }

  @Test
  void movableWindowsGiveWayToFixedAndEarlierOnes() {
    map.add("fixed", 0x1000, 0x100, device);
    int visible =
        map.movable(
            List.of(
                new MmioMap.Window("hidden", 0x1080, 0x100, device),
                new MmioMap.Window("first", 0x5000, 0x1000, device),
                new MmioMap.Window("second", 0x5800, 0x1000, device)));

    assertThat(visible).isEqualTo(1);
    assertThat(map.find(0x1080).name()).isEqualTo("fixed");
    assertThat(map.find(0x1100)).isNull();
    assertThat(map.find(0x5800).name()).isEqualTo("first");
  }
}
