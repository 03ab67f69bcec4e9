package org.quern.x86.vmx;

import org.quern.x86.fault.GuestFault;
import org.quern.x86.fault.Vector;
import org.quern.x86.mmu.PageWalker;
import org.quern.x86.semantics.Interrupts;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;

/**
 * The virtual APIC of a guest: TPR shadow, virtualized accesses to the APIC page and to the
 * x2APIC's MSRs, virtual interrupts and posted interrupts. Its registers are in the virtual-APIC
 * page, which is guest memory of the VMM. Source: SDM vol. 3C, chapter 30.
 */
final class VirtualApic {
  // Offsets in the virtual-APIC page: SDM vol. 3C, 30.1.1.
  private static final int VTPR = 0x80;
  private static final int VPPR = 0xa0;
  private static final int VEOI = 0xb0;
  private static final int VISR = 0x100;
  private static final int VIRR = 0x200;
  private static final int VICR_LOW = 0x300;
  private static final int VICR_HIGH = 0x310;
  private static final int SELF_IPI = 0x3f0;

  /** Registers, by offset / 16, whose reads are virtualized with APIC-register virtualization. */
  private static final long READABLE =
      1L << 2
          | 1L << 3
          | 1L << 8
          | 1L << 0xb
          | 7L << 0xd
          | 0xffffffL << 0x10
          | 1L << 0x28
          | 0x1ffL << 0x30
          | 1L << 0x3e;

  /** The same for writes. */
  private static final long WRITABLE =
      1L << 2 | 1L << 8 | 1L << 0xb | 7L << 0xd | 1L << 0x28 | 0x1ffL << 0x30 | 1L << 0x3e;

  // Access types of an APIC-access VM exit: SDM vol. 3C, table 28-6.
  private static final int LINEAR_FETCH = 2 << 12;
  private static final int LINEAR_IN_EVENT = 3 << 12;
  private static final int PHYSICAL_IN_EVENT = 10 << 12;
  private static final int PHYSICAL = 15 << 12;

  /**
   * An ICR value that is a fixed, edge-triggered IPI to self: which bits count, and what they are.
   */
  private static final int ICR_CHECKED = 0xfffff000 & ~(1 << 14) | 0x700;

  private static final int ICR_SELF = 1 << 18;

  // The posted-interrupt descriptor: SDM vol. 3C, 30.6.
  private static final int OUTSTANDING = 32;

  private static final int NOTHING = -1;

  private final NonRoot guest;
  private final Cpu c;
  private Vmcs s;
  private boolean shadow;
  private boolean accesses;
  private boolean x2apic;
  private boolean registers;
  private boolean delivery;
  private boolean posted;
  private long page;

  /** A virtual interrupt has been recognized. */
  private boolean recognized;

  /** The exit that is due behind the instruction, or {@link #NOTHING}, and its qualification. */
  private int dueReason = NOTHING;

  private int dueQualification;

  VirtualApic(NonRoot guest, Cpu c) {
    this.guest = guest;
    this.c = c;
  }

  /** VM entry: reads the controls. */
  void begin(Vmcs vmcs) {
    s = vmcs;
    shadow = guest.primary(Controls.TPR_SHADOW);
    accesses = guest.secondary(Controls.APIC_ACCESSES);
    x2apic = guest.secondary(Controls.X2APIC);
    registers = guest.secondary(Controls.APIC_REGISTERS);
    delivery = guest.secondary(Controls.VIRTUAL_INTERRUPTS);
    posted = guest.pin(Controls.PIN_POSTED_INTERRUPTS);
    page = shadow ? s.get(VmcsField.VIRTUAL_APIC_ADDRESS) : 0;
    c.mmu.apicAccessPage(accesses ? s.get(VmcsField.APIC_ACCESS_ADDRESS) : NOTHING);
    recognized = false;
    dueReason = NOTHING;
    if (delivery) {
      updatePriority();
      evaluate();
    } else if (shadow) {
      checkThreshold();
    }
  }

  /** VM exit. */
  void end() {
    c.mmu.apicAccessPage(NOTHING);
    recognized = false;
    dueReason = NOTHING;
  }

  // ---- the page

  /** The task-priority class in the virtual-APIC page of a VMCS. */
  static int priorityOf(Cpu c, Vmcs s) {
    long at = s.get(VmcsField.VIRTUAL_APIC_ADDRESS) + VTPR;
    return (int) c.mmu.readPhysical(at, 1) >> 4 & 15;
  }

