package org.quern.x86.vmx;

import java.util.EnumSet;
import java.util.Set;
import org.quern.x86.FakeMachine;
import org.quern.x86.semantics.Msrs;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/**
 * A machine in 64-bit mode with VMX and, after {@link #prepared}, a current VMCS whose guest and
 * host are the machine as it is: the guest at {@link #GUEST}, the host at {@link #HOST}.
 */
final class VmxRig {
  static final long VMXON_REGION = 0x200000;
  static final long REGION = 0x201000;
  static final long POINTER = 0x300000;
  static final long GUEST = 0x30000;
  static final long HOST = 0x40000;
  private static final long EPT_TABLES = 0x400000;

  final FakeMachine machine;
  final Cpu c;

  VmxRig() {
    Set<CpuFeature> features = EnumSet.copyOf(CpuModel.max().features());
    features.add(CpuFeature.VMX);
    machine = FakeMachine.long64(CpuModel.max().withFeatures(features));
    c = machine.cpu;
    c.cr4 |= Cr.CR4_VMXE;
    machine.bus.write(VMXON_REGION, 4, Vmcs.REVISION);
    machine.bus.write(REGION, 4, Vmcs.REVISION);
  }

  /** In VMX root operation, without a current VMCS. */
  static VmxRig on() {
    VmxRig r = new VmxRig();
    Msrs.write(r.c, 0x3a, 5);
    r.vmxon(VMXON_REGION);
    return r;
  }

  /** With a current VMCS that is ready to be launched. */
  static VmxRig prepared() {
    VmxRig r = on();
    r.vmclear(REGION);
    r.vmptrld(REGION);
    r.fill();
    return r;
  }

  /** As {@link #prepared} for a VMM in Java, with a VMCS of its own. */
  static VmxRig hosted(VmxHost host) {
    VmxRig r = new VmxRig();
    VmxPort port = new VmxPort(r.c);
    port.attach(host);
    port.vmptrld(Vmcs.allocate());
    r.fill();
    return r;
  }

  // ---- instructions; each returns what it raises or how it ended

  String vmxon(long p) {
    return withPointer("f30fc73425", p);
  }

  String vmclear(long p) {
    return withPointer("660fc73425", p);
  }

  String vmptrld(long p) {
    return withPointer("0fc73425", p);
  }

  private String withPointer(String opcode, long p) {
    machine.bus.write(POINTER, 8, p);
    return run(opcode + "00003000");
  }

  /** Runs one instruction at CODE: "ok", "CF", "ZF n" with the error number, or the fault. */
  String run(String hex) {
    c.rip = FakeMachine.CODE;
    String raised = machine.outcome(hex);
    if (!raised.equals("-")) {
      return raised;
    }
    return c.cf() ? "CF" : c.zf() ? "ZF " + get(VmcsField.VM_INSTRUCTION_ERROR) : "ok";
  }

  /** VMREAD of a field by its encoding. */
  String vmread(long encoding) {
    c.gpr[Reg.RCX] = encoding;
    return run("0f78c8");
  }

  String vmwrite(long encoding, long value) {
    c.gpr[Reg.RCX] = encoding;
    c.gpr[Reg.RAX] = value;
    return run("0f79c8");
  }

  /** VMLAUNCH: "in" if the guest runs now. */
  String launch() {
    String s = run("0f01c2");
    return c.nonRoot != null ? "in" : c.rip == HOST ? "exit" : s;
  }

  /** As {@link #launch} for VMRESUME. */
  String resume() {
    String s = run("0f01c3");
    return c.nonRoot != null ? "in" : c.rip == HOST ? "exit" : s;
  }

  /** Launches, then runs one instruction of the guest and whatever it leads to. */
  void guest(String hex) {
    machine.bytes(GUEST, hex);
    if (!launch().equals("in")) {
      throw new IllegalStateException("VM entry failed");
    }
    machine.step();
  }

  // ---- fields, past the instructions

  long get(VmcsField f) {
    return c.vmx.current == null ? -1 : c.vmx.current.get(f);
  }

