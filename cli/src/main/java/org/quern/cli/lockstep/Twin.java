package org.quern.cli.lockstep;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.ReentrantLock;
import org.quern.accel.api.Accelerator;
import org.quern.accel.api.AcceleratorException;
import org.quern.accel.api.CodeCounters;
import org.quern.accel.api.CpuState;
import org.quern.accel.api.Stepping;
import org.quern.accel.api.Vcpu;
import org.quern.accel.api.Vm;
import org.quern.accel.api.VmExit;
import org.quern.cli.CliException;
import org.quern.cli.options.Boot;
import org.quern.cli.options.RunOptions;
import org.quern.firmware.BoardDescription;
import org.quern.firmware.BootException;
import org.quern.firmware.BootRequest;
import org.quern.firmware.Firmware;
import org.quern.firmware.RamMemory;
import org.quern.machine.chardev.CharBackend;
import org.quern.machine.chardev.CharDevice;
import org.quern.machine.core.CpuLines;
import org.quern.machine.pc.PcBoard;
import org.quern.machine.pc.PcConfig;
import org.quern.machine.run.MachineWires;
import org.quern.machine.run.SystemControl;
import org.quern.machine.time.InstructionClock;
import org.quern.machine.time.InstructionTime;
import org.quern.x86.bus.EntropySource;

/**
 * One of the two machines: a board whose only inputs are the guest's own doings and the number of
 * instructions executed, so that two of them do the same for ever. One thread drives both.
 *
 * <p>Guest time stands still between two calls of {@link #advance}, and a rising INTR reaches the
 * processor there only. A machine that leads wants to come to such a place whenever one of the two
 * matters.
 */
final class Twin implements CpuLines, SystemControl {
  private static final Instant POWER_ON = Instant.parse("2026-01-01T00:00:00Z");
  private static final byte[] SEED =
      "lockstep lockstep lockstep lock.".getBytes(StandardCharsets.US_ASCII);

  private final ReentrantLock lock = new ReentrantLock();
  private final InstructionClock clock;
  private final InstructionTime time;
  private final PcBoard board;
  private final Vm vm;
  private final Vcpu cpu;
  private final Stepping stepping;
  private final boolean leads;
  private final StringBuilder console = new StringBuilder();

  /** Refreshed by {@link #look}. */
  final CpuState state = new CpuState();

  private boolean running;
  private boolean raise;
  private String end;

  Twin(Accelerator accelerator, LockstepOptions options, boolean leads) throws CliException {
    this.leads = leads;
    clock = new InstructionClock(options.shift());
    time = new InstructionTime(clock, lock, this::wantStop);
    RunOptions machine = options.machine();
    PcConfig config =
        PcConfig.of(1, machine.memoryBytes(), machine.cpu())
            .withSerials(List.of(new Capture()))
            .withWall(() -> POWER_ON.plusNanos(clock.nanos()));
    config = withDevices(config, machine);
    board = new PcBoard(config, new MachineWires(lock, List.of(this), this), time);
    try {
      vm = accelerator.createVm(board.vmConfig().withEntropy(Twin::sameNumbers));
    } catch (AcceleratorException e) {
      throw new CliException(e.getMessage(), e);
    }
    cpu = vm.vcpu(0);
    if (!(cpu instanceof Stepping s)) {
      throw new IllegalStateException(accelerator.name() + " cannot count instructions");
    }
    stepping = s;
    board.dma().onWrite(vm::memoryWritten);
    board.ramAccess().onWrite(vm::memoryWritten);
    powerOn(config, machine.boot());
  }

  /** Random numbers that both machines get in the same order. */
  private static EntropySource sameNumbers() {
    return new SplittableRandom(0)::nextLong;
  }

