package org.quern.accel.software;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.quern.accel.api.VmConfig;
import org.quern.x86.bus.NoInterrupts;
import org.quern.x86.bus.RamBus;
import org.quern.x86.bus.StoppedTime;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Reg;

/** Stores to pages that hold code must be noticed, whoever decoded the page first. */
class CodeGuardTest {
  private static final long PAGE = 0x2000;
  private static final long RAM_BYTES = 0x10000;

  private final long ram = HostMemory.allocate(RAM_BYTES);
  private final SoftwareVm vm =
      new SoftwareVm(
          new VmConfig(
              CpuModel.max(),
              Collections.nCopies(2, new RamBus(ram, RAM_BYTES)),
              Collections.nCopies(2, new NoInterrupts()),
              new StoppedTime()),
          Tiering.INTERPRET,
          Observation.NONE);
  private final SoftwareVcpu first = vm.vcpu(0);

  /** The page as {@code jmp PAGE} in real mode finds it. */
  private CodePage enter() {
    vm.startRunning();
    first.cpu.seg[Reg.CS].set(0, 0, 0xffff, 0x9b, true);
    first.core.jumpFar(first.cpu);
    CodePage page = first.core.pageAt(first.cpu, PAGE);
    vm.stopRunning();
    return page;
  }

  @Test
  void storeToCodeThatWasWritableBeforeIsNoticed() {
    first.cpu.mmu.write8(PAGE, 0x90);
    CodePage page = enter();
    first.core.builder.opAt(page, 0);
    first.cpu.mmu.write8(PAGE, 0xf4);
    assertThat(page.valid).isFalse();
  }

  @Test
  void pageThatAnotherProcessorIsStillGuardingIsGuardedBeforeItIsDecoded() {
    first.cpu.mmu.write8(PAGE, 0x90);
    // The other processor has come as far as entering the page in the cache.
    first.core.cache.page(PAGE, CodeMode.REAL16, ram + PAGE);
    CodePage page = enter();
    first.core.builder.opAt(page, 0);
    first.cpu.mmu.write8(PAGE, 0xf4);
    assertThat(page.valid).isFalse();
  }
}
