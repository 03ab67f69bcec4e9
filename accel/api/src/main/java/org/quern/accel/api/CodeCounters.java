package org.quern.accel.api;

/** A {@link Vm} that counts what becomes of guest code. Counts since creation; any thread. */
public interface CodeCounters {
  /** Regions translated. */
  long translations();

  /** Pages whose decoded or translated code was dropped because memory was written. */
  long invalidations();

  /** Whether code is translated at all. */
  boolean translates();

  /** The same in detail; all zero if nothing is ever translated. */
  TranslationCounts counts();
}
