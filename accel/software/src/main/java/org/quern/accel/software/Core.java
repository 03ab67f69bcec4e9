package org.quern.accel.software;

import org.quern.accel.api.VmExit;
import org.quern.x86.fault.GuestFault;
import org.quern.x86.fault.Vector;
import org.quern.x86.mmu.TlbBanks;
import org.quern.x86.semantics.Debug;
import org.quern.x86.semantics.Interrupts;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuReset;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;
import org.quern.x86.vmx.ExitReason;

/**
 * The execution engine of one processor: finds ops by RIP, runs them, and does between instructions
 * what the manual says happens there. Source: SDM vol. 3A, 6.9 (priority among events).
 *
 * <p>While ops run, RIP is not stored: it is {@link #codeBase} plus the op's offset. Owned by the
 * vCPU thread.
 */
final class Core {
  private static final int ITLB_ENTRIES = Itlb.ENTRIES;

  /** As a number of instructions to run: until something else happens. */
  static final long UNBOUNDED = Long.MAX_VALUE;

  final Cpu cpu;
  final CodeCache cache;
  final BlockBuilder builder;

  /** RIP of offset 0 of the current code page. */
  long codeBase;

  /** Ops run that are not guest instructions. */
  long uncounted;

  /** How often a region was left because an access could not be made directly. */
  long misses;

  private long executed;

  /** The count of instructions at which a bounded run ends; {@link #UNBOUNDED} if it is not. */
  private long limit = UNBOUNDED;

  /** The page of the region that is running, or null. */
  private CodePage regionPage;

  private final TranslationQueue queue;

  /** The next instruction must be run by itself: see {@link Vector#ALONE}. */
  private boolean alone;

  private CodeMode mode = CodeMode.REAL16;
  private long csBase;
  private long ripMask = 0xffff;
  private long linearMask = 0xffffffffL;

  /** Part of an ITLB tag that is not the address: generation, mode and user privilege. */
  private long tagBits;

  private int modeBits;

  /** Keeps a page's entries for user and supervisor apart, which tags alone would not. */
  private int indexBits;

  /** How often an ITLB was emptied. */
  private long forgotten;

  /** Code of some page has died, so that no ITLB may name it any more; set by any processor. */
  private volatile boolean codeDied;

  /** How often {@link #codeDied} was seen. */
  private long codeDeaths;

  /** By number of the bank of the TLB; null where there was none yet. */
  private final Itlb[] itlbs = new Itlb[TlbBanks.MAX];

  private int bank;
  private Itlb itlb = new Itlb();
  private long[] itlbTag = itlb.tag;
  private CodePage[] itlbPage = itlb.page;

  /** Pages found before, by physical page number: what the ITLB forgets is mostly found again. */
  private final CodePage[] recent = new CodePage[ITLB_ENTRIES];

  /** Whether {@link #run} ends with each VM exit, because the VMM is not guest code. */
  private boolean nonRootOnly;

  private final PseudoOps.Fetch fetch = new PseudoOps.Fetch();
  final ExceptionRing exceptions = new ExceptionRing();
  private final SoftwareVm vm;
  private final VmExit exit = new VmExit();

  Core(SoftwareVm vm, Cpu cpu, CodeCache cache, TranslationQueue queue) {
    this.queue = queue;
    this.vm = vm;
    this.cpu = cpu;
    this.cache = cache;
    this.builder = new BlockBuilder(this);
    itlbs[0] = itlb;
  }

  // ---- finding code

  /**
   * The op at {@code rip}, or one that will find it: no fault is raised here, so that a fault of
   * the fetch belongs to the target and not to the branch.
   */
  Op jump(Cpu c, long rip) {
    long la = rip + csBase & linearMask;
    int i = ((int) (la >>> 12) ^ indexBits) & ITLB_ENTRIES - 1;
    if (itlbTag[i] == (la & -4096 | tagBits)) {
      Op op = itlbPage[i].ops[(int) la & 4095];
      if (op != null) {
        codeBase = rip - (la & 4095);
        return op;
      }
    }
    codeBase = rip;
    return fetch;
  }

  /** As {@link #jump} for a near branch that the interpreter executes. */
  Op branch(Cpu c, long rip) {
    Op op = jump(c, rip);
    return op instanceof EntryOp entry ? entry.reached() : op;
  }

  /** As {@link #jump} where translated code may begin. */
  Op jumpToEntry(Cpu c, long rip) {
    Op op = jump(c, rip);
    if (op instanceof EntryOp || op instanceof PseudoOps.Pseudo) {
      return op;
    }
    return find(c, rip);
  }

