package org.quern.machine.lapic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.quern.machine.core.FakeCpu;

/** Acceptance, priority, errors and local interrupts in xAPIC mode. */
class LocalApicTest {
  private static final int ID = 0x20;
  private static final int VERSION = 0x30;
  private static final int TPR = 0x80;
  private static final int PPR = 0xa0;
  private static final int SVR = 0xf0;
  private static final int ISR = 0x100;
  private static final int TMR = 0x180;
  private static final int IRR = 0x200;
  private static final int ESR = 0x280;
  private static final int ICR = 0x300;
  private static final int LINT0 = 0x350;
  private static final int LINT1 = 0x360;
  private static final int LVT_ERROR = 0x370;
  private static final int MASKED = 0x10000;
  private static final int SELF = 0x40000;

  private final ApicRig rig = new ApicRig(2).enabled();
  private final LocalApic apic = rig.apics.get(0);

  private void receive(int vector) {
    apic.receive(ApicReg.FIXED, vector, false);
  }

  @Test
  void registersAfterReset() {
    ApicRig fresh = new ApicRig(2);
    assertThat(fresh.read(1, ID)).isEqualTo(1 << 24);
    assertThat(fresh.read(1, VERSION)).isEqualTo(0x50014);
    assertThat(fresh.read(1, SVR)).isEqualTo(0xff);
    assertThat(fresh.read(1, 0xe0)).isEqualTo(-1);
    assertThat(fresh.read(1, LINT0)).isEqualTo(MASKED);
    assertThat(fresh.read(0, LINT0)).as("virtual wire on the BSP").isEqualTo(0x700);
    assertThat(fresh.rdmsr(0, ApicRig.IA32_APIC_BASE)).isEqualTo(0xfee00900L);
    assertThat(fresh.rdmsr(1, ApicRig.IA32_APIC_BASE)).isEqualTo(0xfee00800L);
  }

  @Test
  void aFixedInterruptGoesFromIrrToIsrAndEnds() {
    receive(0x61);
    assertThat(rig.intr(0)).isTrue();
    assertThat(rig.read(0, IRR + 0x30)).isEqualTo(1 << 1);
    assertThat(rig.acknowledge(0)).isEqualTo(0x61);
    assertThat(rig.intr(0)).isFalse();
    assertThat(rig.read(0, IRR + 0x30)).isZero();
    assertThat(rig.read(0, ISR + 0x30)).isEqualTo(1 << 1);
    rig.eoi(0);
    assertThat(rig.read(0, ISR + 0x30)).isZero();
    assertThat(rig.acknowledge(0)).isEqualTo(-1);
  }

  @Test
  void theHighestVectorIsFirst() {
    receive(0x31);
    receive(0xe0);
    receive(0x82);
    assertThat(rig.acknowledge(0)).isEqualTo(0xe0);
    rig.eoi(0);
    assertThat(rig.acknowledge(0)).isEqualTo(0x82);
    rig.eoi(0);
    assertThat(rig.acknowledge(0)).isEqualTo(0x31);
  }

  @Test
  void anInterruptOfTheSameClassWaitsForEoi() {
    receive(0x50);
    rig.acknowledge(0);
    receive(0x5f);
    assertThat(rig.intr(0)).isFalse();
    assertThat(rig.acknowledge(0)).isEqualTo(-1);
    rig.eoi(0);
    assertThat(rig.intr(0)).isTrue();
  }

  @Test
  void aHigherClassNests() {
    receive(0x50);
    rig.acknowledge(0);
    receive(0x60);
    assertThat(rig.acknowledge(0)).isEqualTo(0x60);
    rig.eoi(0);
    assertThat(rig.read(0, ISR + 0x20)).as("0x50 still in service").isEqualTo(1 << 16);
  }

  @Test
  void tprHoldsBackItsClassAndBelow() {
    rig.write(0, TPR, 0x65);
    receive(0x6f);
    assertThat(rig.intr(0)).isFalse();
    rig.write(0, TPR, 0x5f);
    assertThat(rig.intr(0)).isTrue();
    rig.write(0, TPR, 0x60);
    assertThat(rig.intr(0)).as("withdrawn").isFalse();
    assertThat(rig.acknowledge(0)).isEqualTo(-1);
  }

