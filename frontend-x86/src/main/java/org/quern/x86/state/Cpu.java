package org.quern.x86.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.quern.x86.bus.EntropySource;
import org.quern.x86.bus.GuestBus;
import org.quern.x86.bus.LocalInterrupts;
import org.quern.x86.bus.TimeSource;
import org.quern.x86.fault.GuestFault;
import org.quern.x86.fault.Vector;
import org.quern.x86.mmu.ExclusiveSection;
import org.quern.x86.mmu.Mmu;
import org.quern.x86.semantics.fp.SoftFloat;
import org.quern.x86.vmx.NonRoot;
import org.quern.x86.vmx.Vmx;

/**
 * One logical processor: all architectural state and the few links semantics need.
 *
 * <p>Owned by its vCPU thread. Other threads may only call {@link #request}. Fields are public
 * because every semantic method and, later, translated code works on them directly.
 *
 * <p><b>Status flags are lazy.</b> {@link #ccResult} holds the last result sign-extended to 64 bits
 * and {@link #ccAux} what the result alone cannot tell: bit 63 is CF (the carry out of the top
 * bit), bit 62 is CF xor OF (the carry into the top bit), bit 3 is AF, bit 0 inverts SF, and bits 8
 * to 15 are xored into the byte whose parity is PF. ZF is {@code ccResult == 0}. So any combination
 * of flags is representable, and the arithmetic in {@code Alu} sets both fields without a branch.
 *
 * <p><b>RIP.</b> While a semantic method runs, {@link #rip} names the <em>next</em> instruction. On
 * a fault the engine puts it back.
 */
public final class Cpu {
  // ---- requests from outside, see #pending
  /** The INTR line is asserted. */
  public static final int REQ_INTR = 1;

  public static final int REQ_NMI = 1 << 1;
  public static final int REQ_INIT = 1 << 2;
  public static final int REQ_SIPI = 1 << 3;

  /** Leave the run loop soon: kick from another thread. */
  public static final int REQ_KICK = 1 << 4;

  /** The engine must look up its current code again: code or mapping changed. */
  public static final int REQ_CODE = 1 << 5;

  /** The next instruction runs under TF, an interrupt shadow or RF: one instruction at a time. */
  public static final int REQ_STEP = 1 << 6;

  /** Processor-local TLB must be flushed (memory map changed). */
  public static final int REQ_FLUSH = 1 << 7;

  /** Stop for an exclusive section of another vCPU. */
  public static final int REQ_EXCLUSIVE = 1 << 8;

  /** A bounded run shall end behind the next completed instruction. */
  public static final int REQ_STOP = 1 << 9;

  /** The VMX-preemption timer may have run down; taken back before it is looked at. */
  public static final int REQ_TIMER = 1 << 10;

  private static final VarHandle PENDING;

