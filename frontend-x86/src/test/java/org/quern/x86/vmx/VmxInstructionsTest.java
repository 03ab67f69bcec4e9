package org.quern.x86.vmx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.semantics.Msrs;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;

/** VMX instructions in root operation. Source: SDM vol. 3C, chapter 31. */
class VmxInstructionsTest {
  @Test
  void withoutTheFeatureTheyAreUndefined() {
    FakeMachine m = FakeMachine.long64();
    assertEquals("#UD", m.outcome("0f01c2"));
    assertEquals("#UD", m.outcome("f30fc73425" + "00003000"));
  }

  @Test
  void vmxonNeedsFeatureControlAndVmxe() {
    VmxRig r = new VmxRig();
    assertEquals("#GP(0)", r.vmxon(VmxRig.VMXON_REGION));
    Msrs.write(r.c, 0x3a, 5);
    r.c.cr4 &= ~Cr.CR4_VMXE;
    assertEquals("#UD", r.vmxon(VmxRig.VMXON_REGION));
    r.c.cr4 |= Cr.CR4_VMXE;
    assertEquals("CF", r.vmxon(VmxRig.VMXON_REGION + 8));
    assertEquals("CF", r.vmxon(1L << 40));
    assertEquals("CF", r.vmxon(0x202000)); // no revision there
    assertEquals("ok", r.vmxon(VmxRig.VMXON_REGION));
  }

  @Test
  void featureControlLocks() {
    VmxRig r = new VmxRig();
    Msrs.write(r.c, 0x3a, 4);
    Msrs.write(r.c, 0x3a, 5);
    r.c.gpr[Reg.RCX] = 0x3a;
    assertEquals("#GP(0)", r.run("0f30"));
    assertEquals(5, Msrs.read(r.c, 0x3a));
  }

  @Test
  void outsideVmxOperationTheOthersAreUndefined() {
    VmxRig r = new VmxRig();
    for (String s : new String[] {"0f01c1", "0f01c2", "0f01c3", "0f01c4", "0f78c8", "0f79c8"}) {
      assertEquals("#UD", r.run(s));
    }
  }

  @Test
  void programsMayNotUseThem() {
    VmxRig r = VmxRig.on();
    r.machine.user();
    assertEquals("#GP(0)", r.machine.outcome("0f01c4"));
  }

  @Test
  void withoutCurrentVmcsTheyFailInvalid() {
    VmxRig r = VmxRig.on();
    assertEquals("CF", r.vmxon(VmxRig.VMXON_REGION));
    assertEquals("CF", r.run("0f01c1"));
    assertEquals("CF", r.run("0f01c2"));
    assertEquals("CF", r.vmread(0x4400));
    assertEquals("CF", r.vmclear(VmxRig.REGION + 1));
  }

  @Test
  void errorNumbersOfPointers() {
    VmxRig r = VmxRig.prepared();
    assertEquals("ZF 15", r.vmxon(VmxRig.VMXON_REGION));
    assertEquals("ZF 1", r.run("0f01c1"));
    assertEquals("ZF 2", r.vmclear(VmxRig.REGION + 1));
    assertEquals("ZF 3", r.vmclear(VmxRig.VMXON_REGION));
    assertEquals("ZF 9", r.vmptrld(1L << 41));
    assertEquals("ZF 10", r.vmptrld(VmxRig.VMXON_REGION));
    assertEquals("ZF 11", r.vmptrld(0x202000));
    assertEquals("ok", r.vmclear(VmxRig.REGION));
    assertNull(r.c.vmx.current);
  }

  @Test
  void vmptrstGivesThePointer() {
    VmxRig r = VmxRig.on();
    assertEquals("ok", r.run("0fc73c2500003000"));
    assertEquals(-1, r.machine.bus.read(VmxRig.POINTER, 8));
    r.vmptrld(VmxRig.REGION);
    assertEquals("ok", r.run("0fc73c2500003000"));
    assertEquals(VmxRig.REGION, r.machine.bus.read(VmxRig.POINTER, 8));
  }

  @ParameterizedTest
  @EnumSource(VmcsField.class)
  void everyFieldHoldsItsWidth(VmcsField f) {
    VmxRig r = VmxRig.prepared();
    assertEquals("ok", r.vmwrite(f.encoding, 0x123456789abcdef5L));
    assertEquals("ok", r.vmread(f.encoding));
    long width =
        switch (f.width()) {
          case BITS16 -> 0xdef5L;
          case BITS32 -> 0x9abcdef5L;
          case BITS64, NATURAL -> 0x123456789abcdef5L;
        };
    assertEquals(width, r.c.gpr[Reg.RAX]);
    if (f.width() == VmcsField.Width.BITS64) {
      assertEquals("ok", r.vmread(f.encoding + 1L));
      assertEquals(0x12345678L, r.c.gpr[Reg.RAX]);
    } else {
      assertEquals("ZF 12", r.vmread(f.encoding + 1L));
    }
  }

  @Test
  void fieldsThatDoNotExist() {
    VmxRig r = VmxRig.prepared();
    assertEquals("ZF 12", r.vmread(0x7ffe));
    assertEquals("ZF 12", r.vmread(1L << 32));
    assertEquals("ZF 12", r.vmwrite(0x483a, 0));
  }

  @Test
  void launchStateAndMovSs() {
    VmxRig r = VmxRig.prepared();
    assertEquals("ZF 5", r.run("0f01c3"));
    r.c.shadowNow = Cpu.Shadow.MOV_SS;
    assertEquals("ZF 26", r.run("0f01c2"));
    r.c.shadowNow = Cpu.Shadow.NONE;
    r.guest("0fa2");
    assertEquals("ZF 4", r.run("0f01c2"));
    r.set(VmcsField.GUEST_RIP, VmxRig.GUEST);
    r.run("0f01c3");
    assertEquals(VmxRig.GUEST, r.c.rip);
  }

  @Test
  void invalidationOperands() {
    VmxRig r = VmxRig.prepared();
    r.machine.bus.write(VmxRig.POINTER, 8, 0x1e);
    r.machine.bus.write(VmxRig.POINTER + 8, 8, 0);
    String invept = "660f38800425" + "00003000";
    String invvpid = "660f38810425" + "00003000";
    r.c.gpr[Reg.RAX] = 1;
    assertEquals("ok", r.run(invept));
    r.c.gpr[Reg.RAX] = 3;
    assertEquals("ZF 28", r.run(invept));
    r.c.gpr[Reg.RAX] = 1;
    assertEquals("ok", r.run(invvpid));
    r.c.gpr[Reg.RAX] = 4;
    assertEquals("ZF 28", r.run(invvpid));
    r.machine.bus.write(VmxRig.POINTER, 8, 0);
    r.c.gpr[Reg.RAX] = 1;
    assertEquals("ZF 28", r.run(invvpid));
    r.c.gpr[Reg.RAX] = 2;
    assertEquals("ok", r.run(invvpid));
  }

  @Test
  void fixedBitsOfControlRegisters() {
    VmxRig r = VmxRig.on();
    r.c.gpr[Reg.RAX] = r.c.cr4 & ~Cr.CR4_VMXE;
    assertEquals("#GP(0)", r.run("0f22e0"));
    r.c.gpr[Reg.RAX] = r.c.cr0 & ~Cr.CR0_NE;
    assertEquals("#GP(0)", r.run("0f22c0"));
    r.run("0f01c4");
    assertEquals("ok", r.run("0f22c0"));
  }
}
