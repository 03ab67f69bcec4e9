package org.quern.cli.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.quern.accel.api.Accelerator;
import org.quern.accel.api.AcceleratorException;
import org.quern.accel.api.CpuState;
import org.quern.accel.kvm.KvmAccelerator;
import org.quern.accel.software.Observation;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;
import org.quern.accel.vtx.ExitLog;
import org.quern.accel.vtx.VtxAccelerator;
import org.quern.cli.CliException;
import org.quern.cli.demo.DemoGuest;
import org.quern.cli.options.AccelChoice;
import org.quern.cli.options.Boot;
import org.quern.cli.options.CharSpec;
import org.quern.cli.options.DebugExit;
import org.quern.cli.options.LogItem;
import org.quern.cli.options.RunOptions;
import org.quern.firmware.BoardDescription;
import org.quern.firmware.BootException;
import org.quern.firmware.BootRequest;
import org.quern.firmware.Firmware;
import org.quern.firmware.RamMemory;
import org.quern.firmware.bios.BiosImage;
import org.quern.machine.chardev.CharBackend;
import org.quern.machine.debug.PostListener;
import org.quern.machine.pc.PcBoard;
import org.quern.machine.pc.PcConfig;
import org.quern.machine.pc.PcLayout;
import org.quern.machine.run.BootHook;
import org.quern.machine.run.Machine;
import org.quern.machine.run.MachineOptions;

/** Puts board, accelerator and firmware together as the options say. */
final class MachineAssembly {
  private static final int RNG_SEED_BYTES = 32;

  /**
   * Ports of POST codes besides 0x80: Compaq, IBM PS/2 (0x190 on the models 25 and 30, 0x680 with
   * Micro Channel), some EISA boards.
   */
  private static final List<Integer> USUAL_POST_PORTS = List.of(0x84, 0x190, 0x300, 0x680);

  private final RunOptions options;
  private final Rate rate;
  private final PcConfig config;
  private final PcBoard board;
  private final Machine machine;
  private Runnable onPowerOn = () -> {};

