package org.quern.firmware.acpi;

import java.nio.charset.StandardCharsets;
import org.quern.firmware.bytes.ByteWriter;

/**
 * ACPI machine language: each method returns the encoding of one term, and terms nest as they do in
 * ASL. Source: ACPI 6.4, chapter 20.
 */
final class Aml {
  private static final int ZERO_OP = 0x00;
  private static final int ONE_OP = 0x01;
  private static final int NAME_OP = 0x08;
  private static final int BYTE_PREFIX = 0x0a;
  private static final int WORD_PREFIX = 0x0b;
  private static final int DWORD_PREFIX = 0x0c;
  private static final int STRING_PREFIX = 0x0d;
  private static final int SCOPE_OP = 0x10;
  private static final int BUFFER_OP = 0x11;
  private static final int PACKAGE_OP = 0x12;
  private static final int METHOD_OP = 0x14;
  private static final int DUAL_NAME_PREFIX = 0x2e;
  private static final int MULTI_NAME_PREFIX = 0x2f;
  private static final int EXT_PREFIX = 0x5b;
  private static final int EXT_REGION_OP = 0x80;
  private static final int EXT_FIELD_OP = 0x81;
  private static final int EXT_DEVICE_OP = 0x82;
  private static final int ARG0_OP = 0x68;
  private static final int STORE_OP = 0x70;
  private static final int AND_OP = 0x7b;
  private static final int OR_OP = 0x7d;
  private static final int CREATE_DWORD_FIELD_OP = 0x8a;
  private static final int LLESS_OP = 0x95;
  private static final int IF_OP = 0xa0;
  private static final int RETURN_OP = 0xa4;

  /** Field flags: byte access, no lock, preserve the rest. */
  private static final int BYTE_ACCESS_PRESERVE = 0x01;

  private static final int SERIALIZED = 1 << 3;

  private Aml() {}

  /** Address spaces of an operation region. */
  enum Space {
    SYSTEM_MEMORY,
    SYSTEM_IO,
    PCI_CONFIG
  }

  static byte[] scope(String path, byte[]... terms) {
    return packaged(op(SCOPE_OP), join(name(path), join(terms)));
  }

  static byte[] device(String name, byte[]... terms) {
    return packaged(op(EXT_PREFIX, EXT_DEVICE_OP), join(name(name), join(terms)));
  }

  /** A method; {@code serialized} ones may create named objects. */
  static byte[] method(String name, int arguments, boolean serialized, byte[]... terms) {
    byte flags = (byte) (arguments | (serialized ? SERIALIZED : 0));
    return packaged(op(METHOD_OP), join(name(name), new byte[] {flags}, join(terms)));
  }

  static byte[] named(String name, byte[] value) {
    return join(op(NAME_OP), name(name), value);
  }

  static byte[] packageOf(byte[]... elements) {
    return packaged(op(PACKAGE_OP), join(new byte[] {(byte) elements.length}, join(elements)));
  }

  static byte[] buffer(byte[] content) {
    return packaged(op(BUFFER_OP), join(integer(content.length), content));
  }

  static byte[] region(String name, Space space, int offset, int length) {
    return join(
        op(EXT_PREFIX, EXT_REGION_OP),
        name(name),
        new byte[] {(byte) space.ordinal()},
        integer(offset),
        integer(length));
  }

  /** Byte-wide fields that follow each other in a region. */
  static byte[] byteFields(String region, String... fields) {
    ByteWriter list = new ByteWriter();
    for (String field : fields) {
      list.raw(segment(field)).u8(8);
    }
    return packaged(
        op(EXT_PREFIX, EXT_FIELD_OP),
        join(name(region), new byte[] {BYTE_ACCESS_PRESERVE}, list.toBytes()));
  }

  static byte[] createDwordField(byte[] buffer, int offset, String name) {
    return join(op(CREATE_DWORD_FIELD_OP), buffer, integer(offset), name(name));
  }

  static byte[] ifTrue(byte[] condition, byte[]... terms) {
    return packaged(op(IF_OP), join(condition, join(terms)));
  }

  static byte[] less(byte[] a, byte[] b) {
    return join(op(LLESS_OP), a, b);
  }

