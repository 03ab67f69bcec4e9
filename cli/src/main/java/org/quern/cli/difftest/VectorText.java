package org.quern.cli.difftest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.quern.cli.CliException;
import org.quern.x86.disasm.TableDisassembler;
import org.quern.x86.fault.Vector;

/**
 * A case as a file: a line for each thing that is not zero (or as after FNINIT). Numbers are
 * hexadecimal, memory is bytes in their order.
 *
 * <pre>
 * # where it comes from
 * asm imul eax, ebx
 * code 0fafc3
 * place SLOT CASE
 * in NAME VALUE        rflags, registers, fcw fsw ftw fop fip fdp mxcsr, st0, xmm0, ymm0 (upper half)
 * in data+OFFSET BYTES  from 240 on the memory at a fixed address, if the instruction has one
 * in window ADDRESS    where memory that all cases share is compared, see {@link SpecialWindow}
 * out ...              the same where it has changed; exit, and of a fault error rip rsp cr2 rflags
 * </pre>
 */
final class VectorText {
  private static final int YMM = 512;
  private static final HexFormat HEX = HexFormat.of();
  private static final String[] FAULT_NAMES = {"error", "rip", "fault-rflags", "fault-rsp", "cr2"};
  private static final String[] POINTERS = {"env-fip", "env-fop", "env-fdp"};
  private static final int[] POINTER_AT = {12, 18, 20};
  private static final int[] POINTER_BYTES = {4, 2, 4};
  private static final int RUN = 16;

  private VectorText() {}

  /** The image of vector registers that a file need not mention. */
  static byte[] initial() {
    byte[] b = new byte[Layout.VECTOR_BYTES];
    b[0] = 0x7f;
    b[1] = 3;
    b[24] = (byte) 0x80;
    b[25] = 0x1f;
    return b;
  }

  // ---- writing

  static String write(TestVector v, String comment) {
    StringBuilder s = new StringBuilder();
    s.append("# ").append(comment).append('\n');
    long at = Layout.slot(v.slot) + Layout.SLOT_ENTRY;
    s.append("asm ").append(new TableDisassembler(64).at(v.code, 0, v.code.length, at));
    s.append("\ncode ").append(HEX.formatHex(v.code)).append('\n');
    s.append("place ").append(v.slot).append(' ').append(v.number).append('\n');
    byte[] zero = new byte[Layout.CASE_BYTES];
    field(s, "in rflags", v.in, zero, 0, 8);
    for (int r = 0; r < 16; r++) {
      field(s, "in " + CaseText.GPR[r], v.in, zero, Layout.inGpr(r), 8);
    }
    vectors(s, "in ", v.vectors, initial());
    memory(s, "in data", v.in, zero, Layout.DATA, Layout.CASE_BYTES);
    field(s, "in window", v.in, zero, Layout.WINDOW, 8);
    results(s, v);
    return s.toString();
  }

  private static void results(StringBuilder s, TestVector v) {
    long exit = number(v.out, Layout.OUT_EXIT, 8);
    s.append("out exit ").append(exitName(exit)).append('\n');
    byte[] zero = new byte[Layout.CASE_BYTES];
    if (exit >= Layout.FAULT) {
      for (int n = 0; n < FAULT_NAMES.length; n++) {
        field(s, "out " + FAULT_NAMES[n], v.out, zero, Layout.OUT_ERROR + 8 * n, 8);
      }
    }
    field(s, "out rflags", v.out, zero, Layout.OUT_RFLAGS, 8);
    for (int r = 0; r < 16; r++) {
      long before = number(v.in, Layout.inGpr(r), 8);
      long after = number(v.out, Layout.outGpr(r), 8);
      if (before != after) {
        s.append(String.format("out %s %x%n", CaseText.GPR[r], after));
      }
    }
    byte[] image =
        Arrays.copyOfRange(v.out, Layout.OUT_VECTORS, Layout.OUT_VECTORS + Layout.VECTOR_BYTES);
    vectors(s, "out ", image, v.vectors);
    for (int n = 0; n < POINTERS.length; n++) {
      int at = Layout.OUT_ENVIRONMENT + POINTER_AT[n];
      field(s, "out " + POINTERS[n], v.out, zero, at, POINTER_BYTES[n]);
    }
    memory(s, "out data", v.out, v.in, Layout.DATA, Layout.CASE_BYTES);
    byte[] before = new byte[Layout.CASE_BYTES];
    SpecialWindow.initial(number(v.in, Layout.WINDOW, 8), before);
    field(s, "out window", v.out, before, Layout.OUT_WINDOW, Layout.WINDOW_BYTES);
  }

