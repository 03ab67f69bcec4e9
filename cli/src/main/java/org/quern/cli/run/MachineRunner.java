package org.quern.cli.run;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;
import org.jline.utils.Signals;
import org.quern.accel.api.CodeCounters;
import org.quern.accel.software.Observation;
import org.quern.accel.software.TranslationLog;
import org.quern.cli.CliException;
import org.quern.cli.options.CharSpec;
import org.quern.cli.options.LogItem;
import org.quern.cli.options.RunOptions;
import org.quern.cli.terminal.HostTerminal;
import org.quern.cli.terminal.StdioConsole;
import org.quern.firmware.BootException;
import org.quern.firmware.symbols.SymbolFiles;
import org.quern.firmware.symbols.SymbolTable;
import org.quern.machine.chardev.StreamBackend;
import org.quern.machine.io.UnassignedAccesses;
import org.quern.machine.pc.PcBoard;
import org.quern.machine.run.Machine;
import org.quern.machine.run.MachineEnd;
import org.quern.machine.run.MachineWires;

/** Builds the machine that the options describe, runs it to its end and gives the exit code. */
public final class MachineRunner {
  private final RunOptions options;

  public MachineRunner(RunOptions options) {
    this.options = options;
  }

  /**
   * Runs the machine.
   *
   * @return the exit code of the process, as QEMU's
   * @throws CliException if the machine cannot be built or what it boots cannot be loaded
   */
  public int run() throws CliException {
    Rate rate = Rate.of(options);
    MachineWires wires = rate.wires();
    try (PrintStream log = openLog();
        Backends backends = new Backends(wires.lock())) {
      Optional<SymbolTable> symbols = symbols();
      MachineAssembly assembly =
          new MachineAssembly(
              options,
              rate,
              backends,
              observation(symbols, log),
              options.log().contains(LogItem.EXITS) ? new ExitText(log::print) : null,
              (port, code) -> log.printf("quern: post %x: %02x%n", port, code));
      Machine machine = assembly.machine();
      PcBoard board = assembly.board();
      machine.onShutdown(new CrashReport(log, board.dma(), board::postCode, symbols)::report);
      Statistics statistics = new Statistics(machine::instructions);
      Control control = new Control(machine, board, statistics);
      return conduct(backends, assembly, control, statistics, log);
    }
  }

  private int conduct(
      Backends backends,
      MachineAssembly assembly,
      Control control,
      Statistics statistics,
      PrintStream log)
      throws CliException {
    backends.stdout().onFailure(control::quit);
    for (String signal : List.of("INT", "TERM", "HUP")) {
      Signals.register(
          signal,
          () -> {
            System.err.println("quern: terminating on SIG" + signal);
            control.quit();
          });
    }
    HostTerminal terminal = openTerminal();
    try {
      assembly.onPowerOn(() -> startConsole(backends, control, terminal));
      MachineEnd end = assembly.machine().run();
      control.ended();
      if (options.noShutdown() && end.kind() == MachineEnd.Kind.POWER_OFF) {
        control.awaitQuit();
      }
      backends.drain();
      if (terminal != null) {
        terminal.close();
      }
      report(end, assembly, statistics, log);
      return end.exitCode();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    } finally {
      if (terminal != null) {
        terminal.close();
      }
    }
  }

  // ---- the host

  /** Symbols of the guest for reports, if a file is named for them. */
  private Optional<SymbolTable> symbols() throws CliException {
    try {
      if (options.symbols().isPresent()) {
        return Optional.of(SymbolFiles.read(options.symbols().get()));
      }
    } catch (BootException e) {
      throw new CliException("-machine symbols: " + e.getMessage(), e);
    }
    return Optional.empty();
  }

