package org.quern.cli.run;

import java.util.List;
import java.util.Locale;
import org.quern.accel.api.TranslationCounts;

/** What translation has come to, in words. */
final class TranslationText {
  private TranslationText() {}

  static List<String> lines(TranslationCounts c) {
    return List.of(
        String.format(
            "regions: %d compact, %d fast, %d of them cut to fit; %d left to the interpreter",
            c.compact(), c.fast(), c.halved(), c.interpreted()),
        String.format(
            Locale.ROOT,
            "translation: %.3f s, %d KiB of bytecode",
            c.nanoseconds() / 1e9,
            c.bytecodeBytes() >> 10),
        String.format(
            "regions invalidated: %d; accesses that a fast region could not make: %d",
            c.invalidated(), c.misses()));
  }
}
