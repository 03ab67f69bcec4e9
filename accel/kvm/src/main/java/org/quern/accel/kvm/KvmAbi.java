package org.quern.accel.kvm;

/**
 * Numbers and structure offsets of the kernel's KVM interface on x86-64. Source:
 * Documentation/virt/kvm/api.rst of Linux; linux/kvm.h and asm/kvm.h.
 */
final class KvmAbi {
  static final String DEVICE = "/dev/kvm";
  static final int API_VERSION = 12;

  // ---- ioctls of the device
  static final long GET_API_VERSION = 0xae00;
  static final long CREATE_VM = 0xae01;
  static final long CHECK_EXTENSION = 0xae03;
  static final long GET_VCPU_MMAP_SIZE = 0xae04;
  static final long GET_MSR_INDEX_LIST = 0xc004ae02L;
  static final long GET_SUPPORTED_CPUID = 0xc008ae05L;

  // ---- ioctls of a machine
  static final long CREATE_VCPU = 0xae41;
  static final long GET_DIRTY_LOG = 0x4010ae42;
  static final long SET_USER_MEMORY_REGION = 0x4020ae46;
  static final long SET_TSS_ADDR = 0xae47;
  static final long SET_IDENTITY_MAP_ADDR = 0x4008ae48;

  // ---- ioctls of a processor
  static final long RUN = 0xae80;
  static final long INTERRUPT = 0x4004ae86;
  static final long NMI = 0xae9a;
  static final long X86_SETUP_MCE = 0x4008ae9c;
  static final long GET_VCPU_EVENTS = 0x8040ae9fL;
  static final long SET_VCPU_EVENTS = 0x4040aea0;
  static final long SET_TSC_KHZ = 0xaea2;
  static final long GET_TSC_KHZ = 0xaea3;
  static final long GET_REGS = 0x8090ae81L;
  static final long SET_REGS = 0x4090ae82;
  static final long GET_SREGS = 0x8138ae83L;
  static final long SET_SREGS = 0x4138ae84;
  static final long GET_MSRS = 0xc008ae88L;
  static final long SET_MSRS = 0x4008ae89;
  static final long SET_CPUID2 = 0x4008ae90;
  static final long GET_DEBUGREGS = 0x8080aea1L;
  static final long SET_DEBUGREGS = 0x4080aea2;
  static final long GET_FPU = 0x81a0ae8cL;
  static final long SET_FPU = 0x41a0ae8d;
  static final long GET_XSAVE = 0x9000aea4L;
  static final long SET_XSAVE = 0x5000aea5;
  static final long GET_XCRS = 0x8188aea6L;
  static final long SET_XCRS = 0x4188aea7;

  // ---- KVM_CHECK_EXTENSION
  static final int CAP_USER_MEMORY = 3;
  static final int CAP_SET_TSS_ADDR = 4;
  static final int CAP_EXT_CPUID = 7;
  static final int CAP_NR_MEMSLOTS = 10;
  static final int CAP_USER_NMI = 22;
  static final int CAP_MCE = 31;
  static final int CAP_VCPU_EVENTS = 0x29;
  static final int CAP_DEBUGREGS = 0x32;
  static final int CAP_XSAVE = 0x37;
  static final int CAP_XCRS = 0x38;
  static final int CAP_TSC_CONTROL = 0x3c;
  static final int CAP_GET_TSC_KHZ = 0x3d;
  static final int CAP_MAX_VCPUS = 0x42;
  static final int CAP_READONLY_MEM = 0x51;
  static final int CAP_IMMEDIATE_EXIT = 0x88;
  static final int CAP_XSAVE2 = 0xd0;

  // ---- struct kvm_userspace_memory_region
  static final int REGION_SLOT = 0;
  static final int REGION_FLAGS = 4;
  static final int REGION_GUEST_ADDRESS = 8;
  static final int REGION_SIZE = 16;
  static final int REGION_HOST_ADDRESS = 24;
  static final int MEM_LOG_DIRTY_PAGES = 1;
  static final int MEM_READONLY = 2;

  // ---- struct kvm_regs: sixteen registers in the order of REGS_ORDER, then these
  static final int REGS_RIP = 128;
  static final int REGS_RFLAGS = 136;

