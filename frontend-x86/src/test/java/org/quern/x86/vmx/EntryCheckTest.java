package org.quern.x86.vmx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each check of VM entry by itself: what makes just this one fail, as far as those before it are
 * concerned. Source: SDM vol. 3C, 27.2 and 27.3.
 */
class EntryCheckTest {
  /** The name of a check, then fields: {@code =} sets one, {@code +} and {@code -} change bits. */
  private static final String ROWS =
      """
      pin-based controls are allowed: PIN_CONTROLS=0
      pin-based controls are allowed: PIN_CONTROLS+100
      primary controls are allowed: PRIMARY_CONTROLS=0
      primary controls are allowed: PRIMARY_CONTROLS+20000
      secondary controls are allowed: secondary 8000
      at most 4 CR3 targets: CR3_TARGET_COUNT=5
      I/O bitmaps are pages: PRIMARY_CONTROLS+2000000 IO_BITMAP_A=10
      I/O bitmaps are pages: PRIMARY_CONTROLS+2000000 IO_BITMAP_B=800
      MSR bitmap is a page: PRIMARY_CONTROLS+10000000 MSR_BITMAP=1
      MSR bitmap is a page: PRIMARY_CONTROLS+10000000 MSR_BITMAP=100000000000000
      virtual NMIs need NMI exiting: PIN_CONTROLS+20
      NMI-window exiting needs virtual NMIs: PRIMARY_CONTROLS+400000
      VPID is not 0: secondary 20
      virtual-APIC page is a page: PRIMARY_CONTROLS+200000 VIRTUAL_APIC_ADDRESS=10
      x2APIC, APIC registers and virtual interrupts need a TPR shadow: secondary 10
      x2APIC, APIC registers and virtual interrupts need a TPR shadow: secondary 100
      x2APIC, APIC registers and virtual interrupts need a TPR shadow: secondary 200
      APIC-access page is a page: secondary 1 APIC_ACCESS_ADDRESS=8
      either APIC accesses or the x2APIC are virtualized: PRIMARY_CONTROLS+200000 secondary 11
      virtual interrupts need external-interrupt exiting: PRIMARY_CONTROLS+200000 secondary 200
      posted interrupts: PIN_CONTROLS+80
      posted interrupts: PIN_CONTROLS+81 PRIMARY_CONTROLS+200000 secondary 200
      posted interrupts: PIN_CONTROLS+81 PRIMARY_CONTROLS+200000 secondary 200 EXIT_CONTROLS+8000 POSTED_INTERRUPT_VECTOR=100
      posted interrupts: PIN_CONTROLS+81 PRIMARY_CONTROLS+200000 secondary 200 EXIT_CONTROLS+8000 POSTED_INTERRUPT_DESCRIPTOR_ADDRESS=20
      saving the preemption timer needs the timer: EXIT_CONTROLS+400000
      execution by mode needs EPT: secondary 400000
      VM functions: secondary 2000 VM_FUNCTION_CONTROLS=2
      VM functions: secondary 2000 VM_FUNCTION_CONTROLS=1
      VM functions: secondary 2002 VM_FUNCTION_CONTROLS=1 EPTP_LIST_ADDRESS=8
      bitmaps of VMCS shadowing are pages: secondary 4000 VMREAD_BITMAP=1
      bitmaps of VMCS shadowing are pages: secondary 4000 VMWRITE_BITMAP=800
      page-modification log is a page and needs EPT: secondary 20000
      page-modification log is a page and needs EPT: secondary 20002 PML_ADDRESS=8
      virtualization-exception information is a page: secondary 40000 VIRTUALIZATION_EXCEPTION_INFORMATION_ADDRESS=1
      TSC multiplier is not 0: secondary 2000000
      EPT pointer is valid: secondary 2 EPT_POINTER=0
      EPT pointer is valid: secondary 2 EPT_POINTER=19
      EPT pointer is valid: secondary 2 EPT_POINTER=9e
      unrestricted guest needs EPT: secondary 80
      VM-exit controls are allowed: EXIT_CONTROLS=0
      VM-exit controls are allowed: EXIT_CONTROLS+1000
      VM-exit MSR-store area: EXIT_MSR_STORE_COUNT=1 EXIT_MSR_STORE_ADDRESS=8
      VM-exit MSR-load area: EXIT_MSR_LOAD_COUNT=2 EXIT_MSR_LOAD_ADDRESS=fffffffff0
      VM-entry controls are allowed: ENTRY_CONTROLS=0
      VM-entry controls are allowed: ENTRY_CONTROLS+10000
      VM-entry MSR-load area: ENTRY_MSR_LOAD_COUNT=1 ENTRY_MSR_LOAD_ADDRESS=1
      TPR threshold: PRIMARY_CONTROLS+200000 TPR_THRESHOLD=10
      TPR threshold: PRIMARY_CONTROLS+200000 TPR_THRESHOLD=1
      injected event: type and vector: ENTRY_INTERRUPTION_INFORMATION=80000120
      injected event: type and vector: ENTRY_INTERRUPTION_INFORMATION=80000203
      injected event: type and vector: ENTRY_INTERRUPTION_INFORMATION=80000320
      injected event: type and vector: ENTRY_INTERRUPTION_INFORMATION=80000701
      injected event: error code: ENTRY_INTERRUPTION_INFORMATION=8000030d
      injected event: error code: ENTRY_INTERRUPTION_INFORMATION=80000b06
      injected event: error code: ENTRY_INTERRUPTION_INFORMATION=80000b0d ENTRY_EXCEPTION_ERROR_CODE=10000
      injected event: reserved bits: ENTRY_INTERRUPTION_INFORMATION=80001306
      injected event: instruction length: ENTRY_INTERRUPTION_INFORMATION=80000403
      injected event: instruction length: ENTRY_INTERRUPTION_INFORMATION=80000603 ENTRY_INSTRUCTION_LENGTH=10
      host CR0: HOST_CR0=21
      host CR4: HOST_CR4=20
      host CR3: HOST_CR3=100000000000000
      host SYSENTER_ESP: HOST_SYSENTER_ESP=100000000000000
      host SYSENTER_EIP: HOST_SYSENTER_EIP=100000000000000
      host PAT: EXIT_CONTROLS+80000 HOST_PAT=2
      host PKRS: EXIT_CONTROLS+20000000 HOST_PKRS=100000000
      host EFER: EXIT_CONTROLS+200000 HOST_EFER=0
      host EFER: EXIT_CONTROLS+200000 HOST_EFER=502
      host selectors have TI and RPL 0: HOST_DS_SELECTOR=3
      host selectors have TI and RPL 0: HOST_TR_SELECTOR=3c
      host CS is not null: HOST_CS_SELECTOR=0
      host TR is not null: HOST_TR_SELECTOR=0
      host SS is not null outside 64-bit mode: EXIT_CONTROLS-200 HOST_SS_SELECTOR=0
      host FS base: HOST_FS_BASE=100000000000000
      host GS base: HOST_GS_BASE=100000000000000
      host GDTR base: HOST_GDTR_BASE=100000000000000
      host IDTR base: HOST_IDTR_BASE=100000000000000
      host TR base: HOST_TR_BASE=100000000000000
      no IA-32e guest of a 32-bit host: EXIT_CONTROLS-200
      host CR4 and RIP fit its mode: HOST_RIP=800000000000
      host CR4 and RIP fit its mode: HOST_CR4-20
      host address-space size is the current one: EXIT_CONTROLS-200
      CR0: GUEST_CR0=80000001
      CR0: GUEST_CR0+100000000
      paging needs protection: secondary 82 GUEST_CR0=80000020
      CR4: GUEST_CR4=20
      CR4: GUEST_CR4+8000000000
      IA32_DEBUGCTL: ENTRY_CONTROLS+4 GUEST_DEBUGCTL=100
      IA-32e mode needs PAE paging: GUEST_CR4-20
      PCIDs need IA-32e mode: ENTRY_CONTROLS-200 GUEST_CR4+20000
      CR3: GUEST_CR3=100000000000000
      DR7: ENTRY_CONTROLS+4 GUEST_DR7=100000000
      SYSENTER_ESP: GUEST_SYSENTER_ESP=100000000000000
      SYSENTER_EIP: GUEST_SYSENTER_EIP=100000000000000
      PAT: ENTRY_CONTROLS+4000 GUEST_PAT=2
      PKRS: ENTRY_CONTROLS+400000 GUEST_PKRS=100000000
      EFER: ENTRY_CONTROLS+8000 GUEST_EFER=0
      EFER: ENTRY_CONTROLS+8000 GUEST_EFER=502
      EFER: ENTRY_CONTROLS+8000 GUEST_EFER=400
      GDTR base: GUEST_GDTR_BASE=100000000000000
      IDTR base: GUEST_IDTR_BASE=100000000000000
      GDTR limit: GUEST_GDTR_LIMIT=10000
      IDTR limit: GUEST_IDTR_LIMIT=10000
      TR is in the GDT: GUEST_TR_SELECTOR=3c
      LDTR is in the GDT: GUEST_LDTR_SELECTOR=4 GUEST_LDTR_ACCESS_RIGHTS=82
      SS has the RPL of CS: GUEST_SS_SELECTOR=13
      bases: GUEST_FS_BASE=100000000000000
      bases: GUEST_TR_BASE=100000000000000
      bases: GUEST_CS_BASE=100000000
      bases: GUEST_DS_BASE=100000000
      segments of virtual-8086 mode: GUEST_RFLAGS=20002
      CS type: GUEST_CS_ACCESS_RIGHTS=a093
      SS type: GUEST_SS_ACCESS_RIGHTS=c09b
      data segment types: GUEST_DS_ACCESS_RIGHTS=c092
      data segment types: GUEST_ES_ACCESS_RIGHTS=c099
      CS DPL: GUEST_CS_ACCESS_RIGHTS=a0fb
      SS DPL: GUEST_CS_ACCESS_RIGHTS=a09f GUEST_SS_ACCESS_RIGHTS=c0f3
      data segment DPLs: GUEST_DS_SELECTOR=13
      segments are present, limits fit granularity: GUEST_DS_LIMIT=1000
      segments are present, limits fit granularity: GUEST_FS_ACCESS_RIGHTS=c013
      segments are present, limits fit granularity: GUEST_GS_ACCESS_RIGHTS=c083
      segments are present, limits fit granularity: GUEST_CS_ACCESS_RIGHTS=a19b
      64-bit CS has D clear: GUEST_CS_ACCESS_RIGHTS=e09b
      TR: GUEST_TR_ACCESS_RIGHTS=89
      TR: GUEST_TR_ACCESS_RIGHTS=1008b
      LDTR: GUEST_LDTR_ACCESS_RIGHTS=8b
      RIP: GUEST_RIP=100000000000000
      RIP: GUEST_CS_ACCESS_RIGHTS=c09b GUEST_RIP=100000000
      RFLAGS: GUEST_RFLAGS=0
      RFLAGS: GUEST_RFLAGS=400002
      RFLAGS: GUEST_RFLAGS=20002
      RFLAGS: ENTRY_INTERRUPTION_INFORMATION=80000020
      activity state: GUEST_ACTIVITY=2
      activity state: GUEST_ACTIVITY=4
      activity state: GUEST_ACTIVITY=1 GUEST_INTERRUPTIBILITY=2
      activity state: GUEST_ACTIVITY=1 ENTRY_INTERRUPTION_INFORMATION=80000306
      activity state: GUEST_ACTIVITY=3 ENTRY_INTERRUPTION_INFORMATION=80000202
      interruptibility: GUEST_INTERRUPTIBILITY=20
      interruptibility: GUEST_RFLAGS=202 GUEST_INTERRUPTIBILITY=3
      interruptibility: GUEST_INTERRUPTIBILITY=1
      interruptibility: GUEST_RFLAGS=202 GUEST_INTERRUPTIBILITY=1 ENTRY_INTERRUPTION_INFORMATION=80000020
      interruptibility: GUEST_INTERRUPTIBILITY=2 ENTRY_INTERRUPTION_INFORMATION=80000202
      interruptibility: PIN_CONTROLS+28 GUEST_INTERRUPTIBILITY=8 ENTRY_INTERRUPTION_INFORMATION=80000202
      pending debug exceptions: GUEST_PENDING_DEBUG=10
      pending debug exceptions: GUEST_INTERRUPTIBILITY=2 GUEST_PENDING_DEBUG=4000
      pending debug exceptions: GUEST_INTERRUPTIBILITY=2 GUEST_RFLAGS=102
      """;

