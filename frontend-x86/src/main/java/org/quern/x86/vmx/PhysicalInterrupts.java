package org.quern.x86.vmx;

import org.quern.x86.bus.LocalInterrupts;
import org.quern.x86.state.Cpu;

/** What the processor itself does to its local APIC. */
final class PhysicalInterrupts {
  private static final int APIC_BASE = 0x1b;
  private static final int X2APIC_ON = 1 << 10;
  private static final int X2APIC_EOI = 0x80b;
  private static final int EOI = 0xb0;
  private static final long BASE = 0x000ffffffffff000L;

  private PhysicalInterrupts() {}

  /** Writes the EOI register. */
  static void endOfInterrupt(Cpu c) {
    try {
      long base = c.interrupts.readMsr(APIC_BASE);
      if ((base & X2APIC_ON) != 0) {
        c.interrupts.writeMsr(X2APIC_EOI, 0);
      } else {
        c.bus.mmioWrite((base & BASE) + EOI, 4, 0);
      }
    } catch (LocalInterrupts.InvalidMsrAccess e) {
      // A board without an APIC: nothing to tell.
    }
  }
}
