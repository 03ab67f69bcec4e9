package org.quern.x86.vmx;

/**
 * Every field of a VMCS. All are storage, also those of features that the capability MSRs do not
 * offer. Source: SDM vol. 3D, appendix B; the encoding itself: vol. 3C, 25.11.2.
 */
public enum VmcsField {
  // ---- 16-bit control
  VPID(0x0000),
  POSTED_INTERRUPT_VECTOR(0x0002),
  EPTP_INDEX(0x0004),
  HLAT_PREFIX_SIZE(0x0006),
  LAST_PID_POINTER_INDEX(0x0008),
  // ---- 16-bit guest state
  GUEST_ES_SELECTOR(0x0800),
  GUEST_CS_SELECTOR(0x0802),
  GUEST_SS_SELECTOR(0x0804),
  GUEST_DS_SELECTOR(0x0806),
  GUEST_FS_SELECTOR(0x0808),
  GUEST_GS_SELECTOR(0x080a),
  GUEST_LDTR_SELECTOR(0x080c),
  GUEST_TR_SELECTOR(0x080e),
  GUEST_INTERRUPT_STATUS(0x0810),
  PML_INDEX(0x0812),
  GUEST_UINV(0x0814),
  // ---- 16-bit host state
  HOST_ES_SELECTOR(0x0c00),
  HOST_CS_SELECTOR(0x0c02),
  HOST_SS_SELECTOR(0x0c04),
  HOST_DS_SELECTOR(0x0c06),
  HOST_FS_SELECTOR(0x0c08),
  HOST_GS_SELECTOR(0x0c0a),
  HOST_TR_SELECTOR(0x0c0c),
  // ---- 64-bit control
  IO_BITMAP_A(0x2000),
  IO_BITMAP_B(0x2002),
  MSR_BITMAP(0x2004),
  EXIT_MSR_STORE_ADDRESS(0x2006),
  EXIT_MSR_LOAD_ADDRESS(0x2008),
  ENTRY_MSR_LOAD_ADDRESS(0x200a),
  EXECUTIVE_VMCS_POINTER(0x200c),
  PML_ADDRESS(0x200e),
  TSC_OFFSET(0x2010),
  VIRTUAL_APIC_ADDRESS(0x2012),
  APIC_ACCESS_ADDRESS(0x2014),
  POSTED_INTERRUPT_DESCRIPTOR_ADDRESS(0x2016),
  VM_FUNCTION_CONTROLS(0x2018),
  EPT_POINTER(0x201a),
  EOI_EXIT_BITMAP_0(0x201c),
  EOI_EXIT_BITMAP_1(0x201e),
  EOI_EXIT_BITMAP_2(0x2020),
  EOI_EXIT_BITMAP_3(0x2022),
  EPTP_LIST_ADDRESS(0x2024),
  VMREAD_BITMAP(0x2026),
  VMWRITE_BITMAP(0x2028),
  VIRTUALIZATION_EXCEPTION_INFORMATION_ADDRESS(0x202a),
  XSS_EXITING_BITMAP(0x202c),
  ENCLS_EXITING_BITMAP(0x202e),
  SUB_PAGE_PERMISSION_TABLE_POINTER(0x2030),
  TSC_MULTIPLIER(0x2032),
  TERTIARY_CONTROLS(0x2034),
  ENCLV_EXITING_BITMAP(0x2036),
  LOW_PASID_DIRECTORY_ADDRESS(0x2038),
  HIGH_PASID_DIRECTORY_ADDRESS(0x203a),
  SHARED_EPT_POINTER(0x203c),
  PCONFIG_EXITING_BITMAP(0x203e),
  HLAT_POINTER(0x2040),
  PID_POINTER_TABLE_ADDRESS(0x2042),
  SECONDARY_EXIT_CONTROLS(0x2044),
  SPEC_CTRL_MASK(0x204a),
  SPEC_CTRL_SHADOW(0x204c),
  // ---- 64-bit read-only data
  GUEST_PHYSICAL_ADDRESS(0x2400),
  // ---- 64-bit guest state
  VMCS_LINK_POINTER(0x2800),
  GUEST_DEBUGCTL(0x2802),
  GUEST_PAT(0x2804),
  GUEST_EFER(0x2806),
  GUEST_PERF_GLOBAL_CTRL(0x2808),
  GUEST_PDPTE0(0x280a),
  GUEST_PDPTE1(0x280c),
  GUEST_PDPTE2(0x280e),
  GUEST_PDPTE3(0x2810),
  GUEST_BNDCFGS(0x2812),
  GUEST_RTIT_CTL(0x2814),
  GUEST_LBR_CTL(0x2816),
  GUEST_PKRS(0x2818),
  // ---- 64-bit host state
  HOST_PAT(0x2c00),
  HOST_EFER(0x2c02),
  HOST_PERF_GLOBAL_CTRL(0x2c04),
  HOST_PKRS(0x2c06),
  // ---- 32-bit control
  PIN_CONTROLS(0x4000),
  PRIMARY_CONTROLS(0x4002),
  EXCEPTION_BITMAP(0x4004),
  PAGE_FAULT_MASK(0x4006),
  PAGE_FAULT_MATCH(0x4008),
  CR3_TARGET_COUNT(0x400a),
  EXIT_CONTROLS(0x400c),
  EXIT_MSR_STORE_COUNT(0x400e),
  EXIT_MSR_LOAD_COUNT(0x4010),
  ENTRY_CONTROLS(0x4012),
  ENTRY_MSR_LOAD_COUNT(0x4014),
  ENTRY_INTERRUPTION_INFORMATION(0x4016),
  ENTRY_EXCEPTION_ERROR_CODE(0x4018),
  ENTRY_INSTRUCTION_LENGTH(0x401a),
  TPR_THRESHOLD(0x401c),
  SECONDARY_CONTROLS(0x401e),
  PLE_GAP(0x4020),
  PLE_WINDOW(0x4022),
  INSTRUCTION_TIMEOUT(0x4024),
  // ---- 32-bit read-only data
  VM_INSTRUCTION_ERROR(0x4400),
  EXIT_REASON(0x4402),
  EXIT_INTERRUPTION_INFORMATION(0x4404),
  EXIT_INTERRUPTION_ERROR_CODE(0x4406),
  IDT_VECTORING_INFORMATION(0x4408),
  IDT_VECTORING_ERROR_CODE(0x440a),
  EXIT_INSTRUCTION_LENGTH(0x440c),
  EXIT_INSTRUCTION_INFORMATION(0x440e),
  // ---- 32-bit guest state
  GUEST_ES_LIMIT(0x4800),
  GUEST_CS_LIMIT(0x4802),
  GUEST_SS_LIMIT(0x4804),
  GUEST_DS_LIMIT(0x4806),
  GUEST_FS_LIMIT(0x4808),
  GUEST_GS_LIMIT(0x480a),
  GUEST_LDTR_LIMIT(0x480c),
  GUEST_TR_LIMIT(0x480e),
  GUEST_GDTR_LIMIT(0x4810),
  GUEST_IDTR_LIMIT(0x4812),
  GUEST_ES_ACCESS_RIGHTS(0x4814),
  GUEST_CS_ACCESS_RIGHTS(0x4816),
  GUEST_SS_ACCESS_RIGHTS(0x4818),
  GUEST_DS_ACCESS_RIGHTS(0x481a),
  GUEST_FS_ACCESS_RIGHTS(0x481c),
  GUEST_GS_ACCESS_RIGHTS(0x481e),
  GUEST_LDTR_ACCESS_RIGHTS(0x4820),
  GUEST_TR_ACCESS_RIGHTS(0x4822),
  GUEST_INTERRUPTIBILITY(0x4824),
  GUEST_ACTIVITY(0x4826),
  GUEST_SMBASE(0x4828),
  GUEST_SYSENTER_CS(0x482a),
  PREEMPTION_TIMER_VALUE(0x482e),
  // ---- 32-bit host state
  HOST_SYSENTER_CS(0x4c00),
  // ---- natural-width control
  CR0_MASK(0x6000),
  CR4_MASK(0x6002),
  CR0_SHADOW(0x6004),
  CR4_SHADOW(0x6006),
  CR3_TARGET0(0x6008),
  CR3_TARGET1(0x600a),
  CR3_TARGET2(0x600c),
  CR3_TARGET3(0x600e),
  // ---- natural-width read-only data
  EXIT_QUALIFICATION(0x6400),
  IO_RCX(0x6402),
  IO_RSI(0x6404),
  IO_RDI(0x6406),
  IO_RIP(0x6408),
  GUEST_LINEAR_ADDRESS(0x640a),
  // ---- natural-width guest state
  GUEST_CR0(0x6800),
  GUEST_CR3(0x6802),
  GUEST_CR4(0x6804),
  GUEST_ES_BASE(0x6806),
  GUEST_CS_BASE(0x6808),
  GUEST_SS_BASE(0x680a),
  GUEST_DS_BASE(0x680c),
  GUEST_FS_BASE(0x680e),
  GUEST_GS_BASE(0x6810),
  GUEST_LDTR_BASE(0x6812),
  GUEST_TR_BASE(0x6814),
  GUEST_GDTR_BASE(0x6816),
  GUEST_IDTR_BASE(0x6818),
  GUEST_DR7(0x681a),
  GUEST_RSP(0x681c),
  GUEST_RIP(0x681e),
  GUEST_RFLAGS(0x6820),
  GUEST_PENDING_DEBUG(0x6822),
  GUEST_SYSENTER_ESP(0x6824),
  GUEST_SYSENTER_EIP(0x6826),
  GUEST_S_CET(0x6828),
  GUEST_SSP(0x682a),
  GUEST_INTERRUPT_SSP_TABLE(0x682c),
  // ---- natural-width host state
  HOST_CR0(0x6c00),
  HOST_CR3(0x6c02),
  HOST_CR4(0x6c04),
  HOST_FS_BASE(0x6c06),
  HOST_GS_BASE(0x6c08),
  HOST_TR_BASE(0x6c0a),
  HOST_GDTR_BASE(0x6c0c),
  HOST_IDTR_BASE(0x6c0e),
  HOST_SYSENTER_ESP(0x6c10),
  HOST_SYSENTER_EIP(0x6c12),
  HOST_RSP(0x6c14),
  HOST_RIP(0x6c16),
  HOST_S_CET(0x6c18),
  HOST_SSP(0x6c1a),
  HOST_INTERRUPT_SSP_TABLE(0x6c1c);

