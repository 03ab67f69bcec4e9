package org.quern.x86.vmx;

import org.quern.x86.decode.Insn;
import org.quern.x86.fault.GuestFault;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;

/**
 * A processor in VMX non-root operation: what the handlers of sensitive instructions ask. The
 * controls are read once at VM entry. A method that finds a reason to exit throws: the fault is
 * {@link Vector#VM_EXIT}, and the engine, which has put RIP back by then, ends it with {@link
 * #leave()}. Source: SDM vol. 3C, chapter 26.
 */
public final class NonRoot {
  // Kinds of event in an interruption-information field: SDM vol. 3C, table 25-17.
  public static final int EXTERNAL = 0;
  public static final int NMI = 2 << 8;
  public static final int HARDWARE_EXCEPTION = 3 << 8;
  public static final int SOFTWARE_INTERRUPT = 4 << 8;
  public static final int PRIVILEGED_EXCEPTION = 5 << 8;
  public static final int SOFTWARE_EXCEPTION = 6 << 8;
  public static final int TYPE = 7 << 8;
  public static final int HAS_ERROR = 1 << 11;
  public static final int NMI_UNBLOCKING = 1 << 12;
  public static final int VALID = 1 << 31;

  /** Bits of pending debug exceptions that an exit qualification has: B0 to B3, BD, BS. */
  private static final int DEBUG_CAUSES = 0x600f;

  private final Vmx v;
  private final Cpu c;
  private final Ept ept;
  final VirtualApic apic;
  final PreemptionTimer timer;
  final EptExits memory;
  final VmFunctions functions;

  // ---- the controls, as VM entry found them
  private int pin;
  private int primary;
  private int secondary;
  private int exceptions;
  private int faultMask;
  private int faultMatch;
  private long cr0Mask;
  private long cr4Mask;
  private long cr0Shadow;
  private long cr4Shadow;
  private long tscOffset;
  private long ioA;
  private long ioB;
  private long msrBitmap;
  private long tscMultiplier;

  /** How many VM entries there were, to tell one stay in non-root operation from the next. */
  private long entries;

  /** IRET is under way and has ended the blocking of NMIs. */
  private boolean iretUnblocked;

  // ---- the loop of PAUSEs: SDM vol. 3C, 26.1.3
  private long firstPause;
  private long lastPause;

  /** Virtual-NMI blocking: with virtual NMIs, {@code Cpu.nmiBlocked} means this one. */
  private boolean monitorTrap;

  // ---- the event being delivered: IDT-vectoring information, 0 for none
  private int vectoring;
  private int vectoringError;
  private long vectoringNext;

  // ---- the VM exit under way
  int reason;
  long qualification;
  int interruption;
  int interruptionError;
  int information;
  long linear;
  long physical;

  /** RIP behind the instruction that exits; the length follows when RIP has been put back. */
  private long next;

  private boolean hasNext;

  /** The length of the instruction that exits is to be found out from its bytes. */
  private boolean decodes;

  private final InstructionLength lengths = new InstructionLength();

  /** The VM exit is one by an NMI, which blocks others in the host. */
  boolean hostNmiBlocked;

  NonRoot(Vmx v) {
    this.v = v;
    this.c = v.c;
    this.ept = new Ept(c);
    this.apic = new VirtualApic(this, c);
    this.timer = new PreemptionTimer(c);
    this.memory = new EptExits(this, v);
    this.functions = new VmFunctions(this, v);
  }

