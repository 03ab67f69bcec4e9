package org.quern.cli.holes;

/** How one instruction fared under one way to run it. */
enum Verdict {
  /** The right result, and nobody was asked. */
  EXACT("exact"),

  /** It trapped to the monitor, which made it right. */
  TRAPS("traps"),

  /** It did not trap, and the guest read state that is not its own. */
  LEAKS("LEAKS"),

  /** It did not trap, and did something else than in ring 0. */
  MISBEHAVES("WRONG"),

  /** The way to run it gave up: {@link Outcome#message} says how. */
  STOPS("stops");

  /** The word in the table. */
  final String word;

  Verdict(String word) {
    this.word = word;
  }
}
