package org.quern.machine.debug;

import org.quern.machine.chardev.CharBackend;
import org.quern.machine.chardev.CharDevice;
import org.quern.machine.core.PortDevice;

/**
 * QEMU's {@code isa-debugcon}: each byte written goes to the host, and a read gives {@value
 * #READBACK}, by which guests find it. Output the backend does not take is lost: the port has no
 * way to make a guest wait.
 *
 * <p>Under the machine lock. Stateless. Source: QEMU, hw/char/debugcon.c (behaviour); Bochs' port
 * 0xE9.
 */
public final class DebugConsole implements PortDevice, CharDevice {
  private static final int READBACK = 0xe9;

  private final CharBackend backend;

  public DebugConsole(CharBackend backend) {
    this.backend = backend;
    backend.attach(this);
  }

  @Override
  public int read(int offset, int size) {
    return READBACK;
  }

  @Override
  @SuppressWarnings("CheckReturnValue")
  public void write(int offset, int size, int value) {
    backend.write(value & 0xff);
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
}