  private int get(int offset) {
    return (int) c.mmu.readPhysical(page + offset, 4);
  }

  private void put(int offset, int v) {
    c.mmu.writePhysical(page + offset, 4, v);
  }

  /** Sets or clears the bit of a vector in VISR or VIRR. */
  private void mark(int register, int vector, boolean on) {
    int at = register + (vector >> 5 << 4);
    int bit = 1 << (vector & 31);
    put(at, on ? get(at) | bit : get(at) & ~bit);
  }

  /** The highest vector in VISR or VIRR, or 0. */
  private int highest(int register) {
    for (int n = 7; n >= 0; n--) {
      int bits = get(register + (n << 4));
      if (bits != 0) {
        return n << 5 | 31 - Integer.numberOfLeadingZeros(bits);
      }
    }
    return 0;
  }

  private int requesting() {
    return s.get32(VmcsField.GUEST_INTERRUPT_STATUS) & 0xff;
  }

  private int servicing() {
    return s.get32(VmcsField.GUEST_INTERRUPT_STATUS) >> 8 & 0xff;
  }

  private void status(int servicing, int requesting) {
    s.put(VmcsField.GUEST_INTERRUPT_STATUS, servicing << 8 | requesting);
  }

  // ---- priorities: SDM vol. 3C, 30.1.2 to 30.1.5

  private void due(int reason, int qualification) {
    dueReason = reason;
    dueQualification = qualification;
    c.request(Cpu.REQ_STEP);
  }

  private void checkThreshold() {
    if ((get(VTPR) >> 4 & 15) < (s.get32(VmcsField.TPR_THRESHOLD) & 15)) {
      due(ExitReason.TPR_BELOW_THRESHOLD, 0);
    }
  }

  /** TPR virtualization. */
  private void taskPriorityWritten() {
    if (delivery) {
      updatePriority();
      evaluate();
    } else {
      checkThreshold();
    }
  }

  /** PPR virtualization. */
  private void updatePriority() {
    int tpr = get(VTPR) & 0xff;
    int inService = servicing();
    put(VPPR, tpr >> 4 >= inService >> 4 ? tpr : inService & 0xf0);
  }

  /** EOI virtualization. */
  private void endOfInterrupt() {
    int vector = servicing();
    mark(VISR, vector, false);
    status(highest(VISR), requesting());
    updatePriority();
    long exits = s.get(VmcsField.EOI_EXIT_BITMAP_0, vector >> 6);
    if ((exits >>> vector & 1) != 0) {
      due(ExitReason.VIRTUALIZED_EOI, vector);
    } else {
      evaluate();
    }
  }

  /** Self-IPI virtualization. */
  private void selfInterrupt(int vector) {
    mark(VIRR, vector, true);
    status(servicing(), Math.max(requesting(), vector));
    evaluate();
  }

  private void evaluate() {
    recognized =
        !guest.primary(Controls.INTERRUPT_WINDOW) && requesting() >> 4 > (get(VPPR) >> 4 & 15);
    if (recognized) {
      c.request(Cpu.REQ_INTR);
    }
    c.windowWanted = recognized || guest.primary(Controls.INTERRUPT_WINDOW);
  }

  // ---- between instructions

  /** Makes the exit that the last instruction has led to. */
  boolean leaves() {
    if (dueReason == NOTHING) {
      return false;
    }
    int reason = dueReason;
    dueReason = NOTHING;
    guest.leave(reason, dueQualification);
    return true;
  }

  /** Delivers a virtual interrupt if one may come now. */
  boolean delivers() {
    if (!recognized || (c.eflags & RFlags.IF) == 0 || c.shadow != Cpu.Shadow.NONE) {
      return false;
    }
    int vector = requesting();
    mark(VISR, vector, true);
    put(VPPR, vector & 0xf0);
    mark(VIRR, vector, false);
    status(vector, highest(VIRR));
    recognized = false;
    c.windowWanted = false;
    Interrupts.deliverInterrupt(c, vector);
    return true;
  }

