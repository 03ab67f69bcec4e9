package org.quern.x86.vmx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;

/** VM exits: reasons, what is saved and what is loaded. Source: SDM vol. 3C, chapters 26 and 28. */
class VmExitTest {
  /** Instructions under a control bit (or always): reason, qualification, length. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "cpuid, 0fa2, 0, 0, 10, 0",
    "invd, 0f08, 0, 0, 13, 0",
    "vmcall, 0f01c1, 0, 0, 18, 0",
    "vmxoff, 0f01c4, 0, 0, 26, 0",
    "'vmread rax, rcx', 0f78c8, 0, 0, 23, 0",
    "'vmclear [rax+8]', 660fc77008, 0, 0, 19, 8",
    "hlt, f4, 0x80, 0, 12, 0",
    "'invlpg [0x1234]', 0f013c2534120000, 0x200, 0, 14, 0x1234",
    "rdpmc, 0f33, 0x800, 0, 15, 0",
    "rdtsc, 0f31, 0x1000, 0, 16, 0",
    "rdmsr, 0f32, 0, 0, 31, 0",
    "wrmsr, 0f30, 0, 0, 32, 0",
    "pause, f390, 0x40000000, 0, 40, 0",
    "'mov rbx, cr3', 0f20db, 0x10000, 0, 28, 0x313",
    "'mov cr3, rdx', 0f22da, 0x8000, 0, 28, 0x203",
    "'mov rax, cr8', 440f20c0, 0x100000, 0, 28, 0x18",
    "'mov rcx, dr7', 0f21f9, 0x800000, 0, 29, 0x117",
    "'in al, 0x71', e471, 0x1000000, 0, 30, 0x710048",
    "'out dx, eax', ef, 0x1000000, 0, 30, 0x30003",
    "wbinvd, 0f09, 0, 0x40, 54, 0",
    "'lgdt [rax]', 0f0110, 0, 4, 46, 0",
    "'str eax', 0f00c8, 0, 4, 47, 0",
    "'rdrand eax', 0fc7f0, 0, 0x800, 57, 0",
    "'rdseed eax', 0fc7f8, 0, 0x10000, 61, 0",
  })
  void instructions(
      String name, String hex, String primary, String secondary, int reason, String qualification) {
    VmxRig r = VmxRig.prepared();
    r.c.gpr[Reg.RDX] = 3;
    r.c.gpr[Reg.RAX] = 0x300000;
    r.add(VmcsField.PRIMARY_CONTROLS, Long.decode(primary) | 1L << 31);
    r.add(VmcsField.SECONDARY_CONTROLS, Long.decode(secondary));
    r.guest(hex);
    assertNull(r.c.nonRoot, name);
    assertEquals(reason, r.get(VmcsField.EXIT_REASON));
    assertEquals(Long.decode(qualification), r.get(VmcsField.EXIT_QUALIFICATION));
    assertEquals(hex.length() / 2, r.get(VmcsField.EXIT_INSTRUCTION_LENGTH));
    assertEquals(VmxRig.GUEST, r.get(VmcsField.GUEST_RIP));
    assertEquals(VmxRig.HOST, r.c.rip);
  }

  /** The same instructions where no control asks for them. */
  @ParameterizedTest
  @CsvSource({"0f31", "f390", "0f20db", "0f21f9", "0f09", "0f00c8", "0fc7f0"})
  void noControlNoExit(String hex) {
    VmxRig r = VmxRig.prepared();
    r.guest(hex);
    assertNotNull(r.c.nonRoot);
    assertEquals(VmxRig.GUEST + hex.length() / 2, r.c.rip);
  }

  @Test
  void rdtscpIsUndefinedUntilEnabled() {
    VmxRig r = VmxRig.prepared();
    r.guest("0f01f9");
    assertEquals(6, r.machine.handler());
  }