  /** Reads the controls of the current VMCS and begins non-root operation. */
  void begin() {
    Vmcs s = v.current;
    pin = s.get32(VmcsField.PIN_CONTROLS);
    primary = s.get32(VmcsField.PRIMARY_CONTROLS);
    secondary = primary < 0 ? s.get32(VmcsField.SECONDARY_CONTROLS) : 0;
    exceptions = s.get32(VmcsField.EXCEPTION_BITMAP);
    faultMask = s.get32(VmcsField.PAGE_FAULT_MASK);
    faultMatch = s.get32(VmcsField.PAGE_FAULT_MATCH);
    cr0Mask = s.get(VmcsField.CR0_MASK);
    cr4Mask = s.get(VmcsField.CR4_MASK);
    cr0Shadow = s.get(VmcsField.CR0_SHADOW);
    cr4Shadow = s.get(VmcsField.CR4_SHADOW);
    boolean shifted = primary(Controls.TSC_OFFSETTING);
    tscOffset = shifted ? s.get(VmcsField.TSC_OFFSET) : 0;
    boolean scaled = shifted && secondary(Controls.TSC_SCALING);
    tscMultiplier = scaled ? s.get(VmcsField.TSC_MULTIPLIER) : 1L << 48;
    ioA = s.get(VmcsField.IO_BITMAP_A);
    ioB = s.get(VmcsField.IO_BITMAP_B);
    msrBitmap = s.get(VmcsField.MSR_BITMAP);
    monitorTrap = false;
    vectoring = 0;
    iretUnblocked = false;
    firstPause = 0;
    lastPause = 0;
    entries++;
    forget();
    c.nonRoot = this;
    c.mmu.walker.ept = secondary(Controls.EPT) ? eptOf(s) : null;
    c.windowWanted = primary(Controls.INTERRUPT_WINDOW);
    apic.begin(s);
    if (pin(Controls.PIN_PREEMPTION_TIMER)) {
      timer.start(s.get32(VmcsField.PREEMPTION_TIMER_VALUE));
    }
  }

  /** The tables of the current EPT pointer. */
  Ept eptOf(Vmcs s) {
    return ept.use(s.get(VmcsField.EPT_POINTER), secondary(Controls.EXECUTE_BY_MODE));
  }

  /** Non-root operation has ended. */
  void left() {
    apic.end();
  }

  /** Which stay in non-root operation this is. */
  public long entries() {
    return entries;
  }

  void save(VmxState s) {
    if (c.nonRoot == this) {
      s.monitorTrap = monitorTrap;
      s.preemptionTimer = timer.active() ? timer.value() : 0;
    }
  }

  /** Goes on where another processor was; the controls have been read. */
  void load(VmxState s) {
    if (timer.active()) {
      timer.start(s.preemptionTimer);
    }
    if (s.monitorTrap) {
      armMonitorTrap(true);
    }
    c.request(Cpu.REQ_STEP | Cpu.REQ_INTR);
  }

  private void forget() {
    qualification = 0;
    interruption = 0;
    interruptionError = 0;
    information = 0;
    linear = 0;
    physical = 0;
    hasNext = false;
    decodes = false;
    hostNmiBlocked = false;
  }

  boolean pin(int bit) {
    return (pin & bit) != 0;
  }

  boolean primary(int bit) {
    return (primary & bit) != 0;
  }

  boolean secondary(int bit) {
    return (secondary & bit) != 0;
  }

  /** The TSC as the guest reads it. */
  public long tsc(long processors) {
    long scaled =
        tscMultiplier == 1L << 48
            ? processors
            : Math.multiplyHigh(processors, tscMultiplier) << 16
                | processors * tscMultiplier >>> 48;
    return scaled + tscOffset;
  }

  boolean unrestricted() {
    return secondary(Controls.UNRESTRICTED_GUEST);
  }

  // ---- leaving

  /** An exit by this instruction, with its qualification and information. */
  GuestFault exit(Insn i, int why) {
    GuestFault f = exit(why, 0);
    information = InstructionInformation.of(i);
    if (InstructionInformation.hasDisplacement(i)) {
      qualification = InstructionInformation.displacement(c, i);
    }
    return f;
  }

  /** An exit by the instruction that runs. */
  GuestFault exit(int why, long what) {
    forget();
    reason = why;
    qualification = what;
    next = c.rip;
    hasNext = true;
    return c.fault.set(Vector.VM_EXIT);
  }

