package org.quern.machine.piix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.quern.machine.core.FakeLine;
import org.quern.machine.core.IrqLine;

final class PiixTest {
  private final FakeLine[] irqs = new FakeLine[16];
  private final IsaBridge bridge;

  PiixTest() {
    IrqLine[] lines = new IrqLine[16];
    for (int i = 0; i < 16; i++) {
      irqs[i] = new FakeLine();
      lines[i] = irqs[i];
    }
    bridge = new IsaBridge(lines);
  }

  private void route(int pirq, int value) {
    bridge.config().set(0x60 + pirq, 1, value);
    bridge.configWritten(0x60 + pirq, 1);
  }

  @Test
  void itIsAPiix3InAMultiFunctionSlot() {
    assertThat(bridge.config().get(0, 4)).isEqualTo(0x7000_8086);
    assertThat(bridge.config().get(8, 4) >>> 8).isEqualTo(0x06_0100);
    assertThat(bridge.config().get(0x0e, 1)).isEqualTo(0x80);
    assertThat(bridge.config().get(0x60, 4)).isEqualTo(0x8080_8080);
  }

  @Test
  void anUnroutedPirqGoesNowhere() {
    bridge.pirq(0).set(true);

    for (FakeLine irq : irqs) {
      assertThat(irq.level()).isFalse();
    }
  }

  @Test
  void changingTheRouteMovesTheLevel() {
    route(0, 10);
    bridge.pirq(0).set(true);
    assertThat(irqs[10].level()).isTrue();
    route(0, 11);
    assertThat(irqs[10].level()).isFalse();
    assertThat(irqs[11].level()).isTrue();
    route(0, 0x80 | 11);
    assertThat(irqs[11].level()).isFalse();
  }

  @Test
  void twoPirqsOnOneInterruptAreOred() {
    bridge.route(new int[] {10, 10, 11, 11});
    bridge.pirq(0).set(true);
    bridge.pirq(1).set(true);
    bridge.pirq(0).set(false);
    assertThat(irqs[10].level()).isTrue();
    bridge.pirq(1).set(false);
    assertThat(irqs[10].level()).isFalse();
  }

  @Test
  void bridgeStateRoundTripsAndDrivesTheInterrupt() {
    route(2, 5);
    bridge.pirq(2).set(true);
    IsaBridge.State state = bridge.state();
    bridge.pirq(2).set(false);
    bridge.reset();
    bridge.restore(state);

    assertThat(bridge.state()).isEqualTo(state);
    assertThat(irqs[5].level()).isTrue();
    assertThatThrownBy(() -> bridge.restore(new IsaBridge.State(state.config(), 16)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void resetControlResetsOnBit2AndKeepsBit1() {
    AtomicInteger resets = new AtomicInteger();
    ResetControl rc = new ResetControl(resets::incrementAndGet);
    rc.write(0, 1, 0x02);
    assertThat(resets).hasValue(0);
    rc.write(0, 1, 0x06);

    assertThat(resets).hasValue(1);
    assertThat(rc.read(0, 1)).isEqualTo(2);
    ResetControl other = new ResetControl(resets::incrementAndGet);
    other.restore(rc.state());
    assertThat(other.state()).isEqualTo(rc.state());
    other.reset();
    assertThat(other.read(0, 1)).isZero();
    assertThatThrownBy(() -> other.restore(new ResetControl.State(4)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void port92GatesA20AndResetsOnARisingBit() {
    AtomicInteger resets = new AtomicInteger();
    FakeLine a20 = new FakeLine();
    Port92 port = new Port92(a20, resets::incrementAndGet);
    port.write(0, 1, 0x02);
    assertThat(a20.level()).isTrue();
    port.write(0, 1, 0x00);
    assertThat(a20.level()).isFalse();
    port.write(0, 1, 0x03);
    port.write(0, 1, 0x03);

    assertThat(resets).hasValue(1);
    assertThat(port.read(0, 1)).isEqualTo(3);
    Port92 other = new Port92(a20, resets::incrementAndGet);
    other.restore(port.state());
    assertThat(other.state()).isEqualTo(port.state());
    assertThatThrownBy(() -> other.restore(new Port92.State(0x100)))
        .isInstanceOf(IllegalArgumentException.class);
    other.reset();
    assertThat(other.read(0, 1)).isZero();
  }
}
