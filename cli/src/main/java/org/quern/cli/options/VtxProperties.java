package org.quern.cli.options;

import org.quern.accel.vtx.VtxOptions;

/** The properties of {@code -accel vtx}. */
final class VtxProperties {
  /** Their names. */
  static final String KNOWN = "ept, fpu, unrestricted, ple_gap, ple_window";

  private VtxProperties() {}

  static VtxOptions take(SubOptions sub) throws OptionException {
    VtxOptions absent = VtxOptions.DEFAULT;
    boolean ept = sub.takeSwitch("ept", absent.ept());
    boolean unrestricted = sub.takeSwitch("unrestricted", ept);
    if (unrestricted && !ept) {
      throw new OptionException("-accel vtx,unrestricted=on: not without EPT");
    }
    return new VtxOptions(
        ept,
        lazy(sub, absent.lazyFpu()),
        unrestricted,
        ticks(sub, "ple_gap", absent.pleGap()),
        ticks(sub, "ple_window", absent.pleWindow()));
  }

  private static boolean lazy(SubOptions sub, boolean absent) throws OptionException {
    String v = sub.take("fpu");
    if (v == null) {
      return absent;
    }
    return switch (v) {
      case "lazy" -> true;
      case "eager" -> false;
      default -> throw new OptionException("-accel vtx,fpu=" + v + ": write lazy or eager");
    };
  }

  private static int ticks(SubOptions sub, String key, int absent) throws OptionException {
    String v = sub.take(key);
    if (v == null) {
      return absent;
    }
    try {
      return Integer.parseUnsignedInt(v);
    } catch (NumberFormatException e) {
      throw new OptionException(
          "-accel vtx," + key + "=" + v + ": a number of ticks of the TSC is needed, below 2^32");
    }
  }
}
