package org.quern.machine.mem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class PhysicalMapTest {
  private static final long MIB = 1L << 20;

  @Test
  void ramOfAnOddSizeEndsAtItsLastPage() {
    GuestRam ram = new GuestRam(5 * MIB + 4096, 1L << 32);
    PhysicalMap map = new PhysicalMap(1L << 32);
    map.map(ram);

    assertThat(map.readPage(0)).isEqualTo(ram.lowHost());
    assertThat(map.readPage(3 * MIB + 0x1234)).isEqualTo(ram.lowHost() + 3 * MIB + 0x1000);
    assertThat(map.readPage(5 * MIB + 4095)).isEqualTo(ram.lowHost() + 5 * MIB);
    assertThat(map.readPage(5 * MIB + 4096)).isZero();
    assertThat(map.writePage(5 * MIB + 4096)).isZero();
  }

  @Test
  void ramBeyondTheSplitStartsAtFourGib() {
    GuestRam ram = new GuestRam(8 * MIB, 6 * MIB);
    PhysicalMap map = new PhysicalMap(GuestRam.HIGH_START + ram.highBytes());
    map.map(ram);

    assertThat(ram.highBytes()).isEqualTo(2 * MIB);
    assertThat(map.readPage(6 * MIB)).isZero();
    assertThat(map.readPage(GuestRam.HIGH_START)).isEqualTo(ram.lowHost() + 6 * MIB);
    assertThat(map.readPage(GuestRam.HIGH_START + 2 * MIB)).isZero();
  }

  @Test
  void everyAddressIsLegal() {
    PhysicalMap map = new PhysicalMap(1L << 32);

    assertThat(map.readPage(-1)).isZero();
    assertThat(map.readPage(Long.MIN_VALUE)).isZero();
    assertThat(map.writePage(1L << 51)).isZero();
  }

  @Test
  void onePageOfAChunkCanBeReplacedAndTheRestStays() {
    GuestRam ram = new GuestRam(4 * MIB, 1L << 32);
    Rom rom = new Rom(4096);
    PhysicalMap map = new PhysicalMap(1L << 32);
    map.map(ram);
    map.map(2 * MIB + 0x3000, 4096, rom.host(), 0);

    assertThat(map.readPage(2 * MIB + 0x2fff)).isEqualTo(ram.lowHost() + 2 * MIB + 0x2000);
    assertThat(map.readPage(2 * MIB + 0x3000)).isEqualTo(rom.host());
    assertThat(map.writePage(2 * MIB + 0x3000)).isZero();
    assertThat(map.readPage(2 * MIB + 0x4000)).isEqualTo(ram.lowHost() + 2 * MIB + 0x4000);
  }

  @Test
  void aWholeChunkCanBeTakenAwayAfterItWasFine() {
    GuestRam ram = new GuestRam(4 * MIB, 1L << 32);
    PhysicalMap map = new PhysicalMap(1L << 32);
    map.map(ram);
    map.unmap(0x1000, 0x1000);
    map.unmap(0, 2 * MIB);

    assertThat(map.readPage(0x5000)).isZero();
    assertThat(map.readPage(2 * MIB)).isNotZero();
  }

  @Test
  void listenersHearAnnouncements() {
    PhysicalMap map = new PhysicalMap(1L << 32);
    AtomicInteger heard = new AtomicInteger();
    map.addListener(heard::incrementAndGet);
    map.announce();

    assertThat(heard).hasValue(1);
  }

  @Test
  void mappingHalfAPageIsABug() {
    PhysicalMap map = new PhysicalMap(1L << 32);

    assertThatThrownBy(() -> map.map(0x800, 0x1000, 0, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> map.map(1L << 32, 0x1000, 0, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void ramSizesThatCannotBeAreRefused() {
    assertThatThrownBy(() -> new GuestRam(0, 1L << 32))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new GuestRam(MIB + 1, 1L << 32))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new GuestRam(1L << 50, 1L << 32))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
