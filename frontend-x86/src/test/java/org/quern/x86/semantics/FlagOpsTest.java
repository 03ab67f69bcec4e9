package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

class FlagOpsTest {
  /** Every flag a guest can hold in an image. */
  private static final int ALL = RFlags.DEFINED;

  private static final int IOPL3 = 3 << RFlags.IOPL_SHIFT;

  private static int changedByPopf(TestCpu t, String hex) {
    int before = t.c.rflags();
    t.write(t.c.gpr[Reg.RSP], 8, ~before & ALL);
    assertThat(t.exec(hex)).isEmpty();
    return before ^ t.c.rflags();
  }

  @Nested
  class CarryAndDirection {
    private final TestCpu t = TestCpu.long64();
    private final Cpu c = t.c;

    @Test
    @DisplayName("stc, cmc, clc leave the other flags, OF among them")
    void carry() {
      c.setStatusFlags(RFlags.OF | RFlags.ZF);
      t.exec("f9");
      assertThat(t.flags()).isEqualTo("OZC");
      t.exec("f5");
      assertThat(t.flags()).isEqualTo("OZ");
      t.exec("f5");
      assertThat(t.flags()).isEqualTo("OZC");
      t.exec("f8");
      assertThat(t.flags()).isEqualTo("OZ");
    }

    @Test
    @DisplayName("std; cld")
    void direction() {
      t.exec("fd");
      assertThat(c.eflags & RFlags.DF).isNotZero();
      t.exec("fc");
      assertThat(c.eflags & RFlags.DF).isZero();
    }
  }

  @Nested
  class InterruptFlag {
    @Test
    @DisplayName("sti opens the shadow of one instruction, a second sti does not")
    void shadow() {
      TestCpu t = TestCpu.long64();
      t.exec("fb");
      assertThat(t.c.eflags & RFlags.IF).isNotZero();
      assertThat(t.c.shadow).isEqualTo(Cpu.Shadow.STI);
      t.c.shadow = Cpu.Shadow.NONE;
      t.exec("fb");
      assertThat(t.c.shadow).isEqualTo(Cpu.Shadow.NONE);
      t.exec("fa");
      assertThat(t.c.eflags & RFlags.IF).isZero();
    }

    @Test
    @DisplayName("sti makes a waiting INTR visible")
    void waitingInterrupt() {
      TestCpu t = TestCpu.long64();
      t.c.setIntr(true);
      t.exec("fb");
      assertThat(t.c.pending & Cpu.REQ_INTR).isNotZero();
    }

    @ParameterizedTest(name = "cli, sti at CPL {0} with IOPL {1}, PVI {2}: {3}")
    @CsvSource({
      "0, 0, false, IF",
      "1, 0, false, GP",
      "2, 2, false, IF",
      "3, 2, false, GP",
      "3, 3, false, IF",
      "3, 0, true, VIF",
      "2, 0, true, GP",
      "3, 3, true, IF"
    })
    void protectedMode(int cpl, int iopl, boolean pvi, String expected) {
      TestCpu t = TestCpu.protected32();
      t.c.setCpl(cpl);
      t.c.cr4 = pvi ? Cr.CR4_PVI : 0;
      check(t, iopl, expected);
    }

    @ParameterizedTest(name = "virtual-8086 cli, sti with IOPL {0}, VME {1}: {2}")
    @CsvSource({"3, false, IF", "0, false, GP", "0, true, VIF", "3, true, IF"})
    void virtualMode(int iopl, boolean vme, String expected) {
      TestCpu t = TestCpu.virtual86(iopl);
      t.c.cr4 = vme ? Cr.CR4_VME : 0;
      check(t, iopl, expected);
    }

    private void check(TestCpu t, int iopl, String expected) {
      int vm = t.c.eflags & RFlags.VM;
      int both = RFlags.IF | RFlags.VIF;
      int flag = expected.equals("IF") ? RFlags.IF : expected.equals("VIF") ? RFlags.VIF : 0;
      String fault = expected.equals("GP") ? "#GP(0)" : "";
      t.c.setSystemFlags(vm | iopl << RFlags.IOPL_SHIFT);
      assertThat(t.exec("fb")).isEqualTo(fault);
      assertThat(t.c.eflags & both).isEqualTo(flag);
      t.c.setSystemFlags(vm | iopl << RFlags.IOPL_SHIFT | both);
      assertThat(t.exec("fa")).isEqualTo(fault);
      assertThat(t.c.eflags & both).isEqualTo(both & ~flag);
    }

    @Test
    @DisplayName("sti with VIP set raises #GP(0) where it would set VIF")
    void pendingVirtualInterrupt() {
      TestCpu t = TestCpu.virtual86(0);
      t.c.cr4 = Cr.CR4_VME;
      t.c.setSystemFlags(RFlags.VM | RFlags.VIP);
      assertThat(t.exec("fb")).isEqualTo("#GP(0)");
    }
  }

  @Nested
  class PushAndPop {
    @Test
    @DisplayName("pushfq stores RFLAGS without RF and VM")
    void image() {
      TestCpu t = TestCpu.long64();
      t.c.setRflags(RFlags.STATUS | RFlags.RF | RFlags.IF | RFlags.ID);
      t.exec("9c");
      assertThat(t.read(0x7ff8, 8)).isEqualTo(RFlags.STATUS | RFlags.IF | RFlags.ID | RFlags.FIXED);
    }