  /** An exit between instructions, or by an event. RIP is what the guest will go on at. */
  public void leave(int why, long what) {
    forget();
    reason = why;
    qualification = what;
    leave();
  }

  /** Performs the VM exit that a fault has announced. RIP is what the guest will go on at. */
  public void leave() {
    int length = hasNext ? (int) (next - c.rip) & 15 : 0;
    int idt = vectoring;
    if (decodes && idt == 0) {
      length = lengths.at(c);
    }
    if (idt != 0) {
      boolean software = (idt & TYPE) >= SOFTWARE_INTERRUPT;
      if (length == 0 && software) {
        length = (int) (vectoringNext - c.rip) & 15;
      }
    }
    vectoring = 0;
    VmExit.perform(v, this, length, idt, vectoringError);
  }

  // ---- events

  /**
   * An event is about to go through its gate; what interrupts its delivery is reported with it.
   *
   * @param kind type and vector
   */
  public void delivering(int kind, boolean hasError, int error) {
    vectoring = VALID | kind | (hasError ? HAS_ERROR : 0);
    vectoringError = hasError ? error : 0;
    vectoringNext = c.rip;
  }

  /** An exit by an access to memory; RIP may be anything. */
  GuestFault accessExit(int why, long what) {
    GuestFault f = exit(why, what);
    hasNext = false;
    decodes = why != ExitReason.EPT_VIOLATION && why != ExitReason.MODIFICATION_LOG_FULL;
    return f;
  }

  /** The event has been delivered. */
  public void delivered() {
    vectoring = 0;
  }

  /** The event's delivery has led to a double fault, which is an event of its own. */
  public void doubleFault() {
    vectoring = 0;
  }

  /**
   * An exception is about to be delivered. If the bitmap wants it, the VM exit is made.
   *
   * @param kind type and vector
   * @param linearAddress of a page fault
   * @return whether the processor has left non-root operation
   */
  public boolean takes(int kind, int error, long linearAddress) {
    int vector = kind & 0xff;
    boolean wanted = (exceptions >>> vector & 1) != 0;
    boolean iret = iretUnblocked;
    iretUnblocked = false;
    if (vector == Vector.PF && (error & faultMask) != faultMatch) {
      wanted = !wanted;
    }
    if (!wanted) {
      return false;
    }
    iretUnblocked = iret && vector != Vector.DF && vectoring == 0;
    boolean software = (kind & TYPE) == SOFTWARE_EXCEPTION || (kind & TYPE) == PRIVILEGED_EXCEPTION;
    long behind = vectoringNext;
    forget();
    reason = ExitReason.EXCEPTION_OR_NMI;
    boolean hasError = Vector.hasErrorCode(vector) && !c.realMode();
    interruption = VALID | kind | (hasError ? HAS_ERROR : 0) | unblocking(NMI_UNBLOCKING);
    interruptionError = hasError ? error : 0;
    if (vector == Vector.PF) {
      qualification = linearAddress;
    } else if (vector == Vector.DB) {
      qualification = c.pendingDebug & DEBUG_CAUSES;
      c.pendingDebug = 0;
    }
    if (software) {
      next = behind;
      hasNext = true;
    }
    leave();
    return true;
  }

  /**
   * INT3, INTO and INT1 before their gate.
   *
   * @param kind type and vector
   */
  public void software(int kind) {
    int vector = kind & 0xff;
    if ((exceptions >>> vector & 1) != 0) {
      GuestFault f = exit(ExitReason.EXCEPTION_OR_NMI, 0);
      interruption = VALID | kind;
      throw f;
    }
  }

  /** A task switch: always an exit. */
  public GuestFault taskSwitch(int selector, int source) {
    return exit(ExitReason.TASK_SWITCH, selector & 0xffff | (long) source << 30);
  }

