package org.quern.machine.core;

import java.util.ArrayList;
import java.util.List;

/** The pins of a processor that only remembers what happened to them. */
public final class FakeCpu implements CpuLines {
  private final List<String> events = new ArrayList<>();
  private boolean intr;

  @Override
  public void intr(boolean level) {
    intr = level;
  }

  @Override
  public void nmi() {
    events.add("nmi");
  }

  @Override
  public void init() {
    events.add("init");
  }

  @Override
  public void startup(int vector) {
    events.add("startup " + vector);
  }

  @Override
  public void smi() {
    events.add("smi");
  }

  /** Level of INTR. */
  public boolean intr() {
    return intr;
  }

  /** What happened on the other pins since the last call. */
  public List<String> takeEvents() {
    List<String> result = List.copyOf(events);
    events.clear();
    return result;
  }
}
