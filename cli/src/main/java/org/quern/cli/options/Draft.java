package org.quern.cli.options;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.quern.cli.demo.DemoGuest;
import org.quern.firmware.EntryMode;
import org.quern.firmware.memory.Modules;
import org.quern.machine.mem.GuestRam;
import org.quern.machine.pc.PcConfig;
import org.quern.machine.pc.PcLayout;

/** A command line half read: what the options said so far, and the defaults for the rest. */
final class Draft {
  // The board could have 254 processors, but each is a host thread that wants to run.
  static final int MAX_CPUS = 64;

  private final long hostMemory;
  private final Preset preset;

  String bios;
  String kernel;
  String initrd;
  String append;
  private String symbols;
  private EntryMode entry = EntryMode.AUTO;
  private long memory;
  int cpus = 1;
  private String cpu = "max";
  private final List<AccelChoice> accels = new ArrayList<>();
  private List<AccelChoice> machineAccels = List.of();
  private String machineIrqChip;
  final List<CharSpec> serials = new ArrayList<>();
  CharSpec monitor;
  private CharSpec debugcon;
  private CharSpec parallel;
  private OptionalInt postPort = OptionalInt.empty();
  private int debugconPort = PcLayout.DEBUG_CONSOLE;
  DebugExit debugExit;
  Icount icount;
  Rtc rtc = Rtc.HOST;
  private boolean testDevice;
  private boolean pciTestDevice;
  private boolean pit = true;
  private boolean nographic;
  private boolean displayNone;
  boolean nodefaults;
  boolean noReboot;
  boolean noShutdown;
  boolean startStopped;
  private final Set<LogItem> log = EnumSet.noneOf(LogItem.class);
  String logFile;

  /** A text to print instead of running; null if none was asked for. */
  String print;

  /**
   * An empty draft.
   *
   * @param hostMemory bytes of RAM and swap the host has; a guest cannot have more
   * @param preset what holds as long as no option says otherwise
   */
  Draft(long hostMemory, Preset preset) {
    this.hostMemory = hostMemory;
    this.preset = preset;
    this.kernel = preset.kernel();
    this.initrd = preset.initrd();
    this.memory = preset.memory();
    this.noReboot = preset.noReboot();
  }

  void memory(String text) throws OptionException {
    SubOptions sub = new SubOptions("-m", text, "size");
    String size = sub.take("size");
    sub.refuseRest("size");
    memory = Sizes.bytes("-m", size, 'M');
    if (memory < GuestRam.MIN_BYTES) {
      throw new OptionException("-m " + size + ": a machine needs 1 MiB of RAM at least");
    }
    if (memory > GuestRam.MAX_BYTES) {
      throw new OptionException(
          "-m " + size + ": more than the board can address, " + Sizes.text(GuestRam.MAX_BYTES));
    }
    if (memory > hostMemory) {
      throw new OptionException(
          "-m " + size + ": the host itself has only " + Sizes.text(hostMemory) + " of memory");
    }
    if (memory % 4096 != 0) {
      throw new OptionException("-m " + size + ": not a whole number of 4 KiB pages");
    }
  }

  void smp(String text) throws OptionException {
    SubOptions sub = new SubOptions("-smp", text, "cpus");
    String n = sub.take("cpus");
    sub.refuseRest("cpus (the topology cannot be chosen)");
    cpus = (int) Sizes.integer("-smp cpus", n == null ? "1" : n, Integer.MAX_VALUE);
    if (cpus < 1 || cpus > MAX_CPUS) {
      throw new OptionException("-smp " + n + ": a machine has 1 to " + MAX_CPUS + " processors");
    }
  }

  void cpu(String text) throws OptionException {
    if (isHelp(text)) {
      print = CpuOption.help();
    } else {
      cpu = text;
    }
  }

  void accel(String text) throws OptionException {
    if (isHelp(text)) {
      print = AccelChoice.HELP;
      return;
    }
    accels.add(AccelChoice.parse(text));
  }

  /** QEMU's old way to say {@code -accel kvm}. */
  void enableKvm() {
    accels.add(AccelChoice.of(AccelKind.KVM));
  }

