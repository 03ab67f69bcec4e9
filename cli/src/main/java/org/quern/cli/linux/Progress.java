package org.quern.cli.linux;

/** Told what takes time right now. */
@FunctionalInterface
public interface Progress {
  /** A new step begins, named in a few words. */
  void step(String what);
}
