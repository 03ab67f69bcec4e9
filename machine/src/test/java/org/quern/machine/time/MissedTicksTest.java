package org.quern.machine.time;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MissedTicksTest {
  private final MissedTicks missed = new MissedTicks(10);

  @Test
  void withoutAnyTheNextTickIsTheRegularOne() {
    assertThat(missed.next(1000, 1500, 1600)).isEqualTo(1500);
    assertThat(missed.take()).isFalse();
  }

  @Test
  void comeAtSixteenTimesTheRate() {
    missed.add(2);
    assertThat(missed.next(1000, 1500, 1600)).isEqualTo(1100);
    assertThat(missed.next(1450, 1500, 1600)).as("the regular one is sooner").isEqualTo(1500);
    assertThat(missed.take()).isTrue();
    assertThat(missed.take()).isTrue();
    assertThat(missed.take()).isFalse();
    assertThat(missed.next(1000, 1500, 1600)).isEqualTo(1500);
  }

  @Test
  void neverComeFasterThanTheShortestTime() {
    missed.add(1);
    assertThat(missed.next(1000, 1500, 32)).isEqualTo(1010);
  }

  @Test
  void afterAVeryLongStopAThousandAreMadeUpFor() {
    missed.add(Long.MAX_VALUE - 5);
    missed.add(1);
    for (int i = 0; i < 1000; i++) {
      assertThat(missed.take()).isTrue();
    }
    assertThat(missed.take()).isFalse();
  }

  @Test
  void areForgotten() {
    missed.add(3);
    missed.forget();
    assertThat(missed.take()).isFalse();
  }
}
