package org.quern.machine.ioapic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.machine.core.FakeCpu;
import org.quern.machine.core.IrqLine;
import org.quern.machine.core.ManualTimers;
import org.quern.machine.lapic.ApicBus;
import org.quern.machine.lapic.ApicWindow;
import org.quern.machine.lapic.LocalApic;
import org.quern.machine.time.Tsc;

/** 82093AA behaviour with two local APICs behind it. */
class IoApicTest {
  private static final int LEVEL = 1 << 15;
  private static final int REMOTE_IRR = 1 << 14;
  private static final int MASKED = 1 << 16;
  private static final int LOGICAL = 1 << 11;

  private final ManualTimers timers = new ManualTimers();
  private final ApicBus bus = new ApicBus(new ReentrantLock());
  private final IoApic ioapic = new IoApic(bus);
  private final List<FakeCpu> cpus = new ArrayList<>();
  private final List<LocalApic> apics = new ArrayList<>();

  @BeforeEach
  void processors() {
    for (int i = 0; i < 2; i++) {
      FakeCpu cpu = new FakeCpu();
      LocalApic.Config config = new LocalApic.Config(i, i == 0, 40, true);
      Tsc tsc = new Tsc(timers.clock(), 1_000_000_000);
      LocalApic apic = new LocalApic(config, bus, timers, tsc, cpu);
      new ApicWindow(apic).write(0xf0, 4, 0x1ff);
      cpus.add(cpu);
      apics.add(apic);
    }
  }

  private int get(int register) {
    ioapic.write(0, 4, register);
    return (int) ioapic.read(0x10, 4);
  }

  private void set(int register, int value) {
    ioapic.write(0, 4, register);
    ioapic.write(0x10, 4, Integer.toUnsignedLong(value));
  }

  private void route(int pin, int cpu, int low) {
    set(0x11 + 2 * pin, cpu << 24);
    set(0x10 + 2 * pin, low);
  }

  private int low(int pin) {
    return get(0x10 + 2 * pin);
  }

  private void eoi(int cpu) {
    new ApicWindow(apics.get(cpu)).write(0xb0, 4, 0);
  }

  @Test
  void identification() {
    assertThat(get(0x01)).isEqualTo(0x0017_0020);
    set(0x00, -1);
    assertThat(get(0x00)).isEqualTo(0x0f00_0000);
    assertThat(get(0x02)).isEqualTo(0x0f00_0000);
    assertThat(get(0x60)).isZero();
  }

  @Test
  void allPinsAreMaskedAfterReset() {
    for (int pin = 0; pin < 24; pin++) {
      assertThat(low(pin)).isEqualTo(MASKED);
    }
  }

  @Test
  void statusBitsAreReadOnly() {
    set(0x10, -1);
    set(0x11, -1);
    assertThat(get(0x10)).isEqualTo(0x1_afff);
    assertThat(get(0x11)).isEqualTo(0xff00_0000);
  }

  @Test
  void anEdgeBecomesAMessage() {
    route(4, 1, 0x44);
    ioapic.input(4).set(true);
    assertThat(cpus.get(0).intr()).isFalse();
    assertThat(apics.get(1).acknowledge()).isEqualTo(0x44);
    eoi(1);
    ioapic.input(4).set(true);
    assertThat(cpus.get(1).intr()).as("no new edge").isFalse();
    ioapic.input(4).pulse();
    assertThat(cpus.get(1).intr()).as("the line was high already").isFalse();
    ioapic.input(4).pulse();
    assertThat(apics.get(1).acknowledge()).isEqualTo(0x44);
  }

  @Test
  void anEdgeAtAMaskedPinIsLost() {
    route(4, 0, MASKED | 0x44);
    ioapic.input(4).set(true);
    route(4, 0, 0x44);
    assertThat(cpus.get(0).intr()).isFalse();
  }

