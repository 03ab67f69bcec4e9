package org.quern.x86;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.quern.x86.bus.LocalInterrupts;

/** An interrupt controller with a queue of vectors and a few MSRs. */
public final class FakeInterrupts implements LocalInterrupts {
  public final Deque<Integer> pending = new ArrayDeque<>();
  public final Map<Integer, Long> msrs = new HashMap<>();
  public int taskPriority;

  public FakeInterrupts() {
    msrs.put(0x1b, 0xfee00900L);
  }

  @Override
  public int acknowledge() {
    Integer v = pending.poll();
    return v == null ? -1 : v;
  }

  @Override
  public int taskPriority() {
    return taskPriority;
  }

  @Override
  public void taskPriority(int priorityClass) {
    taskPriority = priorityClass;
  }

  @Override
  public long readMsr(int msr) throws InvalidMsrAccess {
    Long v = msrs.get(msr);
    if (v == null) {
      throw InvalidMsrAccess.INSTANCE;
    }
    return v;
  }

  @Override
  public void writeMsr(int msr, long value) throws InvalidMsrAccess {
    if (!msrs.containsKey(msr)) {
      throw InvalidMsrAccess.INSTANCE;
    }
    msrs.put(msr, value);
  }
}
