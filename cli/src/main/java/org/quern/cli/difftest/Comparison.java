package org.quern.cli.difftest;

import java.util.ArrayList;
import java.util.List;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Leeway;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.fault.Vector;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.RFlags;

/**
 * Compares what a case has left in two guests. What the manual leaves undefined is taken from the
 * instruction table through {@link Undefined}, never from here.
 */
final class Comparison {
  private static final long LONG_MASK = -1;

  /** The last page of the lower half of linear memory. */
  private static final long LAST_CANONICAL = 0x7ffffffffL;

  private static final int FSW = 2;
  private static final int STACK = 32;
  private static final int XMM = 160;
  private static final int[] POINTERS = {12, 18, 20};
  private static final int[] POINTER_BYTES = {4, 2, 4};
  private static final String[] POINTER_NAMES = {"fip", "fop", "fdp"};

  /**
   * Whether the host's KVM turns #GP in user code into something else: one of the PVM kind emulates
   * the instruction then, and raises #UD for those its emulator does not know.
   */
  private final boolean emulatesGp;

  Comparison(boolean emulatesGp) {
    this.emulatesGp = emulatesGp;
  }

  /** Whether all that can be compared byte by byte is the same: the usual case, and fast. */
  static boolean same(long a, long b) {
    long diff = 0;
    for (int n = Layout.OUT_RFLAGS; n < Layout.OUT_ENVIRONMENT; n += 8) {
      diff |= HostMemory.getLong(a + n) ^ HostMemory.getLong(b + n);
    }
    for (int n = Layout.OUT_WINDOW; n < Layout.CASE_BYTES; n += 8) {
      diff |= HostMemory.getLong(a + n) ^ HostMemory.getLong(b + n);
    }
    return diff == 0 && samePointers(a, b);
  }

  /** Whether the x87 pointers are the same, or the host has lost them. */
  private static boolean samePointers(long expected, long actual) {
    if (HostMemory.getLong(expected + Layout.VECTORS_OUT) == 0) {
      return true;
    }
    for (int n = 0; n < POINTERS.length; n++) {
      if (!samePointer(expected, actual, n)) {
        return false;
      }
    }
    return true;
  }

  /**
   * An interrupted host may save and restore all but the pointers (APM vol. 2, 11.4.4), which are 0
   * then.
   */
  private static boolean samePointer(long expected, long actual, int n) {
    long e = pointer(expected, n);
    return e == 0 || e == pointer(actual, n);
  }

  private static long pointer(long testCase, int n) {
    long at = testCase + Layout.OUT_ENVIRONMENT + POINTERS[n];
    return POINTER_BYTES[n] == 2
        ? HostMemory.getShort(at) & 0xffff
        : HostMemory.getInt(at) & 0xffffffffL;
  }

  /**
   * The differences that count, as text: expected (silicon) first.
   *
   * @param expected host address of the case in one guest
   * @param actual in the other
   */
  List<String> differences(CodeSlot slot, long expected, long actual) {
    Insn insn = slot.insn;
    List<String> out = new ArrayList<>();
    if (excused(slot, expected, actual)) {
      return out;
    }
    long exit = HostMemory.getLong(expected + Layout.OUT_EXIT);
    long ours = HostMemory.getLong(actual + Layout.OUT_EXIT);
    if (exit != ours) {
      out.add("ends by " + CaseText.exit(exit) + ", ours " + CaseText.exit(ours));
      return out;
    }
    int flags = ~Undefined.flags(insn);
    if (emulatesGp && insn.mnemonic == Mnemonic.POPF) {
      // A host of that kind clears NT when it takes an interrupt.
      flags &= ~RFlags.NT;
    }
    boolean fault = exit >= Layout.FAULT;
    if (fault) {
      number(out, "error code", expected, actual, Layout.OUT_ERROR, ~Undefined.errorCode(insn));
      number(out, "rip of the fault", expected, actual, Layout.OUT_RIP, LONG_MASK);
      number(out, "rsp of the fault", expected, actual, Layout.OUT_FAULT_RSP, LONG_MASK);
      number(out, "cr2", expected, actual, Layout.OUT_CR2, ~Undefined.cr2(insn));
      number(out, "rflags of the fault", expected, actual, Layout.OUT_FAULT_RFLAGS, flags);
    } else {
      number(out, "rflags", expected, actual, Layout.OUT_RFLAGS, flags);
    }
    for (int r = 0; r < 16; r++) {
      number(out, CaseText.GPR[r], expected, actual, Layout.outGpr(r), LONG_MASK);
    }
    if (HostMemory.getLong(expected + Layout.VECTORS_OUT) != 0) {
      vectors(out, insn, expected, actual);
    }
    memory(out, slot, expected, actual);
    return out;
  }

  /** Whether it means nothing how the case ended, and so what it has left. */
  private boolean excused(CodeSlot slot, long expected, long actual) {
    long exit = HostMemory.getLong(expected + Layout.OUT_EXIT);
    long ours = HostMemory.getLong(actual + Layout.OUT_EXIT);
    return (exit != ours && Undefined.exit(slot, exit, ours, expected))
        || (emulatesGp && general(ours) && emulated(slot.insn, exit, expected));
  }

