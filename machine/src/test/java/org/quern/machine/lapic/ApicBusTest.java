package org.quern.machine.lapic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Routing of IPIs and MSIs between four xAPICs. */
class ApicBusTest {
  private static final int LDR = 0xd0;
  private static final int DFR = 0xe0;
  private static final int TPR = 0x80;
  private static final int LOGICAL = 0x800;
  private static final int ASSERT = 0x4000;

  private final ApicRig rig = new ApicRig(4).enabled();

  /** Which processors took a vector; all of them are emptied. */
  private String takers(int vector) {
    StringBuilder result = new StringBuilder();
    for (int i = 0; i < rig.cpus.size(); i++) {
      int got = rig.acknowledge(i);
      if (got == vector) {
        result.append(i);
      }
      if (got >= 0) {
        rig.apics.get(i).writeRegister(ApicReg.EOI, 0);
      }
    }
    return result.toString();
  }

  private String events() {
    StringBuilder result = new StringBuilder();
    for (int i = 0; i < rig.cpus.size(); i++) {
      for (String event : rig.cpus.get(i).takeEvents()) {
        result.append(i).append(':').append(event).append(' ');
      }
    }
    return result.toString().trim();
  }

  private void flat() {
    for (int i = 0; i < 4; i++) {
      rig.write(i, LDR, 1 << 24 + i);
    }
  }

  /** Processors 0 and 1 in cluster 0, 2 and 3 in cluster 1. */
  private void clusters() {
    for (int i = 0; i < 4; i++) {
      rig.write(i, DFR, 0x0fffffff);
      rig.write(i, LDR, ((i >> 1) << 4 | 1 << (i & 1)) << 24);
    }
  }

  @Test
  void physicalDestinationIsTheApicId() {
    rig.icr(0, 2, ASSERT | 0x40);
    assertThat(takers(0x40)).isEqualTo("2");
  }

  @Test
  void xapicIdCanBeChangedAndShared() {
    rig.write(1, 0x20, 7 << 24);
    rig.write(3, 0x20, 7 << 24);
    assertThat(rig.read(1, 0x20)).isEqualTo(7 << 24);
    rig.icr(0, 7, ASSERT | 0x40);
    assertThat(takers(0x40)).isEqualTo("13");
    rig.icr(0, 1, ASSERT | 0x41);
    assertThat(takers(0x41)).isEmpty();
  }

  @Test
  void xapicIdComesBackWhenTheApicIsDisabledOrReset() {
    LocalApic apic = rig.apics.get(1);
    rig.write(1, 0x20, 7 << 24);
    long base = rig.rdmsr(apic, ApicRig.IA32_APIC_BASE);
    rig.wrmsr(apic, ApicRig.IA32_APIC_BASE, base & ~0x800);
    rig.wrmsr(apic, ApicRig.IA32_APIC_BASE, base);
    assertThat(rig.read(1, 0x20)).isEqualTo(1 << 24);
    rig.write(1, 0x20, 7 << 24);
    apic.reset();
    assertThat(rig.read(1, 0x20)).isEqualTo(1 << 24);
  }

  @Test
  void physicalDestinationFfIsEverybody() {
    rig.icr(1, 0xff, ASSERT | 0x40);
    assertThat(takers(0x40)).isEqualTo("0123");
  }

  @Test
  void nobodyHasAnUnknownId() {
    rig.icr(0, 9, ASSERT | 0x40);
    assertThat(takers(0x40)).isEmpty();
  }

  @Test
  void shorthands() {
    rig.icr(1, 0, 0x40000 | ASSERT | 0x40);
    assertThat(takers(0x40)).as("self").isEqualTo("1");
    rig.icr(1, 0, 0x80000 | ASSERT | 0x40);
    assertThat(takers(0x40)).as("all including self").isEqualTo("0123");
    rig.icr(1, 0, 0xc0000 | ASSERT | 0x40);
    assertThat(takers(0x40)).as("all excluding self").isEqualTo("023");
  }

  @Test
  void flatLogicalDestinationIsASet() {
    flat();
    rig.icr(0, 0b1010, ASSERT | LOGICAL | 0x40);
    assertThat(takers(0x40)).isEqualTo("13");
    rig.icr(0, 0xff, ASSERT | LOGICAL | 0x40);
    assertThat(takers(0x40)).isEqualTo("0123");
  }

