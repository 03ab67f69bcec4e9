package org.quern.accel.kvm;

import java.util.concurrent.atomic.AtomicInteger;
import org.quern.accel.api.AcceleratorException;
import org.quern.accel.api.CpuState;
import org.quern.accel.api.CpuStates;
import org.quern.accel.api.Vcpu;
import org.quern.accel.api.VmExit;
import org.quern.x86.bus.LocalInterrupts;
import org.quern.x86.semantics.Interrupts;
import org.quern.x86.semantics.MsrIndex;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuReset;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/**
 * One processor of a {@link KvmMachine}, with its interrupt controller in user space: interrupts
 * are acknowledged here and injected when the guest is ready, HLT comes out as an exit, and INIT
 * and start-up IPIs are carried out here.
 *
 * <p>What the manual says of reset, INIT and the delivery of events is the front end's: its {@link
 * Cpu} is loaded with the state, changed, and given back.
 */
final class KvmProcessor implements Vcpu {
  private static final int KICK = 1;
  private static final int INIT = 1 << 1;
  private static final int SIPI = 1 << 2;

  /** Hardware takes one NMI at once and keeps one more while it is handled. */
  private static final int MAX_NMIS = 2;

  private final int index;
  private final KvmVcpu vcpu;
  private final KvmRun run;
  private final KvmState state;
  private final KvmExitHandler handler;
  private final KvmKick kick;
  private final LocalInterrupts interrupts;
  private final Cpu cpu;
  private final VmExit exit = new VmExit();

  final KvmExits exits = new KvmExits();

  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger nmis = new AtomicInteger();
  private volatile boolean intrLine;
  private volatile int sipiVector;

  // Owned by the processor's thread.
  private boolean halted;
  private boolean waitForSipi;
  private int pendingDebug;

  /** IF is set, no shadow, nothing under way: an interrupt could be injected. */
  private boolean ready;

  /** RFLAGS.IF. */
  private boolean interruptsOn;

  /** An access of the last exit becomes complete with the next entry. */
  private boolean incomplete;

  private long apicBase;

  /** A processor may be without local APIC. */
  private boolean hasApic;

  /**
   * @param cpu of the model the guest sees, with the interrupt controller and bus of this processor
   */
  KvmProcessor(KvmVcpu vcpu, KvmState state, Cpu cpu) throws AcceleratorException {
    this.index = cpu.index;
    this.vcpu = vcpu;
    this.run = vcpu.exit();
    this.state = state;
    this.cpu = cpu;
    this.interrupts = cpu.interrupts;
    this.handler = new KvmExitHandler(run, cpu.bus);
    this.kick = new KvmKick(run);
    powerOn();
  }

  // ---- from any thread

  @Override
  public int index() {
    return index;
  }

  @Override
  public void kick() {
    request(KICK);
  }

  @Override
  public void setInterruptLine(boolean level) {
    boolean rises = level && !intrLine;
    intrLine = level;
    if (rises) {
      kick.kick();
    }
  }

  @Override
  public void nmi() {
    nmis.updateAndGet(n -> Math.min(n + 1, MAX_NMIS));
    kick.kick();
  }

  @Override
  public void init() {
    // A start-up message that came before INIT is dropped.
    requests.getAndUpdate(r -> r & ~SIPI | INIT);
    kick.kick();
  }

  @Override
  public void startup(int vector) {
    sipiVector = vector;
    request(SIPI);
  }

  private void request(int bits) {
    requests.getAndUpdate(r -> r | bits);
    kick.kick();
  }

  /** KVM counts no instructions. */
  @Override
  public long instructions() {
    return 0;
  }

  // ---- state

  @Override
  public void reset() {
    requests.getAndUpdate(r -> r & KICK);
    nmis.set(0);
    try {
      powerOn();
    } catch (AcceleratorException e) {
      throw new IllegalStateException("processor " + index + " cannot be reset", e);
    }
  }

