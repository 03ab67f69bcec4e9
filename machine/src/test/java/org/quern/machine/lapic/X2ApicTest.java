package org.quern.machine.lapic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.machine.core.FakeCpu;
import org.quern.x86.bus.LocalInterrupts.InvalidMsrAccess;

/** x2APIC mode: registers as MSRs, 32-bit destinations. */
class X2ApicTest {
  private static final int BASE = ApicRig.IA32_APIC_BASE;

  private final ApicRig rig = new ApicRig(20).x2apic();
  private final LocalApic apic = rig.apics.get(18);

  @Test
  void idAndLogicalIdComeFromTheInitialId() {
    assertThat(rig.rdmsr(apic, 0x802)).isEqualTo(18);
    assertThat(rig.rdmsr(apic, 0x80d)).isEqualTo(1 << 16 | 1 << 2);
  }

  @Test
  void icrIsOneRegisterOf64Bits() {
    rig.wrmsr(0, 0x830, 18L << 32 | 0x4041);
    assertThat(rig.acknowledge(18)).isEqualTo(0x41);
    assertThat(rig.rdmsr(0, 0x830)).isEqualTo(18L << 32 | 0x4041);
  }

  @Test
  void broadcastIsAllOnes() {
    rig.wrmsr(0, 0x830, 0xffff_ffffL << 32 | 0x4041);
    for (int i = 0; i < 20; i++) {
      assertThat(rig.acknowledge(i)).isEqualTo(0x41);
    }
  }

  @Test
  void ffIsAnOrdinaryIdInAWideMessage() {
    rig.wrmsr(0, 0x830, 0xffL << 32 | 0x4041);
    for (int i = 0; i < 20; i++) {
      assertThat(rig.intr(i)).isFalse();
    }
  }

  @Test
  void logicalDestinationIsASetInsideACluster() {
    rig.wrmsr(0, 0x830, (1L << 16 | 0b1001) << 32 | 0x4841);
    for (int i = 0; i < 20; i++) {
      assertThat(rig.intr(i)).isEqualTo(i == 16 || i == 19);
    }
  }

  @Test
  void anIoApicReachesClusterZeroLogically() {
    rig.bus.send8(0x06, true, ApicReg.FIXED, 0x41, false);
    assertThat(rig.intr(0)).isFalse();
    assertThat(rig.intr(1)).isTrue();
    assertThat(rig.intr(2)).isTrue();
    assertThat(rig.intr(18)).isFalse();
  }

  @Test
  void selfIpi() {
    rig.wrmsr(apic, 0x83f, 0x77);
    assertThat(apic.acknowledge()).isEqualTo(0x77);
    rig.wrmsr(apic, 0x80b, 0);
    rig.wrmsr(apic, 0x83f, 0x0f);
    rig.wrmsr(apic, 0x828, 0);
    assertThat(rig.rdmsr(apic, 0x828)).isEqualTo(0x20);
  }

  @Test
  void eoiByMsrNeedsNoMachineLockForAnEdge() throws InterruptedException {
    rig.wrmsr(apic, 0x83f, 0x77);
    apic.acknowledge();
    Thread other = new Thread(rig.machineLock::lock);
    other.start();
    other.join();
    rig.wrmsr(apic, 0x80b, 0);
    assertThat(rig.rdmsr(apic, 0x813)).isZero();
  }

  @Test
  void theRegisterPageIsGone() {
    assertThat(rig.read(0, 0x30)).isEqualTo(-1);
    rig.write(0, 0x80, 0x50);
    assertThat(rig.rdmsr(0, 0x808)).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0x800, 0x804, 0x809, 0x80b, 0x80c, 0x80e, 0x82f, 0x831, 0x83a, 0x83f, 0x8ff})
  void readingFaults(int msr) {
    assertThatThrownBy(() -> apic.readMsr(msr)).isSameAs(InvalidMsrAccess.INSTANCE);
  }

  @ParameterizedTest
  @CsvSource({
    "0x802, 0",
    "0x803, 0",
    "0x80a, 0",
    "0x80d, 0",
    "0x810, 0",
    "0x820, 0",
    "0x839, 0",
    "0x808, 0x100",
    "0x80b, 1",
    "0x80f, 0x200",
    "0x828, 1",
    "0x830, 0x100000",
    "0x832, 0x80000",
    "0x838, 0x100000000",
    "0x83e, 0x10",
    "0x83f, 0x100",
    "0x835, 0x10000000",
    "0x83b, 0",
  })
  void writingFaults(String msr, String value) {
    assertThatThrownBy(() -> apic.writeMsr(Integer.decode(msr), Long.decode(value)))
        .isSameAs(InvalidMsrAccess.INSTANCE);
  }

  @Test
  void everyReadableRegisterReads() {
    int[] readable = {
      0x802, 0x803, 0x808, 0x80a, 0x80d, 0x80f, 0x810, 0x817, 0x818, 0x820, 0x827, 0x828, 0x830,
      0x832, 0x833, 0x834, 0x835, 0x836, 0x837, 0x838, 0x839, 0x83e
    };
    for (int msr : readable) {
      rig.rdmsr(apic, msr);
    }
    rig.wrmsr(apic, 0x828, 0);
    assertThat(rig.rdmsr(apic, 0x828)).as("no error").isZero();
  }

  @Test
  void msrsFaultInXapicMode() {
    LocalApic xapic = new ApicRig(1).apics.get(0);
    assertThatThrownBy(() -> xapic.readMsr(0x802)).isSameAs(InvalidMsrAccess.INSTANCE);
    assertThatThrownBy(() -> xapic.writeMsr(0x80b, 0)).isSameAs(InvalidMsrAccess.INSTANCE);
  }

  @Test
  void theOnlyWayOutIsThroughDisabled() {
    assertThatThrownBy(() -> apic.writeMsr(BASE, 0xfee00800L))
        .as("x2APIC to xAPIC")
        .isSameAs(InvalidMsrAccess.INSTANCE);
    assertThatThrownBy(() -> apic.writeMsr(BASE, 0xfee00400L))
        .as("EXTD without EN")
        .isSameAs(InvalidMsrAccess.INSTANCE);
    rig.wrmsr(apic, BASE, 0xfee00000L);
    assertThatThrownBy(() -> apic.writeMsr(BASE, 0xfee00c00L))
        .as("disabled to x2APIC")
        .isSameAs(InvalidMsrAccess.INSTANCE);
    rig.wrmsr(apic, BASE, 0xfee00800L);
    assertThat(rig.read(18, 0x20)).isEqualTo(18 << 24);
  }

  @Test
  void aModelWithoutX2apicHasNoSuchBit() {
    ApicRig old = new ApicRig(0);
    LocalApic.Config config = new LocalApic.Config(0, true, 40, false);
    LocalApic without = new LocalApic(config, old.bus, old.timers, old.tsc, new FakeCpu());
    assertThatThrownBy(() -> without.writeMsr(BASE, 0xfee00c00L))
        .isSameAs(InvalidMsrAccess.INSTANCE);
  }

  @Test
  void initKeepsX2apicMode() {
    rig.wrmsr(0, 0x830, 18L << 32 | 0xc500);
    assertThat(rig.cpus.get(18).takeEvents()).containsExactly("init");
    assertThat(rig.rdmsr(apic, BASE)).isEqualTo(0xfee00c00L);
    assertThat(rig.rdmsr(apic, 0x80d)).isEqualTo(1 << 16 | 1 << 2);
    assertThat(rig.rdmsr(apic, 0x80f)).isEqualTo(0xff);
  }
}
