package org.quern.machine.lapic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.quern.machine.core.CpuLines;
import org.quern.machine.core.Resettable;
import org.quern.machine.core.Stateful;
import org.quern.machine.core.Timers;
import org.quern.machine.time.Tsc;
import org.quern.x86.bus.LocalInterrupts;

/**
 * The local APIC of one processor, in xAPIC and x2APIC mode. Source: SDM vol. 3A, chapter 11.
 *
 * <p>Thread-safe: one small lock guards all of it (order: machine lock, then this; never two local
 * APICs). {@link CpuLines} are driven with the lock held and must not call back.
 *
 * <p>While the APIC is disabled the 8259A pair's INTR on LINT0 goes straight to the processor. The
 * bootstrap processor starts with LINT0 as ExtINT, as firmware would leave it.
 *
 * <p>Known gaps: no focus processor, no remote read, no CMCI, no EOI-broadcast suppression.
 */
public final class LocalApic implements LocalInterrupts, Stateful<LocalApic.State>, Resettable {
  private static final int IA32_APIC_BASE = 0x1b;
  private static final int IA32_TSC_DEADLINE = 0x6e0;
  private static final int X2APIC_FIRST = 0x800;
  private static final int DFR_FLAT = 0xf;

  private final Config config;
  private final int id;

  /** The id in xAPIC mode, which software may change: 0 to 255, not necessarily unique. */
  private volatile int xapicId;

  private final ApicBus bus;
  private final CpuLines lines;
  private final Object lock = new Object();

  private final VectorSet irr = new VectorSet();
  private final VectorSet isr = new VectorSet();
  private final VectorSet tmr = new VectorSet();
  private final int[] lvt = new int[ApicReg.LVT_COUNT];
  private final ApicTimer timer;
  // Volatile: read by senders without the lock.
  private volatile long base;
  private volatile int tpr;
  private volatile int ppr;
  private volatile int ldr;
  private volatile int dfr;
  private volatile int svr;
  private int esr;
  private int errors;
  private int icrLow;
  private int icrHigh;
  private boolean lint0;
  private boolean lint1;
  private boolean external;
  private boolean intr;

  /**
   * Creates the APIC in its reset state and attaches it to the bus.
   *
   * @param lines the pins of its processor
   */
  public LocalApic(Config config, ApicBus bus, Timers timers, Tsc tsc, CpuLines lines) {
    this.config = config;
    this.id = config.id;
    this.xapicId = config.id;
    this.bus = bus;
    this.lines = lines;
    timer = new ApicTimer(timers, tsc, "lapic" + id, this::alarm);
    bus.attach(this);
    reset();
  }

  /**
   * What the processor model and the board fix.
   *
   * @param id APIC id, the index of the processor
   * @param bootstrap whether this is the bootstrap processor
   * @param physicalBits MAXPHYADDR
   * @param x2apic whether x2APIC mode exists
   */
  public record Config(int id, boolean bootstrap, int physicalBits, boolean x2apic) {}

  public int id() {
    return id;
  }

  // ---- The processor's side ----

  @Override
  public int acknowledge() {
    synchronized (lock) {
      if (fixedPending()) {
        int vector = irr.highest();
        irr.clear(vector);
        isr.set(vector);
        update();
        return vector;
      }
      if (!externalPending()) {
        return -1;
      }
    }
    return bus.acknowledgePic(this);
  }

  /** Whether INTR still stands for the 8259A pair; forgets an ExtINT message. For the bus. */
  boolean takeExternal() {
    synchronized (lock) {
      boolean pending = externalPending();
      external = false;
      update();
      return pending;
    }
  }

  @Override
  public int taskPriority() {
    return tpr >> 4;
  }

  @Override
  public void taskPriority(int priorityClass) {
    synchronized (lock) {
      tpr = (priorityClass & 0xf) << 4;
      update();
    }
  }

