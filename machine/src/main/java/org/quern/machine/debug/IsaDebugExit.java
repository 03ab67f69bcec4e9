package org.quern.machine.debug;

import java.util.function.IntConsumer;
import org.quern.machine.core.PortDevice;

/**
 * QEMU's {@code isa-debug-exit}: a write of {@code v} ends the emulator with exit code {@code (v <<
 * 1) | 1}, so that a guest cannot fake success. Reads give 0.
 *
 * <p>Under the machine lock. Stateless. Source: QEMU, hw/misc/debugexit.c (behaviour).
 */
public final class IsaDebugExit implements PortDevice {
  private final IntConsumer exit;

  /**
   * Creates the device.
   *
   * @param exit told the exit code; must not block
   */
  public IsaDebugExit(IntConsumer exit) {
    this.exit = exit;
  }

  @Override
  public int read(int offset, int size) {
    return 0;
  }

  @Override
  public void write(int offset, int size, int value) {
    exit.accept(value << 1 | 1);
  }
}
