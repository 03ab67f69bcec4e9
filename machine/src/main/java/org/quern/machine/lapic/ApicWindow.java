package org.quern.machine.lapic;

import java.util.List;
import java.util.function.IntSupplier;
import org.quern.machine.core.MmioDevice;

/**
 * The xAPIC register page at 0xfee00000, where each processor finds its own local APIC. Registers
 * are 32 bits wide at multiples of 16. The machine lock is allowed but not needed.
 *
 * <p>Known gap: the page does not follow IA32_APIC_BASE to another address.
 */
public final class ApicWindow implements MmioDevice {
  public static final int SIZE = 0x1000;

  private final LocalApic[] apics;
  private final IntSupplier currentCpu;

  /**
   * @param currentCpu index of the processor whose thread calls; -1 for any other thread (a
   *     debugger), which sees unassigned memory
   */
  public ApicWindow(List<LocalApic> apics, IntSupplier currentCpu) {
    this.apics = apics.toArray(new LocalApic[0]);
    this.currentCpu = currentCpu;
  }

  @Override
  public long read(long offset, int size) {
    LocalApic apic = current();
    if (apic == null || !apic.xapic()) {
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
    LocalApic apic = current();
    if (apic != null && apic.xapic() && size >= 4 && (offset & 0xf) == 0) {
      apic.writeRegister((int) offset >> 4, (int) value);
    }
  }

  private LocalApic current() {
    int cpu = currentCpu.getAsInt();
    return cpu >= 0 && cpu < apics.length ? apics[cpu] : null;
  }
}