  /**
   * Builds the machine; nothing runs yet.
   *
   * @param rate how guest time passes
   * @param observation of translation
   * @param exits is told of each VM exit; null for nobody
   * @param posted is told of POST codes, if the options ask for it
   * @throws CliException if it cannot be built on this host
   */
  MachineAssembly(
      RunOptions options,
      Rate rate,
      Backends backends,
      Observation observation,
      ExitLog exits,
      PostListener posted)
      throws CliException {
    this.options = options;
    this.rate = rate;
    this.config = configure(backends, posted);
    try {
      this.board = new PcBoard(config, rate.wires(), rate.time());
    } catch (OutOfMemoryError e) {
      throw new CliException("-m: the host cannot give that much memory: " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      // Two devices want the same port; only one that the user has placed can be the cause.
      throw new CliException(
          "-device, -debugcon, -global or -machine post-port: " + e.getMessage(), e);
    }
    MachineOptions behaviour =
        new MachineOptions(options.noReboot(), false, options.startStopped());
    this.machine = machine(observation, exits, behaviour);
  }

  /** The machine under the first accelerator that works here; says which do not. */
  private Machine machine(Observation observation, ExitLog exits, MachineOptions behaviour)
      throws CliException {
    BootHook hook = bootHook();
    for (Iterator<AccelChoice> left = options.accels().iterator(); ; ) {
      AccelChoice choice = left.next();
      try {
        return new Machine(
            board, rate.wires(), rate.of(accelerator(choice, observation, exits)), behaviour, hook);
      } catch (AcceleratorException e) {
        String what = "-accel " + choice.kind().label() + ": " + e.getMessage();
        if (!left.hasNext()) {
          throw new CliException(what, e);
        }
        System.err.println("quern: " + what + "; trying the next accelerator");
      }
    }
  }

  PcBoard board() {
    return board;
  }

  Machine machine() {
    return machine;
  }

  /**
   * Sets what to run once the board has been reset for the first time: input that came earlier
   * would be thrown away by that reset. Before {@link Machine#run}.
   */
  void onPowerOn(Runnable action) {
    onPowerOn = action;
  }

  private PcConfig configure(Backends backends, PostListener posted) throws CliException {
    List<CharBackend> serials = new ArrayList<>();
    for (CharSpec spec : options.serials()) {
      serials.add(backends.open("-serial", spec));
    }
    PcConfig c =
        PcConfig.of(options.cpus(), options.memoryBytes(), options.cpu())
            .withSerials(serials)
            .withWall(rate.wall(options.rtc()));
    if (options.debugcon().isPresent() && !(options.debugcon().get() instanceof CharSpec.None)) {
      c =
          c.withDebugConsole(
              options.debugconPort(), backends.open("-debugcon", options.debugcon().get()));
    }
    if (options.debugExit().isPresent()) {
      DebugExit exit = options.debugExit().get();
      c = c.withDebugExit(exit.port(), exit.size());
    }
    if (options.boot() instanceof Boot.Bios bios) {
      c = c.withBios(image(bios.image()));
    }
    if (options.parallel().isPresent() && !(options.parallel().get() instanceof CharSpec.None)) {
      c = c.withParallel(backends.open("-parallel", options.parallel().get()));
    }
    if (options.log().contains(LogItem.POST)) {
      c = c.withPostWatch(new PcConfig.PostWatch(postPorts(), posted));
    }
    if (options.testDevice()) {
      c = c.withTestDevice();
    }
    if (options.pciTestDevice()) {
      c = c.withPciTestDevice();
    }
    if (!options.pit()) {
      c = c.withoutPit();
    }
    return c;
  }

  /** Where POST codes are looked for, besides the port that every PC has. */
  private List<Integer> postPorts() {
    if (options.postPort().isPresent()) {
      int port = options.postPort().getAsInt();
      return port == PcLayout.POST ? List.of() : List.of(port);
    }
    // A debug console or exit that somebody has put there comes first.
    return USUAL_POST_PORTS.stream()
        .filter(p -> options.debugcon().isEmpty() || p != options.debugconPort())
        .filter(
            p ->
                options.debugExit().filter(e -> p >= e.port() && p < e.port() + e.size()).isEmpty())
        .toList();
  }

  private static byte[] image(Path bios) throws CliException {
    try {
      return BiosImage.read(bios);
    } catch (BootException e) {
      throw new CliException("-bios: " + e.getMessage(), e);
    }
  }

  private Accelerator accelerator(AccelChoice choice, Observation observation, ExitLog exits) {
    int after = choice.translateAfter();
    Tiering jit = after == 0 ? Tiering.DEFAULT : new Tiering(after, 0, true, false);
    if (options.log().contains(LogItem.STATS)) {
      jit = jit.counting();
    }
    jit = rate.of(jit);
    return switch (choice.kind()) {
      case INTERP -> new SoftwareAccelerator(Tiering.INTERPRET);
      case JIT -> new SoftwareAccelerator(jit, observation);
      case VTX -> new VtxAccelerator(choice.vtx(), jit, observation, exits);
      case KVM -> new KvmAccelerator(choice.irqChip());
    };
  }

  /** Loads what is to be booted, at power-on and after each reset. */
  private BootHook bootHook() throws CliException {
    if (options.boot() instanceof Boot.Bios) {
      return vm -> poweredOn(); // the ROM has the first word
    }
    BootRequest request = bootRequest();
    BoardDescription description = BoardDescription.pc(config, board.ram());
    RamMemory memory = new RamMemory(board.ramAccess());
    return vm -> {
      board.setUpAsFirmware();
      try {
        CpuState entry = Firmware.load(request, memory, description);
        vm.vcpu(0).state(entry);
        poweredOn();
      } catch (BootException e) {
        throw new IOException(e.getMessage(), e);
      }
    };
  }

  private void poweredOn() {
    onPowerOn.run();
    onPowerOn = () -> {};
  }

  private BootRequest bootRequest() throws CliException {
    if (options.boot() instanceof Boot.Kernel k) {
      byte[] seed = rate.seed(RNG_SEED_BYTES);
      return new BootRequest(k.kernel(), k.initrd(), k.append(), k.entry(), seed);
    }
    try {
      Path image = Files.createTempFile("quern-demo", ".bin");
      image.toFile().deleteOnExit();
      Files.write(image, DemoGuest.image());
      return BootRequest.of(image, Optional.empty(), "");
    } catch (IOException e) {
      throw new CliException("the demo guest cannot be written: " + e.getMessage(), e);
    }
  }
}
