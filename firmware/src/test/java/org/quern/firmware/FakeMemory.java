package org.quern.firmware;

import static org.quern.firmware.bytes.LittleEndian.u16;
import static org.quern.firmware.bytes.LittleEndian.u32;
import static org.quern.firmware.bytes.LittleEndian.u64;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** RAM in arrays, filled with 0xcc so that what nobody has written shows. */
public final class FakeMemory implements GuestMemory {
  private static final long HIGH = 1L << 32;

  private final byte[] low;
  private final byte[] high;

  public FakeMemory(int lowBytes, int highBytes) {
    low = new byte[lowBytes];
    high = new byte[highBytes];
    Arrays.fill(low, (byte) 0xcc);
    Arrays.fill(high, (byte) 0xcc);
  }

  /** Memory as large as the board says. */
  public static FakeMemory of(BoardDescription board) {
    return new FakeMemory((int) board.ramBelow4G(), (int) board.ramAbove4G());
  }

  @Override
  public void read(long physical, byte[] to, int offset, int length) {
    System.arraycopy(piece(physical), index(physical), to, offset, length);
  }

  @Override
  public void write(long physical, byte[] from, int offset, int length) {
    System.arraycopy(from, offset, piece(physical), index(physical), length);
  }

  @Override
  public void clear(long physical, long length) {
    int at = index(physical);
    Arrays.fill(piece(physical), at, Math.toIntExact(at + length), (byte) 0);
  }

  public byte[] bytes(long physical, int length) {
    byte[] b = new byte[length];
    read(physical, b, 0, length);
    return b;
  }

  public int u8At(long physical) {
    return bytes(physical, 1)[0] & 0xff;
  }

  public int u16At(long physical) {
    return u16(bytes(physical, 2), 0);
  }

  public long u32At(long physical) {
    return u32(bytes(physical, 4), 0);
  }

  public long u64At(long physical) {
    return u64(bytes(physical, 8), 0);
  }

  /** A string up to its terminator. */
  public String stringAt(long physical) {
    byte[] piece = piece(physical);
    int start = index(physical);
    int end = start;
    while (piece[end] != 0) {
      end++;
    }
    return new String(piece, start, end - start, StandardCharsets.UTF_8);
  }

  private byte[] piece(long physical) {
    return physical >= HIGH ? high : low;
  }

  private static int index(long physical) {
    return Math.toIntExact(physical >= HIGH ? physical - HIGH : physical);
  }
}
