package org.quern.tests.conformance;

import java.util.List;
import org.quern.accel.api.Accelerator;
import org.quern.accel.api.CpuState;
import org.quern.accel.api.Vcpu;
import org.quern.accel.api.VmExit;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/**
 * A guest that computes in real mode, protected mode, long mode and in ring 3 with x87 and SSE2,
 * and that is taken from one accelerator to the next at each write to port 0x80: the machine is
 * stopped, its {@link CpuState} and its RAM are copied to a new one, and that goes on.
 */
final class Migration {
  private static final int MOVE_PORT = 0x80;
  private static final long DATA = 0x3000;
  private static final int DATA_BYTES = 0x100;

  /** A stage: numbers that depend on all before; every eighth round the guest is moved. */
  private static final String ROUNDS =
      """
      mov ecx, 24
      rounds_N: imul ebx, ebx, 1664525
      add ebx, 1013904223
      add dword [0x3000], ebx
      adc dword [0x3004], 0
      test cl, 7
      jnz stay_N
      out 0x80, al
      stay_N: dec ecx
      jnz rounds_N
      """;

  private static final String PROGRAM =
      """
      .code16
      mov ebx, 1
      ROUNDS1
      mov sp, 0x7000
      o32 lgdt [table]
      mov eax, cr0
      or al, 1
      mov cr0, eax
      jmp 0x08:protected
      table: dw 0x57
      dd 0x500
      .code32
      protected: mov eax, 0x10
      mov ds, ax
      mov es, ax
      mov ss, ax
      mov esp, 0x7000
      ROUNDS2
      mov eax, cr4
      or al, 0x20
      mov cr4, eax
      mov eax, 0x10000
      mov cr3, eax
      mov ecx, 0xc0000080
      mov eax, 0x901
      xor edx, edx
      wrmsr
      mov eax, cr0
      or eax, 0x80010000
      mov cr0, eax
      jmp 0x18:wide
      .code64
      wide: mov ecx, 0xc0000082
      mov eax, 0x11223344
      mov edx, 0x00005566
      wrmsr
      mov ecx, 0xc0000102
      wrmsr
      mov rax, 0x123450
      mov dr2, rax
      lidt [idt]
      ROUNDS3
      xor eax, eax
      mov ds, ax
      mov es, ax
      mov fs, ax
      mov gs, ax
      push 0x3b
      push 0x60000
      push 0x3002
      push 0x43
      push user
      iretq
      idt: dw 0xfff
      dq 0x4000
      user: ROUNDS4
      fninit
      fldpi
      mov dword [0x3010], 3
      cvtsi2sd xmm3, dword [0x3010]
      mov r12d, 5
      float: sqrtsd xmm3, xmm3
      addsd xmm4, xmm3
      movq xmm5, rbx
      paddq xmm6, xmm5
      fsqrt
      fld st0
      fmulp st1, st0
      out 0x80, al
      dec r12d
      jnz float
      movsd [0x3018], xmm4
      fstp qword [0x3020]
      fldl2e
      stc
      hlt
      """;

  /**
   * How it ended.
   *
   * @param state of the last machine
   * @param data what the guest has computed
   * @param moves how often it was moved
   */
  record Result(CpuState state, byte[] data, int moves) {}

  private Migration() {}

  private static String program() {
    String p = PROGRAM;
    for (int n = 1; n <= 4; n++) {
      p = p.replace("ROUNDS" + n, ROUNDS.replace("N", Integer.toString(n)));
    }
    return p;
  }

  /** Runs the guest under the accelerators in turn. */
  static Result run(List<Accelerator> accelerators) throws Exception {
    GuestMachine from = machine(accelerators.get(0));
    from.code(program());
    CpuState state = from.start;
    realMode(state);
    for (int moves = 0; ; moves++) {
      Vcpu vcpu = from.vm().vcpu(0);
      from.bus.onPortWrite =
          (port, value) -> {
            if (port == MOVE_PORT) {
              vcpu.kick();
            }
          };
      vcpu.state(state);
      VmExit exit = vcpu.run();
      state = vcpu.state();
      if (exit.kind != VmExit.Kind.KICKED) {
        if (exit.kind != VmExit.Kind.HLT) {
          throw new AssertionError(exit.kind + ": " + exit.message);
        }
        return new Result(state, from.bus.read(DATA, DATA_BYTES), moves);
      }
      GuestMachine to = machine(accelerators.get((moves + 1) % accelerators.size()));
      to.bus.write(0, from.bus.read(0, TestBus.RAM_BYTES));
      from = to;
    }
  }

  /** With long mode's tables, although the guest begins in real mode. */
  private static GuestMachine machine(Accelerator accelerator) throws Exception {
    return new GuestMachine(accelerator, Mode.LONG64);
  }

  /** As after a jump out of the reset code. */
  private static void realMode(CpuState s) {
    s.cr0 = Cr.CR0_ET | Cr.CR0_NE | Cr.CR0_MP;
    s.cr3 = 0;
    s.cr4 = Cr.CR4_OSFXSR | Cr.CR4_OSXMMEXCPT;
    s.efer = 0;
    int data = Segment.P | Segment.S | Segment.WRITABLE | Segment.ACCESSED;
    for (Segment segment : s.seg) {
      segment.set(0, 0, 0xffff, data, true);
    }
    s.seg[Reg.CS].set(0, 0, 0xffff, data | Segment.CODE, true);
  }
}