  /** {@code a & b} without storing it. */
  static byte[] and(byte[] a, byte[] b) {
    return join(op(AND_OP), a, b, op(ZERO_OP));
  }

  /** {@code target |= value}. */
  static byte[] orInto(String target, byte[] value) {
    return join(op(OR_OP), name(target), value, name(target));
  }

  static byte[] store(byte[] value, String target) {
    return join(op(STORE_OP), value, name(target));
  }

  static byte[] returns(byte[] value) {
    return join(op(RETURN_OP), value);
  }

  /** A call with its arguments. */
  static byte[] call(String method, byte[]... arguments) {
    return join(name(method), join(arguments));
  }

  static byte[] arg(int index) {
    return op(ARG0_OP + index);
  }

  /** A path such as {@code \_SB.PCI0}; segments shorter than four characters are padded. */
  static byte[] name(String path) {
    boolean absolute = path.startsWith("\\");
    String[] segments = (absolute ? path.substring(1) : path).split("\\.");
    ByteWriter w = new ByteWriter();
    if (absolute) {
      w.u8('\\');
    }
    if (segments.length == 2) {
      w.u8(DUAL_NAME_PREFIX);
    } else if (segments.length > 2) {
      w.u8(MULTI_NAME_PREFIX).u8(segments.length);
    }
    for (String segment : segments) {
      w.raw(segment(segment));
    }
    return w.toBytes();
  }

  private static byte[] segment(String name) {
    boolean good = !name.isEmpty() && name.length() <= 4;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      good &= c >= 'A' && c <= 'Z' || c == '_' || i > 0 && c >= '0' && c <= '9';
    }
    if (!good) {
      throw new IllegalArgumentException("not a name segment: " + name);
    }
    return new ByteWriter().text(name, 4, '_').toBytes();
  }

  /** An integer in its shortest encoding. */
  static byte[] integer(long value) {
    if (value == 0 || value == 1) {
      return op(value == 0 ? ZERO_OP : ONE_OP);
    }
    ByteWriter w = new ByteWriter();
    if (value >>> 8 == 0) {
      w.u8(BYTE_PREFIX).u8((int) value);
    } else if (value >>> 16 == 0) {
      w.u8(WORD_PREFIX).u16((int) value);
    } else if (value >>> 32 == 0) {
      w.u8(DWORD_PREFIX).u32(value);
    } else {
      throw new IllegalArgumentException("integer wider than the tables' revision allows");
    }
    return w.toBytes();
  }

  static byte[] string(String s) {
    return join(op(STRING_PREFIX), s.getBytes(StandardCharsets.US_ASCII), new byte[1]);
  }

  /** A compressed EISA identifier such as PNP0A03. Source: ACPI 6.4, 19.6.37 (EISAID). */
  static byte[] eisaId(String id) {
    int vendor = id.charAt(0) - '@' << 10 | id.charAt(1) - '@' << 5 | id.charAt(2) - '@';
    int product = Integer.parseInt(id.substring(3), 16);
    return integer(Integer.toUnsignedLong(Integer.reverseBytes(vendor << 16 | product)));
  }

  static byte[] join(byte[]... parts) {
    int size = 0;
    for (byte[] part : parts) {
      size += part.length;
    }
    byte[] all = new byte[size];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  private static byte[] op(int... bytes) {
    byte[] b = new byte[bytes.length];
    for (int i = 0; i < b.length; i++) {
      b[i] = (byte) bytes[i];
    }
    return b;
  }

  /** Opcode, PkgLength and contents. The length counts its own bytes (ACPI 6.4, 20.2.4). */
  private static byte[] packaged(byte[] opcode, byte[] content) {
    ByteWriter w = new ByteWriter().raw(opcode);
    int length = content.length + 1;
    if (length < 1 << 6) {
      w.u8(length);
    } else {
      int more = length + 1 < 1 << 12 ? 1 : length + 2 < 1 << 20 ? 2 : 3;
      length += more;
      w.u8(more << 6 | length & 0xf);
      for (int i = 0; i < more; i++) {
        w.u8(length >> 4 + 8 * i);
      }
    }
    return w.raw(content).toBytes();
  }
}
