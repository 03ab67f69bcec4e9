package org.quern.tests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.quern.accel.api.Vcpu;
import org.quern.accel.api.VmExit;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;
import org.quern.x86.state.Reg;

/** How many NMIs a processor remembers. The handler of vector 2 is a HLT. */
class NmiTest {
  private static final String COUNT_TO_FIVE = "inc eax\n".repeat(5);

  /** Runs until no NMI is delivered any more and returns how many were. */
  private static int delivered(int before, int inHandler) throws Exception {
    GuestMachine m =
        new GuestMachine(new SoftwareAccelerator(Tiering.INTERPRET), Mode.LONG64)
            .code(COUNT_TO_FIVE);
    Vcpu cpu = m.vm().vcpu(0);
    cpu.state(m.start);
    for (int i = 0; i < before; i++) {
      cpu.nmi();
    }
    assertThat(cpu.run().kind).isEqualTo(VmExit.Kind.HLT);
    for (int i = 0; i < inHandler; i++) {
      cpu.nmi();
    }
    int n = 0;
    while (cpu.state().nmiBlocked) {
      n++;
      // As IRET would: back to the program with NMIs open.
      m.start.nmiBlocked = false;
      cpu.state(m.start);
      assertThat(cpu.run().kind).isEqualTo(VmExit.Kind.HLT);
    }
    assertThat(cpu.state().gpr[Reg.RAX]).isEqualTo(5);
    return n;
  }

  @Test
  void oneIsDeliveredOnce() throws Exception {
    assertThat(delivered(1, 0)).isEqualTo(1);
  }

  @Test
  void twoThatComeTogetherAreBothDelivered() throws Exception {
    assertThat(delivered(2, 0)).isEqualTo(2);
    assertThat(delivered(5, 0)).isEqualTo(2);
  }

  @Test
  void oneIsKeptWhileAnotherIsHandled() throws Exception {
    assertThat(delivered(1, 3)).isEqualTo(2);
  }
}
