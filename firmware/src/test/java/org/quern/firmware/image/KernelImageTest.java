package org.quern.firmware.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.quern.firmware.BootException;
import org.quern.firmware.TestImages;
import org.quern.firmware.bytes.LittleEndian;

class KernelImageTest {
  @TempDir Path folder;

  private KernelImage read(byte[] content) throws IOException, BootException {
    Path path = Files.write(folder.resolve("k"), content);
    try (ImageFile file = ImageFile.open("kernel", path)) {
      return KernelImage.read(file);
    }
  }

  static Stream<Arguments> images() {
    byte[] pvh =
        TestImages.elf64(0x100000, new byte[64], 64, 0x100000, TestImages.pvhNote(0x100010));
    return Stream.of(
        Arguments.of(TestImages.bzImage().build(), KernelImage.Linux.class),
        Arguments.of(TestImages.kernel64(), KernelImage.PlainElf.class),
        Arguments.of(pvh, KernelImage.Pvh.class),
        Arguments.of(
            TestImages.multiboot1Kludge(0x100000, 0x1000, 16), KernelImage.Multiboot1.class),
        Arguments.of(TestImages.multiboot1Elf(0x100000, 3), KernelImage.Multiboot1.class),
        Arguments.of(
            TestImages.elf32(0x100000, TestImages.multiboot2Header(), 64, 0x100000),
            KernelImage.Multiboot2.class));
  }

  @ParameterizedTest
  @MethodSource("images")
  void tellsTheKindByContent(byte[] image, Class<?> kind) throws Exception {
    assertThat(read(image)).isInstanceOf(kind);
  }

  @Test
  void readsTheFieldsOfASetupHeader() throws Exception {
    SetupHeader h = ((KernelImage.Linux) read(TestImages.bzImage().build())).header();
    assertThat(h.versionText()).isEqualTo("2.15");
    assertThat(h.setupSize()).isEqualTo(TestImages.SETUP_SIZE);
    assertThat(h.kernelVersion()).isEqualTo("6.1.0-test (me@here)");
    assertThat(h.loadedHigh()).isTrue();
    assertThat(h.has64BitEntry()).isTrue();
    assertThat(h.above4G()).isTrue();
    assertThat(h.initrdMax()).isEqualTo(0x7fffffff);
    assertThat(h.commandLineMax()).isEqualTo(2047);
    assertThat(h.payloadOffset()).isEqualTo(0x400);
    assertThat(h.preferredAddress()).isEqualTo(TestImages.ELF_ADDRESS);
    assertThat(h.initSize()).isEqualTo(0x10000);
    assertThat(h.takesRsdp()).isTrue();
  }

  @Test
  void impliesFieldsThatAnOldSetupHeaderDoesNotHave() throws Exception {
    byte[] image = TestImages.bzImage().put16(0x206, 0x200).build();
    SetupHeader h = ((KernelImage.Linux) read(image)).header();
    assertThat(h.protectedSize()).isEqualTo(-1);
    assertThat(h.initrdMax()).isEqualTo(0x37ffffff);
    assertThat(h.commandLineMax()).isEqualTo(255);
    assertThat(h.payloadLength()).isZero();
    assertThat(h.has64BitEntry()).isFalse();
    assertThat(h.initSize()).isZero();
  }

  @Test
  void readsThePvhEntry() throws Exception {
    byte[] image = TestImages.elf64(0x100000, new byte[64], 64, 0, TestImages.pvhNote(0x100010));
    assertThat(((KernelImage.Pvh) read(image)).pvhEntry()).isEqualTo(0x100010);
  }

  private static byte[] with(byte[] image, int at, long value) {
    byte[] changed = image.clone();
    LittleEndian.put32(changed, at, value);
    return changed;
  }

  private static byte[] machine(int machine) {
    byte[] elf = TestImages.kernel64();
    LittleEndian.put16(elf, 18, machine);
    return elf;
  }

  private static byte[] bigEndian() {
    byte[] elf = machine(21 << 8);
    elf[5] = 2;
    return elf;
  }

  static Stream<Arguments> refused() {
    byte[] blank = new byte[4096];
    byte[] bootSector = blank.clone();
    LittleEndian.put16(bootSector, 0x1fe, 0xaa55);
    return Stream.of(
        Arguments.of(machine(183), "AArch64"),
        Arguments.of(machine(243), "RISC-V"),
        Arguments.of(machine(9999), "machine type 9999"),
        Arguments.of(bigEndian(), "64-bit PowerPC"),
        Arguments.of(with(blank, 0x38, 0x644d5241L), "AArch64"),
        Arguments.of(with(blank, 0x38, 0x05435352L), "RISC-V"),
        Arguments.of(with(blank, 0x24, 0x016f2818L), "for ARM"),
        Arguments.of(with(with(blank, 0, 0x5a4d), 4, 0x676d697aL), "zboot"),
        Arguments.of(with(blank, 0, 0x5a4d), "EFI or DOS"),
        Arguments.of(with(blank, 0, 0x56190527L), "U-Boot"),
        Arguments.of(with(blank, 0, 0x00088b1fL), "compressed"),
        Arguments.of(bootSector, "boot sector"),
        Arguments.of(blank, "not a kernel image"),
        Arguments.of(new byte[5], "too short"),
        Arguments.of(with(TestImages.kernel64(), 16, 0x003e0001L), "not an executable"),
        Arguments.of(with(TestImages.kernel64(), 56, 0x00400000L), "without anything to load"),
        Arguments.of(java.util.Arrays.copyOf(TestImages.kernel64(), 60), "truncated"),
        Arguments.of(java.util.Arrays.copyOf(TestImages.kernel64(), 100), "truncated"),
        Arguments.of(TestImages.bzImage().put16(0x206, 0x1ff).build(), "protocol 01ff"),
        Arguments.of(TestImages.multiboot1Elf(0x100000, 0x13), "features"),
        Arguments.of(TestImages.multiboot2Header(), "without load addresses"),
        Arguments.of(
            TestImages.elf32(
                0x100000,
                TestImages.multiboot2Header(new byte[] {77, 0, 0, 0, 8, 0, 0, 0}),
                64,
                0x100000),
            "tag 77"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void saysWhatAFileIsThatCannotBeBooted(byte[] content, String words) {
    assertThatThrownBy(() -> read(content))
        .isInstanceOf(BootException.class)
        .hasMessageStartingWith("kernel " + folder.resolve("k"))
        .hasMessageContaining(words);
  }
}
