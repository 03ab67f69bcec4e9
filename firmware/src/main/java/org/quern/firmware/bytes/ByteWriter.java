package org.quern.firmware.bytes;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing little-endian byte buffer whose earlier parts can be patched. */
public final class ByteWriter {
  private byte[] bytes = new byte[64];
  private int size;

  public int size() {
    return size;
  }

  public byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  public ByteWriter u8(int value) {
    grow(1);
    bytes[size++] = (byte) value;
    return this;
  }

  public ByteWriter u16(int value) {
    return u8(value).u8(value >> 8);
  }

  public ByteWriter u32(long value) {
    return u16((int) value).u16((int) (value >> 16));
  }

  public ByteWriter u64(long value) {
    return u32(value).u32(value >> 32);
  }

  public ByteWriter raw(byte... more) {
    grow(more.length);
    System.arraycopy(more, 0, bytes, size, more.length);
    size += more.length;
    return this;
  }

  public ByteWriter zeros(int count) {
    grow(count);
    size += count;
    return this;
  }

  /** Zeros up to a multiple of {@code alignment}. */
  public ByteWriter align(int alignment) {
    return zeros((alignment - size % alignment) % alignment);
  }

  /** Latin-1 characters without a terminator. */
  public ByteWriter text(String s) {
    return raw(s.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Characters in UTF-8 without a terminator. */
  public ByteWriter utf8(String s) {
    return raw(s.getBytes(StandardCharsets.UTF_8));
  }

  /** Characters padded with {@code fill}, or cut, to exactly {@code width}. */
  public ByteWriter text(String s, int width, char fill) {
    for (int i = 0; i < width; i++) {
      u8(i < s.length() ? s.charAt(i) : fill);
    }
    return this;
  }

  public ByteWriter patch32(int at, long value) {
    LittleEndian.put32(bytes, at, value);
    return this;
  }

  /** Overwrites bytes that have been written already. */
  public ByteWriter patch(int at, byte[] with) {
    System.arraycopy(with, 0, bytes, at, with.length);
    return this;
  }

  /**
   * Sets the byte at {@code at} so that the {@code length} bytes from {@code from} sum to 0 modulo
   * 256.
   */
  public ByteWriter checksum(int at, int from, int length) {
    bytes[at] = 0;
    int sum = 0;
    for (int i = from; i < from + length; i++) {
      sum += bytes[i];
    }
    bytes[at] = (byte) -sum;
    return this;
  }

  private void grow(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}