  @Test
  void bitmapsChoosePortsAndMsrs() {
    VmxRig r = VmxRig.prepared();
    r.add(VmcsField.PRIMARY_CONTROLS, Controls.IO_BITMAPS | Controls.MSR_BITMAPS);
    r.set(VmcsField.IO_BITMAP_A, 0x320000);
    r.set(VmcsField.IO_BITMAP_B, 0x321000);
    r.set(VmcsField.MSR_BITMAP, 0x322000);
    r.machine.bus.write(0x320000 + (0x60 >> 3), 1, 2);
    r.machine.bus.write(0x322000 + 1024 + (0x82 >> 3), 1, 4);
    r.c.gpr[Reg.RCX] = 0xc0000081L;
    r.guest("e460" + "0f32" + "b982000040" + "e561");
    assertNotNull(r.c.nonRoot); // port 60h is not marked, 61h is
    r.machine.step();
    assertNotNull(r.c.nonRoot); // STAR is not marked
    r.machine.step();
    r.machine.step();
    assertEquals(ExitReason.IO_INSTRUCTION, r.get(VmcsField.EXIT_REASON));
  }

  @Test
  void exceptionBitmapAndPageFaultFilter() {
    VmxRig r = VmxRig.prepared();
    r.set(VmcsField.EXCEPTION_BITMAP, 1 << 14);
    r.set(VmcsField.PAGE_FAULT_MASK, 2);
    r.set(VmcsField.PAGE_FAULT_MATCH, 2);
    r.guest("a00000004000000000" + "a20000004000000000");
    assertNotNull(r.c.nonRoot); // a read does not match
    assertEquals(14, r.machine.handler());
    r.c.rip = VmxRig.GUEST + 9;
    r.machine.step();
    assertEquals(ExitReason.EXCEPTION_OR_NMI, r.get(VmcsField.EXIT_REASON));
    assertEquals(0x80000b0eL, r.get(VmcsField.EXIT_INTERRUPTION_INFORMATION));
    assertEquals(2, r.get(VmcsField.EXIT_INTERRUPTION_ERROR_CODE));
    assertEquals(0x40000000L, r.get(VmcsField.EXIT_QUALIFICATION));
  }

  @Test
  void int3LeavesWithItsLength() {
    VmxRig r = VmxRig.prepared();
    r.set(VmcsField.EXCEPTION_BITMAP, 1 << 3);
    r.guest("cc");
    assertEquals(0x80000603L, r.get(VmcsField.EXIT_INTERRUPTION_INFORMATION));
    assertEquals(1, r.get(VmcsField.EXIT_INSTRUCTION_LENGTH));
    assertEquals(VmxRig.GUEST, r.get(VmcsField.GUEST_RIP));
  }

  @Test
  void tripleFaultLeaves() {
    VmxRig r = VmxRig.prepared();
    r.set(VmcsField.GUEST_IDTR_LIMIT, 0);
    r.guest("0f0b");
    assertEquals(ExitReason.TRIPLE_FAULT, r.get(VmcsField.EXIT_REASON));
    assertEquals(VmxRig.HOST, r.c.rip);
  }

  @Test
  void masksAndShadowsOfControlRegisters() {
    VmxRig r = VmxRig.prepared();
    r.set(VmcsField.CR0_MASK, Cr.CR0_TS | Cr.CR0_MP);
    r.set(VmcsField.CR0_SHADOW, Cr.CR0_MP);
    r.guest("0f20c0" + "0f22c0" + "4883c808" + "0f22c0");
    assertEquals(Cr.CR0_MP, r.c.gpr[Reg.RAX] & (Cr.CR0_MP | Cr.CR0_TS));
    r.machine.step();
    assertNotNull(r.c.nonRoot); // as the shadow: no exit, and the real bits stay
    assertEquals(0, r.c.cr0 & (Cr.CR0_MP | Cr.CR0_TS));
    r.machine.run(2);
    assertEquals(ExitReason.CR_ACCESS, r.get(VmcsField.EXIT_REASON));
    assertEquals(0, r.get(VmcsField.EXIT_QUALIFICATION));
  }

