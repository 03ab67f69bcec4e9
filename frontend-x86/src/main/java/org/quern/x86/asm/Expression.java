package org.quern.x86.asm;

import java.util.Locale;
import java.util.function.ToLongFunction;

/**
 * Parses and computes expressions: {@code | ^ & << >> + - * / % ~ ()}, numbers, labels, $ and $$.
 */
final class Expression {
  private final Tokens tokens;
  private final ToLongFunction<String> symbols;
  private final boolean registers;

  /**
   * @param symbols value of a name
   * @param registers whether register names are registers (within an address)
   */
  Expression(Tokens tokens, ToLongFunction<String> symbols, boolean registers) {
    this.tokens = tokens;
    this.symbols = symbols;
    this.registers = registers;
  }

  Linear parse() {
    Linear v = exclusive();
    while (tokens.accept("|")) {
      v = Linear.of(v.value() | exclusive().value());
    }
    return v;
  }

  private Linear exclusive() {
    Linear v = and();
    while (tokens.accept("^")) {
      v = Linear.of(v.value() ^ and().value());
    }
    return v;
  }

  private Linear and() {
    Linear v = shift();
    while (tokens.accept("&")) {
      v = Linear.of(v.value() & shift().value());
    }
    return v;
  }

  private Linear shift() {
    Linear v = sum();
    while (true) {
      if (tokens.accept("<<")) {
        v = Linear.of(v.value() << sum().value());
      } else if (tokens.accept(">>")) {
        v = Linear.of(v.value() >>> sum().value());
      } else {
        return v;
      }
    }
  }

  private Linear sum() {
    Linear v = product();
    while (true) {
      if (tokens.accept("+")) {
        v = v.plus(product(), 1);
      } else if (tokens.accept("-")) {
        v = v.plus(product(), -1);
      } else {
        return v;
      }
    }
  }

  private Linear product() {
    Linear v = unary();
    while (true) {
      if (tokens.accept("*")) {
        v = v.times(unary());
      } else if (tokens.accept("/")) {
        v = Linear.of(v.value() / divisor());
      } else if (tokens.accept("%")) {
        v = Linear.of(v.value() % divisor());
      } else {
        return v;
      }
    }
  }

  private long divisor() {
    long v = unary().value();
    if (v == 0) {
      throw new Tokens.Problem("division by zero");
    }
    return v;
  }

  private Linear unary() {
    if (tokens.accept("-")) {
      return Linear.of(-unary().value());
    }
    if (tokens.accept("+")) {
      return unary();
    }
    if (tokens.accept("~")) {
      return Linear.of(~unary().value());
    }
    if (tokens.accept("(")) {
      Linear v = parse();
      tokens.expect(")");
      return v;
    }
    String t = tokens.next();
    char c = t.charAt(0);
    if (c == '\'' || c == '"') {
      return Linear.of(characters(t));
    }
    if (Character.isDigit(c)) {
      return Linear.of(number(t));
    }
    if (!Character.isLetter(c) && c != '_' && c != '.' && c != '$' && c != '?' && c != '@') {
      throw new Tokens.Problem("not an expression at " + t);
    }
    String lower = t.toLowerCase(Locale.ROOT);
    if (registers && Registers.of(lower) != null || registers && Registers.isPointer(lower)) {
      return Linear.register(lower);
    }
    return Linear.of(symbols.applyAsLong(t));
  }

  private static long characters(String quoted) {
    if (quoted.length() > 10) {
      throw new Tokens.Problem("more than eight characters in a number");
    }
    long v = 0;
    for (int n = quoted.length() - 2; n >= 1; n--) {
      v = v << 8 | quoted.charAt(n) & 0xff;
    }
    return v;
  }

  static long number(String t) {
    String s = t.toLowerCase(Locale.ROOT).replace("_", "");
    try {
      if (s.startsWith("0x")) {
        return Long.parseUnsignedLong(s.substring(2), 16);
      }
      if (s.endsWith("h")) {
        return Long.parseUnsignedLong(s.substring(0, s.length() - 1), 16);
      }
      if (s.startsWith("0b")) {
        return Long.parseUnsignedLong(s.substring(2), 2);
      }
      return Long.parseUnsignedLong(s);
    } catch (NumberFormatException e) {
      throw new Tokens.Problem("not a number: " + t);
    }
  }
}