  @Override
  public long readMsr(int msr) throws InvalidMsrAccess {
    if (msr == IA32_APIC_BASE) {
      return base;
    }
    if (msr == IA32_TSC_DEADLINE) {
      synchronized (lock) {
        return timer.deadline();
      }
    }
    int reg = msr - X2APIC_FIRST;
    if (!x2apic() || !X2Apic.readable(reg)) {
      throw InvalidMsrAccess.INSTANCE;
    }
    synchronized (lock) {
      long low = Integer.toUnsignedLong(read(reg));
      return reg == ApicReg.ICR_LOW ? (long) icrHigh << 32 | low : low;
    }
  }

  @Override
  public void writeMsr(int msr, long value) throws InvalidMsrAccess {
    if (msr == IA32_APIC_BASE) {
      writeBase(value);
      return;
    }
    if (msr == IA32_TSC_DEADLINE) {
      synchronized (lock) {
        timer.deadline(value);
        ring();
      }
      return;
    }
    int reg = msr - X2APIC_FIRST;
    if (!x2apic() || !X2Apic.writable(reg, value)) {
      throw InvalidMsrAccess.INSTANCE;
    }
    switch (reg) {
      case ApicReg.EOI -> endOfInterrupt();
      case ApicReg.ICR_LOW -> sendIpi((int) value, (int) (value >>> 32));
      case ApicReg.SELF_IPI -> receiveFixed((int) value);
      default -> {
        synchronized (lock) {
          write(reg, (int) value);
        }
      }
    }
  }

  private void writeBase(long value) throws InvalidMsrAccess {
    long writable = (1L << config.physicalBits) - 0x1000 | ApicReg.BASE_BSP | ApicReg.BASE_ENABLE;
    if (config.x2apic) {
      writable |= ApicReg.BASE_X2;
    }
    boolean enable = (value & ApicReg.BASE_ENABLE) != 0;
    boolean extend = (value & ApicReg.BASE_X2) != 0;
    synchronized (lock) {
      boolean wasX2 = x2apic();
      boolean wasEnabled = enabled();
      if ((value & ~writable) != 0
          || extend && !enable
          || wasX2 && enable && !extend
          || !wasEnabled && extend) {
        throw InvalidMsrAccess.INSTANCE;
      }
      base = value & ~ApicReg.BASE_BSP | base & ApicReg.BASE_BSP;
      if (wasEnabled && !enable) {
        xapicId = id;
        clear();
      } else if (extend && !wasX2) {
        ldr = X2Apic.logicalId(id);
        icrHigh = 0;
      }
      update();
    }
  }

  // ---- The register page, xAPIC mode ----

  /** Physical address of the register page, as IA32_APIC_BASE says. Any thread. */
  public long pageAddress() {
    return base & -ApicWindow.SIZE;
  }

  /** Whether the register page answers. */
  boolean xapic() {
    return (base & (ApicReg.BASE_ENABLE | ApicReg.BASE_X2)) == ApicReg.BASE_ENABLE;
  }

  private boolean x2apic() {
    return (base & ApicReg.BASE_X2) != 0;
  }

  private boolean enabled() {
    return (base & ApicReg.BASE_ENABLE) != 0;
  }

  int readRegister(int reg) {
    synchronized (lock) {
      return read(reg);
    }
  }

  void writeRegister(int reg, int value) {
    switch (reg) {
      case ApicReg.EOI -> endOfInterrupt();
      case ApicReg.ICR_LOW -> sendIpi(value, icrHigh);
      default -> {
        synchronized (lock) {
          write(reg, value);
        }
      }
    }
  }

