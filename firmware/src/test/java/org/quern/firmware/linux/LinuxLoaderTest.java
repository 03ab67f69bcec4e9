package org.quern.firmware.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.accel.api.CpuState;
import org.quern.firmware.BoardDescription;
import org.quern.firmware.BootException;
import org.quern.firmware.BootFixture;
import org.quern.firmware.EntryMode;
import org.quern.firmware.TestImages;
import org.quern.firmware.TestImages.BzImage;
import org.quern.firmware.TestImages.Compress;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

class LinuxLoaderTest {
  private static final long ZERO_PAGE = 0x90000;

  @TempDir Path folder;
  private BootFixture boot;

  @BeforeEach
  void setUp() {
    boot = new BootFixture(folder);
  }

  @ParameterizedTest
  @EnumSource(Compress.class)
  void entersTheUnpackedKernelInLongMode(Compress format) throws BootException {
    CpuState s = boot.boot(new BzImage(format.payload(TestImages.kernel64())).build());
    assertThat(s.rip).isEqualTo(TestImages.ELF_ADDRESS);
    assertThat(s.gpr[Reg.RSI]).isEqualTo(ZERO_PAGE);
    assertThat(s.efer).isEqualTo(Cr.EFER_LMA | Cr.EFER_LME);
    assertThat(s.seg[Reg.CS].selector).isEqualTo(0x10);
    assertThat(s.seg[Reg.CS].attr & Segment.L).isNotZero();
    assertThat(s.seg[Reg.DS].selector).isEqualTo(0x18);
    assertThat(s.rflags).isEqualTo(2);
    int size = TestImages.ELF_FILE_SIZE;
    assertThat(boot.memory.bytes(TestImages.ELF_ADDRESS, size))
        .isEqualTo(TestImages.pattern(size, 1));
  }

  @Test
  void entersAnUnpacked32BitKernelInProtectedMode() throws BootException {
    byte[] elf = TestImages.elf32(0x1000000, TestImages.pattern(0x1000, 1), 0x1000, 0x1000000);
    CpuState s = boot.boot(new BzImage(Compress.XZ.payload(elf)).put16(0x236, 0).build());
    assertThat(s.rip).isEqualTo(0x1000000);
    assertThat(s.gpr[Reg.RSI]).isEqualTo(ZERO_PAGE);
    assertThat(s.gpr[Reg.RBX]).isZero();
    assertThat(s.cr0).isEqualTo(Cr.CR0_PE | Cr.CR0_ET);
    assertThat(s.efer).isZero();
    assertThat(s.seg[Reg.CS].attr & Segment.DB).isNotZero();
  }

  @Test
  void copiesTheSetupHeaderIntoTheZeroPage() throws BootException {
    boot.boot(TestImages.bzImage().build());
    assertThat(boot.memory.u8At(ZERO_PAGE + 0x1f1)).isEqualTo(4);
    assertThat(boot.memory.u32At(ZERO_PAGE + 0x202)).isEqualTo(0x53726448);
    assertThat(boot.memory.u16At(ZERO_PAGE + 0x206)).isEqualTo(0x20f);
    assertThat(boot.memory.u64At(ZERO_PAGE + 0x258)).isEqualTo(TestImages.ELF_ADDRESS);
    assertThat(boot.memory.u8At(ZERO_PAGE + 0x210)).as("type_of_loader").isEqualTo(0xff);
    assertThat(boot.memory.u8At(ZERO_PAGE + 0x211)).as("loadflags").isEqualTo(0x81);
    assertThat(boot.memory.u8At(ZERO_PAGE + 0x1ef)).as("sentinel").isZero();
  }

  @Test
  void tellsTheMemoryMap() throws BootException {
    boot.board = BoardDescription.pc(1, 32 << 20, 3 << 20);
    boot.boot(TestImages.bzImage().build());
    assertThat(boot.memory.u8At(ZERO_PAGE + 0x1e8)).isEqualTo(6);
    assertThat(boot.memory.u64At(ZERO_PAGE + 0x2d0)).isZero();
    assertThat(boot.memory.u64At(ZERO_PAGE + 0x2d8)).isEqualTo(0x9fc00);
    assertThat(boot.memory.u32At(ZERO_PAGE + 0x2e0)).isEqualTo(1);
    long last = ZERO_PAGE + 0x2d0 + 5 * 20;
    assertThat(boot.memory.u64At(last)).isEqualTo(1L << 32);
    assertThat(boot.memory.u64At(last + 8)).isEqualTo(3 << 20);
    assertThat(boot.memory.u32At(ZERO_PAGE + 0x1e0)).as("alt_mem_k").isEqualTo(31 << 10);
  }

