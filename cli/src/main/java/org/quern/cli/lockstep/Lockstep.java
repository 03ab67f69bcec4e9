package org.quern.cli.lockstep;

import java.io.PrintStream;
import java.util.Locale;
import java.util.Random;
import org.quern.accel.api.Accelerator;
import org.quern.accel.api.VmExit;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;
import org.quern.cli.CliException;

/**
 * Runs two machines with the same guest and compares them. The translator leads: it runs to a stop,
 * wherever that is; the interpreter follows to the same count of instructions, and then everything
 * must be the same. Only there time moves on and interrupts rise, in both.
 *
 * <p>Most stops come by themselves, when translated code returns to its engine; some are asked for,
 * so that loops are also left in their middle; and a loop that does not end by itself is left after
 * a few milliseconds.
 */
public final class Lockstep {
  /** One stop of so many is asked for. */
  private static final int ASKED_FOR = 4;

  private static final long PROGRESS = 10_000_000;

  /** Timers that may ring one after the other without waking the processor. */
  private static final int MOST_IDLE = 100_000;

  private final LockstepOptions options;
  private final PrintStream out;
  private final Twin jit;
  private final Twin interp;
  private final History history = new History();
  private final Random random;
  private final Patience patience;
  private long stops;
  private int idle;
  private String difference;

  Lockstep(LockstepOptions options, PrintStream out) throws CliException {
    this(
        options,
        out,
        new SoftwareAccelerator(options.tiering()),
        new SoftwareAccelerator(Tiering.INTERPRET));
  }

  /** For tests: with accelerators that differ where they should not. */
  Lockstep(LockstepOptions options, PrintStream out, Accelerator leader, Accelerator follower)
      throws CliException {
    this.options = options;
    this.out = out;
    this.random = new Random(options.seed());
    this.jit = new Twin(leader, options, true);
    this.interp = new Twin(follower, options, false);
    this.patience = new Patience(jit::stopSoon);
  }

  /**
   * Runs until the machines differ, the guest ends or enough was compared.
   *
   * @return exit code of the process
   */
  int run() {
    long start = System.nanoTime();
    patience.start();
    String end = compareRam();
    try {
      end = end != null ? end : loop();
    } finally {
      patience.close();
    }
    if (difference == null) {
      compareRam();
    }
    if (difference != null) {
      new DifferenceReport(out, jit, interp, history).print(difference);
      return 1;
    }
    out.printf(
        Locale.ROOT,
        "quern: no difference in %,d instructions: %,d stops, %,d regions translated, guest time"
            + " %.3f s, %.1f s taken%s%n",
        jit.instructions(),
        stops,
        jit.translations(),
        jit.nanos() / 1e9,
        (System.nanoTime() - start) / 1e9,
        end == null ? "" : "; the guest ended: " + end);
    return 0;
  }

  /** Returns why the guest ended, or null. */
  private String loop() {
    long nextRam = options.ramEvery();
    long nextProgress = PROGRESS;
    while (difference == null && jit.instructions() < options.instructions()) {
      jit.advance();
      interp.advance();
      VmExit.Kind kind = step();
      if (difference != null) {
        return null;
      }
      if (jit.end() != null) {
        return jit.end();
      }
      if (kind == VmExit.Kind.SHUTDOWN) {
        return "triple fault";
      }
      if (kind != VmExit.Kind.HLT) {
        idle = 0;
      } else if (!idle()) {
        return "halted for good";
      }
      long n = jit.instructions();
      if (n >= nextRam) {
        nextRam = n + options.ramEvery();
        compareRam();
      }
      if (n >= nextProgress) {
        nextProgress += PROGRESS;
        out.printf(Locale.ROOT, "quern: %,d instructions, %,d stops%n", n, stops);
      }
    }
    return null;
  }

  private VmExit.Kind step() {
    long before = jit.instructions();
    if (random.nextInt(ASKED_FOR) == 0) {
      jit.stopSoon();
    }
    patience.begin();
    VmExit exit = jit.run(1);
    patience.end();
    VmExit.Kind kind = exit.kind;
    String message = exit.message;
    stops++;
    jit.look();
    history.add(before, jit.instructions(), jit.state.rip, kind);
    if (kind == VmExit.Kind.INTERNAL_ERROR) {
      difference = "the translator failed: " + message;
      return kind;
    }
    follow(kind);
    interp.look();
    if (difference == null) {
      compare();
    }
    return kind;
  }

  /** Brings the interpreter to where the translator is. */
  private void follow(VmExit.Kind kind) {
    long target = jit.instructions();
    while (interp.instructions() < target) {
      boolean traced = target > options.traceFrom();
      if (traced) {
        interp.look();
        history.step(interp.state.rip);
      }
      VmExit exit = interp.run(traced ? 1 : target - interp.instructions());
      if (exit.kind != VmExit.Kind.KICKED) {
        if (interp.instructions() < target || exit.kind != kind) {
          difference = "the interpreter ended a run by " + exit.kind + " " + exit.message;
        }
        return;
      }
    }
    if (kind != VmExit.Kind.KICKED) {
      VmExit exit = interp.run(1);
      if (exit.kind != kind || interp.instructions() != target) {
        difference = "the translator ended a run by " + kind + ", the interpreter by " + exit.kind;
      }
    }
  }

  private void compare() {
    if (jit.instructions() != interp.instructions()) {
      difference = "the counts of instructions differ";
    } else if (!StateComparison.same(jit.state, interp.state)) {
      difference = "the states differ";
    } else if (jit.console().length() != interp.console().length()) {
      difference = "the guests have not written the same to the serial port";
    } else if ((jit.end() == null) != (interp.end() == null)) {
      difference = "one guest wants to end: " + jit.end() + " | " + interp.end();
    }
  }

  /** Lets idle time pass in both; false if nothing will wake the processor. */
  private boolean idle() {
    boolean a = jit.idle();
    boolean b = interp.idle();
    if (a != b || jit.nanos() != interp.nanos()) {
      difference = "the next timers differ: " + jit.nanos() + " | " + interp.nanos() + " ns";
    }
    return a && ++idle < MOST_IDLE;
  }

  /** Returns null, as a loop that goes on does. */
  private String compareRam() {
    long at = RamComparison.firstDifference(jit.board().ram(), interp.board().ram(), 0);
    if (at >= 0) {
      difference =
          String.format("RAM differs, first at physical address %x (see below for more)", at);
    }
    return null;
  }
}
