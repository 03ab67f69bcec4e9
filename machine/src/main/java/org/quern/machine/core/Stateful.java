package org.quern.machine.core;

/**
 * A device whose guest-visible state can be taken and put back.
 *
 * @param <S> an immutable record of that state
 */
public interface Stateful<S extends Record> {
  S state();

  /**
   * Puts a state back and drives the output lines to match.
   *
   * @throws IllegalArgumentException if the state is not one this device can be in
   */
  void restore(S state);
}