  @Test
  void aLevelIsSentAgainAfterEoiWhileAsserted() {
    route(10, 0, LEVEL | 0x5a);
    IrqLine line = ioapic.input(10);
    line.set(true);
    assertThat(low(10) & REMOTE_IRR).isEqualTo(REMOTE_IRR);
    assertThat(apics.get(0).acknowledge()).isEqualTo(0x5a);
    line.set(false);
    line.set(true);
    assertThat(cpus.get(0).intr()).as("held by remote IRR").isFalse();
    eoi(0);
    assertThat(apics.get(0).acknowledge()).isEqualTo(0x5a);
    line.set(false);
    eoi(0);
    assertThat(low(10) & REMOTE_IRR).isZero();
    assertThat(cpus.get(0).intr()).isFalse();
  }

  @Test
  void aMaskedLevelWaits() {
    route(10, 0, MASKED | LEVEL | 0x5a);
    ioapic.input(10).set(true);
    assertThat(cpus.get(0).intr()).isFalse();
    route(10, 0, LEVEL | 0x5a);
    assertThat(apics.get(0).acknowledge()).isEqualTo(0x5a);
  }

  @Test
  void theEoiRegisterEndsAVector() {
    route(10, 0, LEVEL | 0x5a);
    ioapic.input(10).set(true);
    ioapic.input(10).set(false);
    ioapic.write(0x40, 4, 0x5b);
    assertThat(low(10) & REMOTE_IRR).isEqualTo(REMOTE_IRR);
    ioapic.write(0x40, 4, 0x5a);
    assertThat(low(10) & REMOTE_IRR).isZero();
  }

  @Test
  void switchingToEdgeClearsRemoteIrr() {
    route(10, 0, LEVEL | 0x5a);
    ioapic.input(10).set(true);
    route(10, 0, MASKED | 0x5a);
    route(10, 0, MASKED | LEVEL | 0x5a);
    assertThat(low(10) & REMOTE_IRR).isZero();
  }

  @Test
  void logicalLowestPriority() {
    for (int i = 0; i < 2; i++) {
      new ApicWindow(apics.get(i)).write(0xd0, 4, 1L << 24 + i);
    }
    apics.get(0).taskPriority(3);
    route(3, 0x03, LOGICAL | 0x100 | 0x61);
    ioapic.input(3).set(true);
    assertThat(cpus.get(0).intr()).isFalse();
    assertThat(apics.get(1).acknowledge()).isEqualTo(0x61);
  }

  @ParameterizedTest
  @CsvSource({"0x200, smi", "0x400, nmi", "0x500, init"})
  void otherDeliveryModes(String mode, String event) {
    route(3, 1, Integer.decode(mode));
    ioapic.input(3).set(true);
    assertThat(cpus.get(1).takeEvents()).containsExactly(event);
    assertThat(cpus.get(0).takeEvents()).isEmpty();
  }

  @Test
  void extIntAsksThePic() {
    bus.connectPic(() -> 0x33);
    route(0, 1, 0x700);
    ioapic.input(0).set(true);
    assertThat(apics.get(1).acknowledge()).isEqualTo(0x33);
    assertThat(apics.get(1).acknowledge()).isEqualTo(-1);
  }

  @Test
  void thereIsNoPin24() {
    assertThatThrownBy(() -> ioapic.input(24)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void stateRoundTrip() {
    set(0x00, 0x0300_0000);
    route(10, 1, LEVEL | 0x5a);
    route(4, 0, 0x44);
    ioapic.input(10).set(true);
    ioapic.input(4).set(true);

    IoApic other = new IoApic(new ApicBus(new ReentrantLock()));
    other.restore(ioapic.state());
    assertThat(other.state()).isEqualTo(ioapic.state());
    ioapic.reset();
    assertThat(other.state()).isNotEqualTo(ioapic.state());
    assertThatThrownBy(() -> new IoApic.State(0, 0, 1 << 24, ioapic.state().table()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new IoApic.State(0, 0, 0, List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
