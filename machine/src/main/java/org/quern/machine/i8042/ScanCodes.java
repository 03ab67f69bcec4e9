package org.quern.machine.i8042;

import java.util.HexFormat;

/**
 * What the controller makes of set 2 scan codes while translation is on: set 1. A release prefix is
 * swallowed and sets bit 7 of the next code. Source: Microsoft, Keyboard Scan Code Specification
 * 1.3a, appendix C ("8042 scan code translation").
 */
final class ScanCodes {
  static final int RELEASE = 0xf0;

  /** Codes 0x00 to 0x7f; of the others only two change. */
  private static final String SET_1 =
      "ff43413f3d3b3c58644442403e0f2959"
          + "65382a701d10025a66712c1f1e11035b"
          + "672e2d201205045c68392f211413065d"
          + "693130232215075e6a7232241608095f"
          + "6b332517180b0a606c34352627190c61"
          + "6d7328741a0d626e3a361c1b752b6376"
          + "55567778797a0e7b7c4f7d4b477e7f6f"
          + "5253504c4d480145574e514a37494654";

  private static final byte[] TABLE = HexFormat.of().parseHex(SET_1);

  private static final int F7 = 0x83;
  private static final int SYS_RQ = 0x84;

  private ScanCodes() {}

  /** Set 1 code of a set 2 code that is not {@link #RELEASE}. */
  static int translate(int code) {
    return switch (code) {
      case F7 -> 0x41;
      case SYS_RQ -> 0x54;
      default -> code < TABLE.length ? TABLE[code] & 0xff : code;
    };
  }
}
