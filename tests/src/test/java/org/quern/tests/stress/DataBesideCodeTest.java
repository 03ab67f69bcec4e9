package org.quern.tests.stress;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.accel.api.CodeCounters;
import org.quern.accel.api.VmExit;
import org.quern.tests.conformance.GuestMachine;
import org.quern.tests.conformance.GuestResult;
import org.quern.x86.state.Reg;

/** Data in the page of hot code: writes that touch no instruction must not cost translations. */
@Timeout(120)
class DataBesideCodeTest {
  private static final int WRITES = 3_000_000;

  /** Far less than one for each thousand writes. */
  private static final long FEW = 40;

  @ParameterizedTest
  @EnumSource
  @DisplayName("a counter in the page of the loop that increments it")
  void counter(Engine engine) throws Exception {
    GuestMachine m = engine.machine();
    String source =
        """
        mov ecx, WRITES
        again:
        inc dword [counter]
        dec ecx
        jnz again
        mov eax, [counter]
        hlt
        align 512
        counter: dd 0
        """;
    GuestResult r = m.code(source.replace("WRITES", "" + WRITES)).run();
    assertThat(r.kind()).isEqualTo(VmExit.Kind.HLT);
    assertThat(r.reg(Reg.RAX)).isEqualTo(WRITES);
    CodeCounters counters = (CodeCounters) m.vm();
    assertThat(counters.invalidations()).as("invalidations").isLessThan(FEW);
    assertThat(counters.translations()).as("translations").isLessThan(FEW);
    if (engine != Engine.INTERP) {
      assertThat(counters.translations()).isPositive();
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("a page that was code and becomes data is written at full speed again")
  void codeBecomesData(Engine engine) throws Exception {
    GuestMachine m = engine.machine();
    String source =
        """
        call 0x200000
        mov ecx, WRITES
        again:
        mov [0x200000], ecx
        dec ecx
        jnz again
        mov dword [0x200000], 0xc3c3c3c3
        call 0x200000
        """;
    m.bus.write(0x20_0000, new byte[] {(byte) 0xc3});
    GuestResult r = m.code(source.replace("WRITES", "" + WRITES)).run();
    assertThat(r.kind()).isEqualTo(VmExit.Kind.HLT);
    assertThat(r.vector()).isEqualTo(-1);
    assertThat(((CodeCounters) m.vm()).invalidations()).isLessThan(FEW);
  }
}
