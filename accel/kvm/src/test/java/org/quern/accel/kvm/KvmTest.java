package org.quern.accel.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.quern.accel.api.CpuState;
import org.quern.x86.asm.Assembler;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/** The binding against the host's KVM, with programs of a few 64-bit instructions at CPL 0. */
@Tag("kvm")
class KvmTest {
  private static final int RAM_BYTES = 1 << 20;
  private static final int TABLES = 0x1000;
  private static final int CODE = 0x8000;

  private KvmDevice device;
  private KvmVm vm;
  private KvmVcpu vcpu;
  private long ram;

  @BeforeEach
  void createMachine() throws Exception {
    Kvm.Probe probe = Kvm.probe();
    assumeTrue(probe.available(), () -> "skipped: " + probe.reason());
    device = KvmDevice.open();
    vm = device.createVm();
    ram = HostMemory.allocate(RAM_BYTES);
    vm.setMemory(0, 0, RAM_BYTES, ram, false, true);
    vcpu = vm.createVcpu(0);
    vcpu.setCpuid(device.supportedCpuid());
  }

  @AfterEach
  void closeMachine() {
    if (vcpu != null) {
      vcpu.close();
    }
    if (vm != null) {
      vm.close();
      device.close();
    }
  }

  @Test
  void outputAndHaltAreExits() throws Exception {
    start("mov eax, 0x1234\nout 0xe9, al\nin al, 0x60\nmov [0x9000], rax\nhlt");
    assertThat(vcpu.run()).isTrue();
    assertThat(vcpu.exit().reason()).isEqualTo(KvmExitReason.IO);
    assertThat(vcpu.exit().describe()).isEqualTo("output to port 0xe9, 1 bytes, 1 times");
    assertThat(vcpu.exit().ioData(0)).isEqualTo(0x34);
    assertThat(vcpu.run()).isTrue();
    assertThat(vcpu.exit().ioOut()).isFalse();
    assertThat(vcpu.exit().ioPort()).isEqualTo(0x60);
    vcpu.exit().ioData(0, 0x77);
    assertThat(vcpu.run()).isTrue();
    assertThat(vcpu.exit().reason()).isEqualTo(KvmExitReason.HLT);
    assertThat(HostMemory.getLong(ram + 0x9000)).isEqualTo(0x1277);
  }

  @Test
  void memoryThatIsNotThereIsMmio() throws Exception {
    start("mov rbx, 0x180000\nmov dword [rbx], 0x11223344\nmov eax, [rbx + 4]\nhlt");
    assertThat(vcpu.run()).isTrue();
    assertThat(vcpu.exit().reason()).isEqualTo(KvmExitReason.MMIO);
    assertThat(vcpu.exit().mmioWrite()).isTrue();
    assertThat(vcpu.exit().mmioAddress()).isEqualTo(0x180000);
    assertThat(vcpu.exit().mmioLength()).isEqualTo(4);
    assertThat((int) vcpu.exit().mmioData()).isEqualTo(0x11223344);
    assertThat(vcpu.run()).isTrue();
    assertThat(vcpu.exit().mmioWrite()).isFalse();
    vcpu.exit().mmioData(0xcafe);
    assertThat(vcpu.run()).isTrue();
    CpuState s = new CpuState();
    vcpu.copyRegisters(s);
    assertThat(s.gpr[Reg.RAX]).isEqualTo(0xcafe);
  }

  @Test
  void immediateExitEndsTheRunBeforeItBegins() throws Exception {
    start("hlt");
    vcpu.exit().immediateExit(true);
    assertThat(vcpu.run()).isFalse();
    vcpu.exit().immediateExit(false);
    assertThat(vcpu.run()).isTrue();
    assertThat(vcpu.exit().reason()).isEqualTo(KvmExitReason.HLT);
  }

