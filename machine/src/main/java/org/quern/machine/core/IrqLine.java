package org.quern.machine.core;

/** One interrupt (or reset, or gate) wire as its driver sees it. Setting the same level is free. */
@FunctionalInterface
public interface IrqLine {
  void set(boolean level);

  /** A wire that ends nowhere. */
  IrqLine UNCONNECTED = level -> {};

  /** Low, high, low: an edge for an edge-triggered input. */
  default void pulse() {
    set(true);
    set(false);
  }
}