  /** Width of a field: bits 13 and 14 of its encoding. */
  public enum Width {
    BITS16,
    BITS64,
    BITS32,
    NATURAL
  }

  /** What a field is for: bits 10 and 11 of its encoding. */
  public enum Type {
    CONTROL,
    READ_ONLY,
    GUEST_STATE,
    HOST_STATE
  }

  private static final int ENCODINGS = 0x8000;
  private static final VmcsField[] BY_ENCODING = new VmcsField[ENCODINGS];

  /** The highest index (bits 1 to 9 of an encoding) of any field: IA32_VMX_VMCS_ENUM. */
  static final int HIGHEST_INDEX;

  static {
    int highest = 0;
    for (VmcsField f : values()) {
      BY_ENCODING[f.encoding] = f;
      highest = Math.max(highest, f.encoding >> 1 & 0x1ff);
    }
    HIGHEST_INDEX = highest;
  }

  /** For full access, that is with bit 0 clear. */
  public final int encoding;

  /** Bits that the field holds. */
  final long mask;

  /** Which {@link Vmcs.Group groups} of checks depend on it, beyond those of each VM entry. */
  final int groups;

  private final Width width;
  private final Type type;

  VmcsField(int encoding) {
    this.encoding = encoding;
    this.width = Width.values()[encoding >> 13 & 3];
    this.type = Type.values()[encoding >> 10 & 3];
    this.mask =
        switch (width) {
          case BITS16 -> 0xffff;
          case BITS32 -> 0xffffffffL;
          case BITS64, NATURAL -> -1;
        };
    this.groups = checkedEachTime(encoding) ? 0 : groupsOf(type);
  }