  private void powerOn() throws AcceleratorException {
    CpuReset.powerOn(cpu);
    cpu.activity = index == 0 ? Cpu.Activity.ACTIVE : Cpu.Activity.WAIT_FOR_SIPI;
    put(CpuStates.take(cpu));
  }

  @Override
  public CpuState state() {
    try {
      return get();
    } catch (AcceleratorException e) {
      throw new IllegalStateException("the state of processor " + index + " cannot be read", e);
    }
  }

  @Override
  public void state(CpuState s) {
    try {
      put(s);
    } catch (AcceleratorException e) {
      throw new IllegalStateException("processor " + index + " does not take this state", e);
    }
  }

  private CpuState get() throws AcceleratorException {
    CpuState s = state.get();
    s.halted = halted;
    s.waitForSipi = waitForSipi;
    s.pendingNmis = Math.min(MAX_NMIS, s.pendingNmis + nmis.get());
    s.pendingDebug = pendingDebug;
    return s;
  }

  private void put(CpuState s) throws AcceleratorException {
    incomplete = false;
    state.put(s);
    halted = s.halted;
    waitForSipi = s.waitForSipi;
    pendingDebug = s.pendingDebug;
    // One that has come meanwhile stays; only a reset forgets it.
    nmis.updateAndGet(n -> Math.max(n, s.pendingNmis));
    interruptsOn = (s.rflags & RFlags.IF) != 0;
    ready = interruptsOn && s.shadow == Cpu.Shadow.NONE;
  }

  // ---- running

  @Override
  public VmExit run() {
    kick.bind();
    try {
      VmExit e = enterUntilExit();
      kick.disarm();
      settle();
      exits.stopped();
      return e;
    } catch (AcceleratorException e) {
      kick.disarm();
      exits.stopped();
      return exit.set(VmExit.Kind.INTERNAL_ERROR, "processor " + index + ": " + e.getMessage());
    }
  }

  private VmExit enterUntilExit() throws AcceleratorException {
    setApicBase();
    if (pendingDebug != 0) {
      deliverDebugTrap();
    }
    while (true) {
      kick.arm();
      VmExit stop = beforeEntry();
      if (stop != null) {
        return stop;
      }
      exits.entering();
      boolean left = vcpu.run();
      kick.disarm();
      afterExit(left);
      if (left) {
        stop = handle();
        if (stop != null) {
          return stop;
        }
      }
    }
  }

  /** Carries out requests and injects what can be; returns why not to enter, or null. */
  private VmExit beforeEntry() throws AcceleratorException {
    if (requests.get() != 0) {
      if (take(INIT)) {
        initNow();
      }
      if (take(SIPI)) {
        startupNow();
      }
      if (take(KICK)) {
        return exit.set(VmExit.Kind.KICKED, null);
      }
    }
    if (waitForSipi) {
      return exit.set(VmExit.Kind.HLT, "waits for a start-up IPI");
    }
    if (halted && !wakes()) {
      return exit.set(VmExit.Kind.HLT, interruptsOn ? null : "halted with interrupts off");
    }
    if (nmis.get() > 0) {
      for (int n = nmis.getAndSet(0); n > 0; n--) {
        vcpu.nmi();
      }
    }
    if (intrLine && ready) {
      inject(interrupts.acknowledge());
    }
    run.requestInterruptWindow(intrLine);
    run.cr8(interrupts.taskPriority());
    return null;
  }

  private boolean take(int request) {
    return (requests.getAndUpdate(r -> r & ~request) & request) != 0;
  }

  /** Whether a halted processor goes on; an interrupt that wakes it is injected. */
  private boolean wakes() throws AcceleratorException {
    if (nmis.get() > 0 && !KvmEvents.nmiMasked(vcpu.fetchEvents())) {
      halted = false;
    } else if (intrLine && ready) {
      inject(interrupts.acknowledge());
    }
    return !halted;
  }

  private void inject(int vector) throws AcceleratorException {
    if (vector >= 0) {
      vcpu.interrupt(vector);
      ready = false;
      halted = false;
    }
  }

