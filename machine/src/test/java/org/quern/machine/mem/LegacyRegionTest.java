package org.quern.machine.mem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.x86.mem.HostMemory;

final class LegacyRegionTest {
  private final GuestRam ram = new GuestRam(2 << 20, 1L << 32);
  private final Rom bios = new Rom(256 << 10);
  private final PhysicalMap map = new PhysicalMap(1L << 32);
  private final LegacyRegion region;

  LegacyRegionTest() {
    map.map(ram);
    region = new LegacyRegion(map, ram, bios);
  }

  @Test
  void theBiosEndsAtFourGibAndItsLast128KibAnswerBelowOneMib() {
    assertThat(map.readPage(0xffff_f000L)).isEqualTo(bios.host() + bios.bytes() - 4096);
    assertThat(map.readPage(0x1_0000_0000L - bios.bytes())).isEqualTo(bios.host());
    assertThat(map.readPage(0xf_f000)).isEqualTo(bios.host() + bios.bytes() - 4096);
    assertThat(map.readPage(0xe_0000)).isEqualTo(bios.host() + bios.bytes() - (128 << 10));
    assertThat(map.readPage(0xd_f000)).isZero();
    assertThat(map.writePage(0xf_f000)).isZero();
    assertThat(map.writePage(0xffff_f000L)).isZero();
  }

  @Test
  void theVideoWindowIsNobodysUntilSmramIsOpen() {
    assertThat(map.readPage(0xa_0000)).isZero();
    region.smram(true);
    assertThat(map.readPage(0xb_f000)).isEqualTo(ram.lowHost() + 0xb_f000);
    region.smram(false);
    assertThat(map.writePage(0xb_f000)).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0xc0000, 0xc3000",
    "5, 0xd4000, 0xd7000",
    "11, 0xec000, 0xef000",
    "12, 0xf0000, 0xff000"
  })
  void aSegmentIsShadowedAndNoOther(int segment, String first, String last) {
    region.segment(segment, true, true);
    for (long page = 0xc_0000; page < 0x10_0000; page += 4096) {
      boolean inside = page >= Long.decode(first) && page <= Long.decode(last);
      assertThat(map.readPage(page) == ram.lowHost() + page).isEqualTo(inside);
      assertThat(map.writePage(page) == ram.lowHost() + page).isEqualTo(inside);
    }
  }

  @Test
  void readsFromRomWhileWritesGoToRam() {
    region.segment(12, false, true);

    assertThat(map.readPage(0xf_0000)).isEqualTo(bios.host() + bios.bytes() - (64 << 10));
    assertThat(map.writePage(0xf_0000)).isEqualTo(ram.lowHost() + 0xf_0000);
  }

  @Test
  void readsFromRamThatIsWriteProtected() {
    region.segment(12, true, false);

    assertThat(map.readPage(0xf_0000)).isEqualTo(ram.lowHost() + 0xf_0000);
    assertThat(map.writePage(0xf_0000)).isZero();
  }

  @Test
  void anImageLiesAtTheTopOfItsRomAndTheRestIsErased() {
    bios.programTop(new byte[] {1, 2, 3});

    assertThat(HostMemory.getInt(bios.host() + bios.bytes() - 4)).isEqualTo(0x030201ff);
    assertThatThrownBy(() -> bios.programTop(new byte[bios.bytes() + 1]))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