  @Test
  void cr8IsTheTaskPriorityClass() {
    apic.taskPriority(9);
    assertThat(rig.read(0, TPR)).isEqualTo(0x90);
    rig.write(0, TPR, 0x47);
    assertThat(apic.taskPriority()).isEqualTo(4);
  }

  @Test
  void pprIsTprOrTheClassInService() {
    rig.write(0, TPR, 0x35);
    assertThat(rig.read(0, PPR)).isEqualTo(0x35);
    receive(0x57);
    rig.acknowledge(0);
    assertThat(rig.read(0, PPR)).isEqualTo(0x50);
    rig.write(0, TPR, 0x58);
    assertThat(rig.read(0, PPR)).isEqualTo(0x58);
  }

  @Test
  void twoRequestsOfAVectorAreOneInIrrAndOneInService() {
    receive(0x40);
    rig.acknowledge(0);
    receive(0x40);
    receive(0x40);
    rig.eoi(0);
    assertThat(rig.acknowledge(0)).isEqualTo(0x40);
    rig.eoi(0);
    assertThat(rig.acknowledge(0)).isEqualTo(-1);
  }

  @Test
  void endingALevelInterruptIsBroadcast() {
    List<Integer> ended = new ArrayList<>();
    rig.bus.connectIoApic(ended::add);
    apic.receive(ApicReg.FIXED, 0x41, true);
    assertThat(rig.read(0, TMR + 0x20)).isEqualTo(1 << 1);
    rig.acknowledge(0);
    rig.eoi(0);
    assertThat(ended).containsExactly(0x41);
    receive(0x41);
    assertThat(rig.read(0, TMR + 0x20)).isZero();
    rig.acknowledge(0);
    rig.eoi(0);
    assertThat(ended).containsExactly(0x41);
  }

  @Test
  void softwareDisabledTakesNoFixedInterruptButNmi() {
    rig.write(0, SVR, 0xff);
    receive(0x40);
    apic.receive(ApicReg.NMI, 0, false);
    assertThat(rig.intr(0)).isFalse();
    assertThat(rig.read(0, IRR + 0x20)).isZero();
    assertThat(rig.cpus.get(0).takeEvents()).containsExactly("nmi");
  }

  @Test
  void softwareDisabledMasksTheLvt() {
    rig.write(0, LVT_ERROR, 0xfe);
    rig.write(0, SVR, 0xff);
    assertThat(rig.read(0, LVT_ERROR)).isEqualTo(MASKED | 0xfe);
    rig.write(0, LVT_ERROR, 0xfe);
    assertThat(rig.read(0, LVT_ERROR)).as("cannot be unmasked").isEqualTo(MASKED | 0xfe);
    rig.write(0, SVR, 0x1ff);
    assertThat(rig.read(0, LVT_ERROR)).as("stays masked").isEqualTo(MASKED | 0xfe);
  }

  @Test
  void vectorsBelow16AreErrors() {
    rig.write(0, LVT_ERROR, 0xfe);
    receive(0x0f);
    assertThat(rig.acknowledge(0)).isEqualTo(0xfe);
    assertThat(rig.read(0, ESR)).as("not before a write").isZero();
    rig.write(0, ESR, 0);
    assertThat(rig.read(0, ESR)).isEqualTo(0x40);
    rig.write(0, ESR, 0);
    assertThat(rig.read(0, ESR)).isZero();
  }

  @Test
  void sendingAVectorBelow16IsAnError() {
    rig.write(0, ICR, SELF | 0x05);
    rig.write(0, ESR, 0);
    assertThat(rig.read(0, ESR)).isEqualTo(0x20);
    assertThat(rig.intr(0)).isFalse();
  }

  @Test
  void aRegisterThatIsNotThereIsAnError() {
    rig.write(0, LVT_ERROR, 0xfe);
    assertThat(rig.read(0, 0x3f0)).isZero();
    assertThat(rig.acknowledge(0)).isEqualTo(0xfe);
    rig.write(0, ESR, 0);
    assertThat(rig.read(0, ESR)).isEqualTo(0x80);
  }