    @Test
    @DisplayName("popfq at CPL 0 changes all but VM, VIF, VIP; RF becomes 0")
    void supervisor() {
      TestCpu t = TestCpu.long64();
      t.c.setSystemFlags(RFlags.RF);
      int changed = changedByPopf(t, "9d");
      assertThat(changed).isEqualTo(ALL & ~(RFlags.VM | RFlags.VIF | RFlags.VIP));
      assertThat(t.c.gpr[Reg.RSP]).isEqualTo(0x8008);
    }

    @ParameterizedTest(name = "popf at CPL 3 with IOPL {0}: IOPL never, IF {1}")
    @CsvSource({"0, false", "2, false", "3, true"})
    void user(int iopl, boolean changesIf) {
      TestCpu t = TestCpu.protected32();
      t.c.setCpl(3);
      t.c.setSystemFlags(iopl << RFlags.IOPL_SHIFT);
      int fixed = RFlags.IOPL | RFlags.VM | RFlags.VIF | RFlags.VIP | RFlags.RF;
      int expected = ALL & ~fixed & (changesIf ? -1 : ~RFlags.IF);
      assertThat(changedByPopf(t, "9d")).isEqualTo(expected);
    }

    @Test
    @DisplayName("o16 popf changes the low half alone and keeps RF")
    void narrow() {
      TestCpu t = TestCpu.protected32();
      t.c.setSystemFlags(RFlags.RF | RFlags.AC);
      assertThat(changedByPopf(t, "66 9d")).isEqualTo(ALL & 0xffff);
      assertThat(t.c.eflags & (RFlags.RF | RFlags.AC)).isEqualTo(RFlags.RF | RFlags.AC);
    }

    @Test
    @DisplayName("popf that sets TF asks the engine to go step by step")
    void trap() {
      TestCpu t = TestCpu.long64();
      t.write(0x8000, 8, RFlags.TF);
      t.exec("9d");
      assertThat(t.c.pending & Cpu.REQ_STEP).isNotZero();
    }

    @Test
    @DisplayName("virtual-8086, IOPL 0, no VME: pushf and popf are #GP(0)")
    void denied() {
      TestCpu t = TestCpu.virtual86(0);
      assertThat(t.exec("9c")).isEqualTo("#GP(0)");
      assertThat(t.exec("9d")).isEqualTo("#GP(0)");
      assertThat(t.c.gpr[Reg.RSP]).isEqualTo(0x8000);
    }

    @Test
    @DisplayName("virtual-8086, IOPL 3: pushf; popf changes IF, not IOPL")
    void virtualWithPrivilege() {
      TestCpu t = TestCpu.virtual86(3);
      int changed = changedByPopf(t, "9d");
      assertThat(changed).isEqualTo(ALL & 0xffff & ~RFlags.IOPL);
    }

    @Test
    @DisplayName("virtual-8086, VME: pushf shows IOPL 3 and VIF as IF")
    void virtualImage() {
      TestCpu t = TestCpu.virtual86(0);
      t.c.cr4 = Cr.CR4_VME;
      t.c.setSystemFlags(RFlags.VM | RFlags.IF);
      t.exec("9c");
      assertThat(t.read(0x7ffe, 2) & (RFlags.IF | RFlags.IOPL)).isEqualTo(IOPL3);
      t.c.setSystemFlags(RFlags.VM | RFlags.VIF);
      t.exec("9c");
      assertThat(t.read(0x7ffc, 2) & (RFlags.IF | RFlags.IOPL)).isEqualTo(IOPL3 | RFlags.IF);
    }

    @Test
    @DisplayName("virtual-8086, VME: popf moves IF into VIF; TF, or IF with VIP, is #GP(0)")
    void virtualPop() {
      TestCpu t = TestCpu.virtual86(0);
      t.c.cr4 = Cr.CR4_VME;
      t.c.setSystemFlags(RFlags.VM | RFlags.IF);
      t.write(0x8000, 2, RFlags.IF | RFlags.CF | IOPL3);
      assertThat(t.exec("9d")).isEmpty();
      assertThat(t.c.rflags())
          .isEqualTo(RFlags.VM | RFlags.IF | RFlags.VIF | RFlags.CF | RFlags.FIXED);
      t.write(0x8002, 2, RFlags.TF);
      assertThat(t.exec("9d")).isEqualTo("#GP(0)");
      t.c.setSystemFlags(RFlags.VM | RFlags.VIP);
      t.write(0x8002, 2, RFlags.IF);
      assertThat(t.exec("9d")).isEqualTo("#GP(0)");
      assertThat(t.c.gpr[Reg.RSP]).isEqualTo(0x8002);
    }

    @Test
    @DisplayName("virtual-8086, VME: o32 pushf is #GP(0)")
    void virtualWide() {
      TestCpu t = TestCpu.virtual86(0);
      t.c.cr4 = Cr.CR4_VME;
      assertThat(t.exec("66 9c")).isEqualTo("#GP(0)");
    }
  }
}