  /** How translation is watched; not at all unless -d asks for it. */
  private Observation observation(Optional<SymbolTable> symbols, PrintStream log) {
    LongFunction<String> names =
        address ->
            symbols
                .flatMap(table -> table.lookup(address))
                .map(SymbolTable.Symbol::toString)
                .orElse(null);
    Set<TranslationLog.Item> items = EnumSet.noneOf(TranslationLog.Item.class);
    for (LogItem item : options.log()) {
      switch (item) {
        case IN_ASM -> items.add(TranslationLog.Item.IN_ASM);
        case OP -> items.add(TranslationLog.Item.OP);
        case OUT_ASM -> items.add(TranslationLog.Item.OUT_ASM);
        case STATS, UNIMP, POST, EXITS -> {}
      }
    }
    return new Observation(
        names, items.isEmpty() ? null : new TranslationLog(items, names, log::print));
  }

  private PrintStream openLog() throws CliException {
    if (options.logFile().isEmpty()) {
      return new PrintStream(System.err, true, StandardCharsets.UTF_8) {
        @Override
        public void close() {
          flush(); // standard error outlives the machine
        }
      };
    }
    try {
      return new PrintStream(
          new FileOutputStream(options.logFile().get().toFile()), true, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new CliException("-D " + options.logFile().get() + ": " + e.getMessage(), e);
    }
  }

  /** The terminal in raw mode; null if there is none or it is not needed. */
  private HostTerminal openTerminal() {
    if (!options.usesStdio() || !HostTerminal.present()) {
      return null;
    }
    HostTerminal terminal = null;
    try {
      terminal = HostTerminal.open();
      terminal.raw(signalsFromTerminal());
    } catch (IOException e) {
      System.err.println(
          "quern: the terminal stays in line mode, its settings cannot be changed: "
              + e.getMessage());
    }
    return terminal;
  }

  /** As in QEMU: Ctrl-C goes to the guest where the monitor shares the terminal. */
  private boolean signalsFromTerminal() {
    return options.serials().stream().noneMatch(s -> s instanceof CharSpec.Stdio t && t.monitor());
  }

  private void startConsole(Backends backends, Control control, HostTerminal terminal) {
    if (!options.usesStdio()) {
      return;
    }
    StdioConsole.GuestInput guest = backends.stdio().map(MachineRunner::input).orElse(null);
    boolean monitor =
        options.monitor() instanceof CharSpec.Stdio
            || options.serials().stream()
                .anyMatch(s -> s instanceof CharSpec.Stdio t && t.monitor());
    new StdioConsole(System.in, backends.stdout(), guest, control, monitor, terminal != null)
        .start();
  }

  private static StdioConsole.GuestInput input(StreamBackend backend) {
    return new StdioConsole.GuestInput() {
      @Override
      public void feed(byte[] bytes, int offset, int length) throws InterruptedException {
        backend.feed(bytes, offset, length);
      }

      @Override
      public void sendBreak() {
        backend.feedBreak();
      }
    };
  }

  private void report(
      MachineEnd end, MachineAssembly assembly, Statistics statistics, PrintStream log) {
    if (end.kind() == MachineEnd.Kind.ERROR || end.kind() == MachineEnd.Kind.SHUTDOWN) {
      System.err.println("quern: " + end.message());
    }
    if (options.log().contains(LogItem.STATS)) {
      log.println("quern: " + statistics.line());
      if (assembly.machine().vm() instanceof CodeCounters c && c.translates()) {
        TranslationText.lines(c.counts()).forEach(line -> log.println("quern: " + line));
      }
      ExitText.report(assembly.machine().vm()).forEach(line -> log.println("quern: " + line));
    }
    if (options.log().contains(LogItem.UNIMP)) {
      UnassignedAccesses u = assembly.board().unassigned();
      log.printf(
          "quern: without a device: %d bytes read from ports, %d written (last port 0x%x); %d"
              + " memory reads, %d writes (last at 0x%x)%n",
          u.portReads(),
          u.portWrites(),
          u.lastPort(),
          u.memoryReads(),
          u.memoryWrites(),
          u.lastAddress());
    }
  }
}