  @Test
  void stateComesBackAsItWasGiven() throws Exception {
    CpuState s = longMode();
    for (int r = 0; r < 16; r++) {
      s.gpr[r] = 0x0123456789abcdefL * (r + 1);
    }
    for (int n = 0; n < 64; n++) {
      s.vec[n] = 0x1111L * n;
    }
    s.mxcsr = 0x9fc0;
    s.fpu.control = 0x27f;
    s.fpu.top = 3;
    s.fpu.tag = 0xfffc;
    s.fpu.significand[0] = 0x8000000000000001L;
    s.fpu.signExponent[0] = 0x4001;
    s.seg[Reg.FS].base = 0x123456789000L;
    load(s);
    CpuState t = new CpuState();
    vcpu.copyRegisters(t);
    vcpu.copySystemRegisters(t);
    vcpu.copyVectors(t);
    assertThat(t.gpr).isEqualTo(s.gpr);
    assertThat(t.vec).isEqualTo(s.vec);
    assertThat(t.mxcsr).isEqualTo(s.mxcsr);
    assertThat(t.fpu.control).isEqualTo(s.fpu.control);
    assertThat(t.fpu.top).isEqualTo(s.fpu.top);
    assertThat(t.fpu.tag).isEqualTo(s.fpu.tag);
    assertThat(t.fpu.significand[0]).isEqualTo(s.fpu.significand[0]);
    assertThat(t.fpu.signExponent[0]).isEqualTo(s.fpu.signExponent[0]);
    assertThat(t.xcr0).isEqualTo(s.xcr0);
    assertThat(t.cr3).isEqualTo(s.cr3);
    assertThat(t.efer).isEqualTo(s.efer);
    assertThat(t.seg[Reg.FS].base).isEqualTo(s.seg[Reg.FS].base);
    assertThat(t.seg[Reg.CS].attr).isEqualTo(s.seg[Reg.CS].attr);
  }

  @Test
  void cpuidOfTheHostHasWhatEveryX86_64Has() throws Exception {
    KvmCpuid all = device.supportedCpuid();
    assertThat(all.size()).isPositive();
    assertThat(all.has(CpuFeature.SSE2)).isTrue();
    assertThat(all.has(CpuFeature.LM)).isTrue();
  }

  @Test
  void writtenPagesAreInTheDirtyLog() throws Exception {
    start("mov byte [0x20001], 1\nmov byte [0x21001], 1\nhlt");
    long bits = HostMemory.allocate(HostMemory.PAGE_SIZE);
    vm.dirtyLog(0, bits);
    assertThat(vcpu.run()).isTrue();
    vm.dirtyLog(0, bits);
    assertThat(HostMemory.getLong(bits) >>> 32 & 3).isEqualTo(3);
  }

  private void start(String source) throws Exception {
    byte[] code = Assembler.assemble(source, 64, CODE).bytes();
    HostMemory.write(code, 0, code.length, ram + CODE);
    load(longMode());
  }

  private void load(CpuState s) throws Exception {
    HostMemory.putLong(ram + TABLES, TABLES + 0x1000 | 3);
    HostMemory.putLong(ram + TABLES + 0x1000, TABLES + 0x2000 | 3);
    HostMemory.putLong(ram + TABLES + 0x2000, 0x83);
    vcpu.systemRegisters(s);
    vcpu.vectors(s);
    vcpu.registers(s);
  }

  /** 64-bit mode at CPL 0, the first 2 MiB mapped one to one. */
  private static CpuState longMode() {
    CpuState s = new CpuState();
    s.rip = CODE;
    s.gpr[Reg.RSP] = CODE;
    s.cr0 = Cr.CR0_PE | Cr.CR0_ET | Cr.CR0_NE | Cr.CR0_WP | Cr.CR0_PG;
    s.cr3 = TABLES;
    s.cr4 = Cr.CR4_PAE | Cr.CR4_OSFXSR | Cr.CR4_OSXMMEXCPT | Cr.CR4_OSXSAVE;
    s.efer = Cr.EFER_LME | Cr.EFER_LMA | Cr.EFER_SCE;
    s.xcr0 = 7;
    s.fpu.init();
    s.tr.set(0x18, 0x7000, 0x67, 0x8b, true);
    s.ldtr.set(0, 0, 0, 0x82, false);
    int data = Segment.P | Segment.S | Segment.G | Segment.WRITABLE | Segment.ACCESSED;
    for (int n = 0; n < 6; n++) {
      s.seg[n].set(0x10, 0, -1, data | Segment.DB, true);
    }
    s.seg[Reg.CS].set(8, 0, -1, data | Segment.CODE | Segment.L, true);
    return s;
  }
}
