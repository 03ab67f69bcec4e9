package org.quern.machine.run;

import java.io.IOException;
import java.lang.System.Logger;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.quern.accel.api.Accelerator;
import org.quern.accel.api.AcceleratorException;
import org.quern.accel.api.Vcpu;
import org.quern.accel.api.Vm;

/**
 * A board with running processors, from power-on to its end.
 *
 * <p>Threading: {@link #run} conducts on the caller's thread, each processor has a thread of its
 * own. Everything that devices, processors or users ask for only sets a wish, stops the processors
 * at their gate and wakes the conductor, which alone carries wishes out. So a device may ask for a
 * reset from inside a processor's thread that holds the machine lock.
 *
 * <p>Lock order: machine lock, then this object's monitor, then the gate's. The conductor waits for
 * processors with none of them held.
 */
public final class Machine implements SystemControl, AutoCloseable {
  private static final Logger LOG = System.getLogger("quern.machine");

  private static final int RESERVE_BYTES = 1 << 20;

  /**
   * Told when a processor shuts down, before the machine resets or ends, and once if all processors
   * have halted for good.
   */
  @FunctionalInterface
  public interface ShutdownListener {
    /**
     * Reports.
     *
     * @param cpu which processor; it does not run, so its state may be read
     * @param message what the accelerator says
     */
    void shutdown(Vcpu cpu, String message);
  }

  private final Board board;
  private final MachineOptions options;
  private final BootHook hook;
  private final Vm vm;
  private final List<CpuRunner> runners;
  private final RunGate gate;
  private final AtomicBoolean stuckReported = new AtomicBoolean();

  /** Given back when the heap is full: without any memory the machine could not even end. */
  private volatile byte[] reserve = new byte[RESERVE_BYTES];

  private volatile ShutdownListener shutdownListener = (cpu, message) -> {};

  // Wishes and their outcome, guarded by this object's monitor.
  private MachineEnd end;
  private String resetCause;
  private boolean pauseWanted;
  private boolean paused;
  private boolean started;
  private boolean ended;

  /**
   * Makes the processors of a board; nothing runs yet.
   *
   * @param wires those the board was built with
   * @throws AcceleratorException if the accelerator cannot run this board here
   */
  public Machine(
      Board board,
      MachineWires wires,
      Accelerator accelerator,
      MachineOptions options,
      BootHook hook)
      throws AcceleratorException {
    this.board = board;
    this.options = options;
    this.hook = hook;
    this.pauseWanted = options.startPaused();
    this.runners = wires.runners();
    this.gate = new RunGate(runners);
    this.vm = accelerator.createVm(board.vmConfig());
    if (vm.cpus() != runners.size()) {
      throw new IllegalStateException(
          "wires for " + runners.size() + " processors, board has " + vm.cpus());
    }
    if (runners.get(0).pace() instanceof InstructionPace && !InstructionPace.suits(vm.vcpu(0))) {
      vm.close();
      throw new AcceleratorException("it cannot count instructions, which -icount needs");
    }
    board.dma().onWrite(vm::memoryWritten);
    board.ramAccess().onWrite(vm::memoryWritten);
    wires.connect(this);
  }

  /** The processors; their state may be touched only while the machine is paused or has ended. */
  public Vm vm() {
    return vm;
  }

  /** Sets who is told of triple faults. */
  public void onShutdown(ShutdownListener listener) {
    shutdownListener = listener;
  }

  /** Instructions completed by all processors, as far as the accelerator counts. */
  public long instructions() {
    long sum = 0;
    for (int i = 0; i < vm.cpus(); i++) {
      sum += vm.vcpu(i).instructions();
    }
    return sum;
  }

  /**
   * Runs the machine until it ends. Once only; an interrupt of the calling thread ends the machine
   * as {@link MachineEnd.Kind#QUIT}.
   */
  public MachineEnd run() {
    synchronized (this) {
      if (started) {
        throw new IllegalStateException("a machine runs once");
      }
      started = true;
    }
    for (int i = 0; i < runners.size(); i++) {
      runners.get(i).start(vm.vcpu(i), gate, new Reports());
    }
    try {
      gate.awaitHeld();
      powerOn();
      settle(pauseWanted());
      conduct();
    } catch (InterruptedException e) {
      end(new MachineEnd(MachineEnd.Kind.QUIT, 0, "interrupted"));
    } finally {
      finish();
    }
    synchronized (this) {
      return end;
    }
  }

  private void conduct() throws InterruptedException {
    while (true) {
      String reset;
      boolean pause;
      synchronized (this) {
        while (end == null && resetCause == null && settled()) {
          wait();
        }
        if (end != null) {
          return;
        }
        reset = resetCause;
        resetCause = null;
        pause = pauseWanted;
      }
      gate.hold();
      gate.awaitHeld();
      if (reset != null) {
        if (options.noReboot()) {
          end(new MachineEnd(MachineEnd.Kind.RESET, 0, "reset by " + reset));
          return;
        }
        LOG.log(Logger.Level.DEBUG, "system reset by {0}", reset);
        powerOn();
      }
      settle(pause);
    }
  }