  /**
   * Whether this may be what KVM of the PVM kind has made of a #GP: the same for an instruction
   * that it emulates, #UD for another, #PF for the first half of an access that is canonical there
   * only, and for the other of two operands, which its emulator may read first.
   */
  private static boolean emulated(Insn insn, long exit, long testCase) {
    boolean page = exit == Layout.FAULT + Vector.PF;
    boolean known =
        switch (insn.mnemonic) {
          case FXSAVE, FXRSTOR, CMPXCHG16B -> true;
          default -> false;
        };
    boolean other =
        switch (insn.mnemonic) {
          case MOVS, CMPS, PUSH, POP, CALL -> true;
          default -> false;
        };
    if (page && other) {
      return true;
    }
    if (page && !known) {
      return HostMemory.getLong(testCase + Layout.OUT_CR2) >> 12 == LAST_CANONICAL;
    }
    return general(exit) || exit == Layout.FAULT + Vector.UD || (known && (page || exit == 0));
  }

  private static boolean general(long exit) {
    return exit == Layout.FAULT + Vector.GP || exit == Layout.FAULT + Vector.SS;
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

  private static void vectors(List<String> out, Insn insn, long expected, long actual) {
    boolean reciprocal = insn.form.leaves(Leeway.RECIPROCAL);
    int destination =
        insn.operandCount > 0 && insn.op0.kind() == Operand.Kind.VEC ? insn.op0.reg() : -1;
    boolean x87 = !Undefined.x87State(insn);
    for (CaseText.VectorField f : CaseText.VECTOR_FIELDS) {
      long e = expected + Layout.OUT_VECTORS + f.at();
      long a = actual + Layout.OUT_VECTORS + f.at();
      boolean same = f.same(e, a);
      if (!same && f.at() == FSW) {
        long mask = ~Undefined.status(insn);
        same = ((HostMemory.getShort(e) ^ HostMemory.getShort(a)) & mask) == 0 || !x87;
      } else if (!same && f.at() < XMM) {
        boolean near = f.at() >= STACK && insn.form.leaves(Leeway.TRANSCENDENTAL);
        same = (near && Undefined.sameTranscendental(e, a)) || (!x87 && f.at() != 24);
      } else if (!same && reciprocal && f.at() == XMM + 16 * destination) {
        same = sameLanes(e, a);
      }
      if (!same) {
        out.add(f.name() + " " + f.text(e) + ", ours " + f.text(a));
      }
    }
    for (int n = 0; n < POINTERS.length; n++) {
      if (!samePointer(expected, actual, n)) {
        out.add(
            String.format(
                "%s %x, ours %x", POINTER_NAMES[n], pointer(expected, n), pointer(actual, n)));
      }
    }
    for (int n = 0; n < 16; n++) {
      int at = Layout.OUT_YMM_HIGH + 16 * n;
      boolean near = reciprocal && n == destination;
      if (!near || !sameLanes(expected + at, actual + at)) {
        number(out, "ymm" + n + "[2]", expected, actual, at, LONG_MASK);
        number(out, "ymm" + n + "[3]", expected, actual, at + 8, LONG_MASK);
      }
    }
  }

  private static boolean sameLanes(long expected, long actual) {
    for (int n = 0; n < 16; n += 4) {
      if (!Undefined.sameReciprocal(
          HostMemory.getInt(expected + n), HostMemory.getInt(actual + n))) {
        return false;
      }
    }
    return true;
  }

  private static void memory(List<String> out, CodeSlot slot, long expected, long actual) {
    long self = HostMemory.getLong(expected + Layout.SELF);
    long fixed = slot.fixedMemory();
    for (int n = Layout.DATA; n < Layout.CASE_BYTES; n++) {
      int e = HostMemory.getByte(expected + n) & 0xff;
      int a = HostMemory.getByte(actual + n) & 0xff;
      boolean copy = fixed != 0 && n >= Layout.FIXED_COPY;
      if (e != a && !undefined(slot, expected, copy ? fixed + n - Layout.FIXED_COPY : self + n)) {
        out.add(String.format("byte at data+%x %02x, ours %02x", n - Layout.DATA, e, a));
      }
    }
    long window = HostMemory.getLong(expected + Layout.WINDOW);
    for (int n = 0; n < Layout.WINDOW_BYTES && window != 0; n++) {
      int e = HostMemory.getByte(expected + Layout.OUT_WINDOW + n) & 0xff;
      int a = HostMemory.getByte(actual + Layout.OUT_WINDOW + n) & 0xff;
      if (e != a && !undefined(slot, expected, window + n)) {
        out.add(String.format("byte at %x %02x, ours %02x", window + n, e, a));
      }
    }
  }

  private static boolean undefined(CodeSlot slot, long testCase, long at) {
    return slot.insn.hasMem()
        && Undefined.memory(slot.insn, at - EffectiveAddress.of(slot, testCase));
  }
}
