package org.quern.tests.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quern.x86.state.Reg.RBX;
import static org.quern.x86.state.Reg.RCX;
import static org.quern.x86.state.Reg.RSI;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.quern.accel.api.Accelerator;
import org.quern.x86.vmx.Controls;
import org.quern.x86.vmx.ExitReason;
import org.quern.x86.vmx.VmcsField;

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

  /** Stops at the first exit, with its reason in RSI. */
  private static final String STOP =
      """
      exit: mov edi, 0x4402
      vmread rsi, rdi
      hlt
      """;

  @Test
  @DisplayName("the preemption timer ends an endless loop")
  void preemptionTimer() throws Exception {
    GuestResult r =
        new VmxGuest(accelerator())
            .add(VmcsField.PIN_CONTROLS, Controls.PIN_PREEMPTION_TIMER)
            .set(VmcsField.PREEMPTION_TIMER_VALUE, 100)
            .run("guest: jmp guest\n" + STOP);
    assertThat(r.reg(RSI)).isEqualTo(ExitReason.PREEMPTION_TIMER);
  }

  @Test
  @DisplayName("the preemption timer wakes a halted guest")
  void preemptionTimerInHlt() throws Exception {
    GuestResult r =
        new VmxGuest(accelerator())
            .add(VmcsField.PIN_CONTROLS, Controls.PIN_PREEMPTION_TIMER)
            .set(VmcsField.PREEMPTION_TIMER_VALUE, 100)
            .run("guest: hlt\njmp guest\n" + STOP);
    assertThat(r.reg(RSI)).isEqualTo(ExitReason.PREEMPTION_TIMER);
  }

  @Test
  @DisplayName("stores to the TPR of a virtual APIC stay in the guest, those to others leave")
  void virtualApicInALoop() throws Exception {
    GuestResult r =
        new VmxGuest(accelerator())
            .ept()
            .vpid(3)
            .add(VmcsField.PRIMARY_CONTROLS, Controls.TPR_SHADOW)
            .secondary(Controls.APIC_ACCESSES)
            .set(VmcsField.VIRTUAL_APIC_ADDRESS, 0x700000)
            .set(VmcsField.APIC_ACCESS_ADDRESS, 0x701000)
            .run(
                """
                guest: mov r9d, 2000
                xor esi, esi
                mov r10, 0x701000
                next: mov eax, r9d
                and eax, 0xf0
                mov [r10+0x80], eax
                mov ebx, [r10+0x80]
                cmp eax, ebx
                jne bad
                mov [r10+0xb0], eax
                dec r9d
                jnz next
                vmcall
                bad: hlt
                """
                    + COUNT_EXITS);
    assertThat(r.reg(RSI)).isEqualTo(2000);
    assertThat(r.bus().read64(0x700080)).isZero();
  }

  @Test
  @DisplayName("a page that the VMM maps at an EPT violation is there when the guest goes on")
  void eptViolation() throws Exception {
    VmxGuest g = new VmxGuest(accelerator()).ept().vpid(2);
    g.machine.bus.write64(VmxGuest.EPT_ENTRIES + 8 * 3, 0);
    g.machine.bus.write64(0x800000, 0x7777);
    g.machine.bus.write64(VmxGuest.FREE, VmxGuest.EPT_ENTRIES);
    GuestResult r =
        g.run(
            """
            guest: mov rbx, [0x600000]
            vmcall
            exit: mov edi, 0x4402
            vmread rsi, rdi
            cmp esi, 48
            jne done
            mov rcx, [%1$s]
            mov rax, 0x8000b7
            mov [rcx+24], rax
            vmresume
            done: hlt
            """
                .formatted("0x" + Long.toHexString(VmxGuest.FREE)));
    assertThat(r.reg(RSI)).isEqualTo(ExitReason.VMCALL);
    assertThat(r.reg(RBX)).isEqualTo(0x7777);
  }

  @Test
  @DisplayName("vmfunc goes over to another EPT, code and all")
  void eptpSwitching() throws Exception {
    VmxGuest g = new VmxGuest(accelerator()).ept().vpid(2).secondary(Controls.VM_FUNCTIONS);
    g.set(VmcsField.VM_FUNCTION_CONTROLS, Controls.EPTP_SWITCHING);
    g.set(VmcsField.EPTP_LIST_ADDRESS, 0x702000);
    // The second EPT shares the tables below, but for the 2 MiB at 0x600000.
    g.machine.bus.write64(0x702000, VmxGuest.EPT | 0x1e);
    g.machine.bus.write64(0x702008, 0x703000 | 0x1e);
    g.machine.bus.write64(0x703000, 0x704000 | 7);
    g.machine.bus.write64(0x704000, 0x705000 | 7);
    for (int n = 0; n < 8; n++) {
      g.machine.bus.write64(0x705000 + 8L * n, (n == 3 ? 4L : n) << 21 | 0xb7);
    }
    g.machine.bus.write64(0x600000, 1);
    g.machine.bus.write64(0x800000, 2);
    GuestResult r =
        g.run(
            """
            guest: xor esi, esi
            mov r9d, 500
            next: xor eax, eax
            xor ecx, ecx
            vmfunc
            add rsi, [0x600000]
            inc ecx
            vmfunc
            add rsi, [0x600000]
            dec r9d
            jnz next
            vmcall
            exit: hlt
            """);
    assertThat(r.reg(RSI)).isEqualTo(1500);
  }
}
