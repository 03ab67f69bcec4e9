package org.quern.translator;

import java.util.Set;

/** What has been learnt from running a region, for translating it again. */
public final class Hints {
  /** Nothing has been learnt. */
  public static final Hints NONE = new Hints(Set.of(), false);

  /** No code of other pages, see {@link #confined}. */
  public static final Hints CONFINED = new Hints(Set.of(), true);

  /** Shapes for which the MMU is to be called, see {@link Windows}. */
  final Set<String> called;

  private final boolean confined;

  Hints(Set<String> called, boolean confined) {
    this.called = Set.copyOf(called);
    this.confined = confined;
  }

  /** Whether code of other pages is to be left out, because pages lie differently too often. */
  public boolean confined() {
    return confined;
  }
}
