package org.quern.firmware.unpack;

import static org.quern.firmware.bytes.LittleEndian.u32;

import io.airlift.compress.lz4.Lz4Decompressor;
import io.airlift.compress.zstd.ZstdDecompressor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.quern.firmware.BootException;
import org.tukaani.xz.LZMAInputStream;
import org.tukaani.xz.SingleXZInputStream;

/**
 * Unpacks a payload into a sink.
 *
 * <p>The kernel's build appends the unpacked size as four bytes to every format but gzip, which has
 * it by itself; the codecs never see them. Work and memory are bounded by {@code limit}, the most
 * bytes that may come out: more is a {@link BootException}.
 */
public final class Unpacker {
  private static final int SIZE_FIELD = 4;
  private static final int CHUNK = 256 << 10;

  /** Unpacked size of a full chunk of the legacy lz4 frame. */
  private static final int LZ4_CHUNK = 8 << 20;

  /** Dictionaries beyond this are refused, in KiB (the kernel's build uses 32 MiB for xz). */
  private static final int DICTIONARY_KIB = 256 << 10;

  private Unpacker() {}

  /**
   * Unpacks.
   *
   * @param name subject of messages
   * @param payload the whole payload with its size field
   * @param limit most bytes that may come out
   */
  public static void unpack(
      String name, PayloadFormat format, byte[] payload, long limit, ByteSink sink)
      throws BootException {
    Limited out = new Limited(name, format, limit, sink);
    try {
      switch (format) {
        case GZIP -> stream(new GZIPInputStream(in(payload, 0), CHUNK), out);
        case XZ -> stream(new SingleXZInputStream(in(payload, SIZE_FIELD), DICTIONARY_KIB), out);
        case LZMA -> stream(new LZMAInputStream(in(payload, SIZE_FIELD), DICTIONARY_KIB), out);
        case BZIP2 -> stream(new BZip2CompressorInputStream(in(payload, SIZE_FIELD)), out);
        case LZ4 -> lz4(payload, out);
        case ZSTD -> zstd(payload, out);
        case NONE -> out.accept(payload, 0, payload.length);
        case LZO ->
            throw new BootException(
                name
                    + " is compressed with lzo, which is not unpacked here; let it unpack itself or"
                    + " use a kernel compressed with gzip, xz, lzma, bzip2, lz4 or zstd");
      }
    } catch (IOException | RuntimeException e) {
      if (e == out.failure) {
        throw out.failure;
      }
      // The codecs report a corrupt payload by whatever exception they come across.
      throw new BootException(
          name + " is corrupt: its " + format.label() + " payload does not unpack", e);
    }
    if (format != PayloadFormat.NONE && out.total != expected(payload)) {
      throw new BootException(
          String.format(
              "%s is corrupt: its %s payload unpacks to %d bytes instead of %d",
              name, format.label(), out.total & 0xffffffffL, expected(payload)));
    }
  }

  private static long expected(byte[] payload) {
    return u32(payload, payload.length - SIZE_FIELD);
  }

  private static InputStream in(byte[] payload, int cut) {
    return new ByteArrayInputStream(payload, 0, payload.length - cut);
  }

  private static void stream(InputStream in, Limited out) throws IOException, BootException {
    byte[] chunk = new byte[CHUNK];
    try (in) {
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        out.accept(chunk, 0, n);
      }
    }
  }

  /** The legacy frame: the magic, then chunks of a 32-bit length and a block each. */
  private static void lz4(byte[] payload, Limited out) throws BootException {
    Lz4Decompressor codec = new Lz4Decompressor();
    int end = payload.length - SIZE_FIELD;
    byte[] chunk = new byte[(int) Math.min(LZ4_CHUNK, expected(payload))];
    int at = 4;
    while (at < end) {
      long length = end - at >= 4 ? u32(payload, at) : -1;
      if (length == PayloadFormat.LZ4_LEGACY_MAGIC) {
        // Concatenated frames.
        at += 4;
        continue;
      }
      if (length <= 0 || length > end - at - 4) {
        throw new IllegalArgumentException("chunk of " + length + " bytes at " + at);
      }
      int n = codec.decompress(payload, at + 4, (int) length, chunk, 0, chunk.length);
      out.accept(chunk, 0, n);
      at += 4 + (int) length;
    }
  }

  /** One frame, into one array. */
  private static void zstd(byte[] payload, Limited out) throws BootException {
    long size = expected(payload);
    if (size > out.limit) {
      throw out.tooLarge();
    }
    byte[] whole = new byte[(int) size];
    byte[] frame = ZstdFrame.asSingleSegment(payload, payload.length - SIZE_FIELD, size);
    int n = new ZstdDecompressor().decompress(frame, 0, frame.length, whole, 0, whole.length);
    out.accept(whole, 0, n);
  }

  /** Counts what passes and stops it at the limit. */
  private static final class Limited implements ByteSink {
    private final String name;
    private final PayloadFormat format;
    private final long limit;
    private final ByteSink next;
    private long total;

    /** What the sink threw, to be told from what the codecs throw. */
    private RuntimeException failure;

    Limited(String name, PayloadFormat format, long limit, ByteSink next) {
      this.name = name;
      this.format = format;
      this.limit = Math.min(limit, Integer.MAX_VALUE - 64);
      this.next = next;
    }

    BootException tooLarge() {
      return new BootException(
          String.format(
              "%s unpacks its %s payload to more than %d MiB, which is more than the machine's RAM"
                  + " takes; give it more with -m",
              name, format.label(), limit >> 20));
    }

    @Override
    public void accept(byte[] bytes, int offset, int length) throws BootException {
      total += length;
      if (total > limit) {
        throw tooLarge();
      }
      try {
        next.accept(bytes, offset, length);
      } catch (RuntimeException e) {
        failure = e;
        throw e;
      }
    }
  }
}
