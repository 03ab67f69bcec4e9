package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

class PortIoTest {
  private static final long TSS = 0x4000;
  private static final int MAP = 0x68;

  /** CPL 3, IOPL 0, a TSS whose bitmap of 256 ports denies all but those given. */
  private static TestCpu user(int... allowed) {
    TestCpu t = TestCpu.protected32();
    t.c.setCpl(3);
    task(t, allowed);
    return t;
  }

  private static void task(TestCpu t, int... allowed) {
    t.c.tr.set(0x28, TSS, MAP + 32, Segment.P | 11, true);
    t.write(TSS + 102, 2, MAP);
    for (int k = 0; k < 33; k++) {
      t.write(TSS + MAP + k, 1, 0xff);
    }
    for (int port : allowed) {
      long at = TSS + MAP + (port >> 3);
      t.write(at, 1, t.read(at, 1) & ~(1L << (port & 7)));
    }
  }

  @Test
  @DisplayName("in al, 0x80; in eax, dx; out dx, ax")
  void supervisor() {
    TestCpu t = TestCpu.long64();
    t.answer = 0x12345678;
    t.c.gpr[Reg.RAX] = -1;
    t.c.gpr[Reg.RDX] = 0xffff1234L;
    assertThat(t.exec("e4 80")).isEmpty();
    assertThat(t.c.gpr[Reg.RAX]).isEqualTo(0xffffffffffffff78L);
    t.exec("ed");
    assertThat(t.c.gpr[Reg.RAX]).isEqualTo(0x12345678);
    t.exec("66 ef");
    t.exec("e6 ff");
    assertThat(t.log).containsExactly("in 80/1", "in 1234/4", "out 1234/2=5678", "out ff/1=78");
  }

  @Test
  @DisplayName("in al, dx at CPL 3 asks the bitmap")
  void bitmap() {
    TestCpu t = user(0x60, 0x61);
    t.c.gpr[Reg.RDX] = 0x60;
    assertThat(t.exec("ec")).isEmpty();
    assertThat(t.exec("66 ed")).isEmpty();
    assertThat(t.exec("ed")).isEqualTo("#GP(0)");
    t.c.gpr[Reg.RDX] = 0x5f;
    assertThat(t.exec("66 ed")).isEqualTo("#GP(0)");
    assertThat(t.log).containsExactly("in 60/1", "in 60/2");
  }

  @Test
  @DisplayName("in eax, dx: four ports across a byte of the bitmap")
  void acrossBytes() {
    TestCpu t = user(6, 7, 8, 9);
    t.c.gpr[Reg.RDX] = 6;
    assertThat(t.exec("ed")).isEmpty();
    t.c.gpr[Reg.RDX] = 7;
    assertThat(t.exec("ed")).isEqualTo("#GP(0)");
  }

  @Test
  @DisplayName("a port beyond the limit of the TSS is denied")
  void beyondTheMap() {
    TestCpu t = user(0xf8);
    t.c.gpr[Reg.RDX] = 0xf8;
    assertThat(t.exec("ec")).isEmpty();
    t.c.tr.limit = MAP + 31;
    assertThat(t.exec("ec")).isEqualTo("#GP(0)");
    t.c.gpr[Reg.RDX] = 0xffff;
    assertThat(t.exec("ec")).isEqualTo("#GP(0)");
  }

  @Test
  @DisplayName("a 16-bit TSS has no bitmap")
  void oldTask() {
    TestCpu t = user(0x60);
    t.c.tr.attr = Segment.P | 3;
    t.c.gpr[Reg.RDX] = 0x60;
    assertThat(t.exec("ec")).isEqualTo("#GP(0)");
  }

  @ParameterizedTest(name = "CPL {0}, IOPL {1}: allowed without the bitmap = {2}")
  @CsvSource({"0, 0, true", "1, 0, false", "1, 1, true", "3, 2, false", "3, 3, true"})
  void ioPrivilege(int cpl, int iopl, boolean allowed) {
    TestCpu t = user();
    t.c.setCpl(cpl);
    t.c.setSystemFlags(iopl << RFlags.IOPL_SHIFT);
    assertThat(t.exec("ec")).isEqualTo(allowed ? "" : "#GP(0)");
  }

  @Test
  @DisplayName("virtual-8086 mode asks the bitmap even with IOPL 3; outsb too")
  void virtual8086() {
    TestCpu t = TestCpu.virtual86(3);
    task(t, 0x60);
    t.c.gpr[Reg.RDX] = 0x60;
    assertThat(t.exec("ec")).isEmpty();
    assertThat(t.exec("6e")).isEmpty();
    t.c.gpr[Reg.RDX] = 0x61;
    assertThat(t.exec("ec")).isEqualTo("#GP(0)");
    assertThat(t.exec("6e")).isEqualTo("#GP(0)");
  }
}