  /** As {@link #jump} after something that may have changed the mode. */
  Op jumpFar(Cpu c) {
    refreshMode(c);
    if (c.activity != Cpu.Activity.ACTIVE) {
      c.request(Cpu.REQ_CODE);
    }
    return jump(c, c.rip);
  }

  /** Finds or decodes the op at {@code rip}; raises the fault that fetching it raises. */
  Op find(Cpu c, long rip) {
    int offset = (int) (rip + csBase) & 4095;
    CodePage page = pageAt(c, rip);
    if (page == null) {
      codeBase = rip;
      return builder.uncached(c, rip);
    }
    Op op = builder.entryAt(page, offset);
    codeBase = rip - offset;
    return op;
  }

  /**
   * The code page that holds {@code rip}, or null if its code cannot be cached (MMIO, or the
   * segment ends or wraps inside the page).
   */
  CodePage pageAt(Cpu c, long rip) {
    long la = rip + csBase & linearMask;
    long tag = la & -4096 | tagBits;
    int i = ((int) (la >>> 12) ^ indexBits) & ITLB_ENTRIES - 1;
    if (itlbTag[i] == tag) {
      return itlbPage[i];
    }
    if (mode != CodeMode.LONG64) {
      long limit = c.seg[Reg.CS].limit & 0xffffffffL;
      if (rip > limit) {
        throw c.gp(0);
      }
      long pageEnd = rip - (la & 4095) + 4095;
      if (pageEnd > Math.min(limit, ripMask)) {
        return null;
      }
    }
    long pa = c.mmu.fetchAddress(la);
    long host = c.bus.hostPage(pa);
    if (host == 0) {
      return null;
    }
    long physicalPage = pa & -4096;
    CodePage page = page(physicalPage, host);
    if (!page.guarded) {
      // Also where another processor is about to: until it is done, stores could go unseen.
      vm.protectCode(this, physicalPage);
      page.guarded = true;
    }
    itlbTag[i] = tag;
    itlbPage[i] = page;
    return page;
  }

  /** As {@link CodeCache#page}, mostly without its lock. */
  private CodePage page(long physicalPage, long host) {
    int i = (int) (physicalPage >>> 12) & ITLB_ENTRIES - 1;
    CodePage page = recent[i];
    if (page == null
        || page.physical != physicalPage
        || page.mode != mode
        || page.host != host
        || !page.valid) {
      page = cache.page(physicalPage, mode, host);
      recent[i] = page;
    }
    return page;
  }

  TranslationQueue queue() {
    return queue;
  }

  Tiering tiering() {
    return queue.tiering();
  }

  /** A translated region of a page starts to run: until it leaves, it knows RIP. */
  void enterRegion(CodePage page) {
    regionPage = page;
  }

  void leaveRegion() {
    regionPage = null;
  }

  long ripMask() {
    return ripMask;
  }

  CodeMode mode() {
    return mode;
  }

  long csBase() {
    return csBase;
  }

  /**
   * Which mappings are in effect, as a number: as long as it is the same, what {@link
   * #pageIfMapped} answered holds.
   */
  long mappings() {
    return itlb.epoch << Itlb.GENERATION_SHIFT | modeBits;
  }

  /** The code page at {@code rip}, the start of a page; null if there is none to be had. */
  CodePage pageIfMapped(long rip) {
    try {
      return pageAt(cpu, rip);
    } catch (GuestFault f) {
      return null; // nothing was fetched: nobody gets to see it
    }
  }

  /** The code pages that the ITLB knows around the page at {@code rip}, as they lie now. */
  NearbyPages nearby(long rip) {
    long[] tags = itlbTag.clone();
    CodePage[] known = itlbPage.clone();
    long tagBitsNow = tagBits;
    int indexBitsNow = indexBits;
    long start = rip + csBase & linearMask;
    return distance -> {
      long la = start + distance & linearMask;
      int i = ((int) (la >>> 12) ^ indexBitsNow) & ITLB_ENTRIES - 1;
      return tags[i] == (la & -4096 | tagBitsNow) ? known[i] : null;
    };
  }

  /** Empties the ITLB: its entries belong to a generation, which ends. */
  private void forgetPages() {
    itlb.seenDeaths = codeDeaths;
    itlb.forget(++forgotten);
    tagBits = itlb.generationBits() | modeBits;
  }

  /** Ops have died; the caller requests {@link Cpu#REQ_CODE} too. Any thread. */
  void codeDied() {
    codeDied = true;
  }

