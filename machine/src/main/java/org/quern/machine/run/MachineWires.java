package org.quern.machine.run;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.quern.machine.core.CpuLines;

/**
 * The wires between a board and the {@link Machine} around it, made before either: a board is built
 * with their near ends, and the machine connects the far ends. What is asked for before that is
 * lost, except levels of lines.
 */
public final class MachineWires implements SystemControl {
  private final ReentrantLock lock;
  private final List<CpuRunner> runners = new ArrayList<>();
  private final List<? extends CpuLines> lines;
  private volatile SystemControl control;

  /**
   * Wires for a machine.
   *
   * @param cpus number of processors, at least 1
   */
  public MachineWires(int cpus) {
    this(new ReentrantLock(), cpus, Pace.HOST);
  }

  /**
   * Wires for a machine of one processor whose time counts instructions.
   *
   * @param lock the machine lock
   */
  public MachineWires(ReentrantLock lock, InstructionPace pace) {
    this(lock, 1, pace);
  }

  private MachineWires(ReentrantLock lock, int cpus, Pace pace) {
    this.lock = lock;
    if (cpus < 1) {
      throw new IllegalArgumentException("a machine needs a processor");
    }
    for (int i = 0; i < cpus; i++) {
      runners.add(new CpuRunner(i, pace));
    }
    lines = runners;
  }

  /**
   * Wires for a board that is driven by something other than a {@link Machine}.
   *
   * @param lock the machine lock
   * @param lines the pins of each processor
   * @param control what the board's devices ask of the machine as a whole
   */
  public MachineWires(ReentrantLock lock, List<CpuLines> lines, SystemControl control) {
    this.lock = lock;
    this.lines = List.copyOf(lines);
    this.control = control;
  }

  /** The machine lock: guards the state of every device. */
  public ReentrantLock lock() {
    return lock;
  }

  /** The pins of each processor. */
  public List<CpuLines> cpuLines() {
    return List.copyOf(lines);
  }

  List<CpuRunner> runners() {
    return runners;
  }

  void connect(SystemControl farEnd) {
    if (control != null) {
      throw new IllegalStateException("wires already belong to a machine");
    }
    control = farEnd;
  }

  @Override
  public void reset(String cause) {
    SystemControl c = control;
    if (c != null) {
      c.reset(cause);
    }
  }

  @Override
  public void powerOff() {
    SystemControl c = control;
    if (c != null) {
      c.powerOff();
    }
  }

  @Override
  public void debugExit(int exitCode) {
    SystemControl c = control;
    if (c != null) {
      c.debugExit(exitCode);
    }
  }
}
