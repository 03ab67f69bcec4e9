package org.quern.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quern.accel.api.CpuState;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;

class FirmwareTest {
  @TempDir Path folder;
  private BootFixture boot;

  @BeforeEach
  void setUp() {
    boot = new BootFixture(folder);
  }

  @Test
  void entersAPlainElf64InLongMode() throws BootException {
    boot.append = "hello";
    CpuState s = boot.boot(TestImages.kernel64());
    assertThat(s.rip).isEqualTo(TestImages.ELF_ADDRESS);
    assertThat(s.efer).isEqualTo(Cr.EFER_LMA | Cr.EFER_LME);
    long zeroPage = s.gpr[Reg.RSI];
    assertThat(boot.memory.u32At(zeroPage + 0x202)).isEqualTo(0x53726448);
    assertThat(boot.memory.stringAt(boot.memory.u32At(zeroPage + 0x228))).isEqualTo("hello");
  }

  @Test
  void entersAPlainElf32AtThePhysicalEntry() throws BootException {
    byte[] content = TestImages.pattern(100, 1);
    CpuState s = boot.boot(TestImages.elf32(0x200000, content, 100, 0xc0200010L));
    assertThat(s.rip).isEqualTo(0x200010);
    assertThat(s.efer).isZero();
    assertThat(boot.memory.bytes(0x200000, 100)).isEqualTo(content);
  }

  @Test
  void installsTheTablesOfTheBoard() throws BootException {
    boot.boot(TestImages.kernel64());
    assertThat(boot.memory.bytes(0xe0000, 8)).asString().isEqualTo("RSD PTR ");
    assertThat(boot.memory.bytes(0xf0000, 4)).asString().isEqualTo("_MP_");
    assertThat(boot.memory.u16At(0x400)).isEqualTo(0x3f8);
    assertThat(boot.memory.u16At(0x402)).isEqualTo(0x2f8);
    assertThat(boot.memory.u16At(0x404)).isZero();
    assertThat(boot.memory.u16At(0x413)).isEqualTo(639);
    assertThat(boot.memory.u16At(0x40e) << 4).isEqualTo(0x9fc00);
  }

  @Test
  void hasRoomForTheTablesOf255Processors() {
    BoardDescription board = BoardDescription.pc(255, 1 << 20, 0);
    FakeMemory memory = FakeMemory.of(board);
    Firmware.installTables(memory, board);
    assertThat(memory.bytes(0xe0000, 8)).asString().isEqualTo("RSD PTR ");
  }

  @Test
  void refusesAMissingKernel() {
    assertRefused(folder.resolve("nothing"), "does not exist");
  }

  @Test
  void refusesAnEmptyKernel() {
    assertRefused(boot.file("empty", new byte[0]), "is empty");
  }

  @Test
  void refusesAFolder() {
    assertRefused(folder, "is a directory");
  }

  @Test
  void refusesAMissingInitrd() {
    boot.initrd = Optional.of(folder.resolve("nothing").toString());
    assertThatThrownBy(() -> boot.boot(TestImages.bzImage().build()))
        .isInstanceOf(BootException.class)
        .hasMessage("initrd " + folder.resolve("nothing") + " does not exist");
  }

  @Test
  void refusesAnEmptyInitrd() {
    boot.initrd = Optional.of(boot.file("empty", new byte[0]).toString());
    assertThatThrownBy(() -> boot.boot(TestImages.bzImage().build()))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("initrd")
        .hasMessageEndingWith("is empty");
  }

  @Test
  void refusesASegmentOverTheFirmwaresOwnArea() {
    byte[] elf = TestImages.elf64(0x8f000, new byte[0x2000], 0x2000, 0x8f000, new byte[0]);
    assertThatThrownBy(() -> boot.boot(elf))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("overlaps 0x90000 to 0x100000");
  }

  @Test
  void refusesASegmentAbove4G() {
    byte[] elf = TestImages.elf64(1L << 40, new byte[16], 16, 0, new byte[0]);
    assertThatThrownBy(() -> boot.boot(elf))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("not below 4 GiB");
  }

  @Test
  void refusesAnEntryOutsideOfRam() {
    byte[] elf = TestImages.elf64(0x200000, new byte[16], 16, 0x7fffffffffL, new byte[0]);
    assertThatThrownBy(() -> boot.boot(elf))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("its entry");
  }

  private void assertRefused(Path kernel, String problem) {
    assertThatThrownBy(() -> boot.boot(kernel))
        .isInstanceOf(BootException.class)
        .hasMessageStartingWith("kernel " + kernel)
        .hasMessageContaining(problem);
  }
}
