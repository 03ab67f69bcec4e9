package org.quern.firmware.bios;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.firmware.FakeMemory;

class InterruptVectorsTest {
  private static final int IRET = 0xcf;

  private final FakeMemory memory = new FakeMemory(1 << 20, 0);

  @BeforeEach
  void install() {
    InterruptVectors.install(memory);
  }

  private int handler(int vector) {
    return (memory.u16At(4L * vector + 2) << 4) + memory.u16At(4L * vector);
  }

  @ParameterizedTest
  @CsvSource({"0x00", "0x05", "0x10", "0x1c", "0x6f", "0x78", "0xff"})
  void vectorsWithoutAServiceReturnAtOnce(int vector) {
    assertThat(memory.u8At(handler(vector))).isEqualTo(IRET);
  }

  @Test
  void timerIsWhereProgramsExpectItsHandler() {
    assertThat(handler(8)).isEqualTo(0xffea5);
    assertThat(memory.bytes(handler(8) + 7, 5)).containsExactly(0x66, 0xff, 0x06, 0x6c, 0x00);
  }

  @Test
  void everyVectorLeadsToCode() {
    for (int v = 0; v < 256; v++) {
      // 0xcc is memory that nobody has written.
      assertThat(memory.u8At(handler(v))).as("vector %x", v).isNotEqualTo(0xcc);
    }
  }

  @Test
  void slaveInterruptsAreAcknowledgedTwice() {
    assertThat(memory.bytes(handler(0x73), 9))
        .containsExactly(0x50, 0xb0, 0x20, 0xe6, 0xa0, 0xe6, 0x20, 0x58, IRET);
  }

  @Test
  void masterInterruptsAreAcknowledgedOnce() {
    assertThat(memory.bytes(handler(0x0d), 7))
        .containsExactly(0x50, 0xb0, 0x20, 0xe6, 0x20, 0x58, IRET);
  }
}
