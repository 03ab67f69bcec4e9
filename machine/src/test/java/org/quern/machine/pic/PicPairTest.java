package org.quern.machine.pic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.quern.machine.core.FakeLine;
import org.quern.machine.core.IrqLine;
import org.quern.machine.core.PortDevice;

/** 8259A behaviour, titled by the datasheet's terms. */
class PicPairTest {
  private final FakeLine intr = new FakeLine();
  private final PicPair pic = new PicPair(intr);
  private final PortDevice master = pic.masterPorts();
  private final PortDevice slave = pic.slavePorts();
  private final PortDevice elcr = pic.elcrPorts();

  /** As Linux's init_8259A does it, with nothing masked afterwards. */
  @BeforeEach
  void initialize() {
    initialize(0x01);
  }

  private void initialize(int icw4) {
    write(master, 1, 0xff);
    write(master, 0, 0x11);
    write(master, 1, 0x30);
    write(master, 1, 0x04);
    write(master, 1, icw4);
    write(slave, 0, 0x11);
    write(slave, 1, 0x38);
    write(slave, 1, 0x02);
    write(slave, 1, icw4);
    write(master, 1, 0);
    write(slave, 1, 0);
  }

  private static void write(PortDevice port, int offset, int value) {
    port.write(offset, 1, value);
  }

  private static int readIrr(PortDevice chip) {
    write(chip, 0, 0x0a);
    return chip.read(0, 1);
  }

  private static int readIsr(PortDevice chip) {
    write(chip, 0, 0x0b);
    return chip.read(0, 1);
  }

  @Test
  void linuxInitializationGivesVectors30And38() {
    pic.input(0).set(true);
    assertThat(intr.level()).isTrue();
    assertThat(pic.acknowledge()).isEqualTo(0x30);
    write(master, 0, 0x60);
    pic.input(8).set(true);
    assertThat(pic.acknowledge()).isEqualTo(0x38);
  }

  @Test
  void maskRegisterReadsBack() {
    write(master, 1, 0xfb);
    write(slave, 1, 0xa5);
    assertThat(master.read(1, 1)).isEqualTo(0xfb);
    assertThat(slave.read(1, 1)).isEqualTo(0xa5);
  }

  @Test
  void icw1ClearsTheMaskAndForgetsEdges() {
    write(master, 1, 0xff);
    pic.input(3).set(true);
    write(master, 0, 0x11);
    write(master, 1, 0x20);
    write(master, 1, 0x04);
    write(master, 1, 0x01);
    assertThat(master.read(1, 1)).isZero();
    assertThat(readIrr(master)).isZero();
    assertThat(intr.level()).isFalse();
  }

  @Test
  void withoutIcw4TheSequenceEndsAfterIcw3() {
    write(master, 0, 0x10);
    write(master, 1, 0x20);
    write(master, 1, 0x04);
    write(master, 1, 0xfe);
    assertThat(master.read(1, 1)).isEqualTo(0xfe);
  }

  @Test
  void aMaskedRequestWaitsInIrr() {
    write(master, 1, 0x02);
    pic.input(1).set(true);
    assertThat(intr.level()).isFalse();
    assertThat(readIrr(master)).isEqualTo(0x02);
    write(master, 1, 0x00);
    assertThat(intr.level()).isTrue();
  }

  @Test
  void acknowledgeMovesTheRequestFromIrrToIsr() {
    pic.input(4).set(true);
    assertThat(readIrr(master)).isEqualTo(0x10);
    pic.acknowledge();
    assertThat(readIrr(master)).isZero();
    assertThat(readIsr(master)).isEqualTo(0x10);
    assertThat(intr.level()).isFalse();
  }

  @Test
  void aLowerPriorityWaitsForTheEndOfInterrupt() {
    pic.input(3).set(true);
    assertThat(pic.acknowledge()).isEqualTo(0x33);
    pic.input(4).set(true);
    assertThat(intr.level()).isFalse();
    write(master, 0, 0x20);
    assertThat(intr.level()).isTrue();
    assertThat(pic.acknowledge()).isEqualTo(0x34);
  }

