package org.quern.cli.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubOptionsTest {
  @Test
  void firstBareWordHasTheImpliedKey() throws OptionException {
    SubOptions sub = new SubOptions("-smp", "4,cores=2", "cpus");
    assertThat(sub.take("cpus")).isEqualTo("4");
    assertThat(sub.take("cores")).isEqualTo("2");
    assertThat(sub.take("cpus")).isNull();
  }

  @Test
  void otherBareWordsAreSwitchedOn() throws OptionException {
    assertThat(new SubOptions("-x", "a,b", "k").rest())
        .containsEntry("k", "a")
        .containsEntry("b", "on");
  }

  @Test
  void doubledCommaIsAComma() throws OptionException {
    SubOptions sub = new SubOptions("-x", "path=/a,,b,next=1", null);
    assertThat(sub.take("path")).isEqualTo("/a,b");
    assertThat(sub.take("next")).isEqualTo("1");
  }

  @Test
  void valueMayHoldAnEqualsSign() throws OptionException {
    assertThat(new SubOptions("-x", "a=b=c", null).take("a")).isEqualTo("b=c");
  }

  @Test
  void laterValueWins() throws OptionException {
    assertThat(new SubOptions("-x", "a=1,a=2", null).take("a")).isEqualTo("2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",", "a=1,", ",a=1", "a=1,,,,,", "=1"})
  void refusesEmptyParts(String text) {
    assertThatThrownBy(() -> new SubOptions("-x", text, "k"))
        .isInstanceOf(OptionException.class)
        .hasMessageContaining("-x " + text);
  }

  @Test
  void switchesAreOnOrOff() throws OptionException {
    SubOptions sub = new SubOptions("-x", "a=on,b=off,c=maybe", null);
    assertThat(sub.takeSwitch("a", false)).isTrue();
    assertThat(sub.takeSwitch("b", true)).isFalse();
    assertThat(sub.takeSwitch("absent", true)).isTrue();
    assertThatThrownBy(() -> sub.takeSwitch("c", false))
        .hasMessage("-x c=maybe: not a switch; write on or off");
  }

  @Test
  void whatNobodyTookIsRefusedByName() throws OptionException {
    SubOptions sub = new SubOptions("-m", "512,maxmem=1G", "size");
    sub.take("size");
    assertThatThrownBy(() -> sub.refuseRest("size"))
        .hasMessage("-m maxmem=1G: no such property, or not supported yet; known are size");
  }
}
