package org.quern.machine.piix;

import org.quern.machine.core.PortDevice;
import org.quern.machine.core.Resettable;
import org.quern.machine.core.Stateful;

/**
 * The reset control register of the PIIX3, port 0xcf9: a write with bit 2 set resets the system.
 * Hard and soft resets are the same here, as in QEMU.
 *
 * <p>Under the machine lock. Source: Intel 82371SB (PIIX3) datasheet, 2.5.3.
 */
public final class ResetControl implements PortDevice, Resettable, Stateful<ResetControl.State> {
  private static final int HARD = 1 << 1;
  private static final int RESET_CPU = 1 << 2;

  private final Runnable systemReset;
  private int value;

  /**
   * Guest-visible state.
   *
   * @param value what the port reads
   */
  public record State(int value) {}

  /**
   * Creates the register.
   *
   * @param systemReset asks for a system reset; must not block
   */
  public ResetControl(Runnable systemReset) {
    this.systemReset = systemReset;
  }

  @Override
  public int read(int offset, int size) {
    return value;
  }

  @Override
  public void write(int offset, int size, int v) {
    value = v & HARD;
    if ((v & RESET_CPU) != 0) {
      systemReset.run();
    }
  }

  @Override
  public void reset() {
    value = 0;
  }

  @Override
  public State state() {
    return new State(value);
  }

  @Override
  public void restore(State s) {
    if ((s.value & ~HARD) != 0) {
      throw new IllegalArgumentException("not a reset control value: " + s.value);
    }
    value = s.value;
  }
}
