package org.quern.bench.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BenchProgramImageTest {
  private static final int LOAD = 0x10_0000;

  @ParameterizedTest
  @EnumSource
  void imageHasAMultibootHeaderWithItsAddresses(BenchProgram program) {
    ByteBuffer b = ByteBuffer.wrap(program.image(1, 1)).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(b.getInt(0)).isEqualTo(0x1bad_b002);
    assertThat(b.getInt(0) + b.getInt(4) + b.getInt(8)).isZero();
    assertThat(b.getInt(4)).as("flags: addresses").isEqualTo(0x1_0000);
    assertThat(b.getInt(12)).as("header").isEqualTo(LOAD);
    assertThat(b.getInt(20)).as("end of what is loaded").isEqualTo(LOAD + b.capacity());
    assertThat(b.getInt(28)).as("entry").isBetween(LOAD, LOAD + b.capacity());
  }

  @ParameterizedTest
  @EnumSource
  void imageIsFarFromWhatTheProgramWrites(BenchProgram program) {
    assertThat(program.image(1, 1).length).isLessThan(0x10_0000 - 4096);
  }

  @Test
  void countsAreTheOnlyDifferenceBetweenImages() {
    byte[] small = BenchProgram.FIB.image(1, 1);
    byte[] large = BenchProgram.FIB.image(0x55aa, 0x1234);
    int different = 0;
    for (int n = 0; n < small.length; n++) {
      different += small[n] == large[n] ? 0 : 1;
    }
    assertThat(different).isEqualTo(4);
  }

  @Test
  void namesAreFound() {
    assertThat(BenchProgram.of("crc32")).contains(BenchProgram.CRC32);
    assertThat(BenchProgram.of("CRC32")).isEmpty();
    assertThat(BenchProgram.labels())
        .startsWith("fib, sieve, ")
        .contains(", syscall, pages, ")
        .endsWith(", ipi");
  }

  @Test
  void noWorkAtAllIsNotABenchmark() {
    assertThatThrownBy(() -> BenchProgram.FIB.image(0, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