  @Test
  void narrowAccessReadsBytesAndWritesNothing() {
    ApicWindow window = rig.windows.get(0);
    assertThat(window.read(VERSION + 2, 1)).isEqualTo(0x05);
    assertThat(window.read(VERSION, 2)).isEqualTo(0x14);
    window.write(TPR, 1, 0x50);
    assertThat(rig.read(0, TPR)).isZero();
    window.write(TPR, 8, 0x50);
    assertThat(rig.read(0, TPR)).isEqualTo(0x50);
  }

  @Test
  void lint0AsExtIntAsksThePic() {
    rig.bus.connectPic(
        () -> {
          assertThat(rig.machineLock.isHeldByCurrentThread()).isTrue();
          rig.bus.picOutput().set(false);
          return 0x33;
        });
    rig.bus.picOutput().set(true);
    assertThat(rig.intr(0)).isTrue();
    assertThat(rig.intr(1)).as("masked on others").isFalse();
    assertThat(rig.acknowledge(0)).isEqualTo(0x33);
    assertThat(rig.intr(0)).isFalse();
    assertThat(rig.read(0, ISR + 0x10)).as("not in service here").isZero();
  }

  @Test
  void extIntIgnoresPriority() {
    rig.bus.connectPic(() -> 0x33);
    rig.write(0, TPR, 0xff);
    rig.bus.picOutput().set(true);
    assertThat(rig.acknowledge(0)).isEqualTo(0x33);
  }

  @Test
  void maskedLint0KeepsThePicOut() {
    rig.write(0, LINT0, MASKED | 0x700);
    rig.bus.picOutput().set(true);
    assertThat(rig.intr(0)).isFalse();
    rig.write(0, LINT0, 0x700);
    assertThat(rig.intr(0)).isTrue();
    rig.bus.picOutput().set(false);
    assertThat(rig.intr(0)).isFalse();
    assertThat(rig.acknowledge(0)).isEqualTo(-1);
  }

  @Test
  void aDisabledApicLetsThePicThrough() {
    ApicRig fresh = new ApicRig(2);
    fresh.bus.connectPic(() -> 0x08);
    fresh.write(0, LINT0, MASKED);
    fresh.bus.picOutput().set(true);
    assertThat(fresh.intr(0)).as("software-disabled BSP").isTrue();
    assertThat(fresh.intr(1)).as("software-disabled AP").isFalse();
    assertThat(fresh.acknowledge(0)).isEqualTo(0x08);
    fresh.wrmsr(1, ApicRig.IA32_APIC_BASE, 0xfee00000L);
    assertThat(fresh.intr(1)).as("globally disabled").isTrue();
  }

  @Test
  void lint0FixedEdgeInterruptsOnceARise() {
    rig.write(0, LINT0, 0x45);
    rig.bus.picOutput().set(true);
    assertThat(rig.acknowledge(0)).isEqualTo(0x45);
    rig.eoi(0);
    assertThat(rig.intr(0)).isFalse();
    rig.bus.picOutput().set(false);
    rig.bus.picOutput().set(true);
    assertThat(rig.acknowledge(0)).isEqualTo(0x45);
  }

  @Test
  void lint0FixedLevelInterruptsUntilItFalls() {
    rig.write(0, LINT0, 0x8045);
    rig.bus.picOutput().set(true);
    assertThat(rig.acknowledge(0)).isEqualTo(0x45);
    assertThat(rig.read(0, LINT0)).as("remote IRR").isEqualTo(0xc045);
    assertThat(rig.intr(0)).isFalse();
    rig.eoi(0);
    assertThat(rig.acknowledge(0)).isEqualTo(0x45);
    rig.bus.picOutput().set(false);
    rig.eoi(0);
    assertThat(rig.intr(0)).isFalse();
    assertThat(rig.read(0, LINT0)).isEqualTo(0x8045);
  }

  @Test
  void lint1AsNmi() {
    rig.bus.nmi().pulse();
    assertThat(rig.cpus.get(0).takeEvents()).as("masked").isEmpty();
    rig.write(0, LINT1, 0x400);
    rig.bus.nmi().pulse();
    assertThat(rig.cpus.get(0).takeEvents()).containsExactly("nmi");
    assertThat(rig.cpus.get(1).takeEvents()).isEmpty();
  }