  /** Whether delivery through a task gate of the IDT is under way. */
  public boolean delivers() {
    return vectoring != 0;
  }

  // ---- IRET: SDM vol. 3C, 26.3 and 28.2.3

  /** IRET begins, which ends the blocking of NMIs at once unless they leave and are not virtual. */
  public void iretBegins() {
    if (!pin(Controls.PIN_NMI) || pin(Controls.PIN_VIRTUAL_NMIS)) {
      iretUnblocked = c.nmiBlocked;
      c.nmiBlocked = false;
    }
  }

  public void iretEnds() {
    iretUnblocked = false;
  }

  /** A bit of the exit information, if IRET has ended the blocking of NMIs and then faulted. */
  int unblocking(int bit) {
    boolean was = iretUnblocked;
    iretUnblocked = false;
    return was ? bit : 0;
  }

  // ---- between instructions: SDM vol. 3C, 26.2 and table 26-1

  /** The monitor trap flag waits for the end of the next instruction, or (injected) none. */
  void armMonitorTrap(boolean now) {
    monitorTrap = now;
    c.request(Cpu.REQ_STEP);
  }

  /** Whether each instruction must be run by itself. */
  public boolean stepping() {
    return primary(Controls.MONITOR_TRAP_FLAG | Controls.NMI_WINDOW) || monitorTrap;
  }

  /** An instruction has been run by itself. */
  public void stepped(long inEntry) {
    if (inEntry == entries && primary(Controls.MONITOR_TRAP_FLAG)) {
      monitorTrap = true;
    }
  }

  /** The event that VM entry injects has been delivered: the trap flag counts from there. */
  void injected() {
    stepped(entries);
  }

  /** What is to be looked at before any debug trap: writes to the APIC, the monitor trap flag. */
  public boolean trapped() {
    if (apic.leaves()) {
      return true;
    }
    if (!monitorTrap) {
      return false;
    }
    leave(ExitReason.MONITOR_TRAP_FLAG, 0);
    return true;
  }

  /**
   * NMI, interrupt windows and interrupts between two instructions.
   *
   * @return whether there was a VM exit
   */
  public boolean interrupted() {
    boolean open = c.shadow == Cpu.Shadow.NONE;
    if (timer.expired()) {
      leave(ExitReason.PREEMPTION_TIMER, 0);
      return true;
    }
    boolean virtual = pin(Controls.PIN_VIRTUAL_NMIS);
    if (primary(Controls.NMI_WINDOW) && open && !c.nmiBlocked) {
      leave(ExitReason.NMI_WINDOW, 0);
      return true;
    }
    boolean nmi = (c.pending & Cpu.REQ_NMI) != 0;
    if (nmi && pin(Controls.PIN_NMI) && open && (virtual || !c.nmiBlocked)) {
      c.takeNmi();
      forget();
      reason = ExitReason.EXCEPTION_OR_NMI;
      interruption = VALID | NMI | Vector.NMI;
      hostNmiBlocked = true;
      leave();
      return true;
    }
    boolean ifSet = (c.eflags & org.quern.x86.state.RFlags.IF) != 0;
    if (primary(Controls.INTERRUPT_WINDOW) && open && ifSet) {
      leave(ExitReason.INTERRUPT_WINDOW, 0);
      return true;
    }
    if (pin(Controls.PIN_EXTERNAL_INTERRUPT) && c.intrLine && open && externalLeaves()) {
      return true;
    }
    return apic.delivers();
  }

  /** An external interrupt: a VM exit, unless it announces posted interrupts. */
  private boolean externalLeaves() {
    int vector = -1;
    if ((v.current.get32(VmcsField.EXIT_CONTROLS) & Controls.EXIT_ACKNOWLEDGE) != 0) {
      vector = c.interrupts.acknowledge();
      if (vector < 0 || apic.takesPosted(vector)) {
        return false;
      }
    }
    forget();
    reason = ExitReason.EXTERNAL_INTERRUPT;
    interruption = vector < 0 ? 0 : VALID | EXTERNAL | vector;
    leave();
    return true;
  }

