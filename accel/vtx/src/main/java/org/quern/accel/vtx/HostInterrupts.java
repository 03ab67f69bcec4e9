package org.quern.accel.vtx;

import org.quern.x86.bus.LocalInterrupts;

/**
 * The interrupt controller of a host processor: there is none. Its INTR line says that another
 * thread wants the VMM; the VMM lowers it itself.
 */
final class HostInterrupts implements LocalInterrupts {
  @Override
  public int acknowledge() {
    return -1;
  }

  @Override
  public int taskPriority() {
    return 0;
  }

  @Override
  public void taskPriority(int priorityClass) {
    // There is no controller that could hold interrupts back.
  }

  @Override
  public long readMsr(int msr) throws InvalidMsrAccess {
    throw InvalidMsrAccess.INSTANCE;
  }

  @Override
  public void writeMsr(int msr, long value) throws InvalidMsrAccess {
    throw InvalidMsrAccess.INSTANCE;
  }
}