  /** Goes over to the ITLB of the bank of the TLB that is in use now. */
  private void selectItlb(int number) {
    bank = number;
    if (itlbs[number] == null) {
      itlbs[number] = new Itlb();
    }
    itlb = itlbs[number];
    itlbTag = itlb.tag;
    itlbPage = itlb.page;
    if (cpu.mmu.takeStale() || itlb.seenDeaths != codeDeaths) {
      forgetPages();
    }
  }

  private void refreshMode(Cpu c) {
    if (c.mmu.bankNumber() != bank) {
      selectItlb(c.mmu.bankNumber());
    }
    mode = CodeMode.of(c);
    boolean lm = mode == CodeMode.LONG64;
    csBase = lm ? 0 : c.seg[Reg.CS].base;
    linearMask = lm ? -1 : 0xffffffffL;
    // VM entry may put RIP beyond 64 KiB into 16-bit code, which then runs on up there.
    boolean narrow = mode.codeSize == 16 && c.rip >>> 16 == 0;
    ripMask = lm ? -1 : narrow ? 0xffffL : 0xffffffffL;
    modeBits = mode.ordinal() | (c.cpl == 3 ? 1 << CodeMode.BITS : 0);
    tagBits = itlb.generationBits() | modeBits;
    indexBits = c.cpl == 3 ? ITLB_ENTRIES / 2 : 0;
    // The ITLB maps linear pages; a segment limit that cuts a page is checked on filling only.
    int limit = c.seg[Reg.CS].limit;
    if (!lm && (csBase != itlb.checkedBase || limit != itlb.checkedLimit)) {
      itlb.checkedBase = csBase;
      itlb.checkedLimit = limit;
      forgetPages();
    }
  }

  // ---- running

  /**
   * Runs until something needs the caller, or to the first stop (see {@link
   * org.quern.accel.api.Stepping}) that many instructions on. {@code cpu.rip} is exact on return.
   */
  VmExit run(long instructions) {
    Cpu c = cpu;
    limit = instructions == UNBOUNDED ? UNBOUNDED : completed() + instructions;
    while (true) {
      if (nonRootOnly && exited(c)) {
        return null;
      }
      // A halted processor may be run again for nothing: it must not execute on.
      if (c.pending != 0 || c.activity != Cpu.Activity.ACTIVE) {
        VmExit e = boundary(c);
        if (e != null) {
          return e;
        }
        if (nonRootOnly && exited(c)) {
          return null;
        }
        if (c.activity != Cpu.Activity.ACTIVE) {
          continue;
        }
      }
      refreshMode(c);
      boolean stop = false;
      if (stepping(c)) {
        long before = completed();
        step(c);
        stop = completed() != before && stopWanted(c);
      } else if (limit == UNBOUNDED) {
        loop(c, jump(c, c.rip));
      } else {
        stop = boundedLoop(c, jump(c, c.rip));
      }
      if (c.activity == Cpu.Activity.SHUTDOWN) {
        return exit.set(VmExit.Kind.SHUTDOWN, "triple fault");
      }
      if (stop) {
        c.unrequest(Cpu.REQ_STOP);
        return exit.set(VmExit.Kind.KICKED, null);
      }
    }
  }

  /**
   * Runs in VMX non-root operation up to the next VM exit.
   *
   * @return null for a VM exit; what else needs the caller
   */
  VmExit runNonRoot() {
    nonRootOnly = true;
    // The bank may be the one of the last run, but the VMM may have flushed it meanwhile.
    selectItlb(cpu.mmu.bankNumber());
    return run(UNBOUNDED);
  }

  /** Whether there has been a VM exit; the VMM is told of it. */
  private static boolean exited(Cpu c) {
    return c.nonRoot == null && !c.vmx.serveHost();
  }

  /**
   * Executes one instruction, or delivers the exception that it raises. What waits between
   * instructions goes on waiting.
   */
  void single() {
    cpu.unrequest(-1);
    forgetPages();
    refreshMode(cpu);
    step(cpu);
  }

  /** Instructions completed. Exact while no op runs. */
  private long completed() {
    return executed - uncounted + cpu.translated - cpu.unfinished;
  }

  private boolean stopWanted(Cpu c) {
    return limit != UNBOUNDED && (completed() >= limit || (c.pending & Cpu.REQ_STOP) != 0);
  }

