package org.quern.x86.semantics;

import org.quern.x86.fault.GuestFault;
import org.quern.x86.state.Cpu;

/**
 * Delivery of exceptions and interrupts: the engine's entry points. Source: SDM vol. 3A, chapter 6.
 *
 * <p>None of them throws {@link GuestFault}, but for {@link #software}: nested faults, double and
 * triple faults are dealt with here. A triple fault leaves {@code c.activity == SHUTDOWN}.
 */
public final class Interrupts {
  private Interrupts() {}

  /**
   * Delivers an exception. {@code c.rip} names the faulting instruction, or the next one if {@code
   * f.trap}. Loads CR2 for a page fault, DR6 for a debug exception.
   */
  public static void deliverFault(Cpu c, GuestFault f) {
    throw new UnsupportedOperationException();
  }

  /** Delivers an acknowledged maskable interrupt; wakes from HLT. */
  public static void deliverInterrupt(Cpu c, int vector) {
    throw new UnsupportedOperationException();
  }

  /** Delivers a non-maskable interrupt and blocks further ones until IRET; wakes from HLT. */
  public static void deliverNmi(Cpu c) {
    throw new UnsupportedOperationException();
  }

  /** Delivers the trap-class debug exception in {@code c.pendingDebug} (which must not be 0). */
  public static void deliverDebugTrap(Cpu c) {
    throw new UnsupportedOperationException();
  }

  /**
   * INT n, INT3, INTO: with the checks that software interrupts have; {@code c.rip} is at the next
   * instruction.
   *
   * @param intN the two-byte INT n, which is sensitive to IOPL and redirection in virtual-8086 mode
   * @throws GuestFault where the instruction itself faults
   */
  public static void software(Cpu c, int vector, boolean intN) {
    throw new UnsupportedOperationException();
  }
}
