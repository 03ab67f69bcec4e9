package org.quern.cli.suite;

import java.util.Locale;

/** How a case ended. */
public enum Verdict {
  PASS,
  FAIL,
  /** It says itself that it cannot run here, or the machine it asks for cannot be built. */
  SKIP;

  /** The word in JSON. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
