package org.quern.tests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.quern.accel.api.Vcpu;
import org.quern.accel.api.VmExit;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;
import org.quern.x86.state.Reg;

/** INIT and startup messages, which may both arrive before the processor's thread gets to run. */
class StartupTest {
  private static final int PAGE = (int) (GuestMachine.CODE >> 12);

  private static Vcpu second() throws Exception {
    return new GuestMachine(new SoftwareAccelerator(Tiering.INTERPRET), Mode.REAL16, 2)
        .code("mov ax, 1234")
        .vm()
        .vcpu(1);
  }

  @Test
  void startupDirectlyBehindInitIsNotLost() throws Exception {
    Vcpu second = second();
    second.init();
    second.startup(PAGE);
    assertThat(second.run().kind).isEqualTo(VmExit.Kind.HLT);
    assertThat(second.state().gpr[Reg.RAX]).isEqualTo(1234);
  }

  @Test
  void initForgetsAnEarlierStartup() throws Exception {
    Vcpu second = second();
    second.startup(PAGE);
    second.init();
    assertThat(second.run().kind).isEqualTo(VmExit.Kind.HLT);
    assertThat(second.state().waitForSipi).isTrue();
  }
}
