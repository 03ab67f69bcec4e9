package org.quern.machine.core;

/** Something that a system reset returns to its power-on state. */
public interface Resettable {
  void reset();
}