  private void afterExit(boolean left) {
    exits.left(left ? run.reason() : KvmExitReason.INTR);
    incomplete = false;
    ready = run.readyForInterrupt() && run.interruptFlag();
    interruptsOn = run.interruptFlag();
    int priority = (int) run.cr8();
    if (priority != interrupts.taskPriority()) {
      interrupts.taskPriority(priority);
    }
    if (hasApic && run.apicBase() != apicBase) {
      guestSetApicBase(run.apicBase());
    }
  }

  private VmExit handle() throws AcceleratorException {
    KvmExitReason reason = run.reason();
    return switch (reason) {
      case IO, MMIO -> {
        incomplete = true;
        handler.access(reason);
        yield null;
      }
      case HLT -> {
        halted = true;
        yield null;
      }
      // The guest can take an interrupt, has lowered its priority, or was left for a signal.
      case IRQ_WINDOW_OPEN, SET_TPR, INTR, NMI -> null;
      case SHUTDOWN -> exit.set(VmExit.Kind.SHUTDOWN, "triple fault");
      case DEBUG -> exit.set(VmExit.Kind.DEBUG, null);
      default -> {
        vcpu.copyRegisters(lastRegisters);
        yield exit.set(
            VmExit.Kind.INTERNAL_ERROR,
            String.format("processor %d at rip=%x: %s", index, lastRegisters.rip, run.describe()));
      }
    };
  }

  private final CpuState lastRegisters = new CpuState();

  /**
   * Makes the state whole: an access that a device has answered reaches its register, and an event
   * that KVM has accepted but not delivered is delivered, since no {@link CpuState} could hold it.
   */
  private void settle() throws AcceleratorException {
    while (incomplete) {
      run.immediateExit(true);
      boolean left = vcpu.run();
      run.immediateExit(false);
      incomplete = left;
      if (left) {
        handler.access(run.reason());
      }
    }
    long events = vcpu.fetchEvents();
    if (!KvmEvents.underWay(events)) {
      return;
    }
    KvmUnderWay event = KvmUnderWay.of(events);
    CpuStates.load(cpu, get());
    event.deliver(cpu);
    put(CpuStates.take(cpu));
  }

  private void deliverDebugTrap() throws AcceleratorException {
    CpuStates.load(cpu, get());
    pendingDebug = 0;
    Interrupts.deliverDebugTrap(cpu);
    cpu.pendingDebug = 0;
    put(CpuStates.take(cpu));
  }

  private void initNow() throws AcceleratorException {
    CpuStates.load(cpu, get());
    CpuReset.init(cpu);
    cpu.activity = index == 0 ? Cpu.Activity.ACTIVE : Cpu.Activity.WAIT_FOR_SIPI;
    put(CpuStates.take(cpu));
  }

  private void startupNow() throws AcceleratorException {
    if (waitForSipi) {
      CpuState s = get();
      s.waitForSipi = false;
      s.seg[Reg.CS].selector = sipiVector << 8;
      s.seg[Reg.CS].base = (long) sipiVector << 12;
      s.rip = 0;
      put(s);
    }
  }

  // ---- IA32_APIC_BASE, which KVM keeps for CPUID and the machine's local APIC for its window

  private void setApicBase() throws AcceleratorException {
    try {
      long base = interrupts.readMsr(MsrIndex.APIC_BASE);
      hasApic = true;
      if (base != apicBase) {
        vcpu.apicBase(base);
        apicBase = base;
      }
    } catch (LocalInterrupts.InvalidMsrAccess e) {
      hasApic = false;
    }
  }

  private void guestSetApicBase(long base) {
    try {
      interrupts.writeMsr(MsrIndex.APIC_BASE, base);
    } catch (LocalInterrupts.InvalidMsrAccess e) {
      // KVM has accepted what the machine's APIC does not: the APIC stays as it is.
      System.getLogger("org.quern.accel.kvm")
          .log(
              System.Logger.Level.WARNING, "the APIC refuses the base {0}", Long.toHexString(base));
    }
    apicBase = base;
  }

  void close() {
    vcpu.close();
  }
}