  /** Passes some time of a halted guest; whether it must look again by itself. */
  public boolean idles() {
    if (!timer.active()) {
      return false;
    }
    timer.idle();
    return true;
  }

  /** Whether external interrupts leave, so that IF does not hold them back. */
  public boolean takesInterrupts() {
    return pin(Controls.PIN_EXTERNAL_INTERRUPT);
  }

  // ---- instructions that always leave, or by one bit

  /** CPUID, INVD, XSETBV: always. */
  public GuestFault always(Insn i) {
    return switch (i.mnemonic) {
      case CPUID -> exit(ExitReason.CPUID, 0);
      case INVD -> exit(ExitReason.INVD, 0);
      default -> exit(ExitReason.XSETBV, 0);
    };
  }

  /** HLT, INVLPG, INVPCID, MONITOR, MWAIT, PAUSE, RDPMC, RDTSC, RDTSCP, WBINVD, RDRAND, RDSEED. */
  public void check(Insn i, long what) {
    switch (i.mnemonic) {
      case HLT -> when(primary(Controls.HLT), ExitReason.HLT, i, what);
      case INVLPG -> when(primary(Controls.INVLPG), ExitReason.INVLPG, i, what);
      case INVPCID -> when(primary(Controls.INVLPG), ExitReason.INVPCID, i, what);
      case MONITOR -> when(primary(Controls.MONITOR), ExitReason.MONITOR, i, what);
      case MWAIT -> when(primary(Controls.MWAIT), ExitReason.MWAIT, i, what);
      case PAUSE -> when(primary(Controls.PAUSE) || pauseLoop(), ExitReason.PAUSE, i, what);
      case RDPMC -> when(primary(Controls.RDPMC), ExitReason.RDPMC, i, what);
      case RDTSC -> when(primary(Controls.RDTSC), ExitReason.RDTSC, i, what);
      case RDTSCP -> when(primary(Controls.RDTSC), ExitReason.RDTSCP, i, what);
      case WBINVD, WBNOINVD -> when(secondary(Controls.WBINVD), ExitReason.WBINVD, i, what);
      case RDRAND -> when(secondary(Controls.RDRAND), ExitReason.RDRAND, i, what);
      case RDSEED -> when(secondary(Controls.RDSEED), ExitReason.RDSEED, i, what);
      case LGDT, LIDT, SGDT, SIDT ->
          when(secondary(Controls.DESCRIPTOR_TABLE), ExitReason.GDTR_OR_IDTR, i, what);
      case LLDT, LTR, SLDT, STR ->
          when(secondary(Controls.DESCRIPTOR_TABLE), ExitReason.LDTR_OR_TR, i, what);
      default -> throw new IllegalStateException("no intercept of " + i.mnemonic);
    }
  }

  /** PAUSE-loop exiting: SDM vol. 3C, 26.1.3. */
  private boolean pauseLoop() {
    if (!secondary(Controls.PAUSE_LOOP) || c.cpl != 0) {
      return false;
    }
    long now = c.time.tsc();
    long gap = v.current.get(VmcsField.PLE_GAP);
    if (firstPause == 0 || now - lastPause > gap) {
      firstPause = now;
    }
    lastPause = now;
    return now - firstPause > v.current.get(VmcsField.PLE_WINDOW);
  }

  private void when(boolean bit, int why, Insn i, long what) {
    if (bit) {
      GuestFault f = exit(i, why);
      if (what != 0) {
        qualification = what;
      }
      throw f;
    }
  }

  /** XSAVES or XRSTORS of these components. */
  public void components(Insn i, long requested) {
    boolean save = i.mnemonic == org.quern.x86.decode.Mnemonic.XSAVES;
    if ((requested & c.msr.xss & v.current.get(VmcsField.XSS_EXITING_BITMAP)) != 0) {
      throw exit(save ? ExitReason.XSAVES : ExitReason.XRSTORS, 0);
    }
  }

