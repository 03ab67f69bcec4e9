package org.quern.machine.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class HaltsTest {
  /** A processor that does something when it is looked at. */
  private static final class Fake implements Halts.Processor {
    private final Runnable whenAsked;
    private boolean stuck;
    private int touches;

    Fake(boolean stuck, Runnable whenAsked) {
      this.stuck = stuck;
      this.whenAsked = whenAsked;
    }

    @Override
    public boolean stuck() {
      whenAsked.run();
      return stuck;
    }

    @Override
    public int touches() {
      return touches;
    }
  }

  @Test
  void allThatHaveHaltedHaveDoneSoForGood() {
    assertThat(Halts.allForGood(List.of(new Fake(true, () -> {}), new Fake(true, () -> {}))))
        .isTrue();
  }

  @Test
  void oneThatRunsMayWakeTheOthers() {
    assertThat(Halts.allForGood(List.of(new Fake(true, () -> {}), new Fake(false, () -> {}))))
        .isFalse();
  }

  @Test
  void oneThatWakesAnotherAndThenHaltsIsNotTheLast() {
    Fake first = new Fake(true, () -> {});
    Fake[] second = new Fake[1];
    second[0] =
        new Fake(
            false,
            () -> {
              first.touches++;
              first.stuck = false;
              second[0].stuck = true;
            });
    assertThat(Halts.allForGood(List.of(first, second[0]))).isFalse();
  }
}
