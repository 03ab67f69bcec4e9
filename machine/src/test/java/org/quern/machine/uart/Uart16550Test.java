package org.quern.machine.uart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.machine.chardev.FakeBackend;
import org.quern.machine.core.FakeLine;

final class Uart16550Test {
  private static final int DATA = 0;
  private static final int IER = 1;
  private static final int IIR = 2;
  private static final int FCR = 2;
  private static final int LCR = 3;
  private static final int MCR = 4;
  private static final int LSR = 5;
  private static final int MSR = 6;
  private static final int SCR = 7;

  private final FakeLine irq = new FakeLine();
  private final FakeBackend backend = new FakeBackend();
  private final Uart16550 uart = new Uart16550(irq, backend);

  Uart16550Test() {
    backend.takeInputReady();
  }

  private int in(int register) {
    return uart.read(register, 1);
  }

  private void out(int register, int value) {
    uart.write(register, 1, value);
  }

  private void receive(String s) {
    s.chars().forEach(uart::receive);
  }

  @Test
  void afterResetItIsIdleAndSilent() {
    assertThat(in(LSR)).isEqualTo(0x60);
    assertThat(in(IIR)).isEqualTo(0x01);
    assertThat(in(IER)).isZero();
    assertThat(in(MSR)).isEqualTo(0xb0);
    assertThat(irq.level()).isFalse();
  }

  @Test
  void aByteWrittenIsSentAtOnce() {
    out(DATA, 'a');
    out(DATA, 'b');

    assertThat(backend.sent()).isEqualTo("ab");
    assertThat(in(LSR)).isEqualTo(0x60);
  }

  @Test
  void enablingTheTransmitInterruptOfAnEmptyTransmitterInterrupts() {
    out(IER, 2);

    assertThat(irq.level()).isTrue();
    assertThat(in(IIR)).isEqualTo(0x02);
    assertThat(irq.level()).isFalse();
    assertThat(in(IIR)).isEqualTo(0x01);
  }

  @Test
  void eachByteSentMakesAnEdge() {
    out(IER, 2);
    irq.takeRises();
    out(DATA, 'a');
    assertThat(irq.takeRises()).isEqualTo(1);
    out(DATA, 'b');
    assertThat(irq.takeRises()).isEqualTo(1);
  }

  @Test
  void aByteTheBackendRefusesStaysAndGoesOutLater() {
    out(IER, 2);
    in(IIR);
    backend.block(true);
    out(DATA, 'a');
    assertThat(in(LSR)).isZero();
    assertThat(irq.level()).isFalse();

    backend.block(false);
    uart.outputReady();
    assertThat(backend.sent()).isEqualTo("a");
    assertThat(in(LSR)).isEqualTo(0x60);
    assertThat(irq.level()).isTrue();
  }

  @Test
  void aBlockedFifoTakesSixteenBytesAndKeepsTheirOrder() {
    out(FCR, 1);
    backend.block(true);
    for (int i = 0; i < 20; i++) {
      out(DATA, 'a' + i);
    }
    backend.block(false);
    uart.outputReady();

    assertThat(backend.sent()).isEqualTo("abcdefghijklmnop");
  }

  @Test
  void withoutFifoOneByteHasRoom() {
    assertThat(uart.room()).isEqualTo(1);
    receive("a");
    assertThat(uart.room()).isZero();
    assertThat(in(LSR) & 1).isEqualTo(1);
    assertThat(in(DATA)).isEqualTo('a');
    assertThat(backend.takeInputReady()).isEqualTo(1);
    assertThat(in(LSR) & 1).isZero();
  }

  @Test
  void anOverrunWithoutFifoKeepsTheNewByte() {
    receive("ab");

    assertThat(in(LSR)).isEqualTo(0x63);
    assertThat(in(LSR)).isEqualTo(0x61);
    assertThat(in(DATA)).isEqualTo('b');
  }

  @Test
  void anOverrunWithFifoKeepsTheOldBytes() {
    out(FCR, 1);
    receive("abcdefghijklmnopq");

    assertThat(in(LSR) & 2).isEqualTo(2);
    for (char c = 'a'; c <= 'p'; c++) {
      assertThat(in(DATA)).isEqualTo(c);
    }
    assertThat(in(LSR) & 1).isZero();
  }

  @ParameterizedTest
  @CsvSource({"0x01, 1", "0x41, 4", "0x81, 8", "0xc1, 14"})
  void theTriggerLevelTellsDataFromTimeout(String fcr, int trigger) {
    out(FCR, Integer.decode(fcr));
    out(IER, 1);
    for (int i = 1; i < trigger; i++) {
      receive("x");
      assertThat(in(IIR)).isEqualTo(0xcc);
    }
    receive("x");
    assertThat(in(IIR)).isEqualTo(0xc4);
    assertThat(irq.level()).isTrue();
  }

  @Test
  void readingTheLastByteEndsTheReceiveInterrupt() {
    out(FCR, 1);
    out(IER, 1);
    receive("ab");
    in(DATA);
    assertThat(irq.level()).isTrue();
    in(DATA);
    assertThat(irq.level()).isFalse();
  }