  private static PcConfig withDevices(PcConfig config, RunOptions machine) throws CliException {
    PcConfig c = config;
    if (machine.debugExit().isPresent()) {
      c = c.withDebugExit(machine.debugExit().get().port(), machine.debugExit().get().size());
    }
    if (machine.testDevice()) {
      c = c.withTestDevice();
    }
    if (machine.pciTestDevice()) {
      c = c.withPciTestDevice();
    }
    if (!machine.pit()) {
      c = c.withoutPit();
    }
    if (machine.boot() instanceof Boot.Bios bios) {
      try {
        c = c.withBios(Files.readAllBytes(bios.image()));
      } catch (IOException e) {
        throw new CliException("-bios " + bios.image() + ": " + e.getMessage(), e);
      }
    }
    return c;
  }

  private void powerOn(PcConfig config, Boot boot) throws CliException {
    lock.lock();
    try {
      cpu.reset();
      board.reset();
      if (boot instanceof Boot.Kernel k) {
        board.setUpAsFirmware();
        BootRequest request =
            new BootRequest(k.kernel(), k.initrd(), k.append(), k.entry(), SEED.clone());
        cpu.state(
            Firmware.load(
                request,
                new RamMemory(board.ramAccess()),
                BoardDescription.pc(config, board.ram())));
      }
    } catch (BootException e) {
      throw new CliException(e.getMessage(), e);
    } finally {
      lock.unlock();
    }
    board.start();
  }

  // ---- running

  long instructions() {
    return cpu.instructions();
  }

  /** Runs to the first stop behind so many instructions. */
  VmExit run(long instructions) {
    running = true;
    try {
      return stepping.run(instructions);
    } finally {
      running = false;
    }
  }

  /** See {@link Stepping#stopSoon}. */
  void stopSoon() {
    stepping.stopSoon();
  }

  /** Lets guest time catch up with the instructions, timers ring and an interrupt line rise. */
  void advance() {
    clock.executed(cpu.instructions());
    time.ring();
    if (raise) {
      raise = false;
      cpu.setInterruptLine(true);
    }
  }

  /**
   * Lets time pass until a timer rings.
   *
   * @return false if none is armed
   */
  boolean idle() {
    long next = time.deadline();
    if (next == Long.MAX_VALUE) {
      return false;
    }
    clock.skipTo(next);
    advance();
    return true;
  }

  void look() {
    stepping.copyState(state);
  }

  /** Why the guest wants the machine to end or to start again; null if it does not. */
  String end() {
    return end;
  }

  /** What the guest has written to its first serial port. */
  CharSequence console() {
    return console;
  }

  PcBoard board() {
    return board;
  }

  Vcpu cpu() {
    return cpu;
  }

  /** Regions of code translated so far; 0 where nobody counts. */
  long translations() {
    return vm instanceof CodeCounters c ? c.translations() : 0;
  }

  long nanos() {
    return clock.nanos();
  }

  /** Something happened that only counts from the next stop on. */
  private void wantStop() {
    if (leads && running) {
      stepping.stopSoon();
    }
  }

  // ---- pins of the processor

  @Override
  public void intr(boolean level) {
    raise = level;
    if (!level) {
      cpu.setInterruptLine(false);
    } else {
      wantStop();
    }
  }

  @Override
  public void nmi() {
    cpu.nmi();
  }

  @Override
  public void init() {
    cpu.init();
  }

  @Override
  public void startup(int vector) {
    cpu.startup(vector);
  }

  @Override
  public void smi() {
    // No board has system management mode.
  }

  // ---- the machine as a whole

  @Override
  public void reset(String cause) {
    end = "reset by " + cause;
    wantStop();
  }

  @Override
  public void powerOff() {
    end = "power-off";
    wantStop();
  }

  @Override
  public void debugExit(int exitCode) {
    end = "isa-debug-exit with " + exitCode;
    wantStop();
  }

  private final class Capture implements CharBackend {
    @Override
    public boolean write(int b) {
      console.append((char) (b & 0xff));
      return true;
    }

    @Override
    public void inputReady() {}

    @Override
    public void sendBreak(boolean on) {}

    @Override
    public void attach(CharDevice device) {}
  }
}
