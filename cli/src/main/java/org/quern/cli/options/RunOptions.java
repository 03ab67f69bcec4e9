package org.quern.cli.options;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.quern.x86.state.CpuModel;

/**
 * Everything the command line says about a machine, checked: whoever holds one may build the
 * machine without looking again.
 *
 * @param accels how guest code is run: the first of them that the host allows
 * @param cpu model of every processor
 * @param cpus how many processors
 * @param memoryBytes size of RAM
 * @param boot what to start
 * @param serials the serial ports in order; ports beyond the list do not exist
 * @param monitor where the monitor is; {@link CharSpec.None} where {@code mon:stdio} has it or
 *     nobody
 * @param debugcon the back end of the debug console, if there is one
 * @param debugconPort the port it answers at
 * @param parallel the back end of LPT1, if there is one
 * @param postPort the one port where -d post looks; the usual ones if empty
 * @param debugExit the debug-exit device, if there is one
 * @param testDevice whether there is a pc-testdev
 * @param pciTestDevice whether there is a pci-testdev
 * @param pit whether there is an 8254
 * @param icount how time counts instructions; empty if it follows the host
 * @param rtc what the real-time clock shows at power-on
 * @param noReboot a reset ends Quern
 * @param noShutdown power-off stops the machine but keeps Quern for the monitor
 * @param startStopped wait for the monitor's {@code cont}
 * @param symbols a System.map or ELF file whose symbols reports show
 * @param log what to report
 * @param logFile where the report goes; standard error if empty
 * @param warnings what the machine will not have although it was asked for, as sentences
 */
public record RunOptions(
    List<AccelChoice> accels,
    CpuModel cpu,
    int cpus,
    long memoryBytes,
    Boot boot,
    List<CharSpec> serials,
    CharSpec monitor,
    Optional<CharSpec> debugcon,
    int debugconPort,
    Optional<CharSpec> parallel,
    OptionalInt postPort,
    Optional<DebugExit> debugExit,
    boolean testDevice,
    boolean pciTestDevice,
    boolean pit,
    Optional<Icount> icount,
    Rtc rtc,
    boolean noReboot,
    boolean noShutdown,
    boolean startStopped,
    Optional<Path> symbols,
    Set<LogItem> log,
    Optional<Path> logFile,
    List<String> warnings) {

  public RunOptions {
    accels = List.copyOf(accels);
    serials = List.copyOf(serials);
    log = Set.copyOf(log);
    warnings = List.copyOf(warnings);
  }

  /** The accelerator that is tried first. */
  public AccelKind accel() {
    return accels.get(0).kind();
  }

  /** Whether anything uses the terminal. */
  public boolean usesStdio() {
    return serials.stream().anyMatch(s -> s instanceof CharSpec.Stdio)
        || monitor instanceof CharSpec.Stdio
        || debugcon.filter(d -> d instanceof CharSpec.Stdio).isPresent()
        || parallel.filter(d -> d instanceof CharSpec.Stdio).isPresent();
  }
}
