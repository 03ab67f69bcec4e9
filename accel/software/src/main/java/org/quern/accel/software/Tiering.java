package org.quern.accel.software;

/**
 * When code that runs often is translated, and how.
 *
 * <p>Everything starts in the interpreter. An entry of code that was reached {@link #compactAfter}
 * times is translated in the compact form; once {@link #fastAfter} instructions have run in a
 * compact region, it is translated again in the fast form.
 *
 * @param compactAfter executions of a branch target; 0: never
 * @param fastAfter instructions executed in a compact region; 0: the fast form at once
 * @param background whether a thread of its own translates, while the guest goes on as before
 * @param counted whether instructions are counted in the fast form too, and its loops leave now and
 *     then, so that bounded runs (see {@link org.quern.accel.api.Stepping}) end near their bound;
 *     costs speed
 */
public record Tiering(int compactAfter, long fastAfter, boolean background, boolean counted) {
  /** No translation. */
  public static final Tiering INTERPRET = new Tiering(0, 0, false, false);

  /** What {@code -accel jit} does. docs/performance.md says how the figures were found. */
  public static final Tiering DEFAULT = new Tiering(150_000, 2_000_000, true, false);

  /** The same with all instructions counted. */
  public Tiering counting() {
    return new Tiering(compactAfter, fastAfter, background, true);
  }

  boolean translates() {
    return compactAfter > 0;
  }
}
