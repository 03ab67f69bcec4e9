package org.quern.translator;

import java.util.Map;

/** What has been learnt from running a region, for translating it again. */
public final class Hints {
  /** Nothing has been learnt. */
  public static final Hints NONE = new Hints(Map.of());

  final Map<String, Windows.Way> ways;

  Hints(Map<String, Windows.Way> ways) {
    this.ways = Map.copyOf(ways);
  }
}