  void set(VmcsField f, long v) {
    c.vmx.current.set(f, v);
  }

  void add(VmcsField f, long bits) {
    set(f, get(f) | bits);
  }

  /** Identity EPT of the first 1 GiB with 2 MiB pages; returns the address of the entry of 0. */
  long ept() {
    machine.bus.write(EPT_TABLES, 8, EPT_TABLES + 0x1000 | 7);
    machine.bus.write(EPT_TABLES + 0x1000, 8, EPT_TABLES + 0x2000 | 7);
    for (int n = 0; n < 512; n++) {
      machine.bus.write(EPT_TABLES + 0x2000 + 8L * n, 8, (long) n << 21 | 0xb7);
    }
    add(VmcsField.PRIMARY_CONTROLS, 1L << 31);
    add(VmcsField.SECONDARY_CONTROLS, Controls.EPT);
    set(VmcsField.EPT_POINTER, EPT_TABLES | 0x1e);
    return EPT_TABLES + 0x2000;
  }

  private void fill() {
    set(VmcsField.PIN_CONTROLS, Capabilities.read(c, 0x48d) & 0xffffffffL);
    set(VmcsField.PRIMARY_CONTROLS, Capabilities.read(c, 0x48e) & 0xffffffffL);
    set(VmcsField.EXIT_CONTROLS, Capabilities.read(c, 0x48f) & 0xffffffffL | Controls.EXIT_HOST_64);
    set(VmcsField.ENTRY_CONTROLS, Capabilities.read(c, 0x490) & 0xffffffffL | Controls.ENTRY_IA32E);
    set(VmcsField.VMCS_LINK_POINTER, -1);
    set(VmcsField.HOST_CR0, c.cr0);
    set(VmcsField.HOST_CR3, c.cr3);
    set(VmcsField.HOST_CR4, c.cr4);
    set(VmcsField.HOST_CS_SELECTOR, FakeMachine.CODE64);
    set(VmcsField.HOST_SS_SELECTOR, FakeMachine.DATA);
    set(VmcsField.HOST_TR_SELECTOR, FakeMachine.TSS_SELECTOR);
    set(VmcsField.HOST_TR_BASE, c.tr.base);
    set(VmcsField.HOST_GDTR_BASE, c.gdtBase);
    set(VmcsField.HOST_IDTR_BASE, c.idtBase);
    set(VmcsField.HOST_RIP, HOST);
    set(VmcsField.HOST_RSP, FakeMachine.STACK0);
    set(VmcsField.GUEST_CR0, c.cr0);
    set(VmcsField.GUEST_CR3, c.cr3);
    set(VmcsField.GUEST_CR4, c.cr4);
    for (int n = 0; n < 8; n++) {
      Segment s = GuestState.segment(c, n);
      int rights = s.usable ? s.attr & 0xf0ff : GuestState.UNUSABLE;
      set(VmcsField.nth(VmcsField.GUEST_ES_SELECTOR, n), s.usable ? s.selector : 0);
      set(VmcsField.nth(VmcsField.GUEST_ES_BASE, n), s.base);
      set(VmcsField.nth(VmcsField.GUEST_ES_LIMIT, n), s.limit);
      set(VmcsField.nth(VmcsField.GUEST_ES_ACCESS_RIGHTS, n), rights);
    }
    set(VmcsField.GUEST_LDTR_ACCESS_RIGHTS, GuestState.UNUSABLE);
    set(VmcsField.GUEST_GDTR_BASE, c.gdtBase);
    set(VmcsField.GUEST_GDTR_LIMIT, c.gdtLimit);
    set(VmcsField.GUEST_IDTR_BASE, c.idtBase);
    set(VmcsField.GUEST_IDTR_LIMIT, c.idtLimit);
    set(VmcsField.GUEST_RIP, GUEST);
    set(VmcsField.GUEST_RSP, FakeMachine.STACK0);
    set(VmcsField.GUEST_RFLAGS, 2);
    set(VmcsField.GUEST_DR7, 0x400);
  }
}
