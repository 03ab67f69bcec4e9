package org.quern.cli.run;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.SplittableRandom;
import java.util.concurrent.locks.ReentrantLock;
import org.quern.accel.api.Accelerator;
import org.quern.accel.api.AcceleratorException;
import org.quern.accel.api.Vm;
import org.quern.accel.api.VmConfig;
import org.quern.accel.software.Tiering;
import org.quern.cli.options.Icount;
import org.quern.cli.options.Rtc;
import org.quern.cli.options.RunOptions;
import org.quern.machine.run.InstructionPace;
import org.quern.machine.run.MachineWires;
import org.quern.machine.time.HostTime;
import org.quern.machine.time.Timebase;

/**
 * How guest time passes, and with {@code -icount} everything else that must be the same in every
 * run: the numbers that are random otherwise, when code is translated, and where in its second the
 * real-time clock starts.
 */
final class Rate {
  private final InstructionPace pace;
  private final MachineWires wires;
  private final Timebase time;

  private Rate(InstructionPace pace, MachineWires wires, Timebase time) {
    this.pace = pace;
    this.wires = wires;
    this.time = time;
  }

  static Rate of(RunOptions options) {
    if (options.icount().isEmpty()) {
      MachineWires wires = new MachineWires(options.cpus());
      return new Rate(null, wires, new HostTime(wires.lock()));
    }
    Icount icount = options.icount().get();
    ReentrantLock lock = new ReentrantLock();
    InstructionPace pace = new InstructionPace(icount.shift(), icount.sleep(), lock);
    return new Rate(pace, new MachineWires(lock, pace), pace.time());
  }

  MachineWires wires() {
    return wires;
  }

  /** What the board's clocks and timers follow. */
  Timebase time() {
    return time;
  }

  /** Date and time of the real-time clock. */
  InstantSource wall(Rtc rtc) {
    if (pace == null) {
      return rtc.base()
          .<InstantSource>map(
              b -> Clock.offset(Clock.systemUTC(), Duration.between(Instant.now(), b)))
          .orElse(InstantSource.system());
    }
    Instant start = rtc.base().orElseGet(() -> Instant.now().truncatedTo(ChronoUnit.SECONDS));
    return () -> start.plusNanos(pace.nanos());
  }

  /** Random bytes for a guest. */
  byte[] seed(int bytes) {
    byte[] seed = new byte[bytes];
    if (pace == null) {
      new SecureRandom().nextBytes(seed);
    }
    return seed;
  }

  Tiering of(Tiering tiering) {
    return pace == null
        ? tiering
        : new Tiering(tiering.compactAfter(), tiering.fastAfter(), false, true);
  }

  Accelerator of(Accelerator accelerator) {
    return pace == null ? accelerator : new SameNumbers(accelerator);
  }

  /** The accelerator, whose processors get the same random numbers in every run. */
  private record SameNumbers(Accelerator inner) implements Accelerator {
    @Override
    public String name() {
      return inner.name();
    }

    @Override
    public Vm createVm(VmConfig config) throws AcceleratorException {
      return inner.createVm(config.withEntropy(() -> new SplittableRandom(0)::nextLong));
    }
  }
}
