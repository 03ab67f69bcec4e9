package org.quern.machine.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.quern.machine.mem.GuestRam;
import org.quern.machine.mem.PhysicalMap;

final class SystemDmaTest {
  private static final long END = 1L << 20;

  private final GuestRam ram = new GuestRam(END, 1L << 32);
  private final PhysicalMap memory = new PhysicalMap(1L << 32);
  private final SystemDma dma = new SystemDma(memory);
  private final List<String> heard = new ArrayList<>();

  SystemDmaTest() {
    memory.map(ram);
    dma.onWrite((physical, bytes) -> heard.add(physical + "+" + bytes));
  }

  @Test
  void whatIsWrittenAcrossPagesReadsBackAndIsReported() {
    byte[] out = new byte[10_000];
    for (int i = 0; i < out.length; i++) {
      out[i] = (byte) i;
    }
    dma.write(0xffe, out, 0, out.length);
    byte[] in = new byte[out.length];
    dma.read(0xffe, in, 0, in.length);

    assertThat(in).isEqualTo(out);
    assertThat(heard).containsExactly("4094+10000");
  }

  @Test
  void outsideRamReadsAsOnesAndSwallowsWrites() {
    byte[] in = new byte[8];
    dma.write(END - 4, new byte[8], 0, 8);
    dma.read(END - 4, in, 0, 8);

    assertThat(in).containsExactly(0, 0, 0, 0, -1, -1, -1, -1);
    dma.read(-4, in, 0, 8);
    assertThat(in).containsExactly(-1, -1, -1, -1, 0, 0, 0, 0);
  }

  @Test
  void nothingWrittenIsNotReported() {
    dma.write(0, new byte[0], 0, 0);
    dma.write(END, new byte[8], 0, 8);

    assertThat(heard).isEmpty();
  }

  @Test
  void loadersReachTheRamBehindTheHoleAndNothingBeyond() {
    RamAccess access = new RamAccess(ram);
    access.onWrite((physical, bytes) -> heard.add("ram " + physical + "+" + bytes));
    memory.unmap(0xa_0000, 0x6_0000);
    access.write(0xf_0000, new byte[] {1, 2}, 0, 2);
    byte[] in = new byte[2];
    access.read(0xf_0000, in, 0, 2);

    assertThat(in).containsExactly(1, 2);
    assertThat(heard).containsExactly("ram 983040+2");
    access.clear(0xf_0000, 2);
    access.read(0xf_0000, in, 0, 2);
    assertThat(in).containsExactly(0, 0);
    assertThatThrownBy(() -> access.write(END - 1, in, 0, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> access.clear(1L << 32, 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