  static {
    try {
      PENDING = MethodHandles.lookup().findVarHandle(Cpu.class, "pending", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  // ---- integer state
  /** RAX to R15 by number; slot {@link Reg#ZERO} is always 0. */
  public final long[] gpr = new long[Reg.ZERO + 1];

  public long rip;
  public long ccResult;
  public long ccAux;

  /** RFLAGS without the status flags, bit 1 set. Use {@link #rflags()} for the whole. */
  public int eflags = RFlags.FIXED;

  // ---- segments and tables
  /** ES, CS, SS, DS, FS, GS by number. */
  public final Segment[] seg = new Segment[6];

  public final Segment ldtr = new Segment();
  public final Segment tr = new Segment();
  public long gdtBase;
  public int gdtLimit;
  public long idtBase;
  public int idtLimit;

  /** Current privilege level, 0 to 3. Change it through {@link #setCpl}. */
  public int cpl;

  // ---- control, debug and model-specific registers
  public long cr0;
  public long cr2;
  public long cr3;
  public long cr4;
  public long efer;
  public long xcr0 = 1;
  public final long[] dr = new long[8];
  public final MsrFile msr = new MsrFile();

  // ---- x87, MMX, SSE, AVX
  public final Fpu fpu = new Fpu();

  /** First lane of the scratch register behind the vector registers. */
  public static final int VEC_SCRATCH = 16 * 4;

  /**
   * Vector registers: lane {@code n} (64 bits) of register {@code r} is {@code vec[r * 4 + n]}.
   * Behind them is a scratch register that holds no architectural state: instructions load their
   * memory operand there.
   */
  public final long[] vec = new long[VEC_SCRATCH + 4];

  public int mxcsr = 0x1f80;

  /** Rights by protection key: bit 2k forbids access to pages with key k, bit 2k+1 stores. */
  public int pkru;

  /** Scratch arithmetic unit of x87 and SSE; holds no architectural state. */
  public final SoftFloat soft = new SoftFloat();

  /** What MONITOR has armed. */
  public final MonitoredLine monitored = new MonitoredLine();

  // ---- execution state
  /** HLT until an interrupt, or shutdown, or wait-for-SIPI. */
  public Activity activity = Activity.ACTIVE;

  /** MOV SS / POP SS or STI was the previous instruction. See {@link Shadow}. */
  public int shadow;

  /** The {@link #shadow} that lies over the instruction being executed. */
  public int shadowNow;

  /** NMIs are blocked until the next IRET. */
  public boolean nmiBlocked;

  /** NMIs that have come and were not delivered; see {@link #raiseNmi}. Guarded by this. */
  private int nmis;

  /** DR6 bits (BS, B0 to B3, BT) of a trap-class #DB to deliver at the next boundary. */
  public int pendingDebug;

  /**
   * The last instruction was INT n (no single-step trap), SYSCALL or SYSRET (their own rule) or a
   * load of SS (none): TF at its start does not decide.
   */
  public boolean stepDecided;

  /** Vector given by the last start-up IPI. */
  public volatile int sipiVector;

  /** Level of the INTR line; the request bit follows it while IF allows. */
  public volatile boolean intrLine;

  /** Set bits mean that the engine must look up before the next instruction. */
  public volatile int pending;

  /** The exception being raised; reused. */
  public final GuestFault fault = new GuestFault();

  /** Scratch for far transfers and event delivery: the stack segment being switched to. */
  public final Segment newStack = new Segment();

  /** Why {@link #activity} became SHUTDOWN, for people; null otherwise. */
  public String shutdownReason;

  /** Linear address of the last {@code Operands.readModify}, for its commit. */
  public long rmwLinear;

  /** Instructions completed; exact whenever the engine is outside its inner loop. */
  public long instructions;

  /** Instructions completed inside translated regions; the engine adds it up. */
  public long translated;

  /** How often a repeated string instruction was left with elements to do: not completed. */
  public long unfinished;

  /** Offset in its page of the indirect jump that a compact region was left by, or -1. */
  public int exitFrom = -1;

  /** Which access a fast region was left by because it could not be made directly, or -1. */
  public int missed = -1;

  // ---- derived, see CpuMode
  /** Default operand and address size of CS: 16, 32 or 64. */
  public int codeSize = 16;

  /** EFER.LMA and CS.L: 64-bit mode. */
  public boolean longMode;

  /** Protected mode without VM: CR0.PE and not EFLAGS.VM. */
  public boolean protectedMode;

  /** Mask of the stack pointer: 0xffff, 0xffffffff or -1. */
  public long stackMask = 0xffff;

  /** 64 minus the width of a linear address: 16, or 7 with CR4.LA57. */
  public int linearShift = 16;

  /** Which bits of flags and control registers the model has. */
  public final Writable writable;

  /** The least that {@link #linearShift} can be: the width the model has. */
  public final int widestShift;

  // ---- links
  public final Mmu mmu;
  public final GuestBus bus;
  public final LocalInterrupts interrupts;
  public final TimeSource time;
  public final CpuModel model;

  /** VMX, or null where the model has none. */
  public final Vmx vmx;

  /** Not null in VMX non-root operation only: what sensitive instructions ask. */
  public NonRoot nonRoot;

  /** Something other than INTR waits for IF: interrupt-window exiting. */
  public boolean windowWanted;

  /** The engine looks between instructions behind the one that runs, and it is interpreted. */
  public boolean single;

  /** What RDRAND and RDSEED give. */
  public EntropySource entropy = EntropySource.host();

  /** How this processor becomes the only one running; set by the engine. */
  public ExclusiveSection exclusive = ExclusiveSection.NONE;

  /** Index of this processor, also its initial APIC id. */
  public final int index;

  /** What a processor is doing between instructions. */
  public enum Activity {
    ACTIVE,
    HALTED,
    SHUTDOWN,
    WAIT_FOR_SIPI
  }

  /** Values of {@link #shadow}. */
  public static final class Shadow {
    public static final int NONE = 0;
    public static final int STI = 1;
    public static final int MOV_SS = 2;

    private Shadow() {}
  }

  public Cpu(int index, CpuModel model, GuestBus bus, LocalInterrupts interrupts, TimeSource time) {
    this.index = index;
    this.model = model;
    this.writable = Writable.on(model);
    this.widestShift = model.has(CpuFeature.LA57) ? 7 : 16;
    this.bus = bus;
    this.interrupts = interrupts;
    this.time = time;
    for (int i = 0; i < seg.length; i++) {
      seg[i] = new Segment();
    }
    this.mmu = new Mmu(this);
    this.vmx = model.has(CpuFeature.VMX) ? new Vmx(this) : null;
    CpuReset.powerOn(this);
  }

  // ---- requests

  /** Sets request bits; any thread. */
  public void request(int bits) {
    PENDING.getAndBitwiseOr(this, bits);
  }

  /** Clears request bits; other threads may only withdraw what they asked for. */
  public void unrequest(int bits) {
    PENDING.getAndBitwiseAnd(this, ~bits);
  }

  /** Drives the INTR line; any thread. */
  public void setIntr(boolean level) {
    intrLine = level;
    if (level) {
      request(REQ_INTR);
    }
  }

  /**
   * An NMI has come; any thread. Hardware takes one at once and keeps one more while it is handled.
   * The engine takes them late, so that both may be waiting for it.
   */
  public synchronized void raiseNmi() {
    nmis = Math.min(nmis + 1, nmiBlocked ? 1 : 2);
    request(REQ_NMI);
  }

  /** One NMI is about to be delivered; own thread only. */
  public synchronized void takeNmi() {
    nmis--;
    if (nmis <= 0) {
      forgetNmis();
    }
  }

  /** NMIs that have come and were not delivered. */
  public synchronized int waitingNmis() {
    return nmis;
  }

  /** Sets how many NMIs wait, as part of a whole state. */
  public synchronized void waitingNmis(int n) {
    nmis = n;
    if (n > 0) {
      request(REQ_NMI);
    } else {
      unrequest(REQ_NMI);
    }
  }

  /** Reset: no NMI is waiting. */
  public void forgetNmis() {
    waitingNmis(0);
  }

  /** Call after IF may have become 1, so that a held-back INTR is looked at again. */
  public void interruptsMayBeEnabled() {
    if ((intrLine || windowWanted) && (eflags & RFlags.IF) != 0) {
      request(REQ_INTR);
    }
  }

  // ---- status flags

  public boolean cf() {
    return ccAux < 0;
  }

  public boolean of() {
    return (ccAux ^ ccAux << 1) < 0;
  }

  public boolean zf() {
    return ccResult == 0;
  }

  public boolean sf() {
    return (ccResult >>> 63 ^ ccAux & 1) != 0;
  }

  public boolean af() {
    return (ccAux & 8) != 0;
  }

  public boolean pf() {
    int b = (int) ccResult ^ (int) ccAux >>> 8;
    b ^= b >>> 4;
    return (0x9669 >>> (b & 0xf) & 1) != 0;
  }

  /** The six status flags at their RFLAGS positions. */
  public int statusFlags() {
    int f = (int) (ccAux >>> 63);
    if (pf()) {
      f |= RFlags.PF;
    }
    f |= ((int) ccAux & 8) << 1;
    if (ccResult == 0) {
      f |= RFlags.ZF;
    }
    if (sf()) {
      f |= RFlags.SF;
    }
    if (of()) {
      f |= RFlags.OF;
    }
    return f;
  }

  /** Sets all six status flags from their RFLAGS positions; other bits are ignored. */
  public void setStatusFlags(int f) {
    ccResult = (f & RFlags.ZF) != 0 ? 0 : 1;
    long aux = (long) (f & RFlags.CF) << 63;
    aux |= (f & RFlags.AF) >>> 1;
    aux |= (f & RFlags.SF) >>> 7;
    aux |= (long) ((f >> 11 ^ f) & 1) << 62;
    // Parity byte: the result is 0 (even) or 1 (odd), bit 8 flips it.
    boolean even = (f & RFlags.ZF) != 0;
    if (even != ((f & RFlags.PF) != 0)) {
      aux |= 1 << 8;
    }
    ccAux = aux;
  }

  public void setCf(boolean v) {
    if (v != cf()) {
      ccAux ^= 3L << 62;
    }
  }

  public void setOf(boolean v) {
    if (v != of()) {
      ccAux ^= 1L << 62;
    }
  }

  public void setZf(boolean v) {
    setStatusFlags(v ? statusFlags() | RFlags.ZF : statusFlags() & ~RFlags.ZF);
  }

  /** The whole RFLAGS. */
  public int rflags() {
    return eflags | statusFlags();
  }

  /**
   * Loads all of RFLAGS; the caller has merged what may not change. Updates everything derived from
   * TF, IF, VM and AC.
   */
  public void setRflags(int f) {
    int old = eflags;
    eflags = f & writable.rflags() & ~RFlags.STATUS | RFlags.FIXED;
    setStatusFlags(f);
    flagsChanged(old);
  }

  /** Replaces {@link #eflags} (no status flags) and updates what is derived from it. */
  public void setSystemFlags(int f) {
    int old = eflags;
    eflags = f & writable.rflags() & ~RFlags.STATUS | RFlags.FIXED;
    flagsChanged(old);
  }

  private void flagsChanged(int old) {
    int changed = old ^ eflags;
    if ((changed & RFlags.VM) != 0) {
      CpuMode.update(this);
    }
    if ((changed & RFlags.AC) != 0) {
      mmu.selectContext();
    }
    if ((eflags & (RFlags.TF | RFlags.RF)) != 0) {
      request(REQ_STEP);
    }
    if ((changed & eflags & RFlags.IF) != 0) {
      interruptsMayBeEnabled();
    }
  }

  /** Starts an interrupt shadow over the next instruction. */
  public void startShadow(int kind) {
    shadow = kind;
    request(REQ_STEP);
  }

  public void setCpl(int newCpl) {
    cpl = newCpl;
    mmu.selectContext();
  }

  public int iopl() {
    return eflags >> RFlags.IOPL_SHIFT & 3;
  }

  public boolean v86() {
    return (eflags & RFlags.VM) != 0;
  }

  public boolean realMode() {
    return (cr0 & Cr.CR0_PE) == 0;
  }

  // ---- faults: `throw c.gp(0)` reads as the manual does

  public GuestFault ud() {
    return fault.set(Vector.UD);
  }

  public GuestFault gp(int errorCode) {
    return fault.set(Vector.GP, errorCode);
  }

  public GuestFault ss(int errorCode) {
    return fault.set(Vector.SS, errorCode);
  }

  public GuestFault np(int errorCode) {
    return fault.set(Vector.NP, errorCode);
  }

  public GuestFault ts(int errorCode) {
    return fault.set(Vector.TS, errorCode);
  }

  public GuestFault nm() {
    return fault.set(Vector.NM);
  }

  public GuestFault raise(int vector) {
    return fault.set(vector);
  }

  // ---- registers by width

  public int gpr32(int r) {
    return (int) gpr[r];
  }

  public void setGpr32(int r, int v) {
    gpr[r] = v & 0xffffffffL;
  }

  public int gpr16(int r) {
    return (int) gpr[r] & 0xffff;
  }

  public void setGpr16(int r, int v) {
    gpr[r] = gpr[r] & ~0xffffL | v & 0xffff;
  }

  public int gpr8(int r) {
    return (int) gpr[r] & 0xff;
  }

  public void setGpr8(int r, int v) {
    gpr[r] = gpr[r] & ~0xffL | v & 0xff;
  }

  /** AH, CH, DH, BH for {@code r} 0 to 3. */
  public int gpr8h(int r) {
    return (int) gpr[r] >>> 8 & 0xff;
  }

  public void setGpr8h(int r, int v) {
    gpr[r] = gpr[r] & ~0xff00L | (v & 0xff) << 8;
  }

  /** Register value zero-extended from {@code bits} (8 low byte, 16, 32, 64). */
  public long reg(int r, int bits) {
    return switch (bits) {
      case 64 -> gpr[r];
      case 32 -> gpr[r] & 0xffffffffL;
      case 16 -> gpr[r] & 0xffff;
      default -> gpr[r] & 0xff;
    };
  }

  /** Writes a register as an instruction of that width does (32-bit writes zero the upper half). */
  public void setReg(int r, int bits, long v) {
    switch (bits) {
      case 64 -> gpr[r] = v;
      case 32 -> gpr[r] = v & 0xffffffffL;
      case 16 -> gpr[r] = gpr[r] & ~0xffffL | v & 0xffff;
      default -> gpr[r] = gpr[r] & ~0xffL | v & 0xff;
    }
  }
}