  void machine(String text) throws OptionException {
    if (isHelp(text)) {
      print = "Boards:\n  pc    i440FX and PIIX, as QEMU's board of that name (default)\n";
      return;
    }
    SubOptions sub = new SubOptions("-machine", text, "type");
    String type = sub.take("type");
    if (type != null && !type.equals("pc")) {
      throw new OptionException("-machine " + type + ": no such board yet; the one there is is pc");
    }
    String name = sub.take("accel");
    if (name != null) {
      machineAccels = AccelChoice.parseList("-machine accel", name);
    }
    String irqChip = sub.take("kernel_irqchip");
    if (irqChip != null) {
      machineIrqChip = irqChip;
    }
    String entryName = sub.take("kernel-entry");
    if (entryName != null) {
      entry = entryMode(entryName);
    }
    String symbolFile = sub.take("symbols");
    if (symbolFile != null) {
      symbols = symbolFile;
    }
    pit = sub.takeSwitch("pit", pit);
    String post = sub.take("post-port");
    if (post != null) {
      postPort = OptionalInt.of((int) Sizes.integer("-machine post-port", post, 0xffff));
    }
    sub.refuseRest("type, accel, kernel_irqchip, kernel-entry, pit, post-port and symbols");
  }

  private static EntryMode entryMode(String name) throws OptionException {
    return switch (name) {
      case "auto" -> EntryMode.AUTO;
      case "unpacked" -> EntryMode.UNPACKED;
      case "64" -> EntryMode.BITS64;
      case "32" -> EntryMode.BITS32;
      default ->
          throw new OptionException(
              "-machine kernel-entry="
                  + name
                  + ": unknown; auto and unpacked unpack a bzImage on the host, 64 and 32 let it do so"
                  + " itself");
    };
  }

  void nographic() {
    nographic = true;
  }

  void display(String text) throws OptionException {
    if (!text.equals("none")) {
      throw new OptionException(
          "-display " + text + ": there is no display yet; use -display none");
    }
    displayNone = true;
  }

  void monitor(String text) throws OptionException {
    CharSpec spec = CharSpec.parse("-monitor", text);
    if (spec instanceof CharSpec.ToFile || spec instanceof CharSpec.Stdio s && s.monitor()) {
      throw new OptionException("-monitor " + text + ": use stdio or none");
    }
    monitor = spec instanceof CharSpec.Null ? new CharSpec.None() : spec;
  }

  void debugcon(String text) throws OptionException {
    if (debugcon != null) {
      throw new OptionException("-debugcon " + text + ": there can be one debug console only");
    }
    debugcon = CharSpec.parse("-debugcon", text);
  }

  void parallel(String text) throws OptionException {
    if (parallel != null) {
      throw new OptionException("-parallel " + text + ": there can be one parallel port only");
    }
    parallel = CharSpec.parse("-parallel", text);
  }

  void device(String text) throws OptionException {
    if (isHelp(text)) {
      // Arranged as in QEMU: scripts look for the quoted names.
      print =
          """
          Misc devices:
          name "isa-debug-exit", bus ISA, properties iobase=PORT, iosize=N
          name "pc-testdev", bus ISA
          name "pci-testdev", bus PCI
          """;
      return;
    }
    SubOptions sub = new SubOptions("-device", text, "driver");
    String driver = sub.take("driver");
    if (driver == null) {
      throw new OptionException("-device " + text + ": name the device first");
    }
    boolean again;
    switch (driver) {
      case "isa-debug-exit" -> {
        again = debugExit != null;
        debugExit = DebugExit.parse(sub);
      }
      case "pc-testdev" -> {
        again = testDevice;
        testDevice = true;
        sub.take("id");
        sub.refuseRest("id");
      }
      case "pci-testdev" -> {
        again = pciTestDevice;
        pciTestDevice = true;
        sub.take("id");
        sub.refuseRest("id");
      }
      default ->
          throw new OptionException(
              "-device "
                  + driver
                  + ": no such device yet; known are isa-debug-exit, pc-testdev and pci-testdev");
    }
    if (again) {
      throw new OptionException("-device " + text + ": there can be one " + driver + " only");
    }
  }

