package org.quern.tests.stress;

import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;
import org.quern.tests.conformance.GuestMachine;
import org.quern.tests.conformance.Mode;

/** What runs a stress guest. */
enum Engine {
  INTERP(Tiering.INTERPRET, 300, 5),
  COMPACT_AT_ONCE(new Tiering(1, Long.MAX_VALUE, false, false), 100, 7),
  FAST_AT_ONCE(new Tiering(1, 0, false, false), 100, 7),

  /** Both forms soon, and by the thread in the background. */
  SOON(new Tiering(20, 2_000, true, false), 40, 2_000),
  DEFAULT(Tiering.DEFAULT, 20, 2 * Tiering.DEFAULT.compactAfter() + 5);

  private final Tiering tiering;

  /** How often a guest should change its code. */
  final int rounds;

  /** How often a guest should execute code between two changes, so that all of it is translated. */
  final int calls;

  Engine(Tiering tiering, int rounds, int calls) {
    this.tiering = tiering;
    this.rounds = rounds;
    this.calls = calls;
  }

  GuestMachine machine(Mode mode, int cpus) throws Exception {
    return new GuestMachine(new SoftwareAccelerator(tiering), mode, cpus);
  }

  /** A machine of one processor in 64-bit mode. */
  GuestMachine machine() throws Exception {
    return machine(Mode.LONG64, 1);
  }

  /** The source with ROUNDS and CALLS replaced. */
  String fill(String source) {
    return source.replace("ROUNDS", "" + rounds).replace("CALLS", "" + calls);
  }
}