  private int read(int reg) {
    if (ApicReg.isLvt(reg)) {
      return lvt[reg - ApicReg.LVT_TIMER];
    }
    if (reg >= ApicReg.ISR && reg < ApicReg.ESR) {
      VectorSet set = reg < ApicReg.TMR ? isr : reg < ApicReg.IRR ? tmr : irr;
      return set.word(reg & 7);
    }
    return switch (reg) {
      case ApicReg.ID -> x2apic() ? id : xapicId << 24;
      case ApicReg.VERSION -> ApicReg.VERSION_VALUE;
      case ApicReg.TPR -> tpr;
      case ApicReg.APR -> arbitrationPriority();
      case ApicReg.PPR -> ppr;
      case ApicReg.EOI, ApicReg.REMOTE_READ -> 0;
      case ApicReg.LDR -> ldr;
      case ApicReg.DFR -> dfr;
      case ApicReg.SVR -> svr;
      case ApicReg.ESR -> esr;
      case ApicReg.ICR_LOW -> icrLow;
      case ApicReg.ICR_HIGH -> icrHigh;
      case ApicReg.TIMER_INITIAL -> timer.initial();
      case ApicReg.TIMER_CURRENT -> timer.current();
      case ApicReg.TIMER_DIVIDE -> timer.divide();
      default -> {
        error(ApicReg.ESR_ILLEGAL_REGISTER);
        yield 0;
      }
    };
  }

  private void write(int reg, int value) {
    if (ApicReg.isLvt(reg)) {
      writeLvt(reg, value);
      return;
    }
    switch (reg) {
      case ApicReg.TPR -> {
        tpr = value & 0xff;
        update();
      }
      case ApicReg.ID -> xapicId = value >>> 24;
      case ApicReg.LDR -> ldr = value & 0xff00_0000;
      case ApicReg.DFR -> dfr = value | 0x0fff_ffff;
      case ApicReg.SVR -> writeSvr(value & (x2apic() ? X2Apic.SVR_WRITABLE : ApicReg.SVR_WRITABLE));
      case ApicReg.ESR -> {
        esr = errors;
        errors = 0;
      }
      case ApicReg.ICR_HIGH -> icrHigh = value & 0xff00_0000;
      case ApicReg.TIMER_INITIAL -> {
        timer.initial(value);
        ring();
      }
      case ApicReg.TIMER_DIVIDE -> {
        timer.divide(value);
        ring();
      }
      default -> {
        if (!ApicReg.isReadOnly(reg)) {
          error(ApicReg.ESR_ILLEGAL_REGISTER);
        }
      }
    }
  }

  private void writeSvr(int value) {
    svr = value;
    if (!softwareEnabled()) {
      for (int reg = ApicReg.LVT_TIMER; reg <= ApicReg.LVT_ERROR; reg++) {
        writeLvt(reg, lvt[reg - ApicReg.LVT_TIMER]);
      }
    }
    update();
  }

  private void writeLvt(int reg, int value) {
    int index = reg - ApicReg.LVT_TIMER;
    int entry = value & ApicReg.lvtWritable(reg) | lvt[index] & ApicReg.LVT_REMOTE_IRR;
    if (!softwareEnabled()) {
      entry |= ApicReg.LVT_MASKED;
    }
    lvt[index] = entry;
    if (reg == ApicReg.LVT_TIMER) {
      timer.lvt(entry);
      ring();
    } else {
      assertLevel(reg);
      update();
    }
  }

  private boolean softwareEnabled() {
    return (svr & ApicReg.SVR_ENABLE) != 0;
  }

  // ---- Acceptance and priority ----

  private boolean fixedPending() {
    int vector = irr.highest();
    return vector >= 0 && enabled() && vector >> 4 > ppr >> 4;
  }

  private boolean externalPending() {
    if (external) {
      return true;
    }
    if (!lint0) {
      return false;
    }
    if (!enabled() || config.bootstrap && !softwareEnabled()) {
      return true;
    }
    int entry = lvt[ApicReg.LVT_LINT0 - ApicReg.LVT_TIMER];
    return (entry & ApicReg.LVT_MASKED) == 0 && deliveryMode(entry) == ApicReg.EXTINT;
  }