  /**
   * Device properties: the one there is, as SeaBIOS users know it from QEMU. Properties of KVM's
   * own timer, which exists under KVM only, have nothing to act on.
   */
  void global(String text) throws OptionException {
    if (text.startsWith("kvm-pit.")) {
      return;
    }
    String known = "isa-debugcon.iobase=";
    if (!text.startsWith(known)) {
      throw new OptionException(
          "-global "
              + text
              + ": no such property, or not supported yet; known is "
              + known
              + "PORT");
    }
    debugconPort =
        (int) Sizes.integer("-global isa-debugcon.iobase", text.substring(known.length()), 0xffff);
  }

  void log(String text) throws OptionException {
    if (isHelp(text)) {
      print = LogItem.help();
    } else {
      log.addAll(LogItem.parse(text));
    }
  }

  /** The effect of an option that only makes sense with the value {@code none}. */
  static Option.Effect noneOnly(String option) {
    return (d, v) -> {
      if (!v.equals("none")) {
        throw new OptionException(
            option + " " + v + ": not supported yet; use " + option + " none");
      }
    };
  }

  /** Checks what only the whole command line can tell, and gives the result. */
  RunOptions finish() throws OptionException {
    CharSpec monitorPlace = placeDefaults();
    checkCharacterDevices(monitorPlace);
    List<AccelChoice> choices = choices();
    checkLog(choices);
    if (startStopped && !hasMonitor(monitorPlace)) {
      throw new OptionException(
          "-S: nothing could ever start the machine without a monitor; add -serial mon:stdio or"
              + " -monitor stdio");
    }
    Optional<Icount> counting = Optional.ofNullable(icount);
    Icount.check(counting, cpus);
    CpuOption processor = CpuOption.parse(cpu, choices.get(0).kind());
    return new RunOptions(
        choices,
        processor.model(),
        cpus,
        memory,
        boot(),
        serials,
        monitorPlace,
        Optional.ofNullable(debugcon),
        debugconPort,
        Optional.ofNullable(parallel),
        postPort,
        Optional.ofNullable(debugExit),
        testDevice,
        pciTestDevice,
        pit,
        counting,
        rtc,
        noReboot,
        noShutdown,
        startStopped,
        symbols == null ? Optional.empty() : Optional.of(readable("-machine symbols", symbols)),
        log,
        logFile == null ? Optional.empty() : Optional.of(path("-D", logFile)),
        processor.warnings());
  }

  /**
   * As QEMU: -nographic, and here also the lack of any display option, puts both on the terminal.
   */
  private CharSpec placeDefaults() {
    boolean terminal = nographic || !displayNone;
    if (serials.isEmpty() && !nodefaults) {
      boolean both = monitor == null;
      serials.add(terminal ? new CharSpec.Stdio(both) : new CharSpec.Null());
    }
    return monitor == null ? new CharSpec.None() : monitor;
  }

  /** Which accelerators to try, in order. */
  private List<AccelChoice> choices() throws OptionException {
    if (!accels.isEmpty() && !machineAccels.isEmpty()) {
      throw new OptionException("-machine accel: use it or -accel, not both");
    }
    List<AccelChoice> all = new ArrayList<>();
    for (AccelChoice c : accels.isEmpty() ? machineAccels : accels) {
      all.add(c.kind() == AccelKind.KVM ? c.withIrqChip("-machine", machineIrqChip) : c);
    }
    return all.isEmpty() ? List.of(AccelChoice.of(AccelKind.JIT)) : all;
  }

  private void checkLog(List<AccelChoice> choices) throws OptionException {
    boolean vtx = choices.stream().anyMatch(c -> c.kind() == AccelKind.VTX);
    boolean translates = vtx || choices.stream().anyMatch(c -> c.kind() == AccelKind.JIT);
    for (LogItem item : log) {
      if (item.ofTranslation() && !translates) {
        throw new OptionException(
            "-d " + item.label() + ": nothing is translated without -accel jit");
      }
      if (item == LogItem.EXITS && !vtx) {
        throw new OptionException("-d exits: there are no VM exits without -accel vtx");
      }
    }
  }