  /**
   * As {@link #loop} for a bounded run.
   *
   * @return whether this is a stop that was asked for
   */
  private boolean boundedLoop(Cpu c, Op first) {
    Op op = first;
    Op current = first;
    boolean stop = false;
    try {
      do {
        current = op;
        long before = completed();
        long unfinished = c.unfinished;
        op = op.exec(c, this);
        executed++;
        stop = completed() != before && c.unfinished == unfinished && stopWanted(c);
      } while (!stop && (c.pending & ~Cpu.REQ_STOP) == 0);
      c.rip = codeBase + op.offset & ripMask;
    } catch (GuestFault f) {
      fault(c, f, current);
    }
    c.instructions = completed();
    return stop;
  }

  private void loop(Cpu c, Op first) {
    Op op = first;
    Op current = first;
    long n = 0;
    try {
      do {
        current = op;
        op = op.exec(c, this);
        n++;
      } while (c.pending == 0);
      c.rip = codeBase + op.offset & ripMask;
    } catch (GuestFault f) {
      fault(c, f, current);
    }
    executed += n;
    c.instructions = completed();
  }

  private void fault(Cpu c, GuestFault f, Op at) {
    Op where = at;
    if (regionPage != null) {
      // The region has set RIP; the op there is asked about its stack use only.
      where = opIn(regionPage, c.rip);
      regionPage = null;
    } else if (!f.trap) {
      c.rip = codeBase + at.offset & ripMask;
    }
    if (f.nonCanonical && where.stack) {
      f.set(Vector.SS, 0);
    }
    if (f.vector == Vector.ALONE) {
      alone = true;
      c.request(Cpu.REQ_STEP);
      return;
    }
    if (f.vector != Vector.VM_EXIT) {
      exceptions.add(c, f);
    }
    Interrupts.deliverFault(c, f);
  }

  /** The op at a RIP that a region with code of a page was at. */
  private Op opIn(CodePage page, long rip) {
    long offset = rip - codeBase;
    if (offset >>> 12 == 0) {
      return builder.opAt(page, (int) offset);
    }
    CodePage other = pageIfMapped(rip);
    return other == null ? fetch : builder.opAt(other, (int) rip & 4095);
  }

  // ---- between instructions

  private VmExit boundary(Cpu c) {
    if (c.vmx != null && !c.vmx.serveHost()) {
      return exit.set(VmExit.Kind.KICKED, null);
    }
    int p = c.pending;
    if ((p & Cpu.REQ_EXCLUSIVE) != 0) {
      c.unrequest(Cpu.REQ_EXCLUSIVE);
      vm.yieldToExclusive();
    }
    c.unrequest(Cpu.REQ_TIMER);
    if ((p & Cpu.REQ_FLUSH) != 0) {
      c.unrequest(Cpu.REQ_FLUSH);
      cache.clear();
      c.mmu.flushBanks();
    }
    if ((p & Cpu.REQ_CODE) != 0) {
      c.unrequest(Cpu.REQ_CODE);
      if (codeDied) {
        codeDied = false;
        codeDeaths++;
      }
      long before = forgotten;
      selectItlb(c.mmu.bankNumber());
      if (forgotten == before) {
        forgetPages();
      }
    }
    if (limit == UNBOUNDED) {
      c.unrequest(Cpu.REQ_STOP);
    }
    if ((p & Cpu.REQ_INIT) != 0) {
      // A startup that came before INIT was dropped when INIT was asked for: one that is there came
      // after it.
      c.unrequest(Cpu.REQ_INIT);
      if (c.vmx == null || !c.vmx.takesInit()) {
        CpuReset.init(c);
        c.activity = c.index == 0 ? Cpu.Activity.ACTIVE : Cpu.Activity.WAIT_FOR_SIPI;
      }
    }
    if ((c.pending & Cpu.REQ_SIPI) != 0) {
      c.unrequest(Cpu.REQ_SIPI);
      startup(c);
    }
    if ((p & Cpu.REQ_KICK) != 0) {
      c.unrequest(Cpu.REQ_KICK);
      return exit.set(VmExit.Kind.KICKED, null);
    }
    try {
      events(c);
    } catch (GuestFault f) {
      // Delivery raises nested faults itself; only a vector fetch outside memory could come here.
      Interrupts.deliverFault(c, f);
    }
    if (!stepping(c)) {
      c.unrequest(Cpu.REQ_STEP);
    }
    if (c.nonRoot != null && c.activity == Cpu.Activity.HALTED && c.nonRoot.idles()) {
      c.request(Cpu.REQ_STEP);
      return null;
    }
    return c.activity == Cpu.Activity.ACTIVE ? null : exit.set(VmExit.Kind.HLT, stuck(c));
  }