  @Test
  void interruptsLeaveWhateverIf() {
    VmxRig r = VmxRig.prepared();
    r.add(VmcsField.PIN_CONTROLS, Controls.PIN_EXTERNAL_INTERRUPT);
    r.add(VmcsField.EXIT_CONTROLS, Controls.EXIT_ACKNOWLEDGE);
    assertEquals("in", r.launch());
    r.machine.interrupts.pending.add(0x55);
    r.c.setIntr(true);
    r.c.nonRoot.interrupted();
    assertEquals(ExitReason.EXTERNAL_INTERRUPT, r.get(VmcsField.EXIT_REASON));
    assertEquals(0x80000055L, r.get(VmcsField.EXIT_INTERRUPTION_INFORMATION));
  }

  @Test
  void msrListsAreStoredAndLoaded() {
    VmxRig r = VmxRig.prepared();
    r.machine.bus.write(0x310000, 4, 0x174);
    r.machine.bus.write(0x310100, 4, 0x174);
    r.machine.bus.write(0x310108, 8, 0x99);
    r.set(VmcsField.GUEST_SYSENTER_CS, 0x88);
    r.set(VmcsField.EXIT_MSR_STORE_ADDRESS, 0x310000);
    r.set(VmcsField.EXIT_MSR_STORE_COUNT, 1);
    r.set(VmcsField.EXIT_MSR_LOAD_ADDRESS, 0x310100);
    r.set(VmcsField.EXIT_MSR_LOAD_COUNT, 1);
    r.guest("0fa2");
    assertEquals(0x88, r.machine.bus.read(0x310008, 8));
    assertEquals(0x99, r.c.msr.sysenterCs);
  }

  @Test
  void eptViolationNamesAccessAndAddresses() {
    VmxRig r = VmxRig.prepared();
    long entries = r.ept();
    r.machine.bus.write(entries + 8 * 4, 8, 4L << 21 | 0xb1); // read-only
    r.guest("a20000800000000000"); // mov [0x800000], al
    assertEquals(ExitReason.EPT_VIOLATION, r.get(VmcsField.EXIT_REASON));
    assertEquals(0x18a, r.get(VmcsField.EXIT_QUALIFICATION));
    assertEquals(0x800000, r.get(VmcsField.GUEST_PHYSICAL_ADDRESS));
    assertEquals(0x800000, r.get(VmcsField.GUEST_LINEAR_ADDRESS));
  }

  @Test
  void eptMisconfiguration() {
    VmxRig r = VmxRig.prepared();
    long entries = r.ept();
    r.machine.bus.write(entries + 8 * 4, 8, 4L << 21 | 0xb2); // write-only
    r.guest("a00000800000000000");
    assertEquals(ExitReason.EPT_MISCONFIGURATION, r.get(VmcsField.EXIT_REASON));
    assertEquals(0x800000, r.get(VmcsField.GUEST_PHYSICAL_ADDRESS));
  }

  @Test
  void eptMovesMemoryAndSetsFlags() {
    VmxRig r = VmxRig.prepared();
    long entries = r.ept();
    r.add(VmcsField.EPT_POINTER, 1 << 6);
    r.machine.bus.write(entries + 8 * 4, 8, 5L << 21 | 0xb7);
    r.machine.bus.write(0xa00000, 1, 0x5a);
    r.guest("a00000800000000000" + "a21000800000000000");
    assertEquals(0x5a, r.c.gpr[Reg.RAX] & 0xff);
    assertEquals(0x100, r.machine.bus.read(entries + 8 * 4, 8) & 0x300);
    r.machine.step();
    assertEquals(0x5a, r.machine.bus.read(0xa00010, 1));
    assertEquals(0x300, r.machine.bus.read(entries + 8 * 4, 8) & 0x300);
  }
}
