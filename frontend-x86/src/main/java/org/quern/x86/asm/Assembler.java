package org.quern.x86.asm;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Assembles Intel-syntax source to a flat image.
 *
 * <p>A line is {@code [label:] [prefixes] instruction operands} or a directive, and may end in a
 * comment ({@code ;} or {@code //}). Directives: {@code .code16 .code32 .code64} (or {@code bits
 * 16}), {@code org}, {@code align n[, fill]}, {@code db dw dd dq} (numbers and strings), {@code
 * resb n}, {@code times n statement}, {@code name equ expression}, {@code default rel} and {@code
 * default abs}. Labels that begin with a dot belong to the last one that does not. Expressions have
 * {@code | ^ & << >> + - * / % ~ ()}, {@code $} (address of the statement) and {@code $$} (origin).
 *
 * <p>Sizes: {@code byte word dword fword qword tbyte xmmword ymmword}, with or without {@code ptr};
 * {@code short}, {@code near}, {@code far} at branches, which are otherwise as short as they can
 * be. Prefixes: {@code lock rep repe repne}, segments, {@code o16 o32 o64 a16 a32 a64}. Addresses
 * in 64-bit code are absolute unless they say {@code [rel x]} or {@code default rel} is in effect.
 *
 * <p>Gaps: one section, no macros, no include files, no floating-point constants.
 */
public final class Assembler {
  private static final int MAX_PASSES = 100;
  private static final Set<String> DATA = Set.of("db", "dw", "dd", "dq");

  /** What one source line came to in the pass before. */
  private static final class Line {
    final int number;
    final String text;
    final Map<Integer, Integer> lengths = new HashMap<>();

    Line(int number, String text) {
      this.number = number;
      this.text = text;
    }
  }

  private final List<Line> lines = new ArrayList<>();
  private final int initialCodeSize;
  private final long origin;
  private final Map<Integer, InstructionAssembler> assemblers = new HashMap<>();

  private Map<String, Long> previous = new LinkedHashMap<>();
  private Map<String, Long> symbols = new LinkedHashMap<>();
  private ByteArrayOutputStream out = new ByteArrayOutputStream();
  private long base;
  private int codeSize;
  private boolean relative;
  private String scope = "";
  private long statement;
  private boolean undefined;
  private boolean lastPass;
  private AssemblyException firstError;
  private int instruction;

  private Assembler(String source, int codeSize, long origin) {
    int number = 0;
    for (String text : source.split("\n", -1)) {
      lines.add(new Line(++number, text));
    }
    this.initialCodeSize = codeSize;
    this.origin = origin;
  }

  /**
   * Assembles a whole source.
   *
   * @param codeSize 16, 32 or 64: the code size until a directive changes it
   * @param origin address of the first byte, unless {@code org} says another
   * @throws AssemblyException at the first mistake
   */
  public static Assembly assemble(String source, int codeSize, long origin) {
    return new Assembler(source, codeSize, origin).run();
  }

  private Assembly run() {
    // Passes until nothing moves any more; instructions never get shorter from pass to pass.
    for (int pass = 0; pass < MAX_PASSES; pass++) {
      onePass();
      if (symbols.equals(previous)) {
        if (firstError != null) {
          throw firstError;
        }
        if (lastPass) {
          return new Assembly(base, out.toByteArray(), Map.copyOf(symbols));
        }
        lastPass = true;
      }
      previous = symbols;
    }
    throw firstError != null
        ? firstError
        : new AssemblyException(lines.size(), "", "the addresses do not settle");
  }

  private void onePass() {
    symbols = new LinkedHashMap<>();
    out = new ByteArrayOutputStream();
    base = origin;
    codeSize = initialCodeSize;
    relative = false;
    scope = "";
    firstError = null;
    for (Line line : lines) {
      instruction = 0;
      try {
        statement(line, new Tokens(line.text), true);
      } catch (Tokens.Problem p) {
        if (firstError == null) {
          firstError = new AssemblyException(line.number, line.text, p.getMessage());
        }
      }
    }
  }

  private long here() {
    return base + out.size();
  }

  // ---- symbols

  private long symbol(String name) {
    if (name.equals("$")) {
      return statement;
    }
    if (name.equals("$$")) {
      return base;
    }
    String full = full(name);
    Long v = symbols.get(full);
    if (v == null) {
      v = previous.get(full);
    }
    if (v == null) {
      if (lastPass || !previous.isEmpty()) {
        throw new Tokens.Problem("no symbol " + name);
      }
      undefined = true;
      return statement;
    }
    return v;
  }

  private String full(String name) {
    return name.startsWith(".") ? scope + name : name;
  }

  private void define(String name, long value) {
    if (Registers.of(name.toLowerCase(Locale.ROOT)) != null) {
      throw new Tokens.Problem(name + " is a register");
    }
    if (symbols.put(full(name), value) != null) {
      throw new Tokens.Problem(name + " is defined twice");
    }
  }

  private long number(Tokens t) {
    return new Expression(t, this::symbol, false).parse().value();
  }

  // ---- statements

