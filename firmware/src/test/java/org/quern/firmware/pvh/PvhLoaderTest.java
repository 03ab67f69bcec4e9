package org.quern.firmware.pvh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quern.accel.api.CpuState;
import org.quern.firmware.BootException;
import org.quern.firmware.BootFixture;
import org.quern.firmware.EntryMode;
import org.quern.firmware.TestImages;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;

class PvhLoaderTest {
  private static final byte[] KERNEL =
      TestImages.elf64(
          0x100000, TestImages.pattern(256, 1), 0x1000, 0x100000, TestImages.pvhNote(0x100010));

  @TempDir Path folder;
  private BootFixture boot;

  @BeforeEach
  void setUp() {
    boot = new BootFixture(folder);
  }

  @Test
  void entersAtTheNoteInProtectedMode() throws BootException {
    CpuState s = boot.boot(KERNEL);
    assertThat(s.rip).isEqualTo(0x100010);
    assertThat(s.cr0).isEqualTo(Cr.CR0_PE | Cr.CR0_ET);
    assertThat(s.cr4).isZero();
    assertThat(s.rflags).isEqualTo(2);
    assertThat(s.tr.limit).isEqualTo(0x67);
    assertThat(boot.memory.bytes(0x100000, 256)).isEqualTo(TestImages.pattern(256, 1));
  }

  @Test
  void passesTheStartInfo() throws BootException {
    boot.append = "quiet";
    boot.initrd = Optional.of(boot.file("initrd", TestImages.pattern(99, 2)).toString());
    long info = boot.boot(KERNEL).gpr[Reg.RBX];
    assertThat(boot.memory.u32At(info)).isEqualTo(0x336ec578);
    assertThat(boot.memory.u32At(info + 4)).as("version").isEqualTo(1);
    assertThat(boot.memory.u32At(info + 12)).as("modules").isEqualTo(1);
    long module = boot.memory.u64At(info + 16);
    assertThat(boot.memory.u64At(module)).isEqualTo(0x101000);
    assertThat(boot.memory.u64At(module + 8)).isEqualTo(99);
    assertThat(boot.memory.bytes(0x101000, 99)).isEqualTo(TestImages.pattern(99, 2));
    assertThat(boot.memory.stringAt(boot.memory.u64At(info + 24))).isEqualTo("quiet");
    assertThat(boot.memory.bytes(boot.memory.u64At(info + 32), 8)).asString().isEqualTo("RSD PTR ");
    long map = boot.memory.u64At(info + 40);
    assertThat(boot.memory.u32At(info + 48)).as("ranges").isEqualTo(5);
    assertThat(boot.memory.u64At(map + 3 * 24)).isEqualTo(0x100000);
    assertThat(boot.memory.u64At(map + 3 * 24 + 8)).isEqualTo(BootFixture.RAM - 0x100000);
    assertThat(boot.memory.u32At(map + 3 * 24 + 16)).isEqualTo(1);
  }

  @Test
  void theNameOfTheInitrdMayHaveBlanksAndCommas() throws BootException {
    boot.initrd = Optional.of(boot.file("my initrd, old", TestImages.pattern(99, 2)).toString());
    boot.boot(KERNEL);
    assertThat(boot.memory.bytes(0x101000, 99)).isEqualTo(TestImages.pattern(99, 2));
  }

  @Test
  void aMissingInitrdIsCalledThat() {
    boot.initrd = Optional.of("/nonexistent/my initrd");
    assertThatThrownBy(() -> boot.boot(KERNEL))
        .isInstanceOf(BootException.class)
        .hasMessage("initrd /nonexistent/my initrd does not exist");
  }

  @Test
  void refusesAnEntryModeOfLinux() {
    boot.entry = EntryMode.BITS64;
    assertThatThrownBy(() -> boot.boot(KERNEL))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("is no Linux bzImage");
  }

  @Test
  void refusesAnEntryOutsideOfRam() {
    byte[] kernel =
        TestImages.elf64(0x100000, new byte[64], 64, 0, TestImages.pvhNote(0xfffffff0L));
    assertThatThrownBy(() -> boot.boot(kernel))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("PVH entry");
  }
}
