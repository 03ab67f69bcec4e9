package org.quern.accel.software;

import org.quern.translator.CodeSource;

/** The code pages that a processor knew around a place when it asked for a translation. */
@FunctionalInterface
interface NearbyPages {
  /** None but the page itself. */
  NearbyPages NONE = distance -> null;

  /**
   * The page at a distance.
   *
   * @param distance bytes from the page of the place, as in {@link CodeSource}; a multiple of 4096
   * @return null if the processor had not run code there
   */
  CodePage at(int distance);
}