  /** #UD for RDTSCP, RDPID, INVPCID, XSAVES and XRSTORS unless the VMM has enabled them. */
  public void checkEnabled(Insn i) {
    boolean enabled =
        switch (i.mnemonic) {
          case INVPCID -> secondary(Controls.INVPCID);
          case XSAVES, XRSTORS -> secondary(Controls.XSAVES);
          default -> secondary(Controls.RDTSCP);
        };
    if (!enabled) {
      throw c.ud();
    }
  }

  // ---- ports: SDM vol. 3C, 26.1.3, table 28-5

  /** IN, OUT, INS or OUTS; permission has been checked. */
  public void port(Insn i, int port, int bytes, boolean in, boolean string, long address) {
    if (primary(Controls.IO_BITMAPS) ? !marked(port, bytes) : !primary(Controls.UNCONDITIONAL_IO)) {
      return;
    }
    boolean immediate = (i.opcode & 0xfc) == 0xe4;
    int q = bytes - 1 | (in ? 1 << 3 : 0) | (string ? 1 << 4 : 0) | (i.rep != 0 ? 1 << 5 : 0);
    GuestFault f =
        exit(ExitReason.IO_INSTRUCTION, q | (immediate ? 1 << 6 : 0) | (long) port << 16);
    if (string) {
      information = InstructionInformation.of(i);
      linear = address;
    }
    throw f;
  }

  private boolean marked(int port, int bytes) {
    if (port + bytes > 0x10000) {
      return true;
    }
    for (int p = port; p < port + bytes; p++) {
      long at = (p < 0x8000 ? ioA : ioB) + ((p & 0x7fff) >> 3);
      if ((c.mmu.readPhysical(at, 1) >>> (p & 7) & 1) != 0) {
        return true;
      }
    }
    return false;
  }

  // ---- MSRs: SDM vol. 3C, 25.6.9

  /** RDMSR or WRMSR; privilege has been checked. */
  public void msr(int msr, boolean write) {
    if (!primary(Controls.MSR_BITMAPS) || msrMarked(msr, write)) {
      throw exit(write ? ExitReason.WRMSR : ExitReason.RDMSR, 0);
    }
  }

  private boolean msrMarked(int msr, boolean write) {
    int n = msr & ~0x40000000 & 0xbfffffff;
    boolean high = msr >>> 13 == 0xc0000000 >>> 13;
    if (!high && msr >>> 13 != 0) {
      return true;
    }
    long at = msrBitmap + (high ? 1024 : 0) + (write ? 2048 : 0) + ((n & 0x1fff) >> 3);
    return (c.mmu.readPhysical(at, 1) >>> (n & 7) & 1) != 0;
  }

  /** Whether an MSR of the x2APIC is virtual; it has not led to a VM exit. */
  public boolean ownsMsr(int msr, boolean write) {
    return apic.ownsMsr(msr, write);
  }

  public long readMsr(int msr) {
    return apic.readMsr(msr);
  }

  public void writeMsr(int msr, long value) {
    apic.writeMsr(msr, value);
  }

  // ---- control registers: SDM vol. 3C, 26.1.3, 26.3, table 28-3

  /** CR0 as the guest reads it. */
  public long readCr0() {
    return c.cr0 & ~cr0Mask | cr0Shadow & cr0Mask;
  }

  public long readCr4() {
    return c.cr4 & ~cr4Mask | cr4Shadow & cr4Mask;
  }

  /** MOV to CR0: what is written, unless it exits. */
  public long writeCr0(int gpr, long value) {
    if (((value ^ cr0Shadow) & cr0Mask) != 0) {
      throw cr(0, 0, gpr, 0);
    }
    return c.cr0 & cr0Mask | value & ~cr0Mask;
  }

