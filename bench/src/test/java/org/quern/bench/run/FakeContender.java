package org.quern.bench.run;

import java.util.List;

/** Contenders that are shell scripts; what a machine would be told is in their arguments. */
final class FakeContender {
  private FakeContender() {}

  static Contender of(String name, String script) {
    return new Contender(name, List.of("/bin/sh", "-c", script, "sh"), false, false);
  }

  /** A guest with two repetitions that ends as it should. */
  static Contender good(String name, String checksum) {
    return of(name, "printf '+..=" + checksum + "\\n'; exit 33");
  }
}
