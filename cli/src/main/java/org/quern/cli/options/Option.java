package org.quern.cli.options;

import static org.quern.cli.options.Draft.noneOnly;

/**
 * The options that are understood: one row each, with what it does to the draft. QEMU's meaning
 * holds throughout. Source: qemu(1).
 */
enum Option {
  KERNEL("-kernel", "FILE", "kernel image: bzImage, ELF, PVH or multiboot", (d, v) -> d.kernel = v),
  BIOS("-bios", "FILE", "firmware for the BIOS ROM, e.g. SeaBIOS", (d, v) -> d.bios = v),
  INITRD("-initrd", "FILE", "initial RAM disk", (d, v) -> d.initrd = v),
  APPEND("-append", "TEXT", "kernel command line", (d, v) -> d.append = v),
  MEMORY("-m", "[size=]SIZE", "RAM, in MiB without a suffix (default 128M)", Draft::memory),
  SMP("-smp", "[cpus=]N", "number of processors", Draft::smp),
  CPU("-cpu", "MODEL[,±FEATURE]", "processor model, or help", Draft::cpu),
  ACCEL("-accel", "NAME", "accelerator, or help; several are tried in order", Draft::accel),
  ENABLE_KVM("-enable-kvm", null, "same as -accel kvm", (d, v) -> d.enableKvm()),
  MACHINE("-machine", "[type=]NAME[,..]", "board, or help", Draft::machine),
  M("-M", "[type=]NAME[,..]", "same as -machine", Draft::machine),
  NOGRAPHIC("-nographic", null, "serial line and monitor on the terminal", (d, v) -> d.nographic()),
  DISPLAY("-display", "none", "no display", Draft::display),
  SERIAL(
      "-serial",
      "BACKEND",
      "next serial port: stdio, mon:stdio, null, none, file:PATH",
      (d, v) -> d.serials.add(CharSpec.parse("-serial", v))),
  MONITOR("-monitor", "BACKEND", "monitor: stdio or none", Draft::monitor),
  DEBUGCON(
      "-debugcon",
      "BACKEND",
      "debug console at port 0xe9: back ends as for -serial",
      Draft::debugcon),
  DEVICE("-device", "DRIVER[,..]", "add a device, or help", Draft::device),
  GLOBAL("-global", "DRIVER.PROPERTY=VALUE", "isa-debugcon.iobase=PORT", Draft::global),
  NODEFAULTS(
      "-nodefaults", null, "no default serial port and monitor", (d, v) -> d.nodefaults = true),
  ICOUNT(
      "-icount",
      "[shift=]N[,sleep=on|off]",
      "time counts instructions of 2^N ns each",
      (d, v) -> d.icount = Icount.parse(v)),
  RTC(
      "-rtc",
      "base=utc|DATE[TTIME]",
      "what the clock shows at power-on (default utc: the host's)",
      (d, v) -> d.rtc = Rtc.parse(v)),
  NO_REBOOT("-no-reboot", null, "end instead of rebooting", (d, v) -> d.noReboot = true),
  NO_SHUTDOWN(
      "-no-shutdown", null, "stop instead of ending at power-off", (d, v) -> d.noShutdown = true),
  STOPPED("-S", null, "do not start before the monitor's cont", (d, v) -> d.startStopped = true),
  LOG("-d", "ITEM[,..]", "what to report, or help", Draft::log),
  LOG_FILE("-D", "FILE", "where -d reports to (default standard error)", (d, v) -> d.logFile = v),
  NET("-net", "none", "no network", noneOnly("-net")),
  NIC("-nic", "none", "no network", noneOnly("-nic")),
  VNC("-vnc", "none", "no display", noneOnly("-vnc")),
  VGA("-vga", "none", "no display adapter", noneOnly("-vga")),
  PARALLEL(
      "-parallel", "BACKEND", "LPT1: back ends as for -serial (default none)", Draft::parallel),
  NO_USER_CONFIG(
      "-no-user-config", null, "read no configuration files (there are none)", (d, v) -> {});

  /** What an option does to the draft. */
  @FunctionalInterface
  interface Effect {
    /**
     * Applies one occurrence.
     *
     * @param value null for an option without one
     */
    void apply(Draft draft, String value) throws OptionException;
  }

  final String name;

  /** How the value is named in the help; null for an option without one. */
  final String label;

  final String help;
  final Effect effect;

  Option(String name, String label, String help, Effect effect) {
    this.name = name;
    this.label = label;
    this.help = help;
    this.effect = effect;
  }
}
