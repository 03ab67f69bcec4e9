package org.quern.cli.difftest;

import java.util.ArrayList;
import java.util.List;
import org.quern.x86.fault.Vector;
import org.quern.x86.mem.HostMemory;

/** Names for what is in a case. */
final class CaseText {
  static final String[] GPR = {
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13",
    "r14", "r15"
  };

  /**
   * A field of an FXSAVE64 image.
   *
   * @param at offset
   * @param bytes length
   */
  record VectorField(String name, int at, int bytes) {
    /** Whether two fields at host addresses hold the same. */
    boolean same(long a, long b) {
      for (int n = 0; n < bytes; n++) {
        if (HostMemory.getByte(a + n) != HostMemory.getByte(b + n)) {
          return false;
        }
      }
      return true;
    }

    /** The contents, as a hexadecimal number, at a host address. */
    String text(long field) {
      StringBuilder s = new StringBuilder();
      for (int n = bytes - 1; n >= 0; n--) {
        s.append(String.format("%02x", HostMemory.getByte(field + n)));
      }
      return s.toString();
    }
  }

  /**
   * The fields that an instruction can change, but for the upper halves of YMM registers, and the
   * x87 pointers.
   */
  static final List<VectorField> VECTOR_FIELDS = fields();

  /** All fields of the image, the x87 pointers too. */
  static final List<VectorField> ALL_FIELDS = allFields();

  private CaseText() {}

  private static List<VectorField> allFields() {
    List<VectorField> f = new ArrayList<>(VECTOR_FIELDS);
    f.add(new VectorField("fop", 6, 2));
    f.add(new VectorField("fip", 8, 8));
    f.add(new VectorField("fdp", 16, 8));
    return List.copyOf(f);
  }

  private static List<VectorField> fields() {
    List<VectorField> f = new ArrayList<>();
    f.add(new VectorField("fcw", 0, 2));
    f.add(new VectorField("fsw", 2, 2));
    f.add(new VectorField("ftw", 4, 1));
    f.add(new VectorField("mxcsr", 24, 4));
    for (int n = 0; n < 8; n++) {
      f.add(new VectorField("st" + n, 32 + 16 * n, 10));
    }
    for (int n = 0; n < 16; n++) {
      f.add(new VectorField("xmm" + n, 160 + 16 * n, 16));
    }
    return List.copyOf(f);
  }

  /** The name of an exception. */
  static String vector(int v) {
    return switch (v) {
      case Vector.DE -> "#DE";
      case Vector.DB -> "#DB";
      case Vector.BP -> "#BP";
      case Vector.OF -> "#OF";
      case Vector.BR -> "#BR";
      case Vector.UD -> "#UD";
      case Vector.NM -> "#NM";
      case Vector.DF -> "#DF";
      case Vector.SS -> "#SS";
      case Vector.GP -> "#GP";
      case Vector.PF -> "#PF";
      case Vector.MF -> "#MF";
      case Vector.AC -> "#AC";
      case Vector.XM -> "#XM";
      default -> "vector " + v;
    };
  }

  /** How a case ended. */
  static String exit(long exit) {
    if (exit >= Layout.FAULT) {
      return vector((int) exit - Layout.FAULT);
    }
    return exit == 0 ? "the next instruction" : "pad " + exit;
  }
}
