package org.quern.cli.options;

import java.util.Collection;
import java.util.Locale;

/** Finds the known name that somebody may have meant. */
final class Nearest {
  private Nearest() {}

  /**
   * The name that differs in the fewest letters, whatever their case, if it is close; else null.
   */
  static String of(String name, Collection<String> known) {
    String best = null;
    int bestDistance = name.length() > 4 ? 3 : 2;
    for (String k : known) {
      int d = distance(name.toLowerCase(Locale.ROOT), k.toLowerCase(Locale.ROOT));
      if (d < bestDistance) {
        bestDistance = d;
        best = k;
      }
    }
    return best;
  }

  /** Levenshtein distance. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