  private synchronized boolean pauseWanted() {
    return pauseWanted;
  }

  /** Whether the processors are as the user wants them. Under the monitor. */
  private boolean settled() {
    return pauseWanted == paused && gate.open() != paused;
  }

  /** Leaves the processors held or running, and time with them. */
  private void settle(boolean pause) {
    if (pause) {
      board.stop();
    } else {
      board.start();
    }
    synchronized (this) {
      paused = pause;
      notifyAll();
      // A wish that came meanwhile has closed the gate; opening it now would overrun it.
      if (!pause && end == null && resetCause == null && !pauseWanted) {
        gate.release();
      }
    }
  }

  /** Reset state everywhere, then the boot hook. Processors are held. */
  private void powerOn() {
    board.lock().lock();
    try {
      for (int i = 0; i < vm.cpus(); i++) {
        vm.vcpu(i).reset();
      }
      board.reset();
      hook.boot(vm);
    } catch (IOException e) {
      end(new MachineEnd(MachineEnd.Kind.ERROR, 1, e.getMessage()));
    } finally {
      board.lock().unlock();
    }
    synchronized (this) {
      // What devices asked for while they were being reset is done already.
      resetCause = null;
      stuckReported.set(false);
    }
  }

  private void finish() {
    boolean interrupted = Thread.interrupted();
    for (CpuRunner r : runners) {
      while (r.thread().isAlive()) {
        gate.quit();
        try {
          r.thread().join(RunGate.KICK_MILLIS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    board.stop();
    board.close();
    synchronized (this) {
      ended = true;
      notifyAll();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- wishes

  @Override
  public void reset(String cause) {
    synchronized (this) {
      if (resetCause == null) {
        resetCause = cause;
        notifyAll();
      }
      // Inside the monitor, so that the gate cannot close after the wish has been carried out.
      gate.hold();
    }
  }

  @Override
  public void powerOff() {
    end(new MachineEnd(MachineEnd.Kind.POWER_OFF, 0, ""));
  }

  @Override
  public void debugExit(int exitCode) {
    end(new MachineEnd(MachineEnd.Kind.DEBUG_EXIT, exitCode, ""));
  }

  /** Ends the machine for the user. */
  public void quit() {
    end(new MachineEnd(MachineEnd.Kind.QUIT, 0, ""));
  }

  /** The first end counts. */
  private void end(MachineEnd newEnd) {
    synchronized (this) {
      if (end == null) {
        end = newEnd;
        notifyAll();
      }
      gate.hold();
    }
  }

  /**
   * Stops processors and guest time; returns when they stand still or the machine has ended. Not
   * for processor threads, not under the machine lock.
   */
  public void pause() throws InterruptedException {
    wish(true);
  }

  /** Continues after {@link #pause} or a paused start. */
  public void resume() throws InterruptedException {
    wish(false);
  }

  private void wish(boolean pause) throws InterruptedException {
    synchronized (this) {
      pauseWanted = pause;
      notifyAll();
      while (started && !ended && paused != pause && pauseWanted == pause) {
        wait();
      }
    }
  }

  /** Whether the machine stands still at the user's wish. */
  public synchronized boolean paused() {
    return started && paused;
  }

  /** Frees the processors, after the machine has ended and nobody looks at their state any more. */
  @Override
  public void close() {
    vm.close();
  }

  private final class Reports implements CpuRunner.Events {
    @Override
    public void shutdown(int cpu, String message) {
      shutdownListener.shutdown(vm.vcpu(cpu), message);
      if (options.stopOnShutdown()) {
        end(new MachineEnd(MachineEnd.Kind.SHUTDOWN, 1, message));
      } else {
        reset("triple fault");
      }
    }

    @Override
    public void stuck(int cpu, String message) {
      // One that still runs may send an interrupt that counts; with all of them it is the end.
      // A guest that has asked for power-off or a reset halts on purpose.
      if (Halts.allForGood(runners) && gate.open() && stuckReported.compareAndSet(false, true)) {
        shutdownListener.shutdown(vm.vcpu(cpu), message + ", and no other processor runs");
      }
    }

    @Override
    public void failed(int cpu, String message) {
      end(new MachineEnd(MachineEnd.Kind.ERROR, 1, message));
    }

    @Override
    public void threw(int cpu, Throwable thrown) {
      reserve = null;
      String message = "processor " + cpu + " failed: " + thrown;
      failed(cpu, message);
      // A full heap is told in one sentence; where it was noticed says nothing.
      if (!(thrown instanceof OutOfMemoryError)) {
        LOG.log(Logger.Level.ERROR, message, thrown);
      }
    }
  }
}