  // ---- struct kvm_sregs: segments CS DS ES FS GS SS TR LDT, then these
  static final int SEGMENT_BYTES = 24;
  static final int SREGS_TR = 6 * SEGMENT_BYTES;
  static final int SREGS_LDT = 7 * SEGMENT_BYTES;
  static final int SREGS_GDT = 192;
  static final int SREGS_IDT = 208;
  static final int SREGS_CR0 = 224;
  static final int SREGS_CR2 = 232;
  static final int SREGS_CR3 = 240;
  static final int SREGS_CR4 = 248;
  static final int SREGS_CR8 = 256;
  static final int SREGS_EFER = 264;
  static final int SREGS_APIC_BASE = 272;
  static final int SREGS_INTERRUPT_BITMAP = 280;
  static final int INTERRUPT_BITMAP_BYTES = 32;

  // ---- struct kvm_segment
  static final int SEGMENT_LIMIT = 8;
  static final int SEGMENT_SELECTOR = 12;
  static final int SEGMENT_TYPE = 14;
  static final int SEGMENT_PRESENT = 15;
  static final int SEGMENT_DPL = 16;
  static final int SEGMENT_DB = 17;
  static final int SEGMENT_S = 18;
  static final int SEGMENT_L = 19;
  static final int SEGMENT_G = 20;
  static final int SEGMENT_AVL = 21;
  static final int SEGMENT_UNUSABLE = 22;

  // ---- struct kvm_dtable
  static final int TABLE_LIMIT = 8;

  // ---- struct kvm_cpuid2 and kvm_cpuid_entry2
  static final int CPUID_ENTRIES = 8;
  static final int CPUID_ENTRY_BYTES = 40;
  static final int CPUID_FUNCTION = 0;
  static final int CPUID_INDEX = 4;
  static final int CPUID_FLAGS = 8;
  static final int CPUID_EAX = 12;
  static final int CPUID_SIGNIFICANT_INDEX = 1;

  // ---- struct kvm_msrs and kvm_msr_entry
  static final int MSRS_ENTRIES = 8;
  static final int MSR_BYTES = 16;
  static final int MSR_DATA = 8;

  // ---- struct kvm_debugregs
  static final int DEBUGREGS_DR6 = 32;
  static final int DEBUGREGS_DR7 = 40;

  // ---- struct kvm_vcpu_events
  static final int EVENTS_BYTES = 64;
  static final int EVENTS_EXCEPTION_INJECTED = 0;
  static final int EVENTS_EXCEPTION_NR = 1;
  static final int EVENTS_EXCEPTION_HAS_ERROR = 2;
  static final int EVENTS_EXCEPTION_ERROR = 4;
  static final int EVENTS_INTERRUPT_INJECTED = 8;
  static final int EVENTS_INTERRUPT_NR = 9;
  static final int EVENTS_INTERRUPT_SOFT = 10;
  static final int EVENTS_INTERRUPT_SHADOW = 11;
  static final int EVENTS_NMI_INJECTED = 12;
  static final int EVENTS_NMI_PENDING = 13;
  static final int EVENTS_NMI_MASKED = 14;
  static final int EVENTS_FLAGS = 20;
  static final int EVENT_VALID_NMI_PENDING = 1;
  static final int EVENT_VALID_SHADOW = 4;
  static final int SHADOW_MOV_SS = 1;
  static final int SHADOW_STI = 2;

  // ---- struct kvm_xcrs: count, flags, then entries of number, reserved and value
  static final int XCRS_ENTRIES = 8;
  static final int XCR_VALUE = 8;

  // ---- struct kvm_xsave: an XSAVE image in the standard format. SDM vol. 1, 13.4
  static final int XSAVE_BYTES = 4096;

  // ---- struct kvm_run
  static final int RUN_REQUEST_INTERRUPT_WINDOW = 0;
  static final int RUN_IMMEDIATE_EXIT = 1;
  static final int RUN_EXIT_REASON = 8;
  static final int RUN_READY_FOR_INTERRUPT = 12;
  static final int RUN_IF = 13;
  static final int RUN_CR8 = 16;
  static final int RUN_APIC_BASE = 24;
  static final int RUN_IO_OUT = 32;
  static final int RUN_IO_SIZE = 33;
  static final int RUN_IO_PORT = 34;
  static final int RUN_IO_COUNT = 36;
  static final int RUN_IO_DATA_OFFSET = 40;
  static final int RUN_MMIO_ADDRESS = 32;
  static final int RUN_MMIO_DATA = 40;
  static final int RUN_MMIO_LENGTH = 48;
  static final int RUN_MMIO_WRITE = 52;
  static final int RUN_FAIL_ENTRY_REASON = 32;
  static final int RUN_SUBERROR = 32;
  static final int RUN_INTERNAL_COUNT = 36;
  static final int RUN_INTERNAL_DATA = 40;
  static final int RUN_SYSTEM_EVENT = 32;

  private KvmAbi() {}
}