  /** Recomputes PPR and INTR. */
  private void update() {
    int inService = Math.max(isr.highest(), 0);
    ppr = tpr >> 4 >= inService >> 4 ? tpr : inService & 0xf0;
    boolean level = fixedPending() || externalPending();
    if (level != intr) {
      intr = level;
      lines.intr(level);
    }
  }

  private int arbitrationPriority() {
    int requested = Math.max(irr.highest(), 0);
    int inService = Math.max(isr.highest(), 0);
    if (tpr >> 4 >= requested >> 4 && tpr >> 4 > inService >> 4) {
      return tpr;
    }
    return Math.max(Math.max(tpr, requested), inService) & 0xf0;
  }

  int processorPriority() {
    return ppr;
  }

  boolean takesFixed() {
    return enabled() && softwareEnabled();
  }

  /** Whether a message's destination means this APIC. Needs no lock. */
  boolean matches(int destination, boolean logical) {
    if (destination == ApicBus.BROADCAST) {
      return true;
    }
    if (!logical) {
      return destination == (x2apic() ? id : xapicId);
    }
    int own = ldr;
    if (x2apic()) {
      return destination >>> 16 == own >>> 16 && (destination & own & 0xffff) != 0;
    }
    own >>>= 24;
    if (dfr >>> 28 == DFR_FLAT) {
      return (destination & own & 0xff) != 0;
    }
    int cluster = destination >> 4 & 0xf;
    return (cluster == 0xf || cluster == own >> 4) && (destination & own & 0xf) != 0;
  }

  /** Takes a message of the bus. */
  void receive(int mode, int vector, boolean level) {
    synchronized (lock) {
      if (!enabled()) {
        return;
      }
      switch (mode) {
        case ApicReg.FIXED -> {
          if (softwareEnabled()) {
            accept(vector, level);
          }
        }
        case ApicReg.SMI -> lines.smi();
        case ApicReg.NMI -> lines.nmi();
        case ApicReg.INIT -> {
          clear();
          update();
          lines.init();
        }
        case ApicReg.STARTUP -> lines.startup(vector);
        case ApicReg.EXTINT -> {
          external = true;
          update();
        }
        default -> {} // 3 is reserved
      }
    }
  }

  private void receiveFixed(int vector) {
    if (vector < 16) {
      synchronized (lock) {
        error(ApicReg.ESR_SEND_ILLEGAL_VECTOR);
      }
    } else {
      receive(ApicReg.FIXED, vector, false);
    }
  }

  private void accept(int vector, boolean level) {
    if (vector < 16) {
      error(ApicReg.ESR_RECEIVE_ILLEGAL_VECTOR);
      return;
    }
    irr.set(vector);
    tmr.assign(vector, level);
    update();
  }

  private void endOfInterrupt() {
    int vector;
    boolean broadcast;
    synchronized (lock) {
      vector = isr.highest();
      if (vector < 0) {
        return;
      }
      isr.clear(vector);
      broadcast = tmr.contains(vector);
      update();
      if (broadcast) {
        endOfLint(ApicReg.LVT_LINT0, vector);
        endOfLint(ApicReg.LVT_LINT1, vector);
      }
    }
    if (broadcast) {
      bus.endOfInterrupt(vector);
    }
  }

  private void error(int bit) {
    if ((errors & bit) == 0) {
      errors |= bit;
      deliverLocal(ApicReg.LVT_ERROR);
    }
  }

  // ---- Local interrupts ----

  /** LINT0, the 8259A pair's INTR on a PC. */
  void lint0(boolean level) {
    synchronized (lock) {
      if (level == lint0) {
        return;
      }
      lint0 = level;
      if (level && enabled()) {
        deliverLocal(ApicReg.LVT_LINT0);
      }
      update();
    }
  }

  /** LINT1, the board's NMI on a PC. */
  void lint1(boolean level) {
    synchronized (lock) {
      if (level == lint1) {
        return;
      }
      lint1 = level;
      if (level && !enabled()) {
        lines.nmi();
      } else if (level) {
        deliverLocal(ApicReg.LVT_LINT1);
      }
    }
  }

