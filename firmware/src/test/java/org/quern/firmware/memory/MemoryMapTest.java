package org.quern.firmware.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.quern.firmware.BoardDescription;
import org.quern.firmware.memory.MemoryMap.Kind;
import org.quern.firmware.memory.MemoryMap.Range;

class MemoryMapTest {
  @Test
  void listsRamAndWhatIsReservedInIt() {
    assertThat(MemoryMap.of(BoardDescription.pc(1, 64 << 20, 0)))
        .containsExactly(
            new Range(0, 0x9fc00, Kind.RAM),
            new Range(0x9fc00, 0x400, Kind.RESERVED),
            new Range(0xe0000, 0x20000, Kind.RESERVED),
            new Range(0x100000, 63 << 20, Kind.RAM),
            new Range(0xfffc0000L, 0x40000, Kind.RESERVED));
  }

  @Test
  void listsRamAbove4G() {
    List<Range> map = MemoryMap.of(BoardDescription.pc(1, 3L << 30, 1L << 30));
    assertThat(map.get(map.size() - 1)).isEqualTo(new Range(1L << 32, 1L << 30, Kind.RAM));
  }

  @Test
  void leavesOutWhatIsNotThere() {
    assertThat(MemoryMap.of(BoardDescription.pc(1, 1 << 20, 0))).hasSize(4);
  }

  @Test
  void isAscendingWithoutOverlap() {
    List<Range> map = MemoryMap.of(BoardDescription.pc(1, 3L << 30, 5L << 30));
    for (int i = 1; i < map.size(); i++) {
      assertThat(map.get(i).start()).isGreaterThanOrEqualTo(map.get(i - 1).end());
    }
  }
}
