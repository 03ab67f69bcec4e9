package org.quern.machine.parallel;

import org.quern.machine.chardev.CharBackend;
import org.quern.machine.chardev.CharDevice;
import org.quern.machine.core.IrqLine;
import org.quern.machine.core.PortDevice;
import org.quern.machine.core.Resettable;
import org.quern.machine.core.Stateful;

/**
 * A standard parallel port with a printer that is always ready: a byte goes to the host when the
 * strobe begins, and is acknowledged at once. Output the back end does not take is lost.
 *
 * <p>Under the machine lock. Source: IBM, Personal Computer Technical Reference, parallel printer
 * adapter; IEEE 1284, compatibility mode.
 *
 * <p>Known gap: EPP and ECP, and input by the data lines.
 */
public final class ParallelPort
    implements PortDevice, CharDevice, Resettable, Stateful<ParallelPort.State> {
  public static final int PORTS = 3;

  private static final int DATA = 0;
  private static final int STATUS = 1;

  // Status: what the lines of a ready printer read as; the lowest three bits do not exist.
  private static final int NOT_BUSY = 0x80;
  private static final int NOT_ACKNOWLEDGE = 0x40;
  private static final int SELECTED = 0x10;
  private static final int NOT_ERROR = 0x08;
  private static final int READY = NOT_BUSY | NOT_ACKNOWLEDGE | SELECTED | NOT_ERROR | 7;

  // Control.
  private static final int STROBE = 0x01;
  private static final int INTERRUPT = 0x10;
  private static final int WRITABLE = 0x3f;
  private static final int UNUSED = 0xc0;

  private final IrqLine irq;
  private final CharBackend backend;
  private int data;
  private int control;

  /**
   * Guest-visible state.
   *
   * @param data the data lines
   * @param control the control register's six bits
   */
  public record State(int data, int control) {}

  /**
   * Creates the port.
   *
   * @param irq pulsed by each acknowledgement, while control enables it
   */
  public ParallelPort(IrqLine irq, CharBackend backend) {
    this.irq = irq;
    this.backend = backend;
    backend.attach(this);
  }

  @Override
  public int read(int offset, int size) {
    return switch (offset) {
      case DATA -> data;
      case STATUS -> READY;
      default -> control | UNUSED;
    };
  }

  @Override
  @SuppressWarnings("CheckReturnValue")
  public void write(int offset, int size, int value) {
    if (offset == DATA) {
      data = value & 0xff;
    } else if (offset != STATUS) {
      boolean strobe = (value & ~control & STROBE) != 0;
      control = value & WRITABLE;
      if (strobe) {
        backend.write(data);
        if ((control & INTERRUPT) != 0) {
          irq.set(true);
          irq.set(false);
        }
      }
    }
  }

  @Override
  public int room() {
    return 0;
  }

  @Override
  public void receive(int b) {}

  @Override
  public void receiveBreak() {}

  @Override
  public void outputReady() {}

  @Override
  public void reset() {
    data = 0;
    control = 0;
    irq.set(false);
  }

  @Override
  public State state() {
    return new State(data, control);
  }

  @Override
  public void restore(State s) {
    if ((s.data & ~0xff) != 0 || (s.control & ~WRITABLE) != 0) {
      throw new IllegalArgumentException("not a state of a parallel port: " + s);
    }
    data = s.data;
    control = s.control;
    irq.set(false);
  }
}
