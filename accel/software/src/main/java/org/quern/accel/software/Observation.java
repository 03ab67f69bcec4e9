package org.quern.accel.software;

import java.util.function.LongFunction;

/**
 * How translation can be watched.
 *
 * @param symbols names a linear address, as {@code symbol+0x12}, or gives null; any thread. Regions
 *     are named by it in profilers too
 * @param listener told of each translation, or null: then nothing is done for it
 */
public record Observation(LongFunction<String> symbols, TranslationListener listener) {
  /** Nobody watches, and nothing has a name. */
  public static final Observation NONE = new Observation(address -> null, null);
}
