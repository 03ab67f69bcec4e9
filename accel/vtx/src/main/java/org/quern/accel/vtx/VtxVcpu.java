package org.quern.accel.vtx;

import org.quern.accel.api.CpuState;
import org.quern.accel.api.CpuStates;
import org.quern.accel.api.Vcpu;
import org.quern.accel.api.VmExit;
import org.quern.accel.software.Emulator;
import org.quern.accel.software.VmxProcessors;
import org.quern.x86.mmu.FlushListener;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuReset;
import org.quern.x86.vmx.ExitReason;
import org.quern.x86.vmx.VmcsField;
import org.quern.x86.vmx.VmxPort;

/**
 * One virtual processor: a VMCS, and the loop that enters the guest and handles its exits. What a
 * hypervisor's code would do in VMX root operation is done by this thread in Java; nothing is
 * executed at the host's RIP.
 */
final class VtxVcpu implements Vcpu {
  private static final System.Logger LOG = System.getLogger("org.quern.accel.vtx");

  /** Instructions emulated before wishes are looked at. */
  private static final int MODE_BATCH = 500;

  private final int index;
  private final VtxVm vm;
  final Cpu host;
  final VmxPort port;
  final GuestContext context;
  final Events events;
  final Signals signals;
  final Emulator emulator;
  private final VmxProcessors processors;
  private final ExitLog log;
  private final ExitCounter counts = new ExitCounter();
  private final VmExit exit = new VmExit();
  private boolean launched;

  VtxVcpu(VtxVm vm, Cpu host, VmxProcessors processors, ShadowTables shadow, ExitLog log) {
    this.index = host.index;
    this.vm = vm;
    this.host = host;
    this.processors = processors;
    this.log = log;
    this.port = new VmxPort(host);
    this.emulator = processors.emulator(index);
    this.context =
        new GuestContext(host, emulator.cpu(), port, shadow, vm.options().unrestricted());
    emulator.onFlush(context::flushed);
    this.signals = new Signals(host);
    this.events = new Events(port, emulator.cpu().interrupts);
    VmcsControls controls = new VmcsControls(host, port);
    controls.turnOn();
    controls.controls(vm.options(), vm.bitmaps(), vm.ept().pointer());
    events.begin();
    if (index != 0) {
      emulator.cpu().activity = Cpu.Activity.WAIT_FOR_SIPI;
    }
  }

  VtxVm vm() {
    return vm;
  }

  // ---- running

  @Override
  public VmExit run() {
    processors.begin();
    try {
      if (!vm.options().lazyFpu()) {
        context.loadFpu();
      }
      VmExit e = null;
      while (e == null) {
        signals.acknowledge();
        e = between();
        if (e == null) {
          e = enter();
        }
      }
      return e;
    } catch (RuntimeException e) {
      // A bug of ours, not the guest's: stop this machine with what is known, keep the process.
      LOG.log(System.Logger.Level.ERROR, "processor " + index + " failed", e);
      return failure(e.toString());
    } finally {
      context.saveFpu();
      processors.end();
    }
  }

  /** The VMM cannot go on. */
  VmExit failure(String why) {
    long rip = context.loaded() ? context.rip() : emulator.cpu().rip;
    String message = String.format("processor %d near rip=%x: %s", index, rip, why);
    return exit.set(VmExit.Kind.INTERNAL_ERROR, message);
  }

  VmExit shutdown(String why) {
    return exit.set(VmExit.Kind.SHUTDOWN, why);
  }

  /** What the machine wants, before the guest is entered; null if it is to be entered. */
  private VmExit between() {
    if (signals.takeRemapped()) {
      context.flushed(FlushListener.Kind.ALL, 0);
    }
    if (signals.takeInit()) {
      Cpu c = context.cpu();
      events.clear();
      CpuReset.init(c);
      c.activity = index == 0 ? Cpu.Activity.ACTIVE : Cpu.Activity.WAIT_FOR_SIPI;
    }
    Cpu guest = emulator.cpu();
    int vector = signals.takeStartup();
    if (vector != Signals.NO_STARTUP && guest.activity == Cpu.Activity.WAIT_FOR_SIPI) {
      CpuReset.startup(context.cpu(), vector);
    }
    if (signals.takeKick()) {
      return exit.set(VmExit.Kind.KICKED, null);
    }
    return switch (guest.activity) {
      case ACTIVE -> null;
      case SHUTDOWN -> exit.set(VmExit.Kind.SHUTDOWN, guest.shutdownReason);
      case WAIT_FOR_SIPI -> exit.set(VmExit.Kind.HLT, "waits for a start-up IPI");
      case HALTED -> halted(guest);
    };
  }