  private static void vectors(StringBuilder s, String prefix, byte[] image, byte[] usual) {
    for (CaseText.VectorField f : CaseText.ALL_FIELDS) {
      field(s, prefix + f.name(), image, usual, f.at(), f.bytes());
    }
    for (int n = 0; n < 16; n++) {
      field(s, prefix + "ymm" + n, image, usual, YMM + 16 * n, 16);
    }
  }

  private static void field(
      StringBuilder s, String name, byte[] of, byte[] usual, int at, int bytes) {
    if (Arrays.equals(of, at, at + bytes, usual, at, at + bytes)) {
      return;
    }
    StringBuilder digits = new StringBuilder();
    for (int n = bytes - 1; n >= 0; n--) {
      digits.append(String.format("%02x", of[at + n]));
    }
    int first = 0;
    while (first < digits.length() - 1 && digits.charAt(first) == '0') {
      first++;
    }
    s.append(name).append(' ').append(digits, first, digits.length()).append('\n');
  }

  private static void memory(
      StringBuilder s, String name, byte[] of, byte[] usual, int from, int to) {
    for (int n = from; n < to; n += RUN) {
      int end = Math.min(n + RUN, to);
      if (!Arrays.equals(of, n, end, usual, n, end)) {
        s.append(String.format("%s+%x %s%n", name, n - from, HEX.formatHex(of, n, end)));
      }
    }
  }

  private static String exitName(long exit) {
    return exit >= Layout.FAULT
        ? CaseText.vector((int) exit - Layout.FAULT)
        : exit == 0 ? "next" : "pad" + exit;
  }

  private static long number(byte[] of, int at, int bytes) {
    long v = 0;
    for (int n = bytes - 1; n >= 0; n--) {
      v = v << 8 | of[at + n] & 0xff;
    }
    return v;
  }

  // ---- reading

