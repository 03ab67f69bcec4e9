package org.quern.firmware;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Random;
import org.quern.firmware.bytes.ByteWriter;
import org.quern.firmware.bytes.LittleEndian;

/** Tiny kernel images of every kind, with patterns for contents. */
public final class TestImages {
  public static final long ELF_ADDRESS = 0x1000000;
  public static final int ELF_FILE_SIZE = 0x3000;
  public static final int ELF_MEM_SIZE = 0x5000;
  public static final int SETUP_SIZE = 5 * 512;

  private TestImages() {}

  /** Bytes that do not repeat soon, but compress. */
  public static byte[] pattern(int size, long seed) {
    byte[] b = new byte[size];
    Random random = new Random(seed);
    for (int i = 0; i < size; i++) {
      b[i] = i % 64 < 16 ? (byte) random.nextInt() : (byte) (i >> 6);
    }
    return b;
  }

  /** An ELF64 file of one segment, with note bytes in a PT_NOTE segment unless empty. */
  public static byte[] elf64(long address, byte[] content, int memSize, long entry, byte[] note) {
    int headers = note.length > 0 ? 2 : 1;
    int contentAt = 0x200;
    int noteAt = contentAt + content.length;
    ByteWriter w = ident(2).u16(2).u16(62).u32(1).u64(entry).u64(64).u64(0).u32(0);
    w.u16(64).u16(56).u16(headers).u16(64).u16(0).u16(0);
    w.u32(1).u32(7).u64(contentAt).u64(address | 0xffffffff80000000L).u64(address);
    w.u64(content.length).u64(memSize).u64(0x1000);
    if (note.length > 0) {
      w.u32(4).u32(4).u64(noteAt).u64(0).u64(0).u64(note.length).u64(note.length).u64(4);
    }
    return w.zeros(contentAt - w.size()).raw(content).raw(note).toBytes();
  }

  /** An ELF32 file of one segment, linked at 0xc0000000 plus its physical address. */
  public static byte[] elf32(long address, byte[] content, int memSize, long entry) {
    int contentAt = 0x100;
    ByteWriter w = ident(1).u16(2).u16(3).u32(1).u32(entry).u32(52).u32(0).u32(0);
    w.u16(52).u16(32).u16(1).u16(40).u16(0).u16(0);
    w.u32(1).u32(contentAt).u32(0xc0000000L + address).u32(address);
    w.u32(content.length).u32(memSize).u32(7).u32(0x1000);
    return w.zeros(contentAt - w.size()).raw(content).toBytes();
  }

  private static ByteWriter ident(int elfClass) {
    return new ByteWriter().raw((byte) 0x7f).text("ELF").u8(elfClass).u8(1).u8(1).zeros(9);
  }

  /** The ELF64 "kernel" most tests use. */
  public static byte[] kernel64() {
    return elf64(ELF_ADDRESS, pattern(ELF_FILE_SIZE, 1), ELF_MEM_SIZE, ELF_ADDRESS, new byte[0]);
  }

  /** The note of a PVH entry. */
  public static byte[] pvhNote(long entry) {
    ByteWriter w = new ByteWriter().u32(4).u32(2).u32(6).text("Xen\0").text("ab\0\0");
    return w.u32(4).u32(4).u32(18).text("Xen\0").u32(entry).toBytes();
  }

  /** A bzImage under construction; the fields are those of a current 64-bit kernel. */
  public static final class BzImage {
    private final byte[] payload;
    private final byte[] setup = new byte[SETUP_SIZE];
    private int codeBefore = 0x400;

    public BzImage(byte[] payload) {
      this.payload = payload;
      setup[0x1f1] = SETUP_SIZE / 512 - 1;
      put16(0x1fe, 0xaa55);
      put16(0x200, 0x6aeb); // jump over a header that ends at 0x26c
      put32(0x202, 0x53726448L);
      put16(0x206, 0x20f);
      put16(0x20e, 0x600);
      setup[0x211] = 1;
      put32(0x214, 0x100000);
      put32(0x22c, 0x7fffffffL);
      put32(0x230, 0x200000);
      setup[0x234] = 1;
      put16(0x236, 0x7f);
      put32(0x238, 2047);
      put32(0x248, codeBefore);
      put32(0x24c, payload.length);
      put32(0x258, ELF_ADDRESS);
      put32(0x260, 0x10000);
      byte[] version = "6.1.0-test (me@here)".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
      System.arraycopy(version, 0, setup, 0x800, version.length);
    }

    public BzImage put8(int at, int value) {
      setup[at] = (byte) value;
      return this;
    }

    public BzImage put16(int at, int value) {
      LittleEndian.put16(setup, at, value);
      return this;
    }

    public BzImage put32(int at, long value) {
      LittleEndian.put32(setup, at, value);
      return this;
    }

    public byte[] build() {
      ByteWriter code =
          new ByteWriter().raw(pattern(codeBefore, 2)).raw(payload).zeros(64).align(16);
      put32(0x1f4, code.size() / 16);
      return new ByteWriter().raw(setup).raw(code.toBytes()).toBytes();
    }