  @Test
  void clusterLogicalDestinationIsASetInsideACluster() {
    clusters();
    rig.icr(0, 0x13, ASSERT | LOGICAL | 0x40);
    assertThat(takers(0x40)).isEqualTo("23");
    rig.icr(0, 0xf1, ASSERT | LOGICAL | 0x40);
    assertThat(takers(0x40)).as("every cluster").isEqualTo("02");
  }

  @Test
  void lowestPriorityGoesToTheLeastBusy() {
    flat();
    rig.write(0, TPR, 0x30);
    rig.write(1, TPR, 0x20);
    rig.write(2, TPR, 0x10);
    rig.write(3, TPR, 0x00);
    rig.icr(0, 0b0111, ASSERT | LOGICAL | 0x100 | 0x40);
    assertThat(takers(0x40)).isEqualTo("2");
  }

  @Test
  void lowestPriorityCountsInterruptsInService() {
    flat();
    rig.apics.get(2).receive(ApicReg.FIXED, 0x90, false);
    rig.acknowledge(2);
    rig.write(0, TPR, 0x40);
    rig.icr(0, 0b0101, ASSERT | LOGICAL | 0x100 | 0x50);
    assertThat(rig.intr(0)).isTrue();
    assertThat(rig.intr(2)).isFalse();
  }

  @Test
  void lowestPriorityTiesGoRound() {
    flat();
    StringBuilder order = new StringBuilder();
    for (int i = 0; i < 5; i++) {
      rig.icr(0, 0b1011, ASSERT | LOGICAL | 0x100 | 0x40);
      order.append(takers(0x40));
    }
    assertThat(order.toString()).isEqualTo("01301");
  }

  @Test
  void lowestPrioritySkipsDisabledApics() {
    flat();
    rig.write(1, 0xf0, 0xff);
    rig.write(0, TPR, 0x50);
    rig.icr(0, 0b0011, ASSERT | LOGICAL | 0x100 | 0x60);
    assertThat(takers(0x60)).isEqualTo("0");
  }

  @Test
  void initSipiSequence() {
    rig.icr(0, 1, 0xc500);
    assertThat(events()).isEqualTo("1:init");
    rig.icr(0, 1, 0x8500);
    assertThat(events()).as("de-assert").isEmpty();
    rig.icr(0, 1, 0x4699);
    assertThat(events()).isEqualTo("1:startup 153");
  }

  @Test
  void initResetsTheApicButItsBaseAndId() {
    rig.write(1, TPR, 0x40);
    rig.icr(0, 1, 0xc500);
    assertThat(rig.read(1, TPR)).isZero();
    assertThat(rig.read(1, 0xf0)).isEqualTo(0xff);
    assertThat(rig.read(1, 0x20)).isEqualTo(1 << 24);
  }

  @Test
  void nmiAndSmi() {
    rig.icr(0, 0, 0xc0000 | ASSERT | 0x400);
    assertThat(events()).isEqualTo("1:nmi 2:nmi 3:nmi");
    rig.icr(0, 3, ASSERT | 0x200);
    assertThat(events()).isEqualTo("3:smi");
  }

  @Test
  void icrReadsBackIdle() {
    rig.icr(0, 2, ASSERT | 0x1000 | 0x40);
    assertThat(rig.read(0, 0x300)).isEqualTo(ASSERT | 0x40);
    assertThat(rig.read(0, 0x310)).isEqualTo(2 << 24);
  }

  @Test
  void msiPhysical() {
    rig.bus.msi(0xfee03000L, 0x0041);
    assertThat(takers(0x41)).isEqualTo("3");
  }

  @Test
  void msiLogicalLowestPriority() {
    flat();
    rig.write(1, TPR, 0x20);
    rig.bus.msi(0xfee0600cL, 0x0141);
    assertThat(takers(0x41)).isEqualTo("2");
  }

  @Test
  void msiLevelTriggeredSetsTmr() {
    rig.bus.msi(0xfee00000L, 0xc041);
    assertThat(rig.read(0, 0x1a0)).isEqualTo(1 << 1);
  }
}
