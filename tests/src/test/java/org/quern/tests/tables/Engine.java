package org.quern.tests.tables;

import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;
import org.quern.tests.conformance.GuestMachine;
import org.quern.tests.conformance.Mode;

/** What runs a table's guest program; the last two translate every branch target at once. */
enum Engine {
  INTERP(Tiering.INTERPRET),
  COMPACT(new Tiering(1, Long.MAX_VALUE, false, false)),
  FAST(new Tiering(1, 0, false, false));

  private final Tiering tiering;

  Engine(Tiering tiering) {
    this.tiering = tiering;
  }

  /** A machine of one processor in 64-bit mode. */
  GuestMachine machine() throws Exception {
    return new GuestMachine(new SoftwareAccelerator(tiering), Mode.LONG64);
  }
}
