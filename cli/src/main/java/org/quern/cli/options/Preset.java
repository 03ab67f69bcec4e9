package org.quern.cli.options;

/**
 * What holds as long as no option says otherwise.
 *
 * @param kernel kernel image; null for none
 * @param initrd initial RAM disk; null for none
 * @param append put before what {@code -append} gives; may be empty
 * @param memory bytes of RAM
 * @param noReboot whether a reset ends Quern
 * @param demo boot the built-in guest if no kernel is named
 */
public record Preset(
    String kernel, String initrd, String append, long memory, boolean noReboot, boolean demo) {
  /** QEMU's defaults. */
  public static final Preset NONE = new Preset(null, null, "", 128L << 20, false, false);

  /** The built-in guest. */
  public static final Preset DEMO = new Preset(null, null, "", 128L << 20, true, true);

  /** A stock Linux with its console on the first serial port. */
  public static Preset linux(String kernel, String initrd) {
    return new Preset(kernel, initrd, "console=ttyS0", 512L << 20, false, false);
  }
}
