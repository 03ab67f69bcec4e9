package org.quern.x86.vmx;

import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;

/**
 * What a processor with VMX keeps besides its other state: whether it is in VMX operation, the
 * VMXON and the current-VMCS pointer, IA32_FEATURE_CONTROL. Owned by the processor's thread.
 * Source: SDM vol. 3C, 24.2 to 24.8, 25.1.
 */
public final class Vmx {
  /** A pointer that points nowhere. */
  static final long NOWHERE = -1;

  // IA32_FEATURE_CONTROL: SDM vol. 3C, 24.7.
  private static final long LOCK = 1;
  private static final long OUTSIDE_SMX = 1 << 2;

  final Cpu c;

  /** In VMX operation, root or not. */
  private boolean on;

  private long featureControl;

  /** An INIT that came in VMX root operation waits for its end: SDM vol. 3C, 24.8. */
  private boolean initBlocked;

  long vmxonPointer = NOWHERE;

  /** The current VMCS, or null. */
  Vmcs current;

  /** The VMM in Java that gets the VM exits, or null. */
  VmxHost host;

  /** A VM exit has been made that {@link #host} has not been told of. */
  private boolean exited;

  /** What the VMX instructions do. */
  final VmxOperations operations = new VmxOperations(this);

  /** Scratch of VM entry. */
  final EntryState entry;

  private final NonRoot guest;

  /** For a processor that has the feature. */
  public Vmx(Cpu c) {
    this.c = c;
    this.entry = new EntryState(this);
    this.guest = new NonRoot(this);
  }

  /** RESET: VMX operation ends and IA32_FEATURE_CONTROL is open again. */
  public void reset() {
    on = false;
    featureControl = 0;
    initBlocked = false;
    vmxonPointer = NOWHERE;
    current = null;
    host = null;
    exited = false;
    leaveNonRoot();
  }

  boolean on() {
    return on;
  }

  /** The intercepts of non-root operation, whether it is active or not. */
  NonRoot guest() {
    return guest;
  }

  /** Enters VMX root operation. */
  void enable(long pointer) {
    VmEntry.prepare();
    on = true;
    vmxonPointer = pointer;
    current = null;
  }

  /** Leaves VMX operation. */
  void disable() {
    on = false;
    vmxonPointer = NOWHERE;
    current = null;
    releaseInit();
  }

  /** The current VMCS, or null. */
  public Vmcs current() {
    return current;
  }

  /** A VM exit is complete but for the host's part, which is in Java. */
  void exitToHost() {
    exited = true;
    c.request(Cpu.REQ_STEP);
  }

  /**
   * Tells a VMM in Java of VM exits that have been made; called by the engine between instructions,
   * before anything else.
   *
   * @return false if the run loop must be left
   */
  public boolean serveHost() {
    while (exited) {
      exited = false;
      if (!host.exited(c)) {
        return false;
      }
    }
    return true;
  }

  /** Copies the state of a guest that uses VMX; none where a VMM in Java does. */
  public void save(VmxState s) {
    s.clear();
    if (host != null) {
      return;
    }
    s.on = on;
    s.nonRoot = c.nonRoot != null;
    s.vmxonPointer = vmxonPointer;
    s.vmcsPointer = current == null ? NOWHERE : current.address();
    s.featureControl = featureControl;
    s.initBlocked = initBlocked;
    guest.save(s);
  }

  /**
   * Loads such a state; registers and guest memory have been loaded. A processor that a VMM in Java
   * drives has none.
   */
  public void load(VmxState s) {
    if (host != null) {
      return;
    }
    leaveNonRoot();
    on = s.on;
    vmxonPointer = s.vmxonPointer;
    current = s.vmcsPointer == NOWHERE ? null : Vmcs.in(c.bus, s.vmcsPointer);
    featureControl = s.featureControl;
    initBlocked = s.initBlocked;
    if (s.nonRoot && current != null) {
      EntryState e = entry.read();
      c.mmu.banks.enterGuest(e.vpid(), e.eptRoot());
      guest.begin();
      guest.load(s);
    } else {
      c.mmu.banks.enterHost();
    }
  }

  void leaveNonRoot() {
    c.mmu.banks.leaveGuest();
    c.nonRoot = null;
    c.mmu.walker.ept = null;
    c.windowWanted = false;
  }

  /** An INIT that has been blocked comes now. */
  void releaseInit() {
    if (initBlocked) {
      initBlocked = false;
      c.request(Cpu.REQ_INIT);
    }
  }

  /**
   * An INIT has come: in VMX root operation it is held back, in non-root operation it is a VM exit.
   *
   * @return false if it must be done as ever
   */
  public boolean takesInit() {
    if (c.nonRoot != null) {
      c.nonRoot.leave(ExitReason.INIT, 0);
      return true;
    }
    initBlocked = on;
    return on;
  }

  // ---- registers

  public long featureControl() {
    return featureControl;
  }

  /** WRMSR of IA32_FEATURE_CONTROL; #GP(0) once it is locked. */
  public void featureControl(long v) {
    if ((featureControl & LOCK) != 0 || (v & ~(LOCK | OUTSIDE_SMX)) != 0) {
      throw c.gp(0);
    }
    featureControl = v;
  }

  boolean permitted() {
    return (featureControl & (LOCK | OUTSIDE_SMX)) == (LOCK | OUTSIDE_SMX);
  }

  /** Whether an MSR index is one of the capability MSRs. */
  public static boolean ownsMsr(int msr) {
    return msr >= Capabilities.FIRST_MSR && msr <= Capabilities.LAST_MSR;
  }

  public long capability(int msr) {
    return Capabilities.read(c, msr);
  }

  /** #GP(0) if VMX operation does not allow this value of CR0: SDM vol. 3C, 24.8. */
  public void checkCr0(long v) {
    if (on && !cr0Allowed(v, c.nonRoot != null && c.nonRoot.unrestricted())) {
      throw c.gp(0);
    }
  }

  /** As {@link #checkCr0} for CR4. */
  public void checkCr4(long v) {
    if (on && (v & Capabilities.CR4_FIXED0) != Capabilities.CR4_FIXED0) {
      throw c.gp(0);
    }
  }

  static boolean cr0Allowed(long v, boolean unrestricted) {
    long must =
        unrestricted ? Capabilities.CR0_FIXED0 & ~(Cr.CR0_PE | Cr.CR0_PG) : Capabilities.CR0_FIXED0;
    return (v & must) == must && (v & ~Capabilities.CR0_FIXED1) == 0;
  }

  static boolean cr4Allowed(Cpu c, long v) {
    return (v & Capabilities.CR4_FIXED0) == Capabilities.CR4_FIXED0 && (v & ~c.writable.cr4()) == 0;
  }

  /** Whether a physical address lies within the width of the model and on a boundary. */
  boolean goodAddress(long a, int alignment) {
    return (a & alignment - 1) == 0 && a >>> c.model.physicalBits() == 0;
  }

  /** How a VMX instruction ends, by what its operation returned: SDM vol. 3C, 31.2. */
  void end(int outcome) {
    int flags =
        switch (outcome) {
          case VmxOperations.SUCCEED -> 0;
          case VmxOperations.FAIL_INVALID -> RFlags.CF;
          default -> RFlags.ZF;
        };
    c.setStatusFlags(flags);
  }

  void succeed() {
    end(VmxOperations.SUCCEED);
  }

  void failInvalid() {
    end(VmxOperations.FAIL_INVALID);
  }

  /** VMfailValid with that error if there is a current VMCS, else VMfailInvalid. */
  void fail(int error) {
    end(operations.fail(error));
  }
}
