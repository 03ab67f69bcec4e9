package org.quern.x86.asm;

import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.quern.x86.decode.Operand;
import org.quern.x86.state.Reg;

/** An operand as it is written: a register, an address, a number, or a far pointer. */
final class TextOperand {
  enum Kind {
    REGISTER,
    MEMORY,
    NUMBER,
    FAR
  }

  private static final Map<String, Integer> SIZES =
      Map.ofEntries(
          Map.entry("byte", 8),
          Map.entry("word", 16),
          Map.entry("dword", 32),
          Map.entry("fword", 48),
          Map.entry("qword", 64),
          Map.entry("tbyte", 80),
          Map.entry("tword", 80),
          Map.entry("oword", 128),
          Map.entry("xmmword", 128),
          Map.entry("yword", 256),
          Map.entry("ymmword", 256));

  Kind kind = Kind.NUMBER;
  Operand register;

  /** Size keyword in bits, or 0. */
  int size;

  /** {@code short}, {@code near}, {@code far}, or an empty string. */
  String distance = "";

  /** Segment override, or -1. */
  int segment = -1;

  /** Number, offset of a far pointer, or displacement. */
  long value;

  long selector;

  int base = Reg.ZERO;
  int index = Reg.ZERO;
  int scale;

  /** Bits of the address registers: 0 if there are none. */
  int addrSize;

  /** Index is a vector register of this length, or 0. */
  int vectorIndex;

  /** {@code [rel x]}: {@link #value} is the target. */
  boolean relative;

  static TextOperand parse(Tokens t, ToLongFunction<String> symbols, boolean relByDefault) {
    TextOperand o = new TextOperand();
    while (true) {
      String word = t.peekLower();
      if (SIZES.containsKey(word)) {
        o.size = SIZES.get(word);
      } else if (word.equals("short") || word.equals("near") || word.equals("far")) {
        o.distance = word;
      } else if (!word.equals("ptr")) {
        break;
      }
      t.next();
    }
    String word = t.peekLower();
    if (Registers.segment(word) >= 0 && t.peekAfter().equals(":")) {
      o.segment = Registers.segment(word);
      t.next();
      t.next();
    }
    if (t.accept("[")) {
      o.address(t, symbols, relByDefault);
      return o;
    }
    Operand r = Registers.of(t.peekLower());
    if (r != null) {
      t.next();
      o.kind = Kind.REGISTER;
      o.register = r.kind() == Operand.Kind.ST && t.accept("(") ? stack(t) : r;
      return o;
    }
    o.value = new Expression(t, symbols, false).parse().value();
    if (t.accept(":")) {
      o.kind = Kind.FAR;
      o.selector = o.value;
      o.value = new Expression(t, symbols, false).parse().value();
    }
    return o;
  }

  private static Operand stack(Tokens t) {
    Operand r = Registers.of("st" + t.next());
    t.expect(")");
    if (r == null) {
      throw new Tokens.Problem("no such x87 register");
    }
    return r;
  }

  private void address(Tokens t, ToLongFunction<String> symbols, boolean relByDefault) {
    kind = Kind.MEMORY;
    boolean absolute = false;
    while (true) {
      if (t.accept("rel")) {
        relative = true;
      } else if (t.accept("abs")) {
        absolute = true;
      } else if (Registers.segment(t.peekLower()) >= 0 && t.peekAfter().equals(":")) {
        segment = Registers.segment(t.next().toLowerCase(Locale.ROOT));
        t.expect(":");
      } else {
        break;
      }
    }
    Linear sum = new Expression(t, symbols, true).parse();
    t.expect("]");
    value = sum.constant();
    for (Linear.Term term : sum.terms()) {
      term(term.register(), term.factor(), term.scaled());
    }
    normalize();
    if (sum.isConstant() && relByDefault && !absolute && segment < 0) {
      relative = true;
    }
  }

  private void term(String name, int factor, boolean scaled) {
    if (Registers.isPointer(name)) {
      base = Reg.RIP;
      width(name.equals("rip") ? 64 : 32);
      return;
    }
    Operand r = Registers.of(name);
    if (r.kind() == Operand.Kind.VEC) {
      index(r.reg(), factor);
      vectorIndex = r.size();
      return;
    }
    if (r.kind() != Operand.Kind.GPR || r.size() == 8) {
      throw new Tokens.Problem(name + " cannot be part of an address");
    }
    width(r.size());
    if (!scaled && base == Reg.ZERO) {
      base = r.reg();
    } else if (factor == 3 || factor == 5 || factor == 9) {
      base = base == Reg.ZERO ? r.reg() : bad();
      index(r.reg(), factor - 1);
    } else {
      index(r.reg(), factor);
    }
  }

  private static int bad() {
    throw new Tokens.Problem("no such address");
  }

  private void width(int size) {
    if (addrSize != 0 && addrSize != size) {
      throw new Tokens.Problem("address registers of different sizes");
    }
    addrSize = size;
  }

  private void index(int reg, int factor) {
    if (index != Reg.ZERO) {
      bad();
    }
    index = reg;
    scale =
        switch (factor) {
          case 1 -> 0;
          case 2 -> 1;
          case 4 -> 2;
          case 8 -> 3;
          default -> bad();
        };
  }

  /** Puts the registers where encodings have them. */
  private void normalize() {
    boolean plain = index != Reg.ZERO && scale == 0 && vectorIndex == 0;
    if (addrSize == 16) {
      if (plain && (index == Reg.RBX || index == Reg.RBP)) {
        int r = base;
        base = index;
        index = r;
      }
    } else if (plain && index == Reg.RSP) {
      index = base;
      base = Reg.RSP;
    }
  }
}
