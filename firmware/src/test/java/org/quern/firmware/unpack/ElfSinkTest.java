package org.quern.firmware.unpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.quern.firmware.BoardDescription;
import org.quern.firmware.BootException;
import org.quern.firmware.FakeMemory;
import org.quern.firmware.TestImages;

class ElfSinkTest {
  private final BoardDescription board = BoardDescription.pc(1, 32 << 20, 0);
  private final FakeMemory memory = FakeMemory.of(board);
  private final ElfSink sink = new ElfSink("kernel x", board, memory);

  @Test
  void placesASegmentThatArrivesInPieces() throws BootException {
    byte[] elf = TestImages.kernel64();
    Random random = new Random(42);
    for (int at = 0; at < elf.length; ) {
      int n = Math.min(1 + random.nextInt(100), elf.length - at);
      sink.accept(elf, at, n);
      at += n;
    }
    assertThat(sink.finish().entry()).isEqualTo(TestImages.ELF_ADDRESS);
    int size = TestImages.ELF_FILE_SIZE;
    assertThat(memory.bytes(TestImages.ELF_ADDRESS, size)).isEqualTo(TestImages.pattern(size, 1));
  }

  @Test
  void clearsWhatTheFileDoesNotHold() throws BootException {
    byte[] elf = TestImages.kernel64();
    sink.accept(elf, 0, elf.length);
    sink.finish();
    int bss = TestImages.ELF_MEM_SIZE - TestImages.ELF_FILE_SIZE;
    assertThat(memory.bytes(TestImages.ELF_ADDRESS + TestImages.ELF_FILE_SIZE, bss))
        .isEqualTo(new byte[bss]);
    assertThat(memory.u8At(TestImages.ELF_ADDRESS + TestImages.ELF_MEM_SIZE)).isEqualTo(0xcc);
  }

  @Test
  void refusesAFileThatEndsEarly() throws BootException {
    byte[] elf = TestImages.kernel64();
    sink.accept(elf, 0, elf.length - 1);
    assertThatThrownBy(sink::finish)
        .isInstanceOf(BootException.class)
        .hasMessageContaining("truncated");
  }

  @Test
  void refusesHeadersThatEndEarly() throws BootException {
    sink.accept(TestImages.kernel64(), 0, 70);
    assertThatThrownBy(sink::finish)
        .isInstanceOf(BootException.class)
        .hasMessageContaining("truncated");
  }

  @Test
  void writesNothingOfAKernelThatDoesNotFit() {
    byte[] elf = TestImages.elf64(31 << 20, new byte[100], 2 << 20, 0, new byte[0]);
    assertThatThrownBy(() -> sink.accept(elf, 0, elf.length))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("needs 33 MiB of RAM")
        .hasMessageContaining("has 32 MiB");
    byte[] untouched = new byte[100];
    Arrays.fill(untouched, (byte) 0xcc);
    assertThat(memory.bytes(31 << 20, 100)).isEqualTo(untouched);
  }

  @Test
  void saysWhenItIsNoElfFile() {
    byte[] other = TestImages.pattern(1000, 3);
    assertThatThrownBy(() -> sink.accept(other, 0, other.length))
        .isInstanceOf(ElfSink.NotElf.class);
  }
}
