package org.quern.firmware.multiboot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quern.accel.api.CpuState;
import org.quern.firmware.BootException;
import org.quern.firmware.BootFixture;
import org.quern.firmware.TestImages;
import org.quern.firmware.bytes.ByteWriter;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;

class MultibootLoaderTest {
  @TempDir Path folder;
  private BootFixture boot;

  @BeforeEach
  void setUp() {
    boot = new BootFixture(folder);
  }

  @Test
  void loadsByTheAddressesOfTheHeader() throws BootException {
    byte[] image = TestImages.multiboot1Kludge(0x200000, 0x1000, 0x300);
    CpuState s = boot.boot(image);
    assertThat(s.gpr[Reg.RAX]).isEqualTo(0x2badb002);
    assertThat(s.rip).isEqualTo(0x200080);
    assertThat(s.cr0).isEqualTo(Cr.CR0_PE | Cr.CR0_ET);
    assertThat(s.seg[Reg.CS].selector).isEqualTo(8);
    assertThat(s.seg[Reg.SS].selector).isEqualTo(0x10);
    assertThat(boot.memory.bytes(0x200000, 0x1000)).isEqualTo(image);
    assertThat(boot.memory.bytes(0x201000, 0x300)).isEqualTo(new byte[0x300]);
    assertThat(boot.memory.u8At(0x201300)).isEqualTo(0xcc);
  }

  @Test
  void loadsAnElfFileAndTranslatesItsEntry() throws BootException {
    CpuState s = boot.boot(TestImages.multiboot1Elf(0x200000, 3));
    assertThat(s.rip).isEqualTo(0x200010);
    assertThat(boot.memory.u32At(0x200000)).isEqualTo(0x1badb002);
  }

  @Test
  void passesTheInformationOfMultiboot1() throws BootException {
    Path a = boot.file("a", new byte[5000]);
    Path b = boot.file("b", TestImages.pattern(100, 9));
    boot.initrd = Optional.of(a + " one two," + b);
    boot.append = "-v";
    Path kernel = boot.file("k", TestImages.multiboot1Kludge(0x200000, 0x1000, 0));
    long info = boot.boot(kernel).gpr[Reg.RBX];
    assertThat(boot.memory.u32At(info)).as("flags").isEqualTo(0x24f);
    assertThat(boot.memory.u32At(info + 4)).as("mem_lower").isEqualTo(639);
    assertThat(boot.memory.u32At(info + 8)).as("mem_upper").isEqualTo(31 << 10);
    assertThat(boot.memory.stringAt(boot.memory.u32At(info + 16))).isEqualTo(kernel + " -v");
    assertThat(boot.memory.stringAt(boot.memory.u32At(info + 64))).isEqualTo("quern");
    assertThat(boot.memory.u32At(info + 20)).as("mods_count").isEqualTo(2);
    long modules = boot.memory.u32At(info + 24);
    assertThat(boot.memory.u32At(modules)).isEqualTo(0x201000);
    assertThat(boot.memory.u32At(modules + 4)).isEqualTo(0x201000 + 5000);
    assertThat(boot.memory.stringAt(boot.memory.u32At(modules + 8))).isEqualTo(a + " one two");
    assertThat(boot.memory.u32At(modules + 16)).isEqualTo(0x203000);
    assertThat(boot.memory.bytes(0x203000, 100)).isEqualTo(TestImages.pattern(100, 9));
    long map = boot.memory.u32At(info + 48);
    assertThat(boot.memory.u32At(info + 44)).as("mmap_length").isEqualTo(5 * 24);
    assertThat(boot.memory.u32At(map)).as("entry size").isEqualTo(20);
    assertThat(boot.memory.u64At(map + 4)).isZero();
    assertThat(boot.memory.u64At(map + 12)).isEqualTo(0x9fc00);
    assertThat(boot.memory.u32At(map + 20)).isEqualTo(1);
  }

  private Map<Integer, Long> tags(long info) {
    Map<Integer, Long> tags = new HashMap<>();
    long end = info + boot.memory.u32At(info);
    for (long at = info + 8; at < end; at += boot.memory.u32At(at + 4) + 7 & ~7L) {
      tags.put((int) boot.memory.u32At(at), at);
    }
    return tags;
  }

  @Test
  void passesTheTagsOfMultiboot2() throws BootException {
    boot.append = "x";
    boot.initrd = Optional.of(boot.file("m", new byte[10]).toString());
    byte[] image = TestImages.elf32(0x200000, TestImages.multiboot2Header(), 0x1000, 0xc0200020L);
    Path kernel = boot.file("k", image);
    CpuState s = boot.boot(kernel);
    assertThat(s.gpr[Reg.RAX]).isEqualTo(0x36d76289);
    assertThat(s.rip).isEqualTo(0x200020);
    Map<Integer, Long> tags = tags(s.gpr[Reg.RBX]);
    assertThat(tags).containsOnlyKeys(0, 1, 2, 3, 4, 6, 14, 15, 21);
    assertThat(boot.memory.stringAt(tags.get(1) + 8)).isEqualTo(kernel + " x");
    assertThat(boot.memory.stringAt(tags.get(2) + 8)).isEqualTo("quern");
    assertThat(boot.memory.u32At(tags.get(3) + 8)).isEqualTo(0x201000);
    assertThat(boot.memory.u32At(tags.get(3) + 12)).isEqualTo(0x20100a);
    assertThat(boot.memory.u32At(tags.get(4) + 12)).isEqualTo(31 << 10);
    assertThat(boot.memory.u32At(tags.get(6) + 8)).isEqualTo(24);
    assertThat(boot.memory.bytes(tags.get(15) + 8, 8)).asString().isEqualTo("RSD PTR ");
    assertThat(boot.memory.u32At(tags.get(21) + 8)).isEqualTo(0x200000);
  }

  @Test
  void loadsByTheAddressTagOfMultiboot2() throws BootException {
    byte[] addresses =
        new ByteWriter()
            .u16(2)
            .u16(0)
            .u32(24)
            .u32(0x300000)
            .u32(0x300000)
            .u32(0)
            .u32(0x302000)
            .toBytes();
    byte[] entry = new ByteWriter().u16(3).u16(0).u32(12).u32(0x300100).toBytes();
    byte[] image = Arrays.copyOf(TestImages.multiboot2Header(addresses, entry), 0x1000);
    CpuState s = boot.boot(image);
    assertThat(s.rip).isEqualTo(0x300100);
    assertThat(boot.memory.bytes(0x300000, 0x1000)).isEqualTo(image);
    assertThat(boot.memory.bytes(0x301000, 0x1000)).isEqualTo(new byte[0x1000]);
  }

  @Test
  void refusesModulesThatDoNotFit() {
    boot.initrd = Optional.of(boot.file("big", new byte[BootFixture.RAM]).toString());
    assertThatThrownBy(() -> boot.boot(TestImages.multiboot1Kludge(0x200000, 0x1000, 0)))
        .isInstanceOf(BootException.class)
        .hasMessageStartingWith("module ")
        .hasMessageContaining("-m");
  }

  @Test
  void refusesAnImageShorterThanItsHeaderSays() {
    byte[] image = TestImages.multiboot1Kludge(0x200000, 0x1000, 0);
    assertThatThrownBy(() -> boot.boot(Arrays.copyOf(image, 0x800)))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("truncated");
  }

  @Test
  void refusesACommandLineThatDoesNotFit() {
    boot.append = "x".repeat(20_000);
    assertThatThrownBy(() -> boot.boot(TestImages.multiboot1Kludge(0x200000, 0x1000, 0)))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("boot information");
  }
}
