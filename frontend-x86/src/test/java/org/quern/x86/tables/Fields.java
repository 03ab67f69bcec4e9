package org.quern.x86.tables;

/**
 * Fields of eight-byte descriptors and the categories of their types, written for the tables and
 * independent of the code under test. Source: SDM vol. 3A, 3.4.5 and 3.5.
 */
final class Fields {
  // Kinds: S bit (16) and type.
  static final int DATA = 0x10;
  static final int DATA_RW = 0x12;
  static final int CODE_EXECUTE = 0x18;
  static final int CODE_READ = 0x1a;
  static final int CONFORMING = 0x1c;

  static final int PRESENT = 0x80;

  private Fields() {}

  /** A descriptor with these access and flag bits. */
  static long descriptor(long base, int rawLimit, int attr) {
    return (rawLimit & 0xffffL)
        | (base & 0xffffffL) << 16
        | (attr & 0xffL) << 40
        | (rawLimit >> 16 & 15L) << 48
        | (attr >> 12 & 15L) << 52
        | (base >> 24 & 0xffL) << 56;
  }

  /** Access byte in bits 0 to 7, AVL, L, D/B and G in bits 12 to 15. */
  static int attr(long d) {
    return (int) (d >>> 40 & 0xff | (d >>> 52 & 15) << 12);
  }

  static long base(long d) {
    return d >>> 16 & 0xffffff | (d >>> 56 & 0xff) << 24;
  }

  static long limit(long d) {
    long raw = d & 0xffff | (d >>> 48 & 15) << 16;
    return (d >>> 55 & 1) == 1 ? raw * 4096 + 4095 : raw;
  }

  static long accessed(long d) {
    return d | 1L << 40;
  }

  // ---- categories of kinds (S bit and type): tables 3-1 and 3-2

  static boolean data(int kind) {
    return kind >= 0x10 && kind <= 0x17;
  }

  static boolean writableData(int kind) {
    return kind == 0x12 || kind == 0x13 || kind == 0x16 || kind == 0x17;
  }

  static boolean code(int kind) {
    return kind >= 0x18;
  }

  static boolean conforming(int kind) {
    return kind >= 0x1c;
  }

  static boolean readableCode(int kind) {
    return kind == 0x1a || kind == 0x1b || kind == 0x1e || kind == 0x1f;
  }
}
