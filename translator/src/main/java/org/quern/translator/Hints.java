package org.quern.translator;

import java.util.Set;

/** What has been learnt from running a region, for translating it again. */
public final class Hints {
  /** Nothing has been learnt. */
  public static final Hints NONE = new Hints(Set.of());

  /** Shapes for which the MMU is to be called, see {@link Windows}. */
  final Set<String> called;

  Hints(Set<String> called) {
    this.called = Set.copyOf(called);
  }
}