  @Test
  void passesTheCommandLineAndTheRsdp() throws BootException {
    boot.append = "console=ttyS0 ä";
    boot.boot(TestImages.bzImage().build());
    long line = boot.memory.u32At(ZERO_PAGE + 0x228);
    assertThat(boot.memory.stringAt(line)).isEqualTo("console=ttyS0 ä");
    assertThat(boot.memory.stringAt(boot.memory.u64At(ZERO_PAGE + 0x70))).startsWith("RSD PTR ");
  }

  @Test
  void leavesFieldsOutThatOldProtocolsDoNotHave() throws BootException {
    boot.append = "a b";
    boot.rngSeed = new byte[] {1};
    byte[] image = new BzImage(new byte[64]).put16(0x206, 0x201).put32(0x24c, 0).build();
    CpuState s = boot.boot(image);
    assertThat(s.rip).isEqualTo(0x100000);
    assertThat(s.efer).isZero();
    assertThat(boot.memory.u64At(ZERO_PAGE + 0x70)).isZero();
    assertThat(boot.memory.u32At(ZERO_PAGE + 0x228)).isZero();
    assertThat(boot.memory.u64At(ZERO_PAGE + 0x250)).isZero();
    assertThat(boot.memory.u16At(ZERO_PAGE + 0x20)).isEqualTo(0xa33f);
    long line = ZERO_PAGE + boot.memory.u16At(ZERO_PAGE + 0x22);
    assertThat(boot.memory.stringAt(line)).isEqualTo("a b");
  }

  @Test
  void loadsAZImageLow() throws BootException {
    BzImage image = new BzImage(new byte[64]).put16(0x206, 0x200).put8(0x211, 0);
    CpuState s = boot.boot(image.build());
    assertThat(s.rip).isEqualTo(0x1000);
    byte[] code = image.code();
    assertThat(boot.memory.bytes(0x1000, code.length)).isEqualTo(code);
  }

  @Test
  void putsTheInitrdAtTheTopOfRam() throws BootException {
    byte[] content = TestImages.pattern(5000, 11);
    boot.initrd = Optional.of(boot.file("initrd", content).toString());
    boot.boot(TestImages.bzImage().build());
    long at = boot.memory.u32At(ZERO_PAGE + 0x218);
    assertThat(at).isEqualTo(BootFixture.RAM - 0x2000);
    assertThat(boot.memory.u32At(ZERO_PAGE + 0x21c)).isEqualTo(5000);
    assertThat(boot.memory.bytes(at, 5000)).isEqualTo(content);
  }

  @Test
  void keepsTheInitrdBelowTheKernelsLimit() throws BootException {
    boot.initrd = Optional.of(boot.file("initrd", new byte[4096]).toString());
    boot.boot(TestImages.bzImage().put32(0x22c, 0x17fffff).build());
    assertThat(boot.memory.u32At(ZERO_PAGE + 0x218)).isEqualTo(0x17ff000);
  }

  @Test
  void putsTheInitrdAbove4GWhereOnlyThatHasRoom() throws BootException {
    boot.board = BoardDescription.pc(1, 18 << 20, 4 << 20);
    byte[] content = TestImages.pattern(3 << 20, 12);
    boot.initrd = Optional.of(boot.file("initrd", content).toString());
    boot.boot(TestImages.bzImage().build());
    long at = boot.memory.u32At(ZERO_PAGE + 0x218) | boot.memory.u32At(ZERO_PAGE + 0xc0) << 32;
    assertThat(at).isEqualTo((1L << 32) + (1 << 20));
    assertThat(boot.memory.u32At(ZERO_PAGE + 0xc4)).isZero();
    assertThat(boot.memory.bytes(at, content.length)).isEqualTo(content);
  }

  @Test
  void saysHowMuchRamKernelAndInitrdNeed() {
    boot.initrd = Optional.of(boot.file("initrd", new byte[17 << 20]).toString());
    assertThatThrownBy(() -> boot.boot(TestImages.bzImage().build()))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("initrd")
        .hasMessageContaining("initrd 17 MiB")
        .hasMessageContaining("has 32 MiB");
  }

  @Test
  void saysWhenTheKernelsLimitIsInTheWay() {
    boot.initrd = Optional.of(boot.file("initrd", new byte[4 << 20]).toString());
    byte[] image = TestImages.bzImage().put16(0x236, 1).put32(0x22c, 0x10fffff).build();
    assertThatThrownBy(() -> boot.boot(image))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("the highest address this kernel takes");
  }

