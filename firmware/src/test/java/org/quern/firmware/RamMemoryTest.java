package org.quern.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.quern.machine.mem.GuestRam;

class RamMemoryTest {
  private static final long HIGH = 1L << 32;

  private final RamMemory memory = new RamMemory(new GuestRam(3 << 20, 2 << 20));

  @Test
  void readsWhatWasWrittenInBothPieces() {
    byte[] b = new byte[4];
    memory.write((2 << 20) - 4, new byte[] {0, 1, 2, 3, 4, 0}, 1, 4);
    memory.read((2 << 20) - 4, b, 0, 4);
    assertThat(b).containsExactly(1, 2, 3, 4);
    memory.write(HIGH, new byte[] {5, 6}, 0, 2);
    memory.read(HIGH, b, 2, 2);
    assertThat(b).containsExactly(1, 2, 5, 6);
  }

  @Test
  void clears() {
    byte[] b = {9, 9, 9};
    memory.write(100, b, 0, 3);
    memory.clear(101, 1);
    memory.read(100, b, 0, 3);
    assertThat(b).containsExactly(9, 0, 9);
  }

  @Test
  void refusesWhatIsNotRam() {
    byte[] b = new byte[2];
    assertThatThrownBy(() -> memory.write((2 << 20) - 1, b, 0, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> memory.read(HIGH + (1 << 20), b, 0, 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> memory.clear(-1, 1)).isInstanceOf(IndexOutOfBoundsException.class);
  }
}
