package org.quern.cli.options;

/**
 * An {@code isa-debug-exit} device.
 *
 * @param port the first port
 * @param size how many ports it takes, 1, 2 or 4
 */
public record DebugExit(int port, int size) {
  /** QEMU's defaults. */
  static final int DEFAULT_PORT = 0x501;

  static final int DEFAULT_SIZE = 2;

  /**
   * Reads the properties.
   *
   * @param sub what follows the driver's name
   */
  static DebugExit parse(SubOptions sub) throws OptionException {
    String port = sub.take("iobase");
    String size = sub.take("iosize");
    sub.take("id");
    sub.refuseRest("iobase, iosize and id");
    int portValue =
        port == null ? DEFAULT_PORT : (int) Sizes.integer("-device iobase", port, 0xffff);
    int sizeValue = size == null ? DEFAULT_SIZE : (int) Sizes.integer("-device iosize", size, 4);
    if (sizeValue != 1 && sizeValue != 2 && sizeValue != 4) {
      throw new OptionException("-device iosize=" + size + ": must be 1, 2 or 4");
    }
    if (portValue + sizeValue > 0x10000) {
      throw new OptionException(
          "-device iobase=" + port + ": reaches beyond the last port, 0xffff");
    }
    return new DebugExit(portValue, sizeValue);
  }
}