  /**
   * Reads a file.
   *
   * @throws CliException with the line that is wrong
   */
  static TestVector read(String text) throws CliException {
    byte[] code = null;
    int slot = -1;
    int number = -1;
    List<String[]> rest = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      String[] w = line.trim().split(" ", -1);
      try {
        switch (w[0]) {
          case "", "#", "asm" -> {}
          case "code" -> code = HEX.parseHex(w[1]);
          case "place" -> {
            slot = Integer.parseInt(w[1]);
            number = Integer.parseInt(w[2]);
          }
          case "in", "out" -> rest.add(w);
          default -> throw new CliException("not a line of a test vector: " + line);
        }
      } catch (RuntimeException e) {
        throw new CliException("bad line in a test vector: " + line, e);
      }
    }
    boolean placed = slot >= 0 && slot < Layout.MAX_BLOCKS && number >= 0;
    if (code == null || code.length == 0 || !placed || number >= Layout.MAX_CASES) {
      throw new CliException("a test vector needs code and a place");
    }
    TestVector v = new TestVector(code, slot, number, new byte[Layout.CASE_BYTES], initial());
    apply(v, rest, "in");
    long window = number(v.in, Layout.WINDOW, 8);
    if (window != 0 && !SpecialWindow.readable(window)) {
      throw new CliException(String.format("no window of a test vector can be at %x", window));
    }
    inherit(v);
    apply(v, rest, "out");
    return v;
  }

  private static void apply(TestVector v, List<String[]> lines, String which) throws CliException {
    for (String[] w : lines) {
      if (w[0].equals(which)) {
        try {
          set(v, which.equals("in"), w[1], w[2]);
        } catch (RuntimeException e) {
          throw new CliException("bad line in a test vector: " + String.join(" ", w), e);
        }
      }
    }
  }

  /** What is not said of the results is as before. */
  private static void inherit(TestVector v) {
    for (int r = 0; r < 16; r++) {
      System.arraycopy(v.in, Layout.inGpr(r), v.out, Layout.outGpr(r), 8);
    }
    System.arraycopy(v.vectors, 0, v.out, Layout.OUT_VECTORS, Layout.VECTOR_BYTES);
    System.arraycopy(v.in, Layout.DATA, v.out, Layout.DATA, Layout.CASE_BYTES - Layout.DATA);
    v.out[Layout.VECTORS_OUT] = 1;
    put(v.out, Layout.SELF, 8, Long.toHexString(Layout.caseAt(v.number)));
    System.arraycopy(v.in, Layout.WINDOW, v.out, Layout.WINDOW, 8);
    SpecialWindow.initial(number(v.in, Layout.WINDOW, 8), v.out);
  }

  private static void set(TestVector v, boolean in, String name, String value) throws CliException {
    int plus = name.indexOf('+');
    if (plus > 0) {
      int at = Integer.parseInt(name.substring(plus + 1), 16);
      byte[] bytes = HEX.parseHex(value);
      System.arraycopy(bytes, 0, in ? v.in : v.out, Layout.DATA + at, bytes.length);
      return;
    }
    int gpr = Arrays.asList(CaseText.GPR).indexOf(name);
    if (gpr >= 0) {
      put(in ? v.in : v.out, in ? Layout.inGpr(gpr) : Layout.outGpr(gpr), 8, value);
    } else if (name.equals("rflags")) {
      put(in ? v.in : v.out, in ? 0 : Layout.OUT_RFLAGS, 8, value);
    } else if (name.equals("window")) {
      int bytes = in ? 8 : Layout.WINDOW_BYTES;
      put(in ? v.in : v.out, in ? Layout.WINDOW : Layout.OUT_WINDOW, bytes, value);
    } else if (name.equals("exit")) {
      put(v.out, Layout.OUT_EXIT, 8, Long.toHexString(exitNumber(value)));
    } else if (!setVector(in ? v.vectors : v.out, in ? 0 : Layout.OUT_VECTORS, name, value)) {
      int fault = Arrays.asList(FAULT_NAMES).indexOf(name);
      int pointer = Arrays.asList(POINTERS).indexOf(name);
      if (fault >= 0) {
        put(v.out, Layout.OUT_ERROR + 8 * fault, 8, value);
      } else if (pointer >= 0) {
        int at = Layout.OUT_ENVIRONMENT + POINTER_AT[pointer];
        put(v.out, at, POINTER_BYTES[pointer], value);
      } else {
        throw new CliException("a test vector has no " + name);
      }
    }
  }

  private static boolean setVector(byte[] to, int base, String name, String value) {
    for (CaseText.VectorField f : CaseText.ALL_FIELDS) {
      if (f.name().equals(name)) {
        put(to, base + f.at(), f.bytes(), value);
        return true;
      }
    }
    if (name.startsWith("ymm")) {
      put(to, base + YMM + 16 * Integer.parseInt(name.substring(3)), 16, value);
      return true;
    }
    return false;
  }

  private static void put(byte[] to, int at, int bytes, String digits) {
    String all = "0".repeat(Math.max(0, 2 * bytes - digits.length())) + digits;
    byte[] b = HEX.parseHex(all.toLowerCase(Locale.ROOT));
    for (int n = 0; n < bytes; n++) {
      to[at + n] = b[bytes - 1 - n];
    }
  }

  private static long exitNumber(String name) {
    if (name.equals("next")) {
      return 0;
    }
    if (name.startsWith("pad")) {
      return Integer.parseInt(name.substring(3));
    }
    for (int v = 0; v <= Vector.XM; v++) {
      if (CaseText.vector(v).equals(name)) {
        return (long) Layout.FAULT + v;
      }
    }
    throw new IllegalArgumentException(name);
  }
}
