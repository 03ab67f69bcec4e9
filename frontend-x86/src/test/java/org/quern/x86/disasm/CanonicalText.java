package org.quern.x86.disasm;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Operand;

/**
 * Listings of different disassemblers in one form, in which equal means equal: numbers modulo their
 * size, the segment always written out, prefixes without effect left out.
 */
final class CanonicalText {
  private static final Set<String> NOISE =
      Set.of(
          "bnd",
          "xacquire",
          "xrelease",
          "rep",
          "repe",
          "repne",
          "repz",
          "repnz",
          "o16",
          "o32",
          "a16",
          "a32",
          "a64",
          "es",
          "cs",
          "ss",
          "ds",
          "fs",
          "gs");
  private static final Pattern MEMORY =
      Pattern.compile("(?:(\\w+) )?(?:ptr )?(?:(\\w\\w):)?\\[(.*)]");

  private CanonicalText() {}

  /** {@code "mnemonic|operand|operand"} of a listing, as far as {@code i} tells sizes. */
  static String of(Disassembler.Text t, Insn i, int codeSize) {
    StringBuilder s = new StringBuilder();
    for (String word : t.mnemonic().split(" ", -1)) {
      boolean repeat = i.form.string() && word.startsWith("rep");
      if (repeat) {
        s.append(word.startsWith("repn") ? "repne" : "rep");
      } else if (!NOISE.contains(word)) {
        s.append(s.length() == 0 ? "" : " ").append(word);
      }
    }
    if (i.form.string()) {
      // The operands are implied; only the segment can differ.
      String source = "ds";
      Matcher m = Pattern.compile("(\\w\\w):\\[e?r?si]").matcher(t.operands());
      if (m.find()) {
        source = m.group(1);
      }
      for (String word : t.mnemonic().split(" ", -1)) {
        source = word.matches("[c-gs]s") || word.equals("es") ? word : source;
      }
      boolean reads = i.form.sourceString();
      return s.toString().trim() + (reads ? "|" + effective(source, codeSize, "ds") : "");
    }
    List<String> operands = split(t.operands());
    for (int n = 0; n < operands.size(); n++) {
      s.append('|').append(operand(operands.get(n), n, i, codeSize));
    }
    return s.toString();
  }

  private static List<String> split(String operands) {
    List<String> parts = new ArrayList<>();
    if (!operands.isEmpty()) {
      for (String part : operands.split(", ", -1)) {
        parts.add(part.trim());
      }
    }
    return parts;
  }

  private static String operand(String s, int n, Insn i, int codeSize) {
    Matcher m = MEMORY.matcher(s);
    if (m.matches()) {
      return memory(m, i, codeSize);
    }
    if (s.matches("-?(0x[0-9a-f]+|[0-9]+)")) {
      int size = 64;
      if (n < i.operandCount) {
        Operand o = i.operand(n);
        size = o.kind() == Operand.Kind.REL ? i.opSize : o.size();
        if (o.kind() == Operand.Kind.IMM && i.form.mnemonic().name().startsWith("RET")) {
          size = 16;
        }
      }
      return Long.toHexString(number(s) & mask(size));
    }
    return s;
  }

  private static String memory(Matcher m, Insn i, int codeSize) {
    String inner = m.group(3).replace(" ", "").replace("-", "+-");
    StringBuilder registers = new StringBuilder();
    long disp = 0;
    String base = "";
    for (String term : inner.split("\\+", -1)) {
      if (term.isEmpty()) {
        continue;
      }
      if (term.matches("-?(0x[0-9a-f]+|[0-9]+)")) {
        disp += number(term);
      } else {
        base = registers.length() == 0 ? term : base;
        registers.append(term.replace("*1", "")).append('+');
      }
    }
    boolean stack = base.matches("[er]?[sb]p");
    String segment = m.group(2) == null ? "" : m.group(2);
    return (m.group(1) == null || m.group(1).equals("ptr") ? "-" : m.group(1))
        + " "
        + effective(segment, codeSize, stack ? "ss" : "ds")
        + ":"
        + registers
        + Long.toHexString(disp & mask(i.addrSize));
  }

  private static String effective(String segment, int codeSize, String usual) {
    boolean none = segment.isEmpty() || (codeSize == 64 && !segment.matches("[fg]s"));
    return none ? usual : segment;
  }

  private static long mask(int size) {
    return size == 64 || size == 0 ? -1 : (1L << size) - 1;
  }

  private static long number(String s) {
    boolean negative = s.startsWith("-");
    String digits = negative ? s.substring(1) : s;
    long v =
        digits.startsWith("0x")
            ? Long.parseUnsignedLong(digits.substring(2), 16)
            : Long.parseUnsignedLong(digits);
    return negative ? -v : v;
  }
}
