package org.quern.machine.lapic;

/** What x2APIC mode does differently from the register page. Source: SDM vol. 3A, 11.12. */
final class X2Apic {
  static final int SVR_WRITABLE = 0x1ff;
  private static final long ICR_WRITABLE = 0xffff_ffff_000c_cfffL;

  private X2Apic() {}

  /** Cluster in bits 31 to 16, one bit of sixteen below. */
  static int logicalId(int id) {
    return id >> 4 << 16 | 1 << (id & 15);
  }

  /** Whether RDMSR of a register number is allowed. */
  static boolean readable(int reg) {
    return switch (reg) {
      case ApicReg.APR, ApicReg.EOI, ApicReg.REMOTE_READ, ApicReg.DFR, ApicReg.ICR_HIGH -> false;
      default -> ApicReg.exists(reg);
    };
  }

  /** Whether WRMSR of a value to a register number is allowed: else #GP(0). */
  static boolean writable(int reg, long value) {
    if (reg == ApicReg.ICR_LOW) {
      return (value & ~ICR_WRITABLE) == 0;
    }
    if (value >>> 32 != 0) {
      return false;
    }
    return (value & ~writableBits(reg)) == 0 && writableRegister(reg);
  }

  private static boolean writableRegister(int reg) {
    return switch (reg) {
      case ApicReg.TPR,
          ApicReg.EOI,
          ApicReg.SVR,
          ApicReg.ESR,
          ApicReg.TIMER_INITIAL,
          ApicReg.TIMER_DIVIDE,
          ApicReg.SELF_IPI ->
          true;
      default -> ApicReg.isLvt(reg);
    };
  }

  private static long writableBits(int reg) {
    if (ApicReg.isLvt(reg)) {
      // Delivery status and remote IRR are read-only, not reserved.
      return ApicReg.lvtWritable(reg) | ApicReg.LVT_REMOTE_IRR | ApicReg.LVT_DELIVERY_STATUS;
    }
    return switch (reg) {
      case ApicReg.TPR, ApicReg.SELF_IPI -> 0xff;
      case ApicReg.SVR -> SVR_WRITABLE;
      case ApicReg.TIMER_INITIAL -> 0xffff_ffffL;
      case ApicReg.TIMER_DIVIDE -> 0xb;
      default -> 0; // EOI and ESR take only 0
    };
  }
}