  @Test
  void interruptsHaveThePrioritiesOfTable4() {
    out(IER, 0x0f);
    out(MCR, 0x10);
    out(MCR, 0x00);
    receive("ab");

    assertThat(in(IIR)).isEqualTo(0x06);
    in(LSR);
    assertThat(in(IIR)).isEqualTo(0x04);
    in(DATA);
    assertThat(in(IIR)).isEqualTo(0x02);
    assertThat(in(IIR)).isEqualTo(0x00);
    in(MSR);
    assertThat(in(IIR)).isEqualTo(0x01);
    assertThat(irq.level()).isFalse();
  }

  @Test
  void aBreakIsAZeroByteWithItsErrorWhenItComesToTheTop() {
    out(FCR, 1);
    out(IER, 4);
    receive("a");
    uart.receiveBreak();

    assertThat(in(LSR)).isEqualTo(0xe1);
    assertThat(irq.level()).isFalse();
    assertThat(in(DATA)).isEqualTo('a');
    assertThat(irq.level()).isTrue();
    assertThat(in(LSR)).isEqualTo(0xf1);
    assertThat(in(LSR)).isEqualTo(0x61);
    assertThat(in(DATA)).isZero();
  }

  @Test
  void settingAndClearingTheBreakBitIsPassedOn() {
    out(LCR, 0x43);
    out(LCR, 0x43);
    out(LCR, 0x03);

    assertThat(backend.breaks()).isEqualTo("[]");
  }

  @Test
  void loopbackReturnsBytesAndModemLines() {
    out(MCR, 0x1a);
    assertThat(in(MSR) & 0xf0).isEqualTo(0x90);
    out(DATA, 'z');

    assertThat(backend.sent()).isEmpty();
    assertThat(uart.room()).isZero();
    assertThat(in(DATA)).isEqualTo('z');
    out(MCR, 0x0b);
    assertThat(backend.takeInputReady()).isEqualTo(1);
  }

  @Test
  void modemDeltasAreClearedByReading() {
    out(MCR, 0x14);
    assertThat(in(MSR)).isEqualTo(0x4b);
    out(MCR, 0x10);
    assertThat(in(MSR)).isEqualTo(0x04);
    assertThat(in(MSR)).isZero();
  }

  @Test
  void theDivisorLatchHidesDataAndInterruptEnable() {
    out(LCR, 0x83);
    out(DATA, 0x34);
    out(IER, 0x12);
    assertThat(in(DATA)).isEqualTo(0x34);
    assertThat(in(IER)).isEqualTo(0x12);
    out(LCR, 0x03);

    assertThat(backend.sent()).isEmpty();
    assertThat(in(IER)).isZero();
  }

  @Test
  void clearingTheReceiveFifoMakesRoom() {
    out(FCR, 1);
    receive("abcdefghijklmnop");
    assertThat(uart.room()).isZero();
    out(FCR, 3);

    assertThat(uart.room()).isEqualTo(16);
    assertThat(backend.takeInputReady()).isEqualTo(1);
    assertThat(in(LSR) & 1).isZero();
  }

  @Test
  void theFifoBitsOfIirFollowTheEnableBit() {
    out(FCR, 1);
    assertThat(in(IIR) & 0xc0).isEqualTo(0xc0);
    out(FCR, 0);
    assertThat(in(IIR) & 0xc0).isZero();
  }

  @Test
  void theScratchRegisterKeepsAByte() {
    out(SCR, 0x5a);
    assertThat(in(SCR)).isEqualTo(0x5a);
  }

  @Test
  void stateRoundTripsAndDrivesTheLine() {
    out(LCR, 0x83);
    out(DATA, 1);
    out(LCR, 0x03);
    out(FCR, 0x41);
    out(IER, 0x0f);
    out(SCR, 9);
    receive("abcde");
    uart.receiveBreak();
    backend.block(true);
    out(DATA, 'x');
    Uart16550.State state = uart.state();

    FakeLine otherIrq = new FakeLine();
    FakeBackend otherBackend = new FakeBackend();
    otherBackend.block(true);
    Uart16550 other = new Uart16550(otherIrq, otherBackend);
    other.restore(state);
    assertThat(other.state()).isEqualTo(state);
    assertThat(otherIrq.level()).isTrue();
    assertThat(other.read(DATA, 1)).isEqualTo('a');
  }

  @Test
  void resetForgetsEverything() {
    out(IER, 0x0f);
    out(FCR, 1);
    receive("abc");
    uart.reset();

    assertThat(backend.takeInputReady()).isEqualTo(1);
    assertThat(uart.state()).isEqualTo(new Uart16550(irq, backend).state());
    assertThat(irq.level()).isFalse();
  }

  @Test
  void anImpossibleStateIsRefused() {
    Uart16550.State s = uart.state();

    assertThatThrownBy(
            () ->
                uart.restore(
                    new Uart16550.State(
                        s.divisor(), 0x10, 0, 0, 0, 0, 0, 0, false, List.of(), List.of())))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