  /** Why no maskable interrupt will wake a halted processor; null if one may. */
  private static String stuck(Cpu c) {
    if (c.activity == Cpu.Activity.WAIT_FOR_SIPI) {
      return "waits for a start-up IPI";
    }
    boolean leaves = c.nonRoot != null && c.nonRoot.takesInterrupts();
    return (c.eflags & RFlags.IF) == 0 && !leaves ? "halted with interrupts off" : null;
  }

  private void startup(Cpu c) {
    if (c.activity == Cpu.Activity.WAIT_FOR_SIPI) {
      int vector = c.sipiVector;
      if (c.nonRoot != null) {
        c.nonRoot.leave(ExitReason.SIPI, vector);
        return;
      }
      CpuReset.startup(c, vector);
    }
  }

  /** Debug traps, NMI and maskable interrupts, in this order. */
  private void events(Cpu c) {
    if (c.activity == Cpu.Activity.WAIT_FOR_SIPI || c.activity == Cpu.Activity.SHUTDOWN) {
      return;
    }
    if (c.nonRoot != null && c.nonRoot.trapped()) {
      return;
    }
    if (c.pendingDebug != 0 && c.shadow != Cpu.Shadow.MOV_SS) {
      Interrupts.deliverDebugTrap(c);
    }
    if (c.nonRoot != null && c.nonRoot.interrupted()) {
      return;
    }
    if ((c.pending & Cpu.REQ_NMI) != 0 && !c.nmiBlocked && c.shadow == Cpu.Shadow.NONE) {
      c.takeNmi();
      c.activity = Cpu.Activity.ACTIVE;
      Interrupts.deliverNmi(c);
      return;
    }
    if ((c.pending & Cpu.REQ_INTR) != 0) {
      c.unrequest(Cpu.REQ_INTR);
      boolean open = (c.eflags & RFlags.IF) != 0 && c.shadow == Cpu.Shadow.NONE;
      if (open && c.intrLine) {
        int vector = c.interrupts.acknowledge();
        if (vector >= 0) {
          c.activity = Cpu.Activity.ACTIVE;
          Interrupts.deliverInterrupt(c, vector);
          c.interruptsMayBeEnabled();
        }
      }
    }
  }

  // ---- one instruction at a time: TF, RF, interrupt shadow, instruction breakpoints

  private boolean stepping(Cpu c) {
    return alone
        || (c.eflags & (RFlags.TF | RFlags.RF)) != 0
        || c.shadow != Cpu.Shadow.NONE
        || c.pendingDebug != 0
        || (c.nonRoot != null && c.nonRoot.stepping())
        || Debug.watchesCode(c);
  }

  private void step(Cpu c) {
    int shadow = c.shadow;
    boolean trap = (c.eflags & RFlags.TF) != 0;
    boolean resume = (c.eflags & RFlags.RF) != 0;
    long entered = c.nonRoot == null ? 0 : c.nonRoot.entries();
    c.single = true;
    alone = false;
    Op current = fetch;
    codeBase = c.rip;
    try {
      if (shadow != Cpu.Shadow.MOV_SS
          && Debug.watchesCode(c)
          && Debug.instructionBreakpoint(c, c.rip + csBase & linearMask)) {
        throw c.fault;
      }
      c.shadow = Cpu.Shadow.NONE;
      c.shadowNow = shadow;
      c.stepDecided = false;
      c.eflags &= ~RFlags.RF;
      Op op = jump(c, c.rip);
      do {
        if (op instanceof EntryOp entry) {
          op = entry.inner;
        }
        current = op;
        op = op.exec(c, this);
        executed++;
      } while (current instanceof PseudoOps.Pseudo);
      c.rip = codeBase + op.offset & ripMask;
      // Behind a load of SS there is no trap, neither now nor later.
      if (trap && !c.stepDecided && c.shadow != Cpu.Shadow.MOV_SS) {
        c.pendingDebug |= Debug.DR6_BS;
      }
    } catch (GuestFault f) {
      if (resume) {
        c.eflags |= RFlags.RF;
      }
      fault(c, f, current);
    }
    c.shadowNow = Cpu.Shadow.NONE;
    c.single = false;
    if (c.nonRoot != null) {
      c.nonRoot.stepped(entered);
    }
    c.instructions = completed();
    c.interruptsMayBeEnabled();
    c.request(Cpu.REQ_STEP);
  }
}