  public long writeCr4(int gpr, long value) {
    if (((value ^ cr4Shadow) & cr4Mask) != 0) {
      throw cr(4, 0, gpr, 0);
    }
    return c.cr4 & cr4Mask | value & ~cr4Mask;
  }

  /** MOV to CR3. */
  public void writeCr3(int gpr, long value) {
    if (!primary(Controls.CR3_LOAD)) {
      return;
    }
    int targets = v.current.get32(VmcsField.CR3_TARGET_COUNT);
    for (int n = 0; n < targets; n++) {
      if (v.current.get(VmcsField.CR3_TARGET0, n) == value) {
        return;
      }
    }
    throw cr(3, 0, gpr, 0);
  }

  public void readCr3(int gpr) {
    if (primary(Controls.CR3_STORE)) {
      throw cr(3, 1, gpr, 0);
    }
  }

  /** The task-priority class that CR8 reads; it has not led to a VM exit. */
  public int taskPriority() {
    return apic.shadowsTaskPriority() ? apic.taskPriority() : c.interrupts.taskPriority();
  }

  public void taskPriority(int priorityClass) {
    if (apic.shadowsTaskPriority()) {
      apic.taskPriority(priorityClass);
    } else {
      c.interrupts.taskPriority(priorityClass);
    }
  }

  /** MOV to or from CR8. */
  public void cr8(int gpr, boolean write) {
    if (primary(write ? Controls.CR8_LOAD : Controls.CR8_STORE)) {
      throw cr(8, write ? 0 : 1, gpr, 0);
    }
  }

  /** CLTS: whether it clears the bit, unless it exits. */
  public boolean clts() {
    if ((cr0Mask & Cr.CR0_TS) == 0) {
      return true;
    }
    if ((cr0Shadow & Cr.CR0_TS) != 0) {
      throw cr(0, 2, 0, 0);
    }
    return false;
  }

  /**
   * LMSW: the new CR0, unless it exits.
   *
   * @param source the low four bits count
   */
  public long lmsw(Insn i, int source, long newCr0) {
    long changed = (source ^ cr0Shadow) & cr0Mask;
    boolean setsPe = (changed & source & Cr.CR0_PE) != 0;
    if (setsPe || (changed & (Cr.CR0_MP | Cr.CR0_EM | Cr.CR0_TS)) != 0) {
      boolean memory = i.op0.isMem();
      long address = memory ? org.quern.x86.semantics.Operands.readAddress(c, i, 2) : 0;
      GuestFault f = cr(0, 3, 0, memory ? 1 << 6 : 0);
      qualification |= (long) (source & 0xffff) << 16;
      linear = address;
      throw f;
    }
    return c.cr0 & cr0Mask | newCr0 & ~cr0Mask;
  }

  private GuestFault cr(int n, int type, int gpr, int more) {
    return exit(ExitReason.CR_ACCESS, n | type << 4 | gpr << 8 | more);
  }

  /** MOV to or from a debug register. */
  public void dr(int n, int gpr, boolean read) {
    if (primary(Controls.MOV_DR)) {
      throw exit(ExitReason.DR_ACCESS, n | (read ? 1 << 4 : 0) | gpr << 8);
    }
  }

  // ---- the APIC-access page

  /** A linear access to it: the physical address to use instead. */
  public long apicAccess(long pa, int bytes, int access) {
    return apic.access((int) pa & 0xfff, bytes, access);
  }

  /** A virtualized write to it has been made. */
  public void apicWritten(long pa) {
    apic.written((int) pa & 0xfff);
  }

  /** An access that is not one of a linear address. */
  void physicalAccess(long pa) {
    if (secondary(Controls.APIC_ACCESSES)
        && (pa & -4096) == v.current.get(VmcsField.APIC_ACCESS_ADDRESS)) {
      throw apic.physicalAccess();
    }
  }
}