  @Test
  void aHigherPriorityInterruptsTheOneInService() {
    pic.input(4).set(true);
    pic.acknowledge();
    pic.input(1).set(true);
    assertThat(pic.acknowledge()).isEqualTo(0x31);
    assertThat(readIsr(master)).isEqualTo(0x12);
    write(master, 0, 0x20);
    assertThat(readIsr(master)).isEqualTo(0x10);
  }

  @Test
  void slaveInputsRankBetween1And3() {
    pic.input(3).set(true);
    pic.input(12).set(true);
    pic.input(1).set(true);
    assertThat(pic.acknowledge()).isEqualTo(0x31);
    write(master, 0, 0x20);
    assertThat(pic.acknowledge()).isEqualTo(0x3c);
    write(slave, 0, 0x20);
    write(master, 0, 0x20);
    assertThat(pic.acknowledge()).isEqualTo(0x33);
  }

  @Test
  void aSecondSlaveRequestFollowsTheFirst() {
    pic.input(10).set(true);
    pic.input(11).set(true);
    assertThat(pic.acknowledge()).isEqualTo(0x3a);
    write(slave, 0, 0x62);
    write(master, 0, 0x62);
    assertThat(intr.level()).isTrue();
    assertThat(pic.acknowledge()).isEqualTo(0x3b);
  }

  @Test
  void specialFullyNestedModeLetsAHigherSlaveRequestThrough() {
    initialize(0x11);
    pic.input(12).set(true);
    pic.acknowledge();
    pic.input(9).set(true);
    assertThat(intr.level()).isTrue();
    assertThat(pic.acknowledge()).isEqualTo(0x39);
  }

  @Test
  void withoutItASlaveRequestWaits() {
    pic.input(12).set(true);
    pic.acknowledge();
    pic.input(9).set(true);
    assertThat(intr.level()).isFalse();
  }

  @Test
  void automaticEndOfInterruptLeavesNothingInService() {
    initialize(0x03);
    pic.input(5).set(true);
    pic.input(10).set(true);
    pic.input(11).set(true);
    assertThat(pic.acknowledge()).isEqualTo(0x3a);
    assertThat(pic.acknowledge()).isEqualTo(0x3b);
    assertThat(pic.acknowledge()).isEqualTo(0x35);
    assertThat(readIsr(master)).isZero();
    assertThat(intr.level()).isFalse();
  }

  @Test
  void rotationInAutomaticEndOfInterruptModeTakesTurns() {
    initialize(0x03);
    write(master, 0, 0x80);
    pic.input(0).pulse();
    pic.input(1).pulse();
    assertThat(pic.acknowledge()).isEqualTo(0x30);
    pic.input(0).pulse();
    assertThat(pic.acknowledge()).isEqualTo(0x31);
    assertThat(pic.acknowledge()).isEqualTo(0x30);
  }

  @Test
  void rotateOnNonSpecificEoiMakesItTheLowest() {
    pic.input(0).set(true);
    pic.acknowledge();
    write(master, 0, 0xa0);
    pic.input(0).pulse();
    pic.input(7).pulse();
    assertThat(pic.acknowledge()).isEqualTo(0x37);
  }

  @Test
  void setPriorityChoosesTheLowest() {
    write(master, 0, 0xc0 | 4);
    pic.input(0).set(true);
    pic.input(5).set(true);
    assertThat(pic.acknowledge()).isEqualTo(0x35);
  }

  @Test
  void specialMaskModeEnablesLowerPrioritiesInsideAService() {
    pic.input(3).set(true);
    pic.acknowledge();
    write(master, 1, 0x08);
    write(master, 0, 0x68);
    pic.input(6).set(true);
    assertThat(pic.acknowledge()).isEqualTo(0x36);
    write(master, 0, 0x20);
    assertThat(readIsr(master)).as("a masked level is not ended").isEqualTo(0x08);
    write(master, 0, 0x48);
    write(master, 0, 0x20);
    assertThat(readIsr(master)).isZero();
  }