  private boolean lintLevel(int reg) {
    return reg == ApicReg.LVT_LINT0 && lint0 || reg == ApicReg.LVT_LINT1 && lint1;
  }

  /** A level-triggered fixed input that is asserted asks again when unmasked or ended. */
  private void assertLevel(int reg) {
    int entry = lvt[reg - ApicReg.LVT_TIMER];
    if (lintLevel(reg)
        && (entry & ApicReg.LVT_LEVEL) != 0
        && deliveryMode(entry) == ApicReg.FIXED) {
      deliverLocal(reg);
    }
  }

  private void endOfLint(int reg, int vector) {
    int index = reg - ApicReg.LVT_TIMER;
    if ((lvt[index] & ApicReg.LVT_REMOTE_IRR) != 0 && (lvt[index] & 0xff) == vector) {
      lvt[index] &= ~ApicReg.LVT_REMOTE_IRR;
      assertLevel(reg);
    }
  }

  private static int deliveryMode(int entry) {
    return entry >> 8 & 7;
  }

  private void deliverLocal(int reg) {
    int entry = lvt[reg - ApicReg.LVT_TIMER];
    if ((entry & ApicReg.LVT_MASKED) != 0) {
      return;
    }
    switch (deliveryMode(entry)) {
      case ApicReg.FIXED -> {
        boolean level = (entry & ApicReg.LVT_LEVEL) != 0;
        if (level && (entry & ApicReg.LVT_REMOTE_IRR) != 0) {
          return;
        }
        if (level) {
          lvt[reg - ApicReg.LVT_TIMER] |= ApicReg.LVT_REMOTE_IRR;
        }
        accept(entry & 0xff, level);
      }
      case ApicReg.SMI -> lines.smi();
      case ApicReg.NMI -> lines.nmi();
      case ApicReg.INIT -> lines.init();
      default -> {} // ExtINT is a level: see externalPending
    }
  }

  private void alarm() {
    synchronized (lock) {
      ring();
    }
  }

  private void ring() {
    if (timer.expire()) {
      deliverLocal(ApicReg.LVT_TIMER);
    }
  }

  // ---- Inter-processor interrupts ----

  /** Writes the ICR, which sends. Not under the lock: the target takes its own. */
  private void sendIpi(int low, int high) {
    boolean wide;
    int command = low & ApicReg.ICR_WRITABLE;
    int mode = command >> 8 & 7;
    int vector = command & 0xff;
    synchronized (lock) {
      icrLow = command;
      icrHigh = high;
      wide = x2apic();
      if (vector < 16 && (mode == ApicReg.FIXED || mode == ApicReg.LOWEST_PRIORITY)) {
        error(ApicReg.ESR_SEND_ILLEGAL_VECTOR);
        return;
      }
    }
    boolean deassert = (command & (ApicReg.ICR_LEVEL | ApicReg.ICR_ASSERT)) == ApicReg.ICR_LEVEL;
    if (mode == ApicReg.INIT && deassert || mode == ApicReg.EXTINT) {
      return; // the first only resets arbitration ids, the second is reserved
    }
    boolean logical = (command & ApicReg.ICR_LOGICAL) != 0;
    switch (command >> ApicReg.ICR_SHORTHAND_SHIFT) {
      case 0 -> {
        if (wide) {
          bus.send(high, logical, mode, vector, false, null);
        } else {
          bus.send8(high >>> 24, logical, mode, vector, false);
        }
      }
      case 1 -> receive(mode == ApicReg.LOWEST_PRIORITY ? ApicReg.FIXED : mode, vector, false);
      case 2 -> bus.send(ApicBus.BROADCAST, false, mode, vector, false, null);
      default -> bus.send(ApicBus.BROADCAST, false, mode, vector, false, this);
    }
  }

  // ---- Reset and state ----