  private static final List<List<EntryCheck>> TABLES =
      List.of(
          ControlChecks.CONTROLS,
          ControlChecks.EVENT,
          ControlChecks.HOST,
          ControlChecks.ADDRESS_SPACE,
          GuestChecks.STATE,
          GuestChecks.RUNNING);

  static List<String> rows() {
    return ROWS.lines().toList();
  }

  private static String name(String row) {
    return row.substring(0, row.lastIndexOf(": "));
  }

  private static void apply(VmxRig r, String setting) {
    int at = setting.length() - 1;
    while ("=+-".indexOf(setting.charAt(at)) < 0) {
      at--;
    }
    VmcsField f = VmcsField.valueOf(setting.substring(0, at));
    long v = Long.parseUnsignedLong(setting.substring(at + 1), 16);
    r.set(
        f,
        switch (setting.charAt(at)) {
          case '=' -> v;
          case '+' -> r.get(f) | v;
          default -> r.get(f) & ~v;
        });
  }

  private static List<EntryCheck> tableOf(String check) {
    for (List<EntryCheck> t : TABLES) {
      if (t.stream().anyMatch(c -> c.name().equals(check))) {
        return t;
      }
    }
    throw new AssertionError("no check " + check);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void fails(String row) {
    VmxRig r = VmxRig.prepared();
    String settings = row.substring(row.lastIndexOf(": ") + 2);
    for (String s :
        settings
            .replaceAll("secondary (\\w+)", "PRIMARY_CONTROLS+80000000 SECONDARY_CONTROLS=$1")
            .split(" ", -1)) {
      apply(r, s);
    }
    String check = name(row);
    assertEquals(check, EntryCheck.firstFailure(tableOf(check), r.c.vmx.entry.read()));
  }

  @Test
  void allPassWithoutAnyOfThat() {
    VmxRig r = VmxRig.prepared();
    for (List<EntryCheck> t : TABLES) {
      assertNull(EntryCheck.firstFailure(t, r.c.vmx.entry.read()));
    }
  }

  @Test
  void everyCheckHasARow() {
    List<String> checks = new ArrayList<>();
    TABLES.forEach(t -> t.forEach(c -> checks.add(c.name())));
    assertEquals(
        new TreeSet<>(checks), new TreeSet<>(rows().stream().map(EntryCheckTest::name).toList()));
  }

  @Test
  void aWriteToAFieldMakesTheChecksAgain() {
    VmxRig r = VmxRig.prepared();
    r.guest("0fa2");
    r.set(VmcsField.GUEST_CR4, 0);
    assertEquals("exit", r.resume());
    assertEquals(0x80000021L, r.get(VmcsField.EXIT_REASON));
    r.set(VmcsField.HOST_CR0, 0);
    assertEquals("ZF 8", r.resume());
    r.set(VmcsField.CR3_TARGET_COUNT, 9);
    assertEquals("ZF 7", r.resume());
  }
}
