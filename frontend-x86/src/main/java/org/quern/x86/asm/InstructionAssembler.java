package org.quern.x86.asm;

import java.util.ArrayList;
import java.util.List;
import org.quern.x86.asm.InstructionSet.Candidate;
import org.quern.x86.decode.Decoder;
import org.quern.x86.decode.Encoder;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.InsnDraft;
import org.quern.x86.decode.InsnForm;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.state.Reg;

/**
 * Finds the shortest encoding of an instruction: tries the rows of its name, and keeps what decodes
 * to what was written.
 */
final class InstructionAssembler {
  /** An instruction as written. */
  static final class Source {
    String name = "";
    final List<TextOperand> operands = new ArrayList<>();
    boolean lock;
    int rep;

    /** From {@code o16}, {@code o32}, {@code o64}; or 0. */
    int opSize;

    /** From {@code a16}, {@code a32}, {@code a64}; or 0. */
    int addrSize;

    /** Segment prefix of an instruction without an address, or -1. */
    int segment = -1;
  }

  private final int codeSize;
  private final Decoder decoder;

  InstructionAssembler(int codeSize) {
    this.codeSize = codeSize;
    this.decoder = new Decoder(codeSize);
  }

  private record Encoding(byte[] bytes, Insn insn) {}

  /**
   * The bytes.
   *
   * @param address where they will stand
   * @param atLeast no shorter encoding than this is taken, unless no other is there
   */
  byte[] assemble(Source s, long address, int atLeast) {
    String name = s.name;
    for (TextOperand o : s.operands) {
      if (o.distance.equals("far") || o.kind == TextOperand.Kind.FAR) {
        name = s.name + " far";
      }
    }
    List<Candidate> candidates = InstructionSet.of(name);
    if (candidates.isEmpty()) {
      throw new Tokens.Problem("no instruction " + name);
    }
    List<Encoding> found = new ArrayList<>();
    for (Candidate c : candidates) {
      for (List<TextOperand> operands : Shorthand.of(s, c.form())) {
        tryForm(found, s, c, operands, address);
      }
    }
    if (found.isEmpty()) {
      throw new Tokens.Problem("no such form of " + name + " in " + codeSize + "-bit code");
    }
    usualPushSize(found, s);
    checkSizes(found, s);
    Encoding best = null;
    for (Encoding e : found) {
      boolean better =
          best == null
              || (best.bytes.length < atLeast && e.bytes.length > best.bytes.length)
              || (e.bytes.length < best.bytes.length && e.bytes.length >= atLeast);
      best = better ? e : best;
    }
    return best.bytes;
  }

  /** PUSH of a number without a size is as wide as the stack, not as short as the number allows. */
  private void usualPushSize(List<Encoding> found, Source s) {
    boolean number =
        s.operands.size() == 1
            && s.operands.get(0).kind == TextOperand.Kind.NUMBER
            && s.operands.get(0).size == 0
            && s.opSize == 0;
    if (number && found.get(0).insn.mnemonic == Mnemonic.PUSH) {
      int usual = new InsnDraft(found.get(0).insn.form, codeSize).opSize;
      if (found.stream().anyMatch(e -> e.insn.opSize == usual)) {
        found.removeIf(e -> e.insn.opSize != usual);
      }
    }
  }

  /** An access to memory whose width nothing tells is a mistake, not a choice. */
  private void checkSizes(List<Encoding> found, Source s) {
    boolean unsized = false;
    for (TextOperand o : s.operands) {
      unsized |= o.kind == TextOperand.Kind.MEMORY && o.size == 0;
    }
    if (!unsized) {
      return;
    }
    int size = -1;
    boolean several = false;
    for (Encoding e : found) {
      int its = memorySize(e.insn);
      several |= size >= 0 && its != size;
      size = its;
    }
    if (!several) {
      return;
    }
    InsnForm f = found.get(0).insn.form;
    boolean byMode =
        f.wideByDefault() || f.mnemonic() == Mnemonic.JMP_FAR || f.mnemonic() == Mnemonic.CALL_FAR;
    if (byMode) {
      int usual = new InsnDraft(f, codeSize).opSize;
      found.removeIf(e -> e.insn.opSize != usual);
    } else {
      throw new Tokens.Problem("size of the memory operand not given (byte, word, dword, ...)");
    }
  }