  @Test
  void pollAcknowledgesAndNamesTheLevel() {
    pic.input(6).set(true);
    write(master, 0, 0x0c);
    assertThat(master.read(0, 1)).isEqualTo(0x86);
    assertThat(readIsr(master)).isEqualTo(0x40);
    write(master, 0, 0x0c);
    assertThat(master.read(0, 1)).isZero();
  }

  @Test
  void anEdgeRequestsOnce() {
    IrqLine line = pic.input(4);
    line.set(true);
    pic.acknowledge();
    write(master, 0, 0x20);
    line.set(true);
    assertThat(intr.level()).isFalse();
    line.set(false);
    line.set(true);
    assertThat(intr.level()).isTrue();
  }

  @Test
  void aLevelRequestsUntilItsLineFalls() {
    write(elcr, 1, 0x0e);
    IrqLine line = pic.input(11);
    line.set(true);
    assertThat(pic.acknowledge()).isEqualTo(0x3b);
    write(slave, 0, 0x20);
    write(master, 0, 0x20);
    assertThat(intr.level()).isTrue();
    assertThat(pic.acknowledge()).isEqualTo(0x3b);
    line.set(false);
    write(slave, 0, 0x20);
    write(master, 0, 0x20);
    assertThat(intr.level()).isFalse();
  }

  @Test
  void elcrKeepsIsaInputsEdgeTriggered() {
    write(elcr, 0, 0xff);
    write(elcr, 1, 0xff);
    assertThat(elcr.read(0, 1)).isEqualTo(0xf8);
    assertThat(elcr.read(1, 1)).isEqualTo(0xde);
  }

  @Test
  void aRequestThatVanishesBeforeAcknowledgeIsSpurious7() {
    write(elcr, 0, 0x20);
    pic.input(5).set(true);
    pic.input(5).set(false);
    assertThat(intr.level()).isFalse();
    assertThat(pic.acknowledge()).isEqualTo(0x37);
    assertThat(readIsr(master)).isZero();
  }

  @Test
  void aSlaveRequestThatVanishesIsSpurious15() {
    write(elcr, 1, 0x08);
    pic.input(11).set(true);
    pic.input(11).set(false);
    assertThat(pic.acknowledge()).isEqualTo(0x3f);
    assertThat(readIsr(slave)).isZero();
    assertThat(readIsr(master)).as("the master thinks it served").isEqualTo(0x04);
  }

  @Test
  void theCascadeHasNoWire() {
    pic.input(2).set(true);
    assertThat(intr.level()).isFalse();
    assertThatThrownBy(() -> pic.input(16)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void stateRoundTrip() {
    write(elcr, 1, 0x0e);
    write(master, 0, 0xc0 | 4);
    pic.input(12).set(true);
    pic.input(5).set(true);
    pic.acknowledge();
    pic.input(11).set(true);
    write(slave, 0, 0x0b);
    write(slave, 0, 0x11);
    write(slave, 1, 0x70);

    FakeLine otherIntr = new FakeLine();
    PicPair other = new PicPair(otherIntr);
    other.restore(pic.state());
    assertThat(other.state()).isEqualTo(pic.state());
    assertThat(otherIntr.level()).isEqualTo(intr.level());
    write(slave, 1, 0x02);
    write(slave, 1, 0x01);
    write(other.slavePorts(), 1, 0x02);
    write(other.slavePorts(), 1, 0x01);
    write(other.masterPorts(), 0, 0x20);
    write(master, 0, 0x20);
    assertThat(other.acknowledge()).isEqualTo(pic.acknowledge());
  }

  @Test
  void aStateThatCannotBeIsRefused() {
    PicPair.State good = pic.state();
    assertThatThrownBy(
            () ->
                new PicPair.ChipState(
                    0x100, 0, 0, 0, 0, 0, 7, 0, false, false, false, false, false, false, false,
                    false))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(pic.state()).isEqualTo(good);
  }

  @Test
  void resetForgetsEverythingButTheLines() {
    pic.input(4).set(true);
    pic.reset();
    assertThat(intr.level()).isFalse();
    initialize(0x01);
    pic.input(4).set(true);
    assertThat(intr.level()).as("no new edge").isFalse();
  }
}
