package org.quern.tests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.quern.accel.api.Accelerator;
import org.quern.accel.api.CpuState;
import org.quern.accel.api.Vcpu;
import org.quern.accel.kvm.KvmAccelerator;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;
import org.quern.accel.vtx.VtxOptions;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/** A guest moves between accelerators while it runs, and nobody can tell from what it computes. */
class MigrationTest {
  private static final Accelerator INTERP = new SoftwareAccelerator(Tiering.INTERPRET);
  private static final Accelerator JIT = new SoftwareAccelerator(new Tiering(1, 1, false, true));

  private static final Accelerator VTX = Vtx.with(VtxOptions.DEFAULT);

  private static void assertLikeInterp(List<Accelerator> accelerators) throws Exception {
    Migration.Result alone = Migration.run(List.of(INTERP));
    Migration.Result moved = Migration.run(accelerators);
    assertThat(moved.moves()).isEqualTo(alone.moves()).isGreaterThan(15);
    assertThat(moved.data()).isEqualTo(alone.data());
    if (HostKvm.losesIopl()) {
      moved.state().rflags |= alone.state().rflags & RFlags.IOPL;
    }
    assertThat(States.of(moved.state())).isEqualTo(States.of(alone.state()));
  }

  @Test
  @DisplayName("interp, jit, vtx and back, at every stop")
  void software() throws Exception {
    assertLikeInterp(List.of(INTERP, JIT, VTX));
  }

  @Test
  @Tag("kvm")
  @DisplayName("interp, jit, vtx, kvm and back, at every stop")
  void withKvm(TestInfo test) throws Exception {
    HostKvm.assumeCanRun(test);
    assertLikeInterp(List.of(INTERP, JIT, VTX, new KvmAccelerator()));
  }

  @Test
  @Tag("kvm")
  @DisplayName("kvm to kvm, at every stop")
  void kvmAlone(TestInfo test) throws Exception {
    HostKvm.assumeCanRun(test);
    assertLikeInterp(List.of(new KvmAccelerator()));
  }

  @Test
  @DisplayName("interp gives back the state it was given")
  void interpState() throws Exception {
    assertStateComesBack(INTERP);
  }

  @Test
  @DisplayName("vtx gives back the state it was given")
  void vtxState() throws Exception {
    assertStateComesBack(VTX);
  }

  @Test
  @Tag("kvm")
  @DisplayName("kvm gives back the state it was given")
  void kvmState(TestInfo test) throws Exception {
    HostKvm.assumeCanRun(test);
    assertStateComesBack(new KvmAccelerator());
  }

  private static void assertStateComesBack(Accelerator accelerator) throws Exception {
    GuestMachine m = new GuestMachine(accelerator, Mode.LONG64);
    CpuState s = m.start;
    for (int r = 0; r < 16; r++) {
      s.gpr[r] = 0x0123456789abcdefL * (r + 3);
    }
    for (int n = 0; n < s.vec.length; n++) {
      s.vec[n] = 0x1111_2222_3333L * (n + 1);
    }
    s.mxcsr = 0x9fc0;
    s.fpu.control = 0x27f;
    s.fpu.status = 0x4100;
    s.fpu.top = 5;
    s.fpu.tag = 0x3fff;
    s.fpu.significand[7] = 0xc000000000000001L;
    s.fpu.signExponent[7] = 0xc001;
    s.seg[Reg.FS].base = 0x123456789000L;
    s.seg[Reg.GS].base = 0xffff888000000000L;
    s.dr[0] = 0x1000;
    s.dr[3] = 0x4000;
    s.dr[7] = 0x402;
    s.cr2 = 0xdeadbeef000L;
    s.cr8 = 7;
    s.msr.star = 0x00180008L << 32;
    s.msr.lstar = 0xffffffff81000000L;
    s.msr.sfmask = 0x700;
    s.msr.kernelGsBase = 0x1234567000L;
    s.msr.sysenterCs = 8;
    s.msr.sysenterEip = 0x1000;
    s.msr.mtrrDefType = 0xc06;
    s.msr.mtrrFixed[3] = 0x0606060606060606L;
    s.msr.mtrrVariable[0] = 0xc0000000L;
    s.shadow = Cpu.Shadow.STI;
    s.nmiBlocked = true;
    s.pendingNmis = 1;
    s.pendingDebug = 1 << 14;
    s.rflags = 0x10ad7;
    Vcpu vcpu = m.vm().vcpu(0);
    vcpu.state(s);
    assertThat(States.of(vcpu.state())).isEqualTo(States.of(s));
    s.halted = true;
    s.shadow = Cpu.Shadow.NONE;
    vcpu.state(s);
    assertThat(States.of(vcpu.state())).isEqualTo(States.of(s));
  }
}