  @Test
  void saysHowMuchRamTheKernelNeeds() {
    boot.board = BoardDescription.pc(1, 16 << 20, 0);
    assertThatThrownBy(() -> boot.boot(TestImages.bzImage().build()))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("needs 17 MiB of RAM")
        .hasMessageContaining("has 16 MiB");
  }

  @Test
  void passesASeed() throws BootException {
    boot.rngSeed = new byte[] {1, 2, 3, 4};
    boot.boot(TestImages.bzImage().build());
    long node = boot.memory.u64At(ZERO_PAGE + 0x250);
    assertThat(boot.memory.u64At(node)).as("next").isZero();
    assertThat(boot.memory.u32At(node + 8)).as("type").isEqualTo(9);
    assertThat(boot.memory.u32At(node + 12)).as("length").isEqualTo(4);
    assertThat(boot.memory.bytes(node + 16, 4)).isEqualTo(boot.rngSeed);
  }

  @Test
  void entersTheDecompressorByThe64BitProtocol() throws BootException {
    boot.entry = EntryMode.BITS64;
    CpuState s = boot.boot(TestImages.bzImage().build());
    assertThat(s.rip).isEqualTo(0x100200);
    assertThat(s.efer).isEqualTo(Cr.EFER_LMA | Cr.EFER_LME);
    byte[] code = TestImages.bzImage().code();
    assertThat(boot.memory.bytes(0x100000, code.length)).isEqualTo(code);
  }

  @Test
  void entersTheDecompressorByThe32BitProtocol() throws BootException {
    boot.entry = EntryMode.BITS32;
    CpuState s = boot.boot(TestImages.bzImage().build());
    assertThat(s.rip).isEqualTo(0x100000);
    assertThat(s.efer).isZero();
    assertThat(s.gpr[Reg.RSI]).isEqualTo(ZERO_PAGE);
    assertThat(boot.memory.u32At(ZERO_PAGE + 0x214)).isEqualTo(0x100000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lzo", "unknown", "no ELF"})
  void leavesUnpackingToTheImageWhereItMust(String kind) throws BootException {
    byte[] payload =
        switch (kind) {
          case "lzo" -> new byte[] {(byte) 0x89, 'L', 'Z', 'O', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
          case "unknown" -> new byte[100];
          default -> Compress.GZIP.payload(new byte[100]);
        };
    assertThat(boot.boot(new BzImage(payload).build()).rip).isEqualTo(0x100200);
    boot.entry = EntryMode.UNPACKED;
    assertThatThrownBy(() -> boot.boot(new BzImage(payload).build()))
        .isInstanceOf(BootException.class);
  }

  @Test
  void refusesACorruptPayload() {
    byte[] payload = Compress.GZIP.payload(TestImages.kernel64());
    payload[payload.length / 2] ^= 0x55;
    assertThatThrownBy(() -> boot.boot(new BzImage(payload).build()))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("kernel")
        .hasMessageContaining("is corrupt");
  }

  @Test
  void refusesATruncatedImage() {
    byte[] image = TestImages.bzImage().build();
    assertThatThrownBy(() -> boot.boot(java.util.Arrays.copyOf(image, image.length - 600)))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("is truncated");
    assertThatThrownBy(() -> boot.boot(java.util.Arrays.copyOf(image, 1000)))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("is truncated");
  }

  @Test
  void refusesACommandLineThatIsTooLong() {
    boot.append = "x".repeat(2048);
    assertThatThrownBy(() -> boot.boot(TestImages.bzImage().build()))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("at most 2047 bytes")
        .hasMessageContaining("2048");
  }

  @Test
  void refusesA64BitEntryThatIsNotThere() {
    boot.entry = EntryMode.BITS64;
    assertThatThrownBy(() -> boot.boot(TestImages.bzImage().put16(0x236, 0).build()))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("no 64-bit entry");
  }

  @Test
  void refusesA64BitKernelOnA32BitProcessor() {
    BoardDescription b = boot.board;
    boot.board =
        new BoardDescription(
            b.product(),
            b.apicIds(),
            false,
            b.ramBelow4G(),
            0,
            b.romSize(),
            b.apics(),
            b.power(),
            b.pci(),
            b.legacy());
    assertThatThrownBy(() -> boot.boot(TestImages.bzImage().build()))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("-cpu");
  }
}