  private void statement(Line line, Tokens t, boolean labels) {
    statement = here();
    while (labels && t.peekAfter().equals(":") && Registers.segment(t.peekLower()) < 0) {
      String name = t.next();
      t.next();
      define(name, statement);
      scope = name.startsWith(".") ? scope : name;
    }
    if (t.end()) {
      return;
    }
    if (t.peekAfter().equalsIgnoreCase("equ")) {
      String name = t.next();
      t.next();
      define(name, number(t));
    } else {
      String word = t.next().toLowerCase(Locale.ROOT);
      if (!directive(line, word, t)) {
        instruction(line, word, t);
      }
    }
    if (!t.end()) {
      throw new Tokens.Problem("unexpected " + t.peek());
    }
  }

  private boolean directive(Line line, String word, Tokens t) {
    switch (word) {
      case ".code16" -> codeSize = 16;
      case ".code32" -> codeSize = 32;
      case ".code64" -> codeSize = 64;
      case "bits" -> {
        int size = (int) number(t);
        if (size != 16 && size != 32 && size != 64) {
          throw new Tokens.Problem("bits must be 16, 32 or 64");
        }
        codeSize = size;
      }
      case "default" -> {
        relative = t.accept("rel");
        if (!relative) {
          t.expect("abs");
        }
      }
      case "org" -> org(number(t));
      case "align" -> align(t);
      case "resb" -> fill(number(t), 0);
      case "times" -> times(line, t);
      default -> {
        if (!DATA.contains(word)) {
          return false;
        }
        data(t, 1 << "bwdq".indexOf(word.charAt(1)));
      }
    }
    return true;
  }

  private void org(long address) {
    if (out.size() == 0) {
      base = address;
    } else {
      fill(address - here(), 0);
    }
  }

  private void align(Tokens t) {
    long to = number(t);
    if (to <= 0 || (to & to - 1) != 0) {
      throw new Tokens.Problem("alignment must be a power of two");
    }
    int with = t.accept(",") ? (int) number(t) : 0x90;
    fill(-here() & to - 1, with);
  }

  private void fill(long count, int with) {
    if (count < 0 || count > 1 << 24) {
      throw new Tokens.Problem("cannot fill " + count + " bytes");
    }
    for (long n = 0; n < count; n++) {
      out.write(with);
    }
  }

  private void times(Line line, Tokens t) {
    long count = number(t);
    if (count < 0 || count > 1 << 24) {
      throw new Tokens.Problem("cannot repeat " + count + " times");
    }
    int body = t.position();
    if (count == 0) {
      while (!t.end()) {
        t.next();
      }
    }
    for (long n = 0; n < count; n++) {
      t.rewind(body);
      statement(line, t, false);
    }
  }

  private void data(Tokens t, int bytes) {
    do {
      String s = t.peek();
      boolean string = s.startsWith("'") || s.startsWith("\"");
      if (string && (t.peekAfter().isEmpty() || t.peekAfter().equals(","))) {
        t.next();
        int length = s.length() - 2;
        for (int n = 0; n < length; n++) {
          out.write(s.charAt(n + 1));
        }
        fill(-length & bytes - 1, 0);
      } else {
        long v = number(t);
        for (int n = 0; n < bytes; n++) {
          out.write((int) (v >> 8 * n));
        }
      }
    } while (t.accept(","));
  }

  // ---- instructions

  private void instruction(Line line, String first, Tokens t) {
    InstructionAssembler.Source s = new InstructionAssembler.Source();
    String word = first;
    while (prefix(s, word)) {
      if (t.end()) {
        throw new Tokens.Problem("a prefix without an instruction");
      }
      word = t.next().toLowerCase(Locale.ROOT);
    }
    s.name = word;
    undefined = false;
    if (!t.end()) {
      do {
        s.operands.add(TextOperand.parse(t, this::symbol, relative && codeSize == 64));
      } while (t.accept(","));
    }
    int key = instruction++;
    int atLeast = line.lengths.getOrDefault(key, 0);
    byte[] bytes;
    try {
      bytes =
          assemblers
              .computeIfAbsent(codeSize, InstructionAssembler::new)
              .assemble(s, statement, atLeast);
    } catch (Tokens.Problem p) {
      if (!undefined) {
        throw p;
      }
      // A symbol is not known yet and its place holder does not fit: take some length for now.
      bytes = new byte[2];
    }
    if (!undefined) {
      line.lengths.put(key, bytes.length);
    }
    out.write(bytes, 0, bytes.length);
  }

  private static boolean prefix(InstructionAssembler.Source s, String word) {
    switch (word) {
      case "lock" -> s.lock = true;
      case "rep", "repe", "repz" -> s.rep = 0xf3;
      case "repne", "repnz" -> s.rep = 0xf2;
      case "o16" -> s.opSize = 16;
      case "o32" -> s.opSize = 32;
      case "o64" -> s.opSize = 64;
      case "a16" -> s.addrSize = 16;
      case "a32" -> s.addrSize = 32;
      case "a64" -> s.addrSize = 64;
      default -> {
        if (Registers.segment(word) < 0) {
          return false;
        }
        s.segment = Registers.segment(word);
      }
    }
    return true;
  }
}
