package org.quern.machine.lapic;

import org.quern.machine.core.MmioDevice;

/**
 * The xAPIC register page as one processor sees it: its own local APIC. Registers are 32 bits wide
 * at multiples of 16. Thread-safe: the machine lock is allowed but not needed.
 *
 * <p>Known gap: a page that IA32_APIC_BASE places over RAM stays hidden behind the RAM.
 */
public final class ApicWindow implements MmioDevice {
  public static final int SIZE = 0x1000;

  private final LocalApic apic;

  public ApicWindow(LocalApic apic) {
    this.apic = apic;
  }

  @Override
  public long read(long offset, int size) {
    if (!apic.xapic()) {
      return size == 8 ? -1 : (1L << size * 8) - 1;
    }
    int at = (int) offset & 0xf;
    long value = at < 4 ? Integer.toUnsignedLong(apic.readRegister((int) offset >> 4)) : 0;
    long shifted = value >>> at * 8;
    return size >= 4 ? shifted : shifted & (1L << size * 8) - 1;
  }

  /** Writes narrower than 32 bits or beside a register's first byte are ignored. */
  @Override
  public void write(long offset, int size, long value) {
    if (apic.xapic() && size >= 4 && (offset & 0xf) == 0) {
      apic.writeRegister((int) offset >> 4, (int) value);
    }
  }
}
