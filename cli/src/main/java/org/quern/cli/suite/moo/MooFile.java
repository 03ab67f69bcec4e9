package org.quern.cli.suite.moo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;

/**
 * A file of cases: a header chunk, perhaps masks, and a chunk for each case. Chunks that are not
 * known are skipped, as the format asks for; cycles and queues are. Source: dbalsom/moo, MOO file
 * format specification 1.1.
 */
final class MooFile {
  private static final int CHUNK_HEADER = 8;
  private static final int ENTRY = 5; // a memory byte and its address

  private final ByteBuffer in;
  private final int count;
  private final String cpu;
  private int[] mask = everything();
  private int tests;

  /** The chunk that is being looked at. */
  private int id;

  private int end;

  // Parts of the case in work.
  private MooState initial;
  private MooState result;
  private int[] caseMask;
  private int exception;
  private String name;
  private String hash;

  // Parts of the state in work.
  private int present;
  private int[] registers;
  private int[] addresses;
  private byte[] bytes;

  private MooFile(byte[] content) throws IOException {
    in = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    try {
      chunk(in.limit());
      if (id != id("MOO ")) {
        throw new IOException("it does not begin as a MOO file does");
      }
      int version = in.get() & 0xff;
      if (version != 1) {
        throw new IOException("version " + version + " of the format is not known");
      }
      in.position(in.position() + 3);
      count = in.getInt();
      cpu = text(4).strip();
      in.position(end);
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new IOException("it is cut off in its header", e);
    }
  }

  /** Reads a file, packed by gzip if its name says so. */
  static MooFile read(Path file) throws IOException {
    if (!file.getFileName().toString().endsWith(".gz")) {
      return of(Files.readAllBytes(file));
    }
    try (InputStream packed = new GZIPInputStream(Files.newInputStream(file))) {
      return of(packed.readAllBytes());
    }
  }

  static MooFile of(byte[] content) throws IOException {
    return new MooFile(content);
  }

  /** The processor it was made with, e.g. {@code 8086}, {@code C286} or {@code 386E}. */
  String cpu() {
    return cpu;
  }

  /** How many cases the header promises. */
  int count() {
    return count;
  }

  /** The next case, or null behind the last one. */
  MooCase next() throws IOException {
    try {
      while (in.remaining() >= CHUNK_HEADER) {
        int last = chunk(in.limit());
        if (id == id("TEST")) {
          return test(last);
        }
        if (id == id("RMSK") || id == id("RM32")) {
          mask(id == id("RM32"), mask);
        }
        in.position(last);
      }
      return null;
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new IOException("a chunk before byte " + in.position() + " is damaged", e);
    }
  }

  // ---- chunks

  private static int id(String text) {
    int v = 0;
    for (int n = 3; n >= 0; n--) {
      v = v << 8 | text.charAt(n);
    }
    return v;
  }

  /** Reads the head of a chunk that must end before {@code limit}; returns its end. */
  private int chunk(int limit) throws IOException {
    id = in.getInt();
    int length = in.getInt();
    if (length < 0 || length > limit - in.position()) {
      throw new IOException("the chunk at byte " + (in.position() - CHUNK_HEADER) + " is cut off");
    }
    end = in.position() + length;
    return end;
  }

  private String text(int length) {
    if (length < 0 || length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] b = new byte[length];
    in.get(b);
    return new String(b, StandardCharsets.ISO_8859_1);
  }

  private MooCase test(int last) throws IOException {
    // The number in the file is 0 in all cases of some sets.
    int index = tests++;
    in.position(in.position() + 4);
    name = "";
    hash = "";
    exception = -1;
    initial = null;
    result = null;
    caseMask = mask;
    while (last - in.position() >= CHUNK_HEADER) {
      int stop = chunk(last);
      part(stop);
      in.position(stop);
    }
    if (initial == null || result == null) {
      throw new IOException("case " + index + " has no initial or no final state");
    }
    return new MooCase(index, name, initial, result, caseMask, exception, hash);
  }

  private void part(int stop) throws IOException {
    if (id == id("NAME")) {
      name = text(in.getInt());
    } else if (id == id("INIT")) {
      initial = state(stop);
    } else if (id == id("FINA")) {
      result = state(stop);
    } else if (id == id("EXCP")) {
      exception = in.get() & 0xff;
    } else if (id == id("HASH")) {
      byte[] b = new byte[stop - in.position()];
      in.get(b);
      hash = HexFormat.of().formatHex(b);
    }
  }

  private MooState state(int stop) throws IOException {
    present = 0;
    registers = new int[MooReg.COUNT];
    addresses = new int[0];
    bytes = new byte[0];
    while (stop - in.position() >= CHUNK_HEADER) {
      int last = chunk(stop);
      if (id == id("REGS") || id == id("RG32")) {
        present = values(id == id("RG32"), registers);
      } else if (id == id("RMSK") || id == id("RM32")) {
        caseMask = caseMask.clone();
        mask(id == id("RM32"), caseMask);
      } else if (id == id("RAM ")) {
        memory(last);
      }
      in.position(last);
    }
    return new MooState(present, registers, addresses, bytes);
  }

  /** Registers of a chunk; returns which. */
  private int values(boolean wide, int[] to) {
    int which = wide ? in.getInt() : in.getShort() & 0xffff;
    int found = 0;
    for (int bit = 0; bit < 32; bit++) {
      if ((which >> bit & 1) != 0) {
        int v = wide ? in.getInt() : in.getShort() & 0xffff;
        MooReg r = MooReg.of(wide, bit);
        if (r != null) {
          to[r.ordinal()] = v;
          found |= 1 << r.ordinal();
        }
      }
    }
    return found;
  }

  /** A 16-bit mask says nothing about the upper halves, which 16-bit processors do not have. */
  private void mask(boolean wide, int[] to) {
    int[] values = new int[MooReg.COUNT];
    int found = values(wide, values);
    for (int n = 0; n < values.length; n++) {
      if ((found >> n & 1) != 0) {
        to[n] &= values[n];
      }
    }
  }

  private static int[] everything() {
    int[] all = new int[MooReg.COUNT];
    Arrays.fill(all, -1);
    return all;
  }

  private void memory(int stop) {
    int n = in.getInt();
    if (n < 0 || (long) n * ENTRY > stop - in.position()) {
      throw new BufferUnderflowException();
    }
    addresses = new int[n];
    bytes = new byte[n];
    for (int k = 0; k < n; k++) {
      addresses[k] = in.getInt();
      bytes[k] = in.get();
    }
  }
}