  private static int groupsOf(Type type) {
    return switch (type) {
      case CONTROL -> Vmcs.Group.ALL;
      case HOST_STATE -> Vmcs.Group.HOST;
      case GUEST_STATE -> Vmcs.Group.GUEST;
      case READ_ONLY -> 0;
    };
  }

  /** Fields that a VMM writes often: no check depends on them, or it is made at each VM entry. */
  private static boolean checkedEachTime(int encoding) {
    return switch (encoding) {
      // TSC offset, EOI-exit bitmaps, exception bitmap, masks, the injected event, TPR threshold,
      // CR masks and shadows; interrupt status, preemption timer, activity, interruptibility, RSP,
      // RIP, RFLAGS, pending debug exceptions, host RSP.
      case 0x2010, 0x201c, 0x201e, 0x2020, 0x2022, 0x4004, 0x4006, 0x4008 -> true;
      case 0x4016, 0x4018, 0x401a, 0x401c, 0x6000, 0x6002, 0x6004, 0x6006 -> true;
      case 0x0810, 0x482e, 0x4826, 0x4824, 0x681c, 0x681e, 0x6820, 0x6822, 0x6c14 -> true;
      default -> false;
    };
  }

  public Width width() {
    return width;
  }

  public Type type() {
    return type;
  }

  /**
   * The field with an encoding.
   *
   * @param encoding as VMREAD takes it; bit 0, access to the upper half, only with a 64-bit field
   * @return null if there is no such field
   */
  public static VmcsField of(long encoding) {
    if (encoding < 0 || encoding >= ENCODINGS) {
      return null;
    }
    VmcsField f = BY_ENCODING[(int) encoding & ~1];
    return f != null && (encoding & 1) != 0 && f.width() != Width.BITS64 ? null : f;
  }

  /** The selector, base, limit or access-rights field {@code n} places behind {@code first}. */
  public static VmcsField nth(VmcsField first, int n) {
    return BY_ENCODING[first.encoding + 2 * n];
  }
}
