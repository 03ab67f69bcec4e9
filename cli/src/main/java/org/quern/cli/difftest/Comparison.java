package org.quern.cli.difftest;

import java.util.ArrayList;
import java.util.List;
import org.quern.x86.decode.Insn;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.RFlags;

/**
 * Compares what a case has left in two guests. What the manual leaves undefined is taken from the
 * instruction table and from {@link Undefined}, never from here.
 */
final class Comparison {
  private static final int ALL_FLAGS = -1;

  /** Where a case's results begin; all before it are inputs. */
  private static final int FIRST = Layout.OUT_RFLAGS;

  private Comparison() {}

  /** Whether all bytes of the results are the same: the usual case, and fast. */
  static boolean same(long a, long b) {
    long diff = 0;
    for (int n = FIRST; n < Layout.CASE_BYTES; n += 8) {
      diff |= HostMemory.getLong(a + n) ^ HostMemory.getLong(b + n);
    }
    return diff == 0;
  }

  /**
   * The differences that count, as text: expected (silicon) first.
   *
   * @param expected host address of the case in one guest
   * @param actual in the other
   */
  static List<String> differences(Insn insn, long expected, long actual) {
    List<String> out = new ArrayList<>();
    long exit = HostMemory.getLong(expected + Layout.OUT_EXIT);
    boolean fault = exit >= Layout.FAULT;
    if (exit != HostMemory.getLong(actual + Layout.OUT_EXIT)) {
      out.add(
          "ends by "
              + CaseText.exit(exit)
              + ", ours "
              + CaseText.exit(HostMemory.getLong(actual + Layout.OUT_EXIT)));
      return out;
    }
    int flags = ~Undefined.flags(insn, expected, fault);
    if (fault) {
      number(out, "error code", expected, actual, Layout.OUT_ERROR, -1);
      number(out, "rip of the fault", expected, actual, Layout.OUT_RIP, -1);
      number(out, "rsp of the fault", expected, actual, Layout.OUT_FAULT_RSP, -1);
      number(out, "cr2", expected, actual, Layout.OUT_CR2, -1);
      number(out, "rflags of the fault", expected, actual, Layout.OUT_FAULT_RFLAGS, flags);
    } else {
      number(out, "rflags", expected, actual, Layout.OUT_RFLAGS, flags & ALL_FLAGS);
    }
    for (int r = 0; r < 16; r++) {
      if (!Undefined.register(insn, r)) {
        number(out, CaseText.GPR[r], expected, actual, Layout.outGpr(r), -1);
      }
    }
    if (HostMemory.getLong(expected + Layout.VECTORS_OUT) != 0) {
      vectors(out, insn, expected, actual, fault);
    }
    memory(out, insn, expected, actual);
    return out;
  }

  private static void number(
      List<String> out, String what, long expected, long actual, int at, long mask) {
    long e = HostMemory.getLong(expected + at) & mask;
    long a = HostMemory.getLong(actual + at) & mask;
    if (e != a) {
      String detail = what.startsWith("rflags") ? " (" + flagNames(e ^ a) + ")" : "";
      out.add(String.format("%s %x, ours %x%s", what, e, a, detail));
    }
  }

  private static String flagNames(long bits) {
    StringBuilder s = new StringBuilder();
    String[] names = {"CF", "PF", "AF", "ZF", "SF", "TF", "IF", "DF", "OF", "NT", "RF", "AC", "ID"};
    int[] values = {
      RFlags.CF, RFlags.PF, RFlags.AF, RFlags.ZF, RFlags.SF, RFlags.TF, RFlags.IF, RFlags.DF,
      RFlags.OF, RFlags.NT, RFlags.RF, RFlags.AC, RFlags.ID
    };
    for (int n = 0; n < names.length; n++) {
      if ((bits & values[n]) != 0) {
        s.append(s.length() == 0 ? "" : " ").append(names[n]);
      }
    }
    return s.toString();
  }

  private static void vectors(
      List<String> out, Insn insn, long expected, long actual, boolean fault) {
    for (CaseText.VectorField f : CaseText.VECTOR_FIELDS) {
      field(out, insn, f, expected + Layout.OUT_VECTORS, actual + Layout.OUT_VECTORS, fault);
    }
    for (CaseText.VectorField f : CaseText.ENVIRONMENT_FIELDS) {
      int at = Layout.OUT_ENVIRONMENT;
      // A host that is interrupted may save and restore all but the pointers (APM vol. 2, 11.4.4).
      if (!f.zero(expected + at)) {
        field(out, insn, f, expected + at, actual + at, fault);
      }
    }
    for (int n = 0; n < 16; n++) {
      int at = Layout.OUT_YMM_HIGH + 16 * n;
      number(out, "ymm" + n + "[2]", expected, actual, at, -1);
      number(out, "ymm" + n + "[3]", expected, actual, at + 8, -1);
    }
  }

  private static void field(
      List<String> out,
      Insn insn,
      CaseText.VectorField f,
      long expected,
      long actual,
      boolean fault) {
    String e = f.text(expected);
    String a = f.text(actual);
    if (!e.equals(a) && !Undefined.vectorField(insn, f.name(), fault)) {
      out.add(f.name() + " " + e + ", ours " + a);
    }
  }

  private static void memory(List<String> out, Insn insn, long expected, long actual) {
    for (int n = Layout.DATA; n < Layout.CASE_BYTES; n++) {
      int e = HostMemory.getByte(expected + n) & 0xff;
      int a = HostMemory.getByte(actual + n) & 0xff;
      if (e != a && !Undefined.memory(insn, expected, n)) {
        out.add(String.format("byte at data+%x %02x, ours %02x", n - Layout.DATA, e, a));
      }
    }
  }
}
