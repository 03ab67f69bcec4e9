package org.quern.firmware.bytes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Little-endian numbers in a byte array; the caller has checked that they lie inside. */
public final class LittleEndian {
  private static final VarHandle U16 =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle U32 =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle U64 =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private LittleEndian() {}

  public static int u8(byte[] b, int at) {
    return b[at] & 0xff;
  }

  public static int u16(byte[] b, int at) {
    return (short) U16.get(b, at) & 0xffff;
  }

  /** 32 bits, zero-extended. */
  public static long u32(byte[] b, int at) {
    return Integer.toUnsignedLong((int) U32.get(b, at));
  }

  public static long u64(byte[] b, int at) {
    return (long) U64.get(b, at);
  }

  public static void put16(byte[] b, int at, int value) {
    U16.set(b, at, (short) value);
  }

  public static void put32(byte[] b, int at, long value) {
    U32.set(b, at, (int) value);
  }

  public static void put64(byte[] b, int at, long value) {
    U64.set(b, at, value);
  }
}
