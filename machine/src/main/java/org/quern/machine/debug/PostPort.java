package org.quern.machine.debug;

import org.quern.machine.core.PortDevice;
import org.quern.machine.core.Resettable;
import org.quern.machine.core.Stateful;

/**
 * A latch for POST codes. At port 0x80 firmware writes them, and Linux writes there to waste time;
 * other firmware has other ports. What was written last is kept for the report of a guest that
 * died; reads give ones, as in QEMU.
 *
 * <p>Under the machine lock.
 */
public final class PostPort implements PortDevice, Resettable, Stateful<PostPort.State> {
  private final int port;
  private final PostListener listener;
  private int code;

  /**
   * Guest-visible state.
   *
   * @param code the last byte written
   */
  public record State(int code) {}

  /**
   * Creates the latch.
   *
   * @param port it answers at, for the listener
   */
  public PostPort(int port, PostListener listener) {
    this.port = port;
    this.listener = listener;
  }

  /** The last code written since reset; 0 if none. */
  public int code() {
    return code;
  }

  @Override
  public int read(int offset, int size) {
    return 0xff;
  }

  @Override
  public void write(int offset, int size, int value) {
    code = value & 0xff;
    listener.posted(port, code);
  }

  @Override
  public void reset() {
    code = 0;
  }

  @Override
  public State state() {
    return new State(code);
  }

  @Override
  public void restore(State s) {
    if ((s.code & ~0xff) != 0) {
      throw new IllegalArgumentException("not a POST code: " + s.code);
    }
    code = s.code;
  }
}