  @Test
  void anExtIntMessageIsTakenOnce() {
    rig.bus.connectPic(() -> 0x35);
    rig.write(0, LINT0, MASKED);
    rig.bus.send8(0, false, ApicReg.EXTINT, 0, false);
    assertThat(rig.acknowledge(0)).isEqualTo(0x35);
    assertThat(rig.intr(0)).isFalse();
    assertThat(rig.acknowledge(0)).isEqualTo(-1);
  }

  @Test
  void disablingGloballyHidesTheRegisters() {
    rig.wrmsr(0, ApicRig.IA32_APIC_BASE, 0xfee00100L);
    assertThat(rig.read(0, VERSION)).isEqualTo(-1);
    apic.receive(ApicReg.FIXED, 0x40, false);
    assertThat(rig.intr(0)).isFalse();
    rig.wrmsr(0, ApicRig.IA32_APIC_BASE, 0xfee00900L);
    assertThat(rig.read(0, SVR)).as("as after reset").isEqualTo(0xff);
  }

  @Test
  void reservedBitsOfTheBaseFault() {
    assertThatThrownBy(() -> apic.writeMsr(ApicRig.IA32_APIC_BASE, 0xfee00801L))
        .isSameAs(org.quern.x86.bus.LocalInterrupts.InvalidMsrAccess.INSTANCE);
    assertThatThrownBy(() -> apic.writeMsr(ApicRig.IA32_APIC_BASE, 1L << 40 | 0xfee00800L))
        .isSameAs(org.quern.x86.bus.LocalInterrupts.InvalidMsrAccess.INSTANCE);
    assertThat(rig.rdmsr(0, ApicRig.IA32_APIC_BASE)).isEqualTo(0xfee00900L);
  }

  @Test
  void stateRoundTrip() {
    rig.write(0, TPR, 0x21);
    rig.write(0, 0xd0, 0x01000000);
    rig.write(0, 0xe0, 0x0fffffff);
    rig.write(0, LVT_ERROR, 0xfe);
    rig.write(0, 0x3e0, 0x3);
    rig.write(0, 0x320, 0x200ec);
    rig.write(0, 0x380, 1000);
    rig.bus.picOutput().set(true);
    receive(0x91);
    receive(0x45);
    apic.receive(ApicReg.FIXED, 0x77, true);
    receive(0x03);
    rig.acknowledge(0);

    ApicRig others = new ApicRig(1);
    LocalApic other = others.apics.get(0);
    others.timers.advance(0);
    other.restore(apic.state());
    assertThat(other.state()).isEqualTo(apic.state());
    assertThat(others.intr(0)).isEqualTo(rig.intr(0));
    assertThat(others.acknowledge(0)).isEqualTo(rig.acknowledge(0));
    others.timers.advance(16_000);
    rig.timers.advance(16_000);
    assertThat(other.state()).isEqualTo(apic.state());
  }

  @Test
  void aStateThatCannotBeIsRefused() {
    LocalApic.State s = apic.state();
    assertThatThrownBy(
            () ->
                new LocalApic.State(
                    0xfee00400L,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    false,
                    false,
                    false,
                    s.lvt(),
                    s.irr(),
                    s.isr(),
                    s.tmr(),
                    s.timer()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                new LocalApic.State(
                    s.base(), 0, 0, 0, 0, 0, 0, 0, 0, 0, false, false, false, List.of(), s.irr(),
                    s.isr(), s.tmr(), s.timer()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void resetDropsIntr() {
    receive(0x40);
    apic.reset();
    assertThat(rig.intr(0)).isFalse();
    assertThat(rig.read(0, SVR)).isEqualTo(0xff);
  }

  @Test
  void apicsAttachInOrder() {
    FakeCpu cpu = new FakeCpu();
    LocalApic.Config config = new LocalApic.Config(7, false, 40, true);
    assertThatThrownBy(() -> new LocalApic(config, rig.bus, rig.timers, rig.tsc, cpu))
        .isInstanceOf(IllegalStateException.class);
  }
}
