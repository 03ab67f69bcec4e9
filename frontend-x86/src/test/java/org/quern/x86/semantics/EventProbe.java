package org.quern.x86.semantics;

import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cpu;

/** Lets the decision tables deliver one event without what comes after a nested fault. */
public final class EventProbe {
  private EventProbe() {}

  /** An exception (with its error code, where it has one) or an external interrupt. */
  public static void hardware(Cpu c, int vector, int error) {
    EventGates.deliver(c, vector, Vector.hasErrorCode(vector), error, false, false, 1);
  }
}
