package org.quern.machine.pc;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.quern.machine.chardev.CharBackend;
import org.quern.machine.debug.PostListener;
import org.quern.x86.state.CpuModel;

/**
 * What can be chosen about a board {@code pc}.
 *
 * @param cpus number of processors, 1 to {@value #MAX_CPUS}
 * @param ramBytes RAM, whole pages, at least 1 MiB
 * @param model the model of every processor
 * @param tscHz frequency of the time-stamp counter
 * @param serials COM1 to COM4; a backend for each port that exists
 * @param debugConsole the debug console, if there is one
 * @param debugExit isa-debug-exit, if there is one
 * @param testDevice whether there is a pc-testdev
 * @param pciTestDevice whether there is a pci-testdev
 * @param pit whether the 8254 answers
 * @param parallel the back end of LPT1, if there is one
 * @param postWatch who is told of POST codes, if anybody
 * @param bios image of the BIOS ROM, at most 16 MiB; empty for an erased chip
 * @param wall the host's wall clock, for the RTC
 */
public record PcConfig(
    int cpus,
    long ramBytes,
    CpuModel model,
    long tscHz,
    List<CharBackend> serials,
    Optional<DebugConsolePort> debugConsole,
    Optional<DebugExitPort> debugExit,
    boolean testDevice,
    boolean pciTestDevice,
    boolean pit,
    Optional<CharBackend> parallel,
    Optional<PostWatch> postWatch,
    byte[] bios,
    InstantSource wall) {

  /** Local APIC ids are eight bits, one of them taken by the I/O APIC and one for broadcasts. */
  public static final int MAX_CPUS = 254;

  public static final int MAX_SERIALS = 4;
  public static final int MAX_BIOS_BYTES = 16 << 20;

  /** The cheapest frequency to compute: a tick a nanosecond. */
  public static final long DEFAULT_TSC_HZ = 1_000_000_000L;

  /** isa-debugcon at a port. */
  public record DebugConsolePort(int port, CharBackend backend) {}

  /**
   * Who is told of POST codes.
   *
   * @param ports where codes are expected besides port 0x80, each free of other devices
   */
  public record PostWatch(List<Integer> ports, PostListener listener) {
    public PostWatch {
      ports = List.copyOf(ports);
    }
  }

  /** isa-debug-exit at some ports. */
  public record DebugExitPort(int port, int count) {}

  public PcConfig {
    serials = List.copyOf(serials);
    bios = bios.clone();
    if (cpus < 1 || cpus > MAX_CPUS) {
      throw new IllegalArgumentException("a pc has 1 to " + MAX_CPUS + " processors, not " + cpus);
    }
    if (serials.size() > MAX_SERIALS) {
      throw new IllegalArgumentException("a pc has at most " + MAX_SERIALS + " serial ports");
    }
    if (bios.length > MAX_BIOS_BYTES) {
      throw new IllegalArgumentException("a BIOS of " + bios.length + " bytes is over 16 MiB");
    }
  }

  /** A board with nothing but processors and RAM. */
  public static PcConfig of(int cpus, long ramBytes, CpuModel model) {
    return new Change(cpus, ramBytes, model).done();
  }

  /** The same with these serial ports. */
  public PcConfig withSerials(List<CharBackend> ports) {
    return with(c -> c.serials = ports);
  }

  /** The same with a debug console. */
  public PcConfig withDebugConsole(int port, CharBackend backend) {
    return with(c -> c.debugConsole = Optional.of(new DebugConsolePort(port, backend)));
  }

  /** The same with isa-debug-exit. */
  public PcConfig withDebugExit(int port, int count) {
    return with(c -> c.debugExit = Optional.of(new DebugExitPort(port, count)));
  }

  /** The same with a pc-testdev. */
  public PcConfig withTestDevice() {
    return with(c -> c.testDevice = true);
  }

  /** The same with a pci-testdev. */
  public PcConfig withPciTestDevice() {
    return with(c -> c.pciTestDevice = true);
  }

  /** The same without an 8254. */
  public PcConfig withoutPit() {
    return with(c -> c.pit = false);
  }

  /** The same with LPT1. */
  public PcConfig withParallel(CharBackend backend) {
    return with(c -> c.parallel = Optional.of(backend));
  }

  /** The same with somebody who is told of POST codes. */
  public PcConfig withPostWatch(PostWatch watch) {
    return with(c -> c.postWatch = Optional.of(watch));
  }

  /** The same with a BIOS. */
  public PcConfig withBios(byte[] image) {
    return with(c -> c.bios = image);
  }

  /** The same with another wall clock. */
  public PcConfig withWall(InstantSource clock) {
    return with(c -> c.wall = clock);
  }

  private PcConfig with(Consumer<Change> choice) {
    Change c = new Change(cpus, ramBytes, model);
    c.tscHz = tscHz;
    c.serials = serials;
    c.debugConsole = debugConsole;
    c.debugExit = debugExit;
    c.testDevice = testDevice;
    c.pciTestDevice = pciTestDevice;
    c.pit = pit;
    c.parallel = parallel;
    c.postWatch = postWatch;
    c.bios = bios;
    c.wall = wall;
    choice.accept(c);
    return c.done();
  }

  /** A configuration in the making; starts with what a board has if nothing is said. */
  private static final class Change {
    private final int cpus;
    private final long ramBytes;
    private final CpuModel model;
    private long tscHz = DEFAULT_TSC_HZ;
    private List<CharBackend> serials = List.of();
    private Optional<DebugConsolePort> debugConsole = Optional.empty();
    private Optional<DebugExitPort> debugExit = Optional.empty();
    private boolean testDevice;
    private boolean pciTestDevice;
    private boolean pit = true;
    private Optional<CharBackend> parallel = Optional.empty();
    private Optional<PostWatch> postWatch = Optional.empty();
    private byte[] bios = new byte[0];
    private InstantSource wall = InstantSource.system();

    Change(int cpus, long ramBytes, CpuModel model) {
      this.cpus = cpus;
      this.ramBytes = ramBytes;
      this.model = model;
    }

    PcConfig done() {
      return new PcConfig(
          cpus,
          ramBytes,
          model,
          tscHz,
          serials,
          debugConsole,
          debugExit,
          testDevice,
          pciTestDevice,
          pit,
          parallel,
          postWatch,
          bios,
          wall);
    }
  }

  @Override
  public byte[] bios() {
    return bios.clone();
  }
}
