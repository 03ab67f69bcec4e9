package org.quern.machine.lapic;

/**
 * Register numbers (xAPIC offset >> 4, x2APIC MSR - 0x800) and fields of the local APIC. Source:
 * SDM vol. 3A, tables 11-1 and 11-6 and sections 11.4 to 11.12.
 */
final class ApicReg {
  static final int ID = 0x02;
  static final int VERSION = 0x03;
  static final int TPR = 0x08;
  static final int APR = 0x09;
  static final int PPR = 0x0a;
  static final int EOI = 0x0b;
  static final int REMOTE_READ = 0x0c;
  static final int LDR = 0x0d;
  static final int DFR = 0x0e;
  static final int SVR = 0x0f;
  static final int ISR = 0x10;
  static final int TMR = 0x18;
  static final int IRR = 0x20;
  static final int ESR = 0x28;
  static final int ICR_LOW = 0x30;
  static final int ICR_HIGH = 0x31;
  static final int LVT_TIMER = 0x32;
  static final int LVT_THERMAL = 0x33;
  static final int LVT_PERFORMANCE = 0x34;
  static final int LVT_LINT0 = 0x35;
  static final int LVT_LINT1 = 0x36;
  static final int LVT_ERROR = 0x37;
  static final int TIMER_INITIAL = 0x38;
  static final int TIMER_CURRENT = 0x39;
  static final int TIMER_DIVIDE = 0x3e;
  static final int SELF_IPI = 0x3f;

  /** Integrated APIC, version 0x14, six LVT entries, no EOI-broadcast suppression. */
  static final int VERSION_VALUE = 0x5_0014;

  static final int LVT_COUNT = 6;

  static final int SVR_ENABLE = 1 << 8;
  static final int SVR_WRITABLE = 0x3ff;
  static final int SVR_RESET = 0xff;

  static final int LVT_MASKED = 1 << 16;
  static final int LVT_LEVEL = 1 << 15;
  static final int LVT_REMOTE_IRR = 1 << 14;
  static final int LVT_DELIVERY_STATUS = 1 << 12;
  static final int LVT_TIMER_MODE = 3 << 17;
  static final int LVT_TIMER_PERIODIC = 1 << 17;
  static final int LVT_TIMER_DEADLINE = 2 << 17;

  /** Bits software may set, by LVT index (timer first). */
  private static final int[] LVT_WRITABLE = {
    LVT_TIMER_MODE | LVT_MASKED | 0xff,
    LVT_MASKED | 0x7ff,
    LVT_MASKED | 0x7ff,
    LVT_MASKED | LVT_LEVEL | 0x27ff,
    LVT_MASKED | LVT_LEVEL | 0x27ff,
    LVT_MASKED | 0xff,
  };

  static final int ESR_SEND_ILLEGAL_VECTOR = 1 << 5;
  static final int ESR_RECEIVE_ILLEGAL_VECTOR = 1 << 6;
  static final int ESR_ILLEGAL_REGISTER = 1 << 7;

  static final int ICR_LOGICAL = 1 << 11;
  static final int ICR_ASSERT = 1 << 14;
  static final int ICR_LEVEL = 1 << 15;
  static final int ICR_SHORTHAND_SHIFT = 18;
  static final int ICR_WRITABLE = 0xc_cfff;

  // Delivery modes, SDM 11.5.1 and 11.6.1.
  static final int FIXED = 0;
  static final int LOWEST_PRIORITY = 1;
  static final int SMI = 2;
  static final int NMI = 4;
  static final int INIT = 5;
  static final int STARTUP = 6;
  static final int EXTINT = 7;

  static final long BASE_BSP = 1 << 8;
  static final long BASE_X2 = 1 << 10;
  static final long BASE_ENABLE = 1 << 11;
  static final long BASE_RESET = 0xfee0_0000L;

  private ApicReg() {}

  static boolean isLvt(int reg) {
    return reg >= LVT_TIMER && reg <= LVT_ERROR;
  }

  static int lvtWritable(int reg) {
    return LVT_WRITABLE[reg - LVT_TIMER];
  }

  /** Whether the register page has a register of this number. */
  static boolean exists(int reg) {
    return isLvt(reg)
        || isReadOnly(reg)
        || switch (reg) {
          case ID, TPR, EOI, LDR, DFR, SVR, ESR, ICR_LOW, ICR_HIGH, TIMER_INITIAL, TIMER_DIVIDE ->
              true;
          default -> false;
        };
  }

  /** Whether writes to a register of the page are ignored. */
  static boolean isReadOnly(int reg) {
    return switch (reg) {
      case VERSION, APR, PPR, REMOTE_READ, TIMER_CURRENT -> true;
      default -> reg >= ISR && reg < ESR;
    };
  }
}
