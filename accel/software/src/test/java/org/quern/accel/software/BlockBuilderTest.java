package org.quern.accel.software;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.quern.x86.bus.RamBus;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuModel;

/** Decoding into pages that several processors read. */
class BlockBuilderTest {
  private static final int NOP = 0x90;
  private static final int RUN = 64;

  private final BlockBuilder builder =
      new Core(
              null,
              new Cpu(0, CpuModel.max(), new RamBus(0, 0), null, null),
              null,
              new TranslationQueue(Tiering.INTERPRET))
          .builder;

  @Test
  void runIsSeenByOtherProcessorsOnlyWhenItIsLinked() throws InterruptedException {
    long host = HostMemory.allocate(4096);
    HostMemory.fill(host, 4096, (byte) NOP);
    AtomicReference<CodePage> shared = new AtomicReference<>();
    AtomicReference<String> seen = new AtomicReference<>();
    Thread other =
        new Thread(
            () -> {
              for (CodePage p = shared.get(); !Thread.interrupted(); p = shared.get()) {
                if (p == null) {
                  continue;
                }
                for (int i = 0; i < RUN; i++) {
                  Op op = p.ops[i];
                  if (op != null && op.next == null) {
                    seen.set("the op at offset " + i + " had no successor");
                  }
                }
              }
            });
    other.start();
    for (int n = 0; n < 3000; n++) {
      CodePage page = new CodePage(0, CodeMode.LONG64, host);
      shared.set(page);
      builder.build(page, 0);
    }
    other.interrupt();
    other.join();
    assertThat(seen.get()).isNull();
  }

  @Test
  void runEndsWhereKnownCodeBegins() {
    long host = HostMemory.allocate(4096);
    HostMemory.fill(host, 4096, (byte) NOP);
    CodePage page = new CodePage(0, CodeMode.LONG64, host);
    Op known = builder.build(page, 10);
    builder.build(page, 8);
    assertThat(page.ops[9].next).isSameAs(known);
    assertThat(builder.build(page, 10)).isSameAs(known);
  }

  @Test
  void lastInstructionOfPageGoesOnBehindIt() {
    long host = HostMemory.allocate(4096);
    HostMemory.fill(host, 4096, (byte) NOP);
    CodePage page = new CodePage(0, CodeMode.LONG64, host);
    Op last = builder.build(page, 4095);
    assertThat(last.next).isInstanceOf(PseudoOps.Continue.class);
    assertThat((int) last.next.offset).isEqualTo(4096);
  }
}
