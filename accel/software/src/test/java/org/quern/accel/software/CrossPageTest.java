package org.quern.accel.software;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.quern.accel.api.VmConfig;
import org.quern.accel.api.VmExit;
import org.quern.x86.bus.NoInterrupts;
import org.quern.x86.bus.RamBus;
import org.quern.x86.bus.StoppedTime;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Reg;

/** An instruction in two pages. */
class CrossPageTest {
  private static final long PAGE = 0x1000;
  private static final long RAM_BYTES = 0x10000;
  private static final int LOOP = 0xff8;
  private static final int CROSSING = 0xffe;

  private final long ram = HostMemory.allocate(RAM_BYTES);
  private final SoftwareVm vm =
      new SoftwareVm(
          new VmConfig(
              CpuModel.max(),
              List.of(new RamBus(ram, RAM_BYTES)),
              List.of(new NoInterrupts()),
              new StoppedTime()),
          Tiering.INTERPRET,
          Observation.NONE);
  private final Cpu cpu = vm.vcpu(0).cpu;

  /** Real mode: {@code nop} six times, {@code mov ax, 0x1234}, {@code loop}, {@code hlt}. */
  private void program() {
    HostMemory.fill(ram + PAGE + LOOP, CROSSING - LOOP, (byte) 0x90);
    byte[] code = {(byte) 0xb8, 0x34, 0x12, (byte) 0xe2, (byte) (LOOP - CROSSING - 5), (byte) 0xf4};
    HostMemory.write(code, 0, code.length, ram + PAGE + CROSSING);
  }

  private void run(int rounds) {
    cpu.seg[Reg.CS].set(0, 0, 0xffff, 0x9b, true);
    cpu.rip = PAGE + LOOP;
    cpu.gpr[Reg.RCX] = rounds;
    cpu.gpr[Reg.RAX] = 0;
    cpu.activity = Cpu.Activity.ACTIVE;
    assertThat(vm.vcpu(0).run().kind).isEqualTo(VmExit.Kind.HLT);
    assertThat(cpu.gpr[Reg.RAX]).isEqualTo(0x1234);
  }

  @Test
  void isDecodedOnceThoughTheOneBeforeItRunsIntoIt() {
    program();
    run(1);
    CodePage page = vm.vcpu(0).core.cache.page(PAGE, CodeMode.REAL16, ram + PAGE);
    Op known = page.ops[CROSSING];
    assertThat(known).isInstanceOf(PseudoOps.CrossPage.class);
    run(5);
    assertThat(page.ops[CROSSING]).isSameAs(known);
  }

  @Test
  void runsThoughAnotherProcessorHasJustDroppedTheSecondPage() {
    program();
    run(1);
    // What dropping it does first; the request to forget it comes later.
    vm.vcpu(0).core.cache.page(PAGE + 4096, CodeMode.REAL16, ram + PAGE + 4096).valid = false;
    run(3);
  }
}