  private VmExit halted(Cpu guest) {
    boolean enabled = context.interruptsEnabled();
    if (signals.nmiPending() || (enabled && signals.interrupt())) {
      guest.activity = Cpu.Activity.ACTIVE;
      return null;
    }
    return exit.set(VmExit.Kind.HLT, enabled ? null : "halted with interrupts off");
  }

  /** Enters the guest and handles its exit; null if it may be entered again. */
  private VmExit enter() {
    if (!context.fits()) {
      return emulateMode(MODE_BATCH);
    }
    context.load();
    events.prepare(signals);
    VmxPort.Outcome outcome = launched ? port.vmresume() : port.vmlaunch();
    if (outcome != VmxPort.Outcome.SUCCEED) {
      return failure("VM entry failed with error " + port.vmread(VmcsField.VM_INSTRUCTION_ERROR));
    }
    VmExit instead = processors.run(index);
    if (instead != null) {
      return failure("the processor stopped with " + instead.kind + " " + instead.message);
    }
    int reason = port.vmread32(VmcsField.EXIT_REASON);
    if ((reason & ExitReason.ENTRY_FAILURE) != 0) {
      if ((reason & 0xffff) == ExitReason.INVALID_GUEST_STATE && !vm.options().unrestricted()) {
        // Between two modes: segments are as they cannot be loaded in the new one.
        return emulateMode(1);
      }
      return failure("VM entry failed with reason " + ExitNames.of(reason & 0xffff));
    }
    launched = true;
    long rip = context.rip();
    if (log != null) {
      log.exit(index, reason, rip, port.vmread(VmcsField.EXIT_QUALIFICATION));
    }
    counts.begin(reason, rip);
    events.afterExit();
    VmExit e = ExitHandlers.handle(this, reason);
    counts.end();
    return e;
  }

  /**
   * Executes the instruction that has exited, by the emulator.
   *
   * @return what the caller of {@link #run} must know, or null
   */
  VmExit emulate() {
    Cpu c = context.cpu();
    // With an event the exit came from its delivery, not from an instruction.
    if (!deliverWaiting(c)) {
      emulator.step();
    }
    return c.activity == Cpu.Activity.SHUTDOWN ? shutdown(c.shutdownReason) : null;
  }

  /** Delivers the event that the next entry would have injected; false if there is none. */
  private boolean deliverWaiting(Cpu c) {
    int event = events.take();
    if (event == 0) {
      return false;
    }
    ExitHandlers.deliver(c, event, events);
    return true;
  }

  /**
   * Executes code of a mode that the hardware cannot hold, by the emulator, with all that happens
   * between instructions.
   */
  private VmExit emulateMode(int instructions) {
    Cpu c = context.cpu();
    while (signals.nmiPending()) {
      signals.takeNmi();
      c.raiseNmi();
    }
    c.setIntr(signals.interrupt());
    emulator.run(instructions);
    c.setIntr(false);
    return null; // what stopped it is in c.activity
  }

  /** HLT has been executed. */
  void halt() {
    context.skipInstruction();
    emulator.cpu().activity = Cpu.Activity.HALTED;
  }

  ExitCounter counts() {
    return counts;
  }

  // ---- the contract

  @Override
  public int index() {
    return index;
  }

  @Override
  public void kick() {
    signals.kick();
  }

  @Override
  public void setInterruptLine(boolean level) {
    signals.interrupt(level);
  }

  @Override
  public void nmi() {
    signals.nmi();
  }

  @Override
  public void init() {
    signals.init();
  }

  @Override
  public void startup(int vector) {
    signals.startup(vector);
  }

  @Override
  public void reset() {
    Cpu c = context.replace();
    CpuReset.powerOn(c);
    c.activity = index == 0 ? Cpu.Activity.ACTIVE : Cpu.Activity.WAIT_FOR_SIPI;
    signals.reset();
    events.clear();
  }

  @Override
  public CpuState state() {
    Cpu c = context.cpu();
    deliverWaiting(c); // a state has no place for it
    CpuState s = CpuStates.take(c);
    s.pendingNmis = signals.nmis();
    return s;
  }

  @Override
  public void state(CpuState state) {
    context.replace();
    events.clear();
    CpuStates.load(emulator.cpu(), state);
    signals.nmis(state.pendingNmis);
  }

  @Override
  public long instructions() {
    return host.instructions + emulator.cpu().instructions;
  }
}
