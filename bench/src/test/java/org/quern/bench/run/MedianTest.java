package org.quern.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class MedianTest {
  @Test
  void middleOfAnOddNumber() {
    assertThat(Median.of(List.of(9.0, 1.0, 5.0))).isEqualTo(5);
  }

  @Test
  void meanOfTheTwoInTheMiddleOfAnEvenNumber() {
    assertThat(Median.of(List.of(8.0, 1.0, 4.0, 2.0))).isEqualTo(3);
  }

  @Test
  void geometricMeanOfTwiceAndHalfIsOne() {
    assertThat(Median.geometric(List.of(2.0, 0.5))).isCloseTo(1, within(1e-12));
  }
}
