package org.quern.cli.stress;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.quern.accel.api.AcceleratorException;
import org.quern.accel.api.CodeCounters;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.cli.CliException;
import org.quern.firmware.BoardDescription;
import org.quern.firmware.BootException;
import org.quern.firmware.BootRequest;
import org.quern.firmware.Firmware;
import org.quern.firmware.RamMemory;
import org.quern.machine.pc.PcBoard;
import org.quern.machine.pc.PcConfig;
import org.quern.machine.run.BootHook;
import org.quern.machine.run.Machine;
import org.quern.machine.run.MachineEnd;
import org.quern.machine.run.MachineOptions;
import org.quern.machine.run.MachineWires;
import org.quern.x86.state.CpuModel;

/**
 * Runs {@link GeneratorGuest} for a while and watches what the JVM holds. A first part of the time
 * is for warming up; what is held at its end is compared with what is held at the end, both after a
 * full collection. In between nothing asks the JVM to collect.
 */
public final class Stress {
  private static final Set<String> HELP_WORDS = Set.of("help", "-h", "-help", "--help");

  /** Part of the time that is warming up. */
  private static final double WARM_UP = 0.3;

  /** Growth that is noise: HotSpot recompiles its own and our methods now and then. */
  private static final long CODE_SLACK = 12L << 20;

  private static final long METASPACE_SLACK = 6L << 20;
  private static final long HEAP_SLACK = 12L << 20;

  private final StressOptions options;
  private final PrintStream out;
  private final GeneratorGuest guest;
  private final PcBoard board;
  private final Machine machine;
  private MachineEnd end;

  Stress(StressOptions options, PrintStream out) throws CliException {
    this.options = options;
    this.out = out;
    this.guest = new GeneratorGuest(options.calls());
    MachineWires wires = new MachineWires(1);
    PcConfig config =
        PcConfig.of(1, GeneratorGuest.RAM_BYTES, CpuModel.max())
            .withDebugExit(GeneratorGuest.EXIT_PORT, GeneratorGuest.EXIT_PORT_SIZE);
    board = new PcBoard(config, wires);
    try {
      machine =
          new Machine(
              board,
              wires,
              new SoftwareAccelerator(options.tiering()),
              MachineOptions.DEFAULT,
              boot(BoardDescription.pc(config, board.ram())));
    } catch (AcceleratorException e) {
      throw new CliException(e.getMessage(), e);
    }
  }

  /**
   * {@code quern stress}.
   *
   * @return exit code of the process
   */
  public static int run(List<String> words) throws CliException {
    if (words.size() == 1 && HELP_WORDS.contains(words.get(0))) {
      System.out.print(StressOptions.HELP);
      return 0;
    }
    return new Stress(StressOptions.parse(words), System.out).run();
  }

  private BootHook boot(BoardDescription description) throws CliException {
    Path image;
    try {
      image = Files.createTempFile("quern-stress", ".bin");
      image.toFile().deleteOnExit();
      Files.write(image, guest.image());
    } catch (IOException e) {
      throw new CliException("the stress guest cannot be written: " + e.getMessage(), e);
    }
    BootRequest request = BootRequest.of(image, Optional.empty(), "");
    return vm -> {
      board.setUpAsFirmware();
      try {
        vm.vcpu(0).state(Firmware.load(request, new RamMemory(board.ramAccess()), description));
      } catch (BootException e) {
        throw new IOException(e.getMessage(), e);
      }
    };
  }

  /** Runs to the end of the time and says what came of it; returns the exit code. */
  int run() {
    Thread thread = new Thread(() -> end = machine.run(), "quern-stress");
    thread.start();
    out.println(
        "    time  generations  functions  translated  dropped pages | code cache "
            + " metaspace  heap after GC  classes  unloaded");
    JvmSample warm = null;
    JvmSample last = null;
    long start = System.nanoTime();
    try {
      double next = 0;
      double seconds = 0;
      while (seconds < options.seconds() && thread.isAlive()) {
        next = Math.min(next + options.every(), options.seconds());
        thread.join(Math.max(1, (long) (1000 * (next - seconds))));
        seconds = (System.nanoTime() - start) / 1e9;
        if (warm == null && seconds >= WARM_UP * options.seconds()) {
          warm = JvmSample.collected();
        }
        line(seconds);
      }
      last = JvmSample.collected();
      line(seconds);
      machine.quit();
      thread.join();
    } catch (InterruptedException e) {
      machine.quit();
      Thread.currentThread().interrupt();
      return 1;
    }
    return verdict(warm, last);
  }

  private void line(double seconds) {
    JvmSample s = JvmSample.now();
    CodeCounters counters = (CodeCounters) machine.vm();
    out.printf(
        Locale.ROOT,
        "%7.1fs %12d %10d %11d %14d | %6d KiB %6d KiB %10d KiB %8d %9d%n",
        seconds,
        guest.generations(board.ram()),
        functions(),
        counters.translations(),
        counters.invalidations(),
        s.codeCache() >> 10,
        s.metaspace() >> 10,
        s.heapAfterGc() >> 10,
        s.classes(),
        s.unloaded());
  }

  private int verdict(JvmSample warm, JvmSample last) {
    if (guest.wrong(board.ram())) {
      out.println("quern: a function gave a wrong result: old code was executed");
      return 1;
    }
    if (end == null || end.kind() != MachineEnd.Kind.QUIT) {
      out.println("quern: the guest ended by itself: " + end);
      return 1;
    }
    if (warm == null) {
      out.println("quern: no sample after the warm-up");
      return 1;
    }
    boolean flat =
        flat("code cache", warm.codeCache(), last.codeCache(), CODE_SLACK)
            & flat("metaspace", warm.metaspace(), last.metaspace(), METASPACE_SLACK)
            & flat("heap", warm.heapAfterGc(), last.heapAfterGc(), HEAP_SLACK);
    return flat ? 0 : 1;
  }

  private boolean flat(String what, long before, long after, long slack) {
    boolean grown = after > before + slack;
    out.printf(
        "quern: %s after collections: %d KiB when warm, %d KiB at the end%s%n",
        what, before >> 10, after >> 10, grown ? ": it grows" : "");
    return !grown;
  }

  /** Functions the guest has made so far. */
  long functions() {
    return guest.functions(board.ram());
  }

  /** What the engine has counted. */
  CodeCounters counters() {
    return (CodeCounters) machine.vm();
  }
}
