package org.quern.tests.conformance;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.quern.accel.api.Accelerator;
import org.quern.accel.api.AcceleratorException;
import org.quern.accel.api.CpuState;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Segment;
import org.quern.x86.vmx.Controls;
import org.quern.x86.vmx.VmcsField;
import org.quern.x86.vmx.VmxPort;

/**
 * A small VMM in guest code: sets VMX up with a VMCS whose guest and host are the machine as it is,
 * but for the fields given, and launches the code at the label {@code guest}; VM exits go to the
 * label {@code exit}. Memory is used from {@link GuestMachine#DATA} on: VMXON region, VMCS, and an
 * EPT that maps the first 1 GiB to itself. RAM from {@link #FREE} on is the program's.
 */
public final class VmxGuest {
  public static final long FREE = GuestMachine.DATA + 0x10000;

  /** Entries of 2 MiB of the EPT. */
  public static final long EPT_ENTRIES = GuestMachine.DATA + 0x4000;

  private static final long VMXON_REGION = GuestMachine.DATA;
  private static final long REGION = GuestMachine.DATA + 0x1000;

  /** The root of the EPT. */
  public static final long EPT = GuestMachine.DATA + 0x2000;

  private static final long POINTERS = GuestMachine.DATA + 0x8000;
  private static final long STACK = GuestMachine.STACK - 0x4000;

  // What must be 1 with the "true" capability MSRs: SDM vol. 3D, A.3 to A.5.
  private static final long PIN_FIXED = 0x16;
  private static final long PRIMARY_FIXED = 0x04006172;
  private static final long EXIT_FIXED = 0x00036dfb;
  private static final long ENTRY_FIXED = 0x000011fb;

  public final GuestMachine machine;
  private final Map<VmcsField, String> fields = new EnumMap<>(VmcsField.class);

  public VmxGuest(Accelerator accelerator) throws AcceleratorException {
    machine = new GuestMachine(accelerator, Mode.LONG64, 1, model());
    CpuState s = machine.start;
    s.cr0 |= 0x20;
    machine.bus.write64(VMXON_REGION, VmxPort.revision());
    machine.bus.write64(REGION, VmxPort.revision());
    machine.bus.write64(POINTERS, VMXON_REGION);
    machine.bus.write64(POINTERS + 8, REGION);
    machine.bus.write64(EPT, EPT + 0x1000 | 7);
    machine.bus.write64(EPT + 0x1000, EPT_ENTRIES | 7);
    for (int n = 0; n < 512; n++) {
      machine.bus.write64(EPT_ENTRIES + 8L * n, (long) n << 21 | 0xb7);
    }
    set(VmcsField.PIN_CONTROLS, PIN_FIXED);
    set(VmcsField.PRIMARY_CONTROLS, PRIMARY_FIXED);
    set(VmcsField.EXIT_CONTROLS, EXIT_FIXED | Controls.EXIT_HOST_64);
    set(VmcsField.ENTRY_CONTROLS, ENTRY_FIXED | Controls.ENTRY_IA32E);
    set(VmcsField.VMCS_LINK_POINTER, -1);
    set(VmcsField.HOST_CS_SELECTOR, GuestMachine.CODE64);
    set(VmcsField.HOST_SS_SELECTOR, GuestMachine.DATA32);
    set(VmcsField.HOST_TR_SELECTOR, GuestMachine.TSS);
    set(VmcsField.HOST_TR_BASE, s.tr.base);
    set(VmcsField.HOST_GDTR_BASE, s.gdtBase);
    set(VmcsField.HOST_IDTR_BASE, s.idtBase);
    set(VmcsField.HOST_RSP, STACK);
    fields.put(VmcsField.HOST_RIP, "exit");
    for (int n = 0; n < 8; n++) {
      Segment g = n < 6 ? s.seg[n] : n == 6 ? s.ldtr : s.tr;
      boolean used = n != 6;
      set(VmcsField.nth(VmcsField.GUEST_ES_SELECTOR, n), used ? g.selector : 0);
      set(VmcsField.nth(VmcsField.GUEST_ES_BASE, n), g.base);
      set(VmcsField.nth(VmcsField.GUEST_ES_LIMIT, n), g.limit & 0xffffffffL);
      set(VmcsField.nth(VmcsField.GUEST_ES_ACCESS_RIGHTS, n), used ? g.attr & 0xf0ff : 1 << 16);
    }
    set(VmcsField.GUEST_GDTR_BASE, s.gdtBase);
    set(VmcsField.GUEST_GDTR_LIMIT, s.gdtLimit);
    set(VmcsField.GUEST_IDTR_BASE, s.idtBase);
    set(VmcsField.GUEST_IDTR_LIMIT, s.idtLimit);
    fields.put(VmcsField.GUEST_RIP, "guest");
    set(VmcsField.GUEST_RSP, STACK - 0x1000);
    set(VmcsField.GUEST_RFLAGS, 2);
    set(VmcsField.GUEST_DR7, 0x400);
  }

  private static CpuModel model() {
    Set<CpuFeature> features = EnumSet.copyOf(CpuModel.max().features());
    features.add(CpuFeature.VMX);
    return CpuModel.max().withFeatures(features);
  }

  public VmxGuest set(VmcsField f, long v) {
    fields.put(f, "0x" + Long.toHexString(v));
    return this;
  }

  /** Sets bits of a field of which this class has set the others. */
  public VmxGuest add(VmcsField f, long bits) {
    return set(f, Long.parseUnsignedLong(fields.getOrDefault(f, "0x0").substring(2), 16) | bits);
  }

  public VmxGuest secondary(long bits) {
    add(VmcsField.PRIMARY_CONTROLS, Controls.SECONDARY & 0xffffffffL);
    return add(VmcsField.SECONDARY_CONTROLS, bits);
  }

  public VmxGuest ept() {
    set(VmcsField.EPT_POINTER, EPT | 0x1e);
    return secondary(Controls.EPT);
  }

  public VmxGuest vpid(int vpid) {
    set(VmcsField.VPID, vpid);
    return secondary(Controls.VPID);
  }

  /**
   * Runs until HLT.
   *
   * @param source has the labels {@code guest} and {@code exit}
   */
  public GuestResult run(String source) {
    StringBuilder s = new StringBuilder();
    s.append("mov ecx, 0x3a\nmov eax, 5\nxor edx, edx\nwrmsr\n");
    s.append("mov rax, cr4\nor eax, 0x2000\nmov cr4, rax\n");
    s.append(String.format("mov rbx, 0x%x\nvmxon [rbx]\nvmclear [rbx+8]\n", POINTERS));
    s.append("vmptrld [rbx+8]\n");
    write(s, VmcsField.HOST_CR0, "mov rax, cr0");
    write(s, VmcsField.GUEST_CR0, "mov rax, cr0");
    write(s, VmcsField.HOST_CR3, "mov rax, cr3");
    write(s, VmcsField.GUEST_CR3, "mov rax, cr3");
    write(s, VmcsField.HOST_CR4, "mov rax, cr4");
    write(s, VmcsField.GUEST_CR4, "mov rax, cr4");
    fields.forEach((f, v) -> write(s, f, "mov rax, " + v));
    s.append("xor eax, eax\nvmlaunch\nhlt\n").append(source);
    return machine.code(s.toString()).run();
  }

  private static void write(StringBuilder s, VmcsField f, String load) {
    s.append(load).append(String.format("\nmov rdx, 0x%x\nvmwrite rdx, rax\n", f.encoding));
  }
}