  @Override
  public void reset() {
    synchronized (lock) {
      base = ApicReg.BASE_RESET | ApicReg.BASE_ENABLE;
      if (config.bootstrap) {
        base |= ApicReg.BASE_BSP;
      }
      xapicId = id;
      clear();
      update();
    }
  }

  /** The registers as after INIT: all but IA32_APIC_BASE and the id. */
  private void clear() {
    irr.clear();
    isr.clear();
    tmr.clear();
    tpr = 0;
    ldr = x2apic() ? X2Apic.logicalId(id) : 0;
    dfr = -1;
    svr = ApicReg.SVR_RESET;
    esr = 0;
    errors = 0;
    icrLow = 0;
    icrHigh = 0;
    external = false;
    Arrays.fill(lvt, ApicReg.LVT_MASKED);
    if (config.bootstrap) {
      lvt[ApicReg.LVT_LINT0 - ApicReg.LVT_TIMER] = ApicReg.EXTINT << 8;
    }
    timer.reset();
  }

  @Override
  public State state() {
    synchronized (lock) {
      List<Integer> entries = new ArrayList<>();
      for (int entry : lvt) {
        entries.add(entry);
      }
      return new State(
          base,
          xapicId,
          tpr,
          ldr,
          dfr,
          svr,
          esr,
          errors,
          icrLow,
          icrHigh,
          lint0,
          lint1,
          external,
          List.copyOf(entries),
          List.copyOf(irr.toList()),
          List.copyOf(isr.toList()),
          List.copyOf(tmr.toList()),
          timer.state());
    }
  }

  @Override
  public void restore(State state) {
    synchronized (lock) {
      base = state.base;
      xapicId = state.xapicId;
      tpr = state.tpr;
      ldr = state.ldr;
      dfr = state.dfr;
      svr = state.svr;
      esr = state.esr;
      errors = state.errors;
      icrLow = state.icrLow;
      icrHigh = state.icrHigh;
      lint0 = state.lint0;
      lint1 = state.lint1;
      external = state.external;
      for (int i = 0; i < lvt.length; i++) {
        lvt[i] = state.lvt.get(i);
      }
      irr.assign(state.irr);
      isr.assign(state.isr);
      tmr.assign(state.tmr);
      timer.restore(lvt[0], state.timer);
      update();
      lines.intr(intr);
    }
  }

  /**
   * All registers.
   *
   * @param xapicId the id in xAPIC mode
   * @param errors errors not yet shown by ESR
   * @param external an ExtINT message not yet acknowledged
   * @param lvt timer, thermal, performance, LINT0, LINT1, error
   * @param irr eight words, as are {@code isr} and {@code tmr}
   */
  public record State(
      long base,
      int xapicId,
      int tpr,
      int ldr,
      int dfr,
      int svr,
      int esr,
      int errors,
      int icrLow,
      int icrHigh,
      boolean lint0,
      boolean lint1,
      boolean external,
      List<Integer> lvt,
      List<Integer> irr,
      List<Integer> isr,
      List<Integer> tmr,
      TimerState timer) {
    public State {
      boolean invalidMode = (base & (ApicReg.BASE_ENABLE | ApicReg.BASE_X2)) == ApicReg.BASE_X2;
      if (invalidMode || (tpr & ~0xff) != 0 || (xapicId & ~0xff) != 0) {
        throw new IllegalArgumentException("local APIC state with an impossible base, id or TPR");
      }
      if (lvt.size() != ApicReg.LVT_COUNT
          || irr.size() != 8
          || isr.size() != 8
          || tmr.size() != 8) {
        throw new IllegalArgumentException("local APIC state with missing registers");
      }
    }
  }

  /**
   * The timer's registers.
   *
   * @param counting whether the count has not reached 0 for good
   * @param start when the current count-down began, in nanoseconds of guest time
   * @param deadline time-stamp waited for, 0 if none
   * @param fired whether an expiry has not yet become an interrupt
   */
  public record TimerState(
      int divide, int initial, boolean counting, long start, long deadline, boolean fired) {}
}