  private boolean hasMonitor(CharSpec monitorPlace) {
    return monitorPlace instanceof CharSpec.Stdio
        || serials.stream().anyMatch(s -> s instanceof CharSpec.Stdio t && t.monitor());
  }

  private void checkCharacterDevices(CharSpec monitorPlace) throws OptionException {
    List<CharSpec> all = new ArrayList<>(serials);
    all.add(monitorPlace);
    if (debugcon != null) {
      all.add(debugcon);
    }
    if (parallel != null) {
      all.add(parallel);
    }
    if (all.stream().filter(s -> s instanceof CharSpec.Stdio).count() > 1) {
      throw new OptionException(
          "stdio can belong to one of the serial and parallel ports, the monitor and the debug"
              + " console only;"
              + " -serial null or -debugcon file:PATH frees it");
    }
    if (serials.size() > PcConfig.MAX_SERIALS) {
      throw new OptionException("-serial: the board has four serial ports");
    }
    if (serials.subList(0, Math.max(0, serials.size() - 1)).contains(new CharSpec.None())) {
      throw new OptionException(
          "-serial none: no other serial port can follow it; use -serial null");
    }
    serials.remove(new CharSpec.None());
  }

  private Boot boot() throws OptionException {
    if (bios != null) {
      if (kernel != null) {
        throw new OptionException("-bios: firmware cannot be given a -kernel yet; use one of them");
      }
      refuseWithoutKernel();
      return new Boot.Bios(readable("-bios", bios));
    }
    if (kernel == null) {
      refuseWithoutKernel();
      if (preset.demo()) {
        if (memory < DemoGuest.MIN_MEMORY) {
          throw new OptionException(
              "-m: the demo guest needs " + Sizes.text(DemoGuest.MIN_MEMORY) + " of RAM");
        }
        return new Boot.Demo();
      }
      throw new OptionException(
          "there is nothing to boot; name a kernel with -kernel FILE, or try: quern linux");
    }
    Path image = readable("-kernel", kernel);
    if (initrd != null) {
      checkModules();
    }
    String line = preset.append() + (append == null ? "" : " " + append);
    return new Boot.Kernel(image, Optional.ofNullable(initrd), line.strip(), entry);
  }

  /** Refuses what only a kernel could be given. */
  private void refuseWithoutKernel() throws OptionException {
    if (initrd != null || append != null) {
      throw new OptionException(
          (initrd != null ? "-initrd" : "-append") + ": only allowed with -kernel");
    }
    if (entry != EntryMode.AUTO) {
      throw new OptionException("-machine kernel-entry: only allowed with -kernel");
    }
  }

  /** One file, or for multiboot kernels several with commas between and arguments after a blank. */
  private void checkModules() throws OptionException {
    if (initrd.isEmpty() || Files.exists(path("-initrd", initrd))) {
      readable("-initrd", initrd);
      return;
    }
    for (String module : Modules.split(initrd)) {
      readable("-initrd", module.split(" ", 2)[0]);
    }
  }

  /** A file that can be opened for reading. */
  private static Path readable(String option, String text) throws OptionException {
    Path p = path(option, text);
    if (!Files.exists(p)) {
      throw new OptionException(
          option
              + " "
              + text
              + ": could not open "
              + option.substring(1)
              + ": there is no such file");
    }
    if (Files.isDirectory(p)) {
      throw new OptionException(option + " " + text + ": is a folder, not a file");
    }
    if (!Files.isReadable(p)) {
      throw new OptionException(option + " " + text + ": no permission to read the file");
    }
    return p;
  }

  private static Path path(String option, String text) throws OptionException {
    if (text.isEmpty()) {
      throw new OptionException(option + ": the file name is empty");
    }
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new OptionException(option + " " + text + ": not a file name here: " + e.getReason());
    }
  }

  private static boolean isHelp(String text) {
    return text.equals("help") || text.equals("?");
  }
}
