package org.quern.x86.disasm;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.quern.x86.decode.Insn;

/** The prefix bytes of an encoding, told apart independently of the decoder under test. */
record Prefixes(byte[] code, int count, int rexAt) {
  static Prefixes of(byte[] code, boolean mode64) {
    int at = 0;
    int rex = -1;
    for (; at < code.length; at++) {
      int v = code[at] & 0xff;
      boolean isRex = mode64 && (v & 0xf0) == 0x40;
      if (!isRex && !isLegacy(v)) {
        break;
      }
      rex = isRex ? at : -1;
    }
    return new Prefixes(code, at, rex);
  }

  private static boolean isLegacy(int v) {
    return switch (v) {
      case 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3 -> true;
      default -> false;
    };
  }

  boolean has(int prefix) {
    for (int n = 0; n < count; n++) {
      if ((code[n] & 0xff) == prefix) {
        return true;
      }
    }
    return false;
  }

  /** The same code without any of these prefixes. */
  byte[] without(int... prefixes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int n = 0; n < code.length; n++) {
      int v = code[n] & 0xff;
      if (n >= count || Arrays.stream(prefixes).noneMatch(p -> p == v)) {
        out.write(v);
      }
    }
    return out.toByteArray();
  }

  /**
   * The same instruction with each prefix that has an effect once, in the order address size,
   * segment, LOCK, operand size, mandatory or repeat prefix, REX.
   *
   * @param i the instruction these bytes are
   * @param mode64 whether segment overrides but FS and GS are void
   */
  byte[] canonical(Insn i, boolean mode64) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    if (has(0x67)) {
      out.write(0x67);
    }
    int segment = 0;
    int repeat = 0;
    for (int n = 0; n < count; n++) {
      int v = code[n] & 0xff;
      if (v == 0x64 || v == 0x65 || (!mode64 && (v & 0xe7) == 0x26)) {
        segment = v;
      }
      if (v == 0xf2 || v == 0xf3) {
        repeat = v;
      }
    }
    if (segment != 0) {
      out.write(segment);
    }
    if (has(0xf0)) {
      out.write(0xf0);
    }
    boolean mandatory = repeat != 0 && i.rep == 0;
    boolean vector = i.form.vector();
    if (has(0x66) && !(vector && mandatory)) {
      out.write(0x66);
    }
    if (repeat != 0 && (mandatory || i.form.string())) {
      out.write(repeat);
    }
    if (rexAt >= 0) {
      out.write(code[rexAt]);
    }
    out.write(code, count, code.length - count);
    return out.toByteArray();
  }

  /** 16-bit code as 32-bit code: both size prefixes the other way round. */
  static byte[] from16to32(byte[] canonical, boolean keep66) {
    Prefixes p = of(canonical, false);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    if (!p.has(0x67)) {
      out.write(0x67);
    }
    if (!p.has(0x66) && !keep66) {
      out.write(0x66);
    }
    byte[] rest = keep66 ? p.without(0x67) : p.without(0x66, 0x67);
    out.write(rest, 0, rest.length);
    return out.toByteArray();
  }
}