    /** The protected-mode code alone. */
    public byte[] code() {
      byte[] all = build();
      return Arrays.copyOfRange(all, SETUP_SIZE, all.length);
    }
  }

  /** A bzImage with the test kernel, compressed with gzip. */
  public static BzImage bzImage() {
    return new BzImage(Compress.GZIP.payload(kernel64()));
  }

  /** The multiboot 1 header and code of a flat image ("a.out kludge"). */
  public static byte[] multiboot1Kludge(long load, int fileSize, int bss) {
    long flags = 0x10003;
    ByteWriter w = new ByteWriter().zeros(0x20);
    w.u32(0x1badb002L).u32(flags).u32(-(0x1badb002L + flags));
    w.u32(load + 0x20).u32(load).u32(load + fileSize).u32(load + fileSize + bss).u32(load + 0x80);
    return w.raw(pattern(fileSize - w.size(), 3)).toBytes();
  }

  /** An ELF32 file whose contents start with a multiboot 1 header. */
  public static byte[] multiboot1Elf(long load, long flags) {
    ByteWriter w = new ByteWriter();
    w.u32(0x1badb002L).u32(flags).u32(-(0x1badb002L + flags));
    return elf32(load, w.raw(pattern(0x1000, 4)).toBytes(), 0x3000, 0xc0000000L + load + 0x10);
  }

  /** A multiboot 2 header around the given tags. */
  public static byte[] multiboot2Header(byte[]... tags) {
    ByteWriter body = new ByteWriter();
    for (byte[] tag : tags) {
      body.raw(tag).align(8);
    }
    int size = 16 + body.size() + 8;
    ByteWriter w = new ByteWriter().u32(0xe85250d6L).u32(0).u32(size);
    return w.u32(-(0xe85250d6L + size)).raw(body.toBytes()).u16(0).u16(0).u32(8).toBytes();
  }

  /** Compressors, framed as the kernel's build frames them. */
  public enum Compress {
    GZIP,
    XZ,
    LZMA,
    BZIP2,
    LZ4,
    ZSTD,
    NONE;

    /** The payload: compressed bytes and the unpacked size. */
    public byte[] payload(byte[] content) {
      byte[] packed = pack(content);
      boolean own = this == GZIP || this == NONE;
      return own ? packed : new ByteWriter().raw(packed).u32(content.length).toBytes();
    }

    private byte[] pack(byte[] content) {
      return switch (this) {
        case GZIP -> through(content, java.util.zip.GZIPOutputStream::new);
        case XZ ->
            through(
                content,
                out ->
                    new org.tukaani.xz.XZOutputStream(
                        out,
                        new org.tukaani.xz.FilterOptions[] {
                          new org.tukaani.xz.X86Options(), new org.tukaani.xz.LZMA2Options(1)
                        },
                        org.tukaani.xz.XZ.CHECK_CRC32));
        case LZMA ->
            through(
                content,
                out ->
                    new org.tukaani.xz.LZMAOutputStream(
                        out, new org.tukaani.xz.LZMA2Options(1), -1));
        case BZIP2 ->
            through(
                content,
                org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream::new);
        case LZ4 -> lz4(content);
        case ZSTD -> zstd(content);
        case NONE -> content;
      };
    }

    private static byte[] lz4(byte[] content) {
      ByteWriter w = new ByteWriter().u32(0x184c2102L);
      var codec = new io.airlift.compress.lz4.Lz4Compressor();
      for (int at = 0; at < content.length; at += 8 << 20) {
        int n = Math.min(8 << 20, content.length - at);
        byte[] out = new byte[codec.maxCompressedLength(n)];
        int size = codec.compress(content, at, n, out, 0, out.length);
        w.u32(size).raw(Arrays.copyOf(out, size));
      }
      return w.toBytes();
    }

    /** Of unknown size with a window of 128 MiB, as {@code zstd -22 --ultra} makes of a pipe. */
    private static byte[] zstd(byte[] content) {
      var codec = new io.airlift.compress.zstd.ZstdCompressor();
      byte[] out = new byte[codec.maxCompressedLength(content.length)];
      int size = codec.compress(content, 0, content.length, out, 0, out.length);
      int descriptor = out[4];
      boolean single = (descriptor & 0x20) != 0;
      int sizeBytes = new int[] {single ? 1 : 0, 2, 4, 8}[descriptor >> 6 & 3];
      int body = 5 + (single ? 0 : 1) + sizeBytes;
      int window128MiB = 17 << 3;
      return new ByteWriter()
          .u32(0xfd2fb528L)
          .u8(descriptor & 4)
          .u8(window128MiB)
          .raw(Arrays.copyOfRange(out, body, size))
          .toBytes();
    }

    private interface Wrap {
      OutputStream around(OutputStream out) throws IOException;
    }

    private static byte[] through(byte[] content, Wrap wrap) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (OutputStream out = wrap.around(bytes)) {
        out.write(content);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return bytes.toByteArray();
    }
  }
}