  private static int memorySize(Insn i) {
    for (int n = 0; n < i.operandCount; n++) {
      if (i.operand(n).isMem()) {
        return i.operand(n).size();
      }
    }
    return 0;
  }

  private void tryForm(
      List<Encoding> found, Source s, Candidate c, List<TextOperand> text, long address) {
    InsnForm f = c.form();
    if (f.operandCount() != text.size()) {
      return;
    }
    InsnDraft usual = new InsnDraft(f, codeSize);
    int[] sizes = {f.byteSized() ? 8 : usual.opSize, 16, 32, 64};
    int fixed = s.opSize != 0 ? s.opSize : farSize(text);
    if (c.opSize() > 0) {
      fixed = c.opSize();
    } else if (fixed == 0 && (c.opSize() < 0 || branches(text, f))) {
      fixed = sizes[0];
    }
    for (int n = 0; n < sizes.length; n++) {
      if ((fixed == 0 || sizes[n] == fixed) && (n == 0 || sizes[n] != sizes[0])) {
        for (int wide = 0; wide < (f.vex() ? 2 : 1); wide++) {
          InsnDraft d = draft(s, c, sizes[n]);
          d.wideVector = wide != 0;
          Encoding e = encode(d, s, text, address);
          if (e != null) {
            found.add(e);
          }
        }
      }
    }
  }

  private InsnDraft draft(Source s, Candidate c, int opSize) {
    InsnDraft d = new InsnDraft(c.form(), codeSize);
    d.opSize = opSize;
    d.cc = Math.max(0, c.cc());
    d.lock = s.lock;
    d.rep = s.rep;
    d.segment = s.segment;
    if (c.addrSize() != 0) {
      d.addrSize = c.addrSize();
    } else if (s.addrSize != 0) {
      d.addrSize = s.addrSize;
    }
    return d;
  }

  /** A size keyword before a far pointer is that of its offset. */
  private static int farSize(List<TextOperand> text) {
    for (TextOperand o : text) {
      if (o.kind == TextOperand.Kind.FAR && o.size != 0) {
        return o.size;
      }
    }
    return 0;
  }

  private static boolean branches(List<TextOperand> text, InsnForm f) {
    return text.size() == 1
        && (text.get(0).kind == TextOperand.Kind.FAR
            || (text.get(0).kind == TextOperand.Kind.NUMBER && f.relative()));
  }

  private Encoding encode(InsnDraft d, Source s, List<TextOperand> text, long address) {
    boolean ripTarget = false;
    for (int n = 0; n < text.size(); n++) {
      TextOperand o = text.get(n);
      switch (o.kind) {
        case REGISTER -> d.operands[n] = o.register;
        case MEMORY -> {
          d.operands[n] = Operand.of(Operand.Kind.MEM, 0, 0);
          memory(d, o);
          ripTarget = o.relative && codeSize == 64;
        }
        case NUMBER -> number(d, n, o);
        case FAR -> {
          d.operands[n] = Operand.of(Operand.Kind.FAR, 0, 0);
          d.imm = o.value;
          d.imm2 = o.selector;
        }
      }
      if (!d.form.accepts(n, d.operands[n])) {
        return null;
      }
    }
    if (ripTarget) {
      d.base = Reg.RIP;
    }
    byte[] bytes = Encoder.encode(d);
    if (bytes == null) {
      return null;
    }
    if (ripTarget) {
      d.disp = target(text) - address - bytes.length;
      bytes = Encoder.encode(d);
    }
    if (d.form.relative()) {
      d.imm = text.get(0).value - address - bytes.length;
      bytes = Encoder.encode(d);
    }
    Insn i = decoder.decode(bytes, 0, bytes.length);
    return i.length == bytes.length && same(d, i, s, text, address) ? new Encoding(bytes, i) : null;
  }

  private static long target(List<TextOperand> text) {
    for (TextOperand o : text) {
      if (o.relative) {
        return o.value;
      }
    }
    return 0;
  }

