package org.quern.machine.i8042;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.machine.core.FakeLine;
import org.quern.machine.core.PortDevice;

final class I8042Test {
  private static final int OUTPUT_FULL = 1;

  private final FakeLine irq1 = new FakeLine();
  private final FakeLine irq12 = new FakeLine();
  private final FakeLine a20 = new FakeLine();
  private final AtomicInteger resets = new AtomicInteger();
  private final Ps2Keyboard keyboard = new Ps2Keyboard();
  private final I8042 chip = new I8042(keyboard, irq1, irq12, a20, resets::incrementAndGet);
  private final PortDevice data = chip.dataPort();
  private final PortDevice control = chip.commandPort();

  private void command(int c) {
    control.write(0, 1, c);
  }

  private void send(int b) {
    data.write(0, 1, b);
  }

  private int status() {
    return control.read(0, 1);
  }

  private List<Integer> drain() {
    List<Integer> bytes = new ArrayList<>();
    while ((status() & OUTPUT_FULL) != 0) {
      bytes.add(data.read(0, 1));
    }
    return bytes;
  }

  @Test
  void afterResetNothingWaits() {
    assertThat(status()).isEqualTo(0x18);
  }

  @Test
  void selfTestPassesAndSetsTheSystemFlag() {
    command(0xaa);

    assertThat(status() & 5).isEqualTo(5);
    assertThat(drain()).containsExactly(0x55);
  }

  @Test
  void theCommandByteIsWrittenAndReadBack() {
    command(0x60);
    send(0x47);
    command(0x20);

    assertThat(drain()).containsExactly(0x47);
  }

  @Test
  void controllerRamIsMemory() {
    command(0x65);
    send(0x99);
    command(0x25);

    assertThat(drain()).containsExactly(0x99);
  }

  @ParameterizedTest
  @CsvSource({"0xa9, 0", "0xab, 0", "0xc0, 0x80", "0xe0, 0"})
  void testsAndInputsAnswer(String command, String answer) {
    command(Integer.decode(command));

    assertThat(drain()).containsExactly(Integer.decode(answer));
  }

  @ParameterizedTest
  @CsvSource({"0xfe, 1", "0xff, 0", "0xf0, 1"})
  void pulsingOutputBitZeroResets(String command, int expected) {
    command(Integer.decode(command));

    assertThat(resets).hasValue(expected);
  }

  @Test
  void theOutputPortGatesA20AndResets() {
    command(0xd1);
    send(0xdd);
    assertThat(a20.level()).isFalse();
    command(0xd1);
    send(0xdf);
    assertThat(a20.level()).isTrue();
    command(0xd0);
    assertThat(drain()).containsExactly(0xcf);
    command(0xd1);
    send(0xde);
    assertThat(resets).hasValue(1);
  }

  @Test
  void commandsGateA20Too() {
    command(0xdf);
    assertThat(a20.level()).isTrue();
    command(0xdd);
    assertThat(a20.level()).isFalse();
    command(0xd0);
    assertThat(drain()).containsExactly(0xcd);
  }

  @Test
  void theKeyboardAnswersWithAnEdgeForEachByte() {
    command(0x60);
    send(0x01);
    send(0xff);

    assertThat(irq1.level()).isTrue();
    assertThat(irq1.takeRises()).isEqualTo(1);
    assertThat(data.read(0, 1)).isEqualTo(0xfa);
    assertThat(irq1.takeRises()).isEqualTo(1);
    assertThat(data.read(0, 1)).isEqualTo(0xaa);
    assertThat(irq1.level()).isFalse();
    assertThat(irq12.takeRises()).isZero();
  }

  @Test
  void withoutItsInterruptTheKeyboardIsPolled() {
    command(0x60);
    send(0x00);
    send(0xee);

    assertThat(irq1.level()).isFalse();
    assertThat(drain()).containsExactly(0xee);
  }

  @ParameterizedTest
  @CsvSource({"0x00, 0xfa 0xab 0x83", "0x40, 0xfa 0xab 0x41"})
  void theKeyboardIdentifiesItself(String mode, String answer) {
    command(0x60);
    send(Integer.decode(mode));
    send(0xf2);

    assertThat(drain())
        .containsExactly(
            Arrays.stream(answer.split(" ")).map(Integer::decode).toArray(Integer[]::new));
  }

