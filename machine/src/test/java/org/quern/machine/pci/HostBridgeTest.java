package org.quern.machine.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.quern.machine.mem.GuestRam;
import org.quern.machine.mem.LegacyRegion;
import org.quern.machine.mem.PhysicalMap;
import org.quern.machine.mem.Rom;

final class HostBridgeTest {
  private final GuestRam ram = new GuestRam(1 << 20, 1L << 32);
  private final PhysicalMap map = new PhysicalMap(1L << 32);
  private final AtomicInteger resets = new AtomicInteger();
  private final AtomicInteger remaps = new AtomicInteger();
  private final HostBridge bridge;

  HostBridgeTest() {
    map.map(ram);
    map.addListener(remaps::incrementAndGet);
    bridge =
        new HostBridge(
            new LegacyRegion(map, ram, new Rom(256 << 10)), 128 << 20, resets::incrementAndGet);
  }

  private void write(int offset, int value) {
    bridge.config().guestWrite(offset, 1, value);
    bridge.configWritten(offset, 1);
  }

  private boolean readsRam(long physical) {
    return map.readPage(physical) == ram.lowHost() + physical;
  }

  private boolean writesRam(long physical) {
    return map.writePage(physical) == ram.lowHost() + physical;
  }

  @Test
  void itIsAn82441Fx() {
    assertThat(bridge.config().get(0, 4)).isEqualTo(0x1237_8086);
    assertThat(bridge.config().get(8, 4)).isEqualTo(0x0600_0002);
    assertThat(bridge.config().get(0x57, 1)).isEqualTo(16);
  }

  @Test
  void pam0DirectsTheBiosSegment() {
    write(0x59, 0x10);
    assertThat(readsRam(0xf_0000)).isTrue();
    assertThat(writesRam(0xf_f000)).isFalse();
    write(0x59, 0x20);
    assertThat(readsRam(0xf_0000)).isFalse();
    assertThat(writesRam(0xf_f000)).isTrue();
    assertThat(remaps).hasValue(2);
  }

  @Test
  void pamHalvesDirectSixteenKibEach() {
    write(0x5b, 0x30);

    assertThat(readsRam(0xc_c000)).isTrue();
    assertThat(readsRam(0xc_f000)).isTrue();
    assertThat(readsRam(0xc_8000)).isFalse();
    assertThat(readsRam(0xd_0000)).isFalse();
  }

  @Test
  void aDoublewordWriteReachesAllItsPams() {
    bridge.config().guestWrite(0x5c, 4, 0x33333333);
    bridge.configWritten(0x5c, 4);

    assertThat(readsRam(0xd_0000)).isTrue();
    assertThat(readsRam(0xe_f000)).isTrue();
    assertThat(readsRam(0xf_0000)).isFalse();
  }

  @Test
  void openSmramShowsRamInTheVideoWindow() {
    write(0x72, 0x4a);
    assertThat(readsRam(0xa_0000)).isTrue();
    write(0x72, 0x0a);
    assertThat(readsRam(0xa_0000)).isFalse();
  }

  @Test
  void lockedSmramStaysClosedUntilReset() {
    write(0x72, 0x1a);
    write(0x72, 0x4a);
    assertThat(readsRam(0xa_0000)).isFalse();
    assertThat(bridge.config().get(0x72, 1)).isEqualTo(0x1a);
    bridge.reset();
    write(0x72, 0x4a);
    assertThat(readsRam(0xa_0000)).isTrue();
  }

  @Test
  void aRisingResetBitResetsOnce() {
    write(0x93, 0x02);
    assertThat(resets).hasValue(0);
    write(0x93, 0x06);
    write(0x93, 0x06);
    assertThat(resets).hasValue(1);
    write(0x93, 0x02);
    write(0x93, 0x06);
    assertThat(resets).hasValue(2);
  }

  @Test
  void firmwareLeavesEverythingShadowedAndResetUndoesIt() {
    bridge.shadowAll();
    assertThat(readsRam(0xc_0000) && writesRam(0xf_f000)).isTrue();
    bridge.reset();
    assertThat(readsRam(0xc_0000) || writesRam(0xf_f000)).isFalse();
  }

  @Test
  void stateRoundTripsAndShadowsAgain() {
    write(0x59, 0x30);
    write(0x72, 0x4a);
    HostBridge.State state = bridge.state();
    bridge.reset();
    bridge.restore(state);

    assertThat(bridge.state()).isEqualTo(state);
    assertThat(readsRam(0xf_0000)).isTrue();
    assertThat(readsRam(0xa_0000)).isTrue();
    assertThatThrownBy(() -> bridge.restore(new HostBridge.State("00", false, false)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