  private void memory(InsnDraft d, TextOperand o) {
    d.base = o.base;
    d.index = o.index;
    d.scale = o.scale;
    d.disp = o.value;
    if (o.addrSize != 0) {
      d.addrSize = o.addrSize;
    }
    boolean stack = o.base == Reg.RSP || o.base == Reg.RBP;
    if (o.segment >= 0 && o.segment != (stack ? Reg.SS : Reg.DS)) {
      d.segment = o.segment;
    }
  }

  private static void number(InsnDraft d, int n, TextOperand o) {
    if (d.form.relative()) {
      d.operands[n] = Operand.of(Operand.Kind.REL, 0, 0);
    } else if (d.form.second(n)) {
      d.operands[n] = Operand.of(Operand.Kind.IMM2, 0, 0);
      d.imm2 = o.value;
    } else {
      d.operands[n] = Operand.of(Operand.Kind.IMM, 0, 0);
      d.imm = o.value;
    }
  }

  // ---- is it what was written?

  private boolean same(InsnDraft d, Insn i, Source s, List<TextOperand> text, long address) {
    if (i.form != d.form || i.lock != s.lock || i.rep != s.rep) {
      return false;
    }
    if (i.opSize != d.opSize && i.form.sizesOperands()) {
      return false;
    }
    if (d.form.conditions() > 1 && i.cc != d.cc) {
      return false;
    }
    if (!i.hasMem() && i.addrSize != d.addrSize) {
      return false;
    }
    for (int n = 0; n < text.size(); n++) {
      if (!same(d, i, i.operand(n), text.get(n), address)) {
        return false;
      }
    }
    return true;
  }

  private boolean same(InsnDraft d, Insn i, Operand o, TextOperand t, long address) {
    return switch (t.kind) {
      case REGISTER -> sameRegister(o, t.register);
      case MEMORY -> o.isMem() && (t.size == 0 || t.size == o.size()) && sameAddress(d, i, t);
      case NUMBER -> sameNumber(i, o, t, address);
      case FAR ->
          o.kind() == Operand.Kind.FAR
              && i.imm2 == (t.selector & 0xffff)
              && i.imm == (t.value & mask(i.opSize));
    };
  }

  private static boolean sameRegister(Operand o, Operand written) {
    boolean unsized = o.kind() == Operand.Kind.CONTROL || o.kind() == Operand.Kind.DEBUG;
    return unsized ? o.kind() == written.kind() && o.reg() == written.reg() : o.equals(written);
  }

  private static boolean sameAddress(InsnDraft d, Insn i, TextOperand t) {
    if (t.vectorIndex != 0) {
      int length = i.form.vectorIndex() == 256 && i.vexL == 0 ? 128 : i.form.vectorIndex();
      if (length != t.vectorIndex) {
        return false;
      }
    } else if (i.form.vectorIndex() != 0) {
      return false;
    }
    return i.base == d.base
        && i.index == d.index
        && (i.scale == d.scale || i.index == Reg.ZERO)
        && i.addrSize == d.addrSize
        && ((i.disp ^ d.disp) & mask(i.addrSize)) == 0;
  }

  private boolean sameNumber(Insn i, Operand o, TextOperand t, long address) {
    if (o.kind() == Operand.Kind.REL) {
      boolean distance = t.distance.isEmpty() || t.distance.equals("short") == (o.size() == 8);
      long to = address + i.length + i.imm;
      return distance && ((to ^ t.value) & mask(i.opSize)) == 0;
    }
    long v = o.kind() == Operand.Kind.IMM2 ? i.imm2 : i.imm;
    boolean size = t.size == 0 || t.size == o.size();
    return size && fits(t.value, o.size()) && ((v ^ t.value) & mask(o.size())) == 0;
  }

  /** Whether it is a number of that many bits, with or without sign. */
  private static boolean fits(long v, int size) {
    return size >= 64 || size == 0 || (v >= -(1L << size - 1) && v <= mask(size));
  }

  private static long mask(int size) {
    return size >= 64 || size == 0 ? -1 : (1L << size) - 1;
  }
}
