package org.quern.tests.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quern.x86.state.Reg.RBX;
import static org.quern.x86.state.Reg.RCX;
import static org.quern.x86.state.Reg.RSI;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.quern.accel.api.Accelerator;

/** Guests that are hypervisors, under every accelerator that has VMX: see {@link VmxGuest}. */
abstract class VmxConformance {
  abstract Accelerator accelerator();

  /** Counts exits in RSI and goes on behind the instruction, until VMCALL. */
  static final String COUNT_EXITS =
      """
      exit: mov edi, 0x4402
      vmread rbp, rdi
      cmp ebp, 18
      je done
      inc rsi
      mov edi, 0x440c
      vmread rbp, rdi
      mov edi, 0x681e
      vmread r8, rdi
      add r8, rbp
      vmwrite rdi, r8
      vmresume
      done: hlt
      """;

  @Test
  @DisplayName("a guest's cpuid leaves each time, and its loop goes on")
  void cpuidLoop() throws Exception {
    GuestResult r =
        new VmxGuest(accelerator())
            .ept()
            .vpid(1)
            .run(
                """
                guest: mov r9d, 20000
                xor esi, esi
                next: cpuid
                dec r9d
                jnz next
                vmcall
                """
                    + COUNT_EXITS);
    assertThat(r.reg(RSI)).isEqualTo(20000);
  }

  @Test
  @DisplayName("the TLB of a VPID stays over exits until INVVPID")
  void taggedTlb() throws Exception {
    VmxGuest g = new VmxGuest(accelerator()).vpid(7);
    g.machine.bus.write64(0x600000, 0x1111);
    g.machine.bus.write64(0x800000, 0x2222);
    g.machine.bus.write64(VmxGuest.FREE, 7);
    // The VMM moves the page at 0x600000, whose entry is at 0x12018, while the guest has it.
    GuestResult r =
        g.run(
            """
            guest: mov rbx, [0x600000]
            cpuid
            mov rbx, [0x600000]
            rdtsc
            invd
            mov rcx, [0x600000]
            vmcall
            exit: mov edi, 0x4402
            vmread rbp, rdi
            cmp ebp, 10
            je move
            cmp ebp, 13
            je flush
            hlt
            move: mov qword [0x12018], 0x800087
            jmp on
            flush: mov eax, 1
            invvpid rax, [0x110000]
            on: mov edi, 0x681e
            vmread r8, rdi
            add r8, 2
            vmwrite rdi, r8
            vmresume
            hlt
            """
                .replace("0x110000", "0x" + Long.toHexString(VmxGuest.FREE)));
    assertThat(r.reg(RBX)).isEqualTo(0x1111);
    assertThat(r.reg(RCX)).isEqualTo(0x2222);
  }
}