  @Test
  void keysComeInSet2OrTranslatedToSet1() {
    keyboard.inject(0x1c, 0xf0, 0x1c);
    assertThat(drain()).containsExactly(0x1c, 0xf0, 0x1c);
    command(0x60);
    send(0x41);
    keyboard.inject(0x1c, 0xf0, 0x1c);
    assertThat(drain()).containsExactly(0x1e, 0x9e);
    keyboard.inject(0xe0, 0x75, 0xe0, 0xf0, 0x75);
    assertThat(drain()).containsExactly(0xe0, 0x48, 0xe0, 0xc8);
  }

  @Test
  void aDisabledKeyboardKeepsItsKeysUntilEnabled() {
    command(0xad);
    keyboard.inject(0x1c);
    assertThat(drain()).isEmpty();
    command(0xae);
    assertThat(drain()).containsExactly(0x1c);
  }

  @Test
  void aKeyboardThatDoesNotScanRefusesKeys() {
    send(0xf5);
    drain();
    assertThat(keyboard.inject(0x1c)).isFalse();
    send(0xf4);
    drain();
    assertThat(keyboard.inject(0x1c)).isTrue();
  }

  @Test
  void aFullKeyboardRefusesKeys() {
    command(0xad);
    for (int i = 0; i < 16; i++) {
      assertThat(keyboard.inject(0x1c)).isTrue();
    }
    assertThat(keyboard.inject(0x1c)).isFalse();
  }

  @Test
  void ledsAndScanCodeSetTakeArguments() {
    send(0xed);
    send(0x05);
    send(0xf0);
    send(0x00);

    assertThat(keyboard.leds()).isEqualTo(5);
    assertThat(drain()).containsExactly(0xfa, 0xfa, 0xfa, 0xfa, 0x02);
  }

  @Test
  void anUnknownKeyboardCommandAsksForResend() {
    send(0xe1);
    assertThat(drain()).containsExactly(0xfe);
    send(0xee);
    assertThat(drain()).containsExactly(0xee);
    send(0xfe);
    assertThat(drain()).containsExactly(0xee);
  }

  @Test
  void aHostThatNeverReadsLosesAnswers() {
    for (int i = 0; i < 1000; i++) {
      send(0xee);
      send(0xfe);
    }

    assertThat(drain()).hasSize(17);
  }

  @Test
  void firmwareLeavesTheKeyboardTranslatedAndTested() {
    chip.setUpAsFirmware();
    command(0x20);
    assertThat(status() & 4).isEqualTo(4);
    assertThat(drain()).containsExactly(0x65);
    keyboard.inject(0x1c);
    assertThat(irq1.level()).isTrue();
    assertThat(drain()).containsExactly(0x1e);
  }

  @Test
  void theSecondLineLoopsBackButNothingIsPluggedIn() {
    command(0xd3);
    send(0x5a);
    assertThat(status() & 0x21).isEqualTo(0x21);
    assertThat(irq12.level()).isTrue();
    assertThat(drain()).containsExactly(0x5a);
    command(0xd4);
    send(0xf2);
    assertThat(status() & 0x61).isEqualTo(0x61);
    assertThat(drain()).containsExactly(0xfe);
    assertThat(irq12.level()).isFalse();
  }

  @Test
  void anEmptyBufferReadsAsItsLastByte() {
    command(0xaa);
    drain();

    assertThat(data.read(0, 1)).isEqualTo(0x55);
  }

  @Test
  void stateRoundTripsAndDrivesTheInterrupt() {
    keyboard.inject(0x1c, 0xf0, 0x1c);
    command(0xd1);
    I8042.State state = chip.state();
    Ps2Keyboard.State keys = keyboard.state();

    FakeLine line = new FakeLine();
    Ps2Keyboard otherKeyboard = new Ps2Keyboard();
    I8042 other = new I8042(otherKeyboard, line, irq12, a20, resets::incrementAndGet);
    otherKeyboard.restore(keys);
    other.restore(state);
    assertThat(other.state()).isEqualTo(state);
    assertThat(otherKeyboard.state()).isEqualTo(keys);
    assertThat(line.level()).isTrue();
    assertThat(other.dataPort().read(0, 1)).isEqualTo(0x1c);
    assertThat(other.dataPort().read(0, 1)).isEqualTo(0xf0);
    other.reset();
    otherKeyboard.reset();
    assertThat(line.level()).isFalse();
    assertThat(other.commandPort().read(0, 1)).isEqualTo(0x18);
  }

  @Test
  void impossibleStatesAreRefused() {
    I8042.State s = chip.state();

    assertThatThrownBy(
            () ->
                chip.restore(
                    new I8042.State(s.ram(), false, false, true, -1, 0x10000, -1, 0, false)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> keyboard.restore(new Ps2Keyboard.State(List.of(), List.of(), 0, true, 4, 0, 0)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
