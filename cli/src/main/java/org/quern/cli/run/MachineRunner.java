package org.quern.cli.run;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.jline.utils.Signals;
import org.quern.accel.api.Accelerator;
import org.quern.accel.api.AcceleratorException;
import org.quern.accel.api.CpuState;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.cli.CliException;
import org.quern.cli.options.AccelKind;
import org.quern.cli.options.Boot;
import org.quern.cli.options.CharSpec;
import org.quern.cli.options.DebugExit;
import org.quern.cli.options.LogItem;
import org.quern.cli.options.RunOptions;
import org.quern.cli.terminal.HostTerminal;
import org.quern.cli.terminal.StdioConsole;
import org.quern.firmware.BoardDescription;
import org.quern.firmware.BootException;
import org.quern.firmware.BootRequest;
import org.quern.firmware.Firmware;
import org.quern.firmware.RamMemory;
import org.quern.machine.chardev.CharBackend;
import org.quern.machine.chardev.StreamBackend;
import org.quern.machine.io.UnassignedAccesses;
import org.quern.machine.pc.PcBoard;
import org.quern.machine.pc.PcConfig;
import org.quern.machine.pc.PcLayout;
import org.quern.machine.run.BootHook;
import org.quern.machine.run.Machine;
import org.quern.machine.run.MachineEnd;
import org.quern.machine.run.MachineOptions;
import org.quern.machine.run.MachineWires;

/** Builds the machine that the options describe, runs it to its end and gives the exit code. */
public final class MachineRunner {
  private static final int RNG_SEED_BYTES = 32;

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
    MachineWires wires = new MachineWires(options.cpus());
    try (PrintStream log = openLog();
        Backends backends = new Backends(wires.lock())) {
      PcBoard board = board(wires, backends);
      Machine machine = machine(board, wires);
      machine.onShutdown(new ShutdownReport(log)::report);
      Statistics statistics = new Statistics(machine::instructions);
      Control control = new Control(machine, board, statistics);
      return conduct(backends, board, machine, control, statistics, log);
    }
  }

  private int conduct(
      Backends backends,
      PcBoard board,
      Machine machine,
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
      startConsole(backends, control, terminal);
      MachineEnd end = machine.run();
      control.ended();
      if (options.noShutdown() && end.kind() == MachineEnd.Kind.POWER_OFF) {
        control.awaitQuit();
      }
      backends.drain();
      if (terminal != null) {
        terminal.close();
      }
      report(end, board, statistics, log);
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

  // ---- the machine

  private PcBoard board(MachineWires wires, Backends backends) throws CliException {
    List<CharBackend> serials = new ArrayList<>();
    for (CharSpec spec : options.serials()) {
      serials.add(backends.open("-serial", spec));
    }
    PcConfig config =
        PcConfig.of(options.cpus(), options.memoryBytes(), options.cpu()).withSerials(serials);
    if (options.debugcon().isPresent() && !(options.debugcon().get() instanceof CharSpec.None)) {
      config =
          config.withDebugConsole(
              options.debugconPort(), backends.open("-debugcon", options.debugcon().get()));
    }
    if (options.debugExit().isPresent()) {
      DebugExit exit = options.debugExit().get();
      config = config.withDebugExit(exit.port(), exit.size());
    }
    if (options.boot() instanceof Boot.Bios bios) {
      config = config.withBios(image(bios.image()));
    }
    if (options.testDevice()) {
      config = config.withTestDevice();
    }
    try {
      return new PcBoard(config, wires);
    } catch (OutOfMemoryError e) {
      throw new CliException("-m: the host cannot give that much memory: " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      // Two devices want the same port; only a device the user placed can be the cause.
      throw new CliException("-device: " + e.getMessage(), e);
    }
  }

  private static byte[] image(Path bios) throws CliException {
    try {
      return Files.readAllBytes(bios);
    } catch (IOException e) {
      throw new CliException("-bios " + bios + ": " + e.getMessage(), e);
    }
  }

  private Machine machine(PcBoard board, MachineWires wires) throws CliException {
    MachineOptions behaviour =
        new MachineOptions(options.noReboot(), false, options.startStopped());
    try {
      return new Machine(board, wires, accelerator(options.accel()), behaviour, bootHook(board));
    } catch (AcceleratorException e) {
      throw new CliException("-accel " + options.accel().label() + ": " + e.getMessage(), e);
    }
  }

  private static Accelerator accelerator(AccelKind kind) {
    return switch (kind) {
      case INTERP -> new SoftwareAccelerator();
    };
  }

  private BootHook bootHook(PcBoard board) throws CliException {
    if (options.boot() instanceof Boot.Bios) {
      return BootHook.NONE;
    }
    if (!(options.boot() instanceof Boot.Kernel kernel)) {
      throw new CliException("the demo guest is not built yet; name a kernel with -kernel");
    }
    byte[] seed = new byte[RNG_SEED_BYTES];
    new SecureRandom().nextBytes(seed);
    BootRequest request =
        new BootRequest(kernel.kernel(), kernel.initrd(), kernel.append(), kernel.entry(), seed);
    BoardDescription description = describe(board);
    return vm -> {
      board.setUpAsFirmware();
      try {
        CpuState entry = Firmware.load(request, new RamMemory(board.ram()), description);
        vm.memoryWritten(0, board.ram().bytes());
        vm.vcpu(0).state(entry);
      } catch (BootException e) {
        throw new IOException(e.getMessage(), e);
      }
    };
  }

  /** The board as firmware tells the guest: QEMU's pc, with the serial ports that exist. */
  private BoardDescription describe(PcBoard board) {
    BoardDescription pc =
        BoardDescription.pc(options.cpus(), board.ram().lowBytes(), board.ram().highBytes());
    int[] ports = {PcLayout.COM1, PcLayout.COM2, PcLayout.COM3, PcLayout.COM4};
    int[] irqs = {PcLayout.IRQ_COM1, PcLayout.IRQ_COM2, PcLayout.IRQ_COM1, PcLayout.IRQ_COM2};
    List<BoardDescription.Serial> serials = new ArrayList<>();
    for (int i = 0; i < options.serials().size(); i++) {
      serials.add(new BoardDescription.Serial(ports[i], irqs[i]));
    }
    BoardDescription.Legacy l = pc.legacy();
    return new BoardDescription(
        pc.product(),
        pc.apicIds(),
        pc.longMode(),
        pc.ramBelow4G(),
        pc.ramAbove4G(),
        pc.romSize(),
        pc.apics(),
        pc.power(),
        pc.pci(),
        new BoardDescription.Legacy(serials, l.keyboard(), l.rtc(), l.vga(), l.fwCfgPort()));
  }

  // ---- the host

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

  private void report(MachineEnd end, PcBoard board, Statistics statistics, PrintStream log) {
    if (end.kind() == MachineEnd.Kind.ERROR || end.kind() == MachineEnd.Kind.SHUTDOWN) {
      System.err.println("quern: " + end.message());
    }
    if (options.log().contains(LogItem.STATS)) {
      log.println("quern: " + statistics.line());
    }
    if (options.log().contains(LogItem.UNIMP)) {
      UnassignedAccesses u = board.unassigned();
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