  /** Whether an interrupt of the processor is the notification of posted ones, which it takes. */
  boolean takesPosted(int vector) {
    if (!posted || vector != (s.get32(VmcsField.POSTED_INTERRUPT_VECTOR) & 0xff)) {
      return false;
    }
    long descriptor = s.get(VmcsField.POSTED_INTERRUPT_DESCRIPTOR_ADDRESS);
    c.mmu.atomicPhysical(descriptor + OUTSTANDING, ~1L, 0);
    PhysicalInterrupts.endOfInterrupt(c);
    int highest = 0;
    for (int n = 0; n < 4; n++) {
      long requests = c.mmu.atomicPhysical(descriptor + 8L * n, 0, 0);
      for (int half = 0; half < 2; half++) {
        int at = VIRR + (2 * n + half << 4);
        put(at, get(at) | (int) (requests >>> 32 * half));
      }
      if (requests != 0) {
        highest = n << 6 | 63 - Long.numberOfLeadingZeros(requests);
      }
    }
    status(servicing(), Math.max(requesting(), highest));
    evaluate();
    return true;
  }

  // ---- CR8

  boolean shadowsTaskPriority() {
    return shadow;
  }

  int taskPriority() {
    return get(VTPR) >> 4 & 15;
  }

  void taskPriority(int priorityClass) {
    put(VTPR, priorityClass << 4);
    taskPriorityWritten();
  }

  // ---- the page of the APIC: SDM vol. 3C, 30.4

  /**
   * A linear access to the APIC-access page.
   *
   * @param offset in the page
   * @return the physical address to access instead
   */
  long access(int offset, int bytes, int access) {
    boolean write = access == PageWalker.WRITE;
    if (access == PageWalker.EXECUTE || guest.delivers() || !virtualized(offset, bytes, write)) {
      int type =
          guest.delivers()
              ? LINEAR_IN_EVENT
              : access == PageWalker.EXECUTE ? LINEAR_FETCH : write ? 1 << 12 : 0;
      throw guest.accessExit(ExitReason.APIC_ACCESS, type | offset);
    }
    if (write && !c.single) {
      throw c.fault.set(Vector.ALONE);
    }
    return page + offset;
  }

  private boolean virtualized(int offset, int bytes, boolean write) {
    int within = offset & 15;
    if (!shadow || bytes > 4 || within + bytes > 4) {
      return false;
    }
    int register = offset & ~15;
    if (registers) {
      long set = write ? WRITABLE : READABLE;
      return offset < 0x400 && (set >>> (offset >> 4) & 1) != 0;
    }
    return register == VTPR || (delivery && (register == VEOI || register == VICR_LOW));
  }

  /** An access of the page walker that EPT has led to the APIC-access page. */
  GuestFault physicalAccess() {
    return guest.accessExit(
        ExitReason.APIC_ACCESS, guest.delivers() ? PHYSICAL_IN_EVENT : PHYSICAL);
  }

  /** APIC-write emulation, behind a virtualized write. */
  void written(int offset) {
    int register = offset & ~15;
    switch (register) {
      case VTPR -> {
        put(VTPR, get(VTPR) & 0xff);
        taskPriorityWritten();
      }
      case VEOI -> {
        if (delivery) {
          put(VEOI, 0);
          endOfInterrupt();
        } else {
          due(ExitReason.APIC_WRITE, offset);
        }
      }
      case VICR_LOW -> {
        int v = get(VICR_LOW);
        if (delivery && (v & ICR_CHECKED) == ICR_SELF && (v & 0xf0) != 0) {
          selfInterrupt(v & 0xff);
        } else {
          due(ExitReason.APIC_WRITE, offset);
        }
      }
      case VICR_HIGH -> put(VICR_HIGH, get(VICR_HIGH) & 0xff000000);
      default -> due(ExitReason.APIC_WRITE, offset);
    }
  }

  // ---- MSRs of the x2APIC: SDM vol. 3C, 30.5

  boolean ownsMsr(int msr, boolean write) {
    if (!x2apic || msr >>> 8 != 8) {
      return false;
    }
    int offset = (msr & 0xff) << 4;
    if (!write) {
      return registers || offset == VTPR;
    }
    return offset == VTPR || (delivery && (offset == VEOI || offset == SELF_IPI));
  }

  long readMsr(int msr) {
    return c.mmu.readPhysical(page + ((msr & 0xff) << 4), 8);
  }

  void writeMsr(int msr, long v) {
    int offset = (msr & 0xff) << 4;
    if (offset == VEOI ? v != 0 : v >>> 8 != 0) {
      throw c.gp(0);
    }
    c.mmu.writePhysical(page + offset, 8, v);
    if (offset == VTPR) {
      taskPriorityWritten();
    } else if (offset == VEOI) {
      endOfInterrupt();
    } else if ((v & 0xf0) != 0) {
      selfInterrupt((int) v);
    } else {
      due(ExitReason.APIC_WRITE, SELF_IPI);
    }
  }
}
