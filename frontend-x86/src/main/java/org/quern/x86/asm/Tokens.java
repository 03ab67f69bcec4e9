package org.quern.x86.asm;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One source line as tokens: names, numbers, quoted strings, punctuation; with a read position. */
final class Tokens {
  private final List<String> list = new ArrayList<>();
  private int at;

  Tokens(String line) {
    int n = 0;
    while (n < line.length()) {
      char c = line.charAt(n);
      if (c == ';' || line.startsWith("//", n)) {
        break;
      }
      if (Character.isWhitespace(c)) {
        n++;
        continue;
      }
      int end = n + 1;
      if (c == '\'' || c == '"') {
        end = line.indexOf(c, n + 1) + 1;
        if (end == 0) {
          throw new Problem("string without end");
        }
      } else if (wordPart(c)) {
        while (end < line.length() && wordPart(line.charAt(end))) {
          end++;
        }
      } else if (line.startsWith("<<", n) || line.startsWith(">>", n)) {
        end = n + 2;
      }
      list.add(line.substring(n, end));
      n = end;
    }
  }

  /** What is wrong with a line, before the line number is known. */
  static final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1;

    Problem(String message) {
      super(message, null, false, false);
    }
  }

  private static boolean wordPart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '.' || c == '$' || c == '?' || c == '@';
  }

  boolean end() {
    return at >= list.size();
  }

  /** The next token, or an empty string. */
  String peek() {
    return end() ? "" : list.get(at);
  }

  /** The next token in lower case. */
  String peekLower() {
    return peek().toLowerCase(Locale.ROOT);
  }

  String peekAfter() {
    return at + 1 < list.size() ? list.get(at + 1) : "";
  }

  String next() {
    if (end()) {
      throw new Problem("something is missing at the end of the line");
    }
    return list.get(at++);
  }

  boolean accept(String token) {
    if (peekLower().equals(token)) {
      at++;
      return true;
    }
    return false;
  }

  void expect(String token) {
    if (!accept(token)) {
      throw new Problem("expected " + token + (end() ? "" : " before " + peek()));
    }
  }

  int position() {
    return at;
  }

  void rewind(int position) {
    at = position;
  }
}
