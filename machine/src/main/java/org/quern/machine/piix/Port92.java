package org.quern.machine.piix;

import org.quern.machine.core.IrqLine;
import org.quern.machine.core.PortDevice;
import org.quern.machine.core.Resettable;
import org.quern.machine.core.Stateful;

/**
 * System control port A, 0x92: bit 1 drives the A20 gate, a rising bit 0 resets the system.
 *
 * <p>Under the machine lock. Source: PS/2 hardware interface technical reference, system control
 * port A.
 */
public final class Port92 implements PortDevice, Resettable, Stateful<Port92.State> {
  private static final int FAST_RESET = 1;
  private static final int A20 = 1 << 1;

  /** Bits 2, 4 and 5 do not exist. */
  private static final int MASK = 0xcb;

  private final IrqLine a20;
  private final Runnable systemReset;
  private int value;

  /**
   * Guest-visible state.
   *
   * @param value what the port reads
   */
  public record State(int value) {}

  /**
   * Creates the port.
   *
   * @param a20 the gate; the keyboard controller drives the same one, and who spoke last wins
   * @param systemReset asks for a system reset; must not block
   */
  public Port92(IrqLine a20, Runnable systemReset) {
    this.a20 = a20;
    this.systemReset = systemReset;
  }

  @Override
  public int read(int offset, int size) {
    return value;
  }

  @Override
  public void write(int offset, int size, int v) {
    int rising = v & ~value;
    value = v & MASK;
    a20.set((v & A20) != 0);
    if ((rising & FAST_RESET) != 0) {
      systemReset.run();
    }
  }

  @Override
  public void reset() {
    // The gate itself opens on reset: the board sees to that.
    value = 0;
  }

  @Override
  public State state() {
    return new State(value);
  }

  @Override
  public void restore(State s) {
    if ((s.value & ~MASK) != 0) {
      throw new IllegalArgumentException("not a value of port 0x92: " + s.value);
    }
    value = s.value;
  }
}
