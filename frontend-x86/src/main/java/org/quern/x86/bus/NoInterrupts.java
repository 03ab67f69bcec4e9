package org.quern.x86.bus;

/** What a processor without an interrupt controller has: a task priority that nobody reads. */
public final class NoInterrupts implements LocalInterrupts {
  private int priority;

  @Override
  public int acknowledge() {
    return -1;
  }

  @Override
  public int taskPriority() {
    return priority;
  }

  @Override
  public void taskPriority(int priorityClass) {
    priority = priorityClass;
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
