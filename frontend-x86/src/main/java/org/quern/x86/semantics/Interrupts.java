package org.quern.x86.semantics;

import org.quern.x86.fault.GuestFault;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.vmx.ExitReason;
import org.quern.x86.vmx.NonRoot;

/**
 * Delivery of exceptions and interrupts: the engine's entry points. Source: SDM vol. 3A, chapter 6.
 *
 * <p>None of them throws {@link GuestFault}, but for {@link #software}: nested faults, double and
 * triple faults are dealt with here. A triple fault leaves {@code c.activity == SHUTDOWN} and says
 * why in {@code c.shutdownReason}. What happens at a gate is in {@link EventGates}.
 */
public final class Interrupts {
  private Interrupts() {}

  /**
   * Delivers an exception. {@code c.rip} names the faulting instruction, or the next one if {@code
   * f.trap}. Loads CR2 for a page fault, DR6 for a debug exception.
   */
  public static void deliverFault(Cpu c, GuestFault f) {
    int vector = f.vector;
    if (c.nonRoot != null && left(c, f)) {
      return;
    }
    // Of debug exceptions only the general-detect fault sets RF: an instruction breakpoint leaves
    // that to its handler (SDM vol. 3B, 17.3.1.1).
    boolean rf = !f.trap && (vector != Vector.DB || (c.pendingDebug & Debug.DR6_BD) != 0);
    if (vector == Vector.PF) {
      c.cr2 = f.cr2;
    }
    if (vector == Vector.DB) {
      Debug.enter(c);
    } else if (!f.trap) {
      // The instruction will run again, and match its breakpoints again.
      c.pendingDebug = 0;
    }
    c.shadow = Cpu.Shadow.NONE;
    deliver(c, vector, Vector.hasErrorCode(vector), f.errorCode, rf);
  }

  /** An exception through its gate, with what its delivery raises. */
  private static void deliver(Cpu c, int first, boolean hasErrorCode, int code, boolean resume) {
    int vector = first;
    boolean hasError = hasErrorCode;
    int error = code;
    boolean rf = resume;
    while (true) {
      try {
        if (c.nonRoot != null) {
          c.nonRoot.delivering(NonRoot.HARDWARE_EXCEPTION | vector, hasError, error);
        }
        EventGates.deliver(c, vector, hasError, error, rf, false, 1);
        delivered(c);
        return;
      } catch (GuestFault g) {
        if (c.nonRoot != null && left(c, g)) {
          return;
        }
        if (g.vector == Vector.PF) {
          c.cr2 = g.cr2;
        }
        if (vector == Vector.DF && !benign(g.vector)) {
          shutDown(c, g);
          return;
        }
        if (doubleFault(vector, g.vector)) {
          vector = Vector.DF;
          error = 0;
          if (c.nonRoot != null) {
            c.nonRoot.doubleFault();
            if (c.nonRoot.takes(NonRoot.HARDWARE_EXCEPTION | vector, 0, 0)) {
              return;
            }
          }
        } else {
          vector = g.vector;
          error = g.errorCode;
          rf = !g.trap;
        }
        hasError = Vector.hasErrorCode(vector);
      }
    }
  }

  /** In VMX non-root operation: whether a fault, which may be a VM exit itself, has left it. */
  private static boolean left(Cpu c, GuestFault f) {
    if (f.vector == Vector.VM_EXIT) {
      c.nonRoot.leave();
      return true;
    }
    return c.nonRoot.takes(NonRoot.HARDWARE_EXCEPTION | f.vector, f.errorCode, f.cr2);
  }

  private static void delivered(Cpu c) {
    if (c.nonRoot != null) {
      c.nonRoot.delivered();
    }
  }

  /**
   * Delivers the event that VM entry injects.
   *
   * @param event type and vector as {@link NonRoot} has them
   * @param length of the instruction that a software event pretends to come from, else 0
   */
  public static void inject(Cpu c, int event, boolean hasError, int error, int length) {
    int vector = event & 0xff;
    int type = event & ~0xff;
    if (type == NonRoot.HARDWARE_EXCEPTION) {
      deliver(c, vector, hasError, error, vector != Vector.DB);
      return;
    }
    if (type == NonRoot.NMI) {
      c.nmiBlocked = true;
    }
    boolean software = type == NonRoot.SOFTWARE_INTERRUPT || type == NonRoot.SOFTWARE_EXCEPTION;
    long at = c.rip;
    c.rip = at + length;
    try {
      gate(c, event, software, software ? 0 : 1);
    } catch (GuestFault g) {
      c.rip = at;
      deliverFault(c, g);
    }
  }

  /** An event without an error code through its gate. */
  private static void gate(Cpu c, int event, boolean software, int ext) {
    if (c.nonRoot != null) {
      c.nonRoot.delivering(event, false, 0);
    }
    EventGates.deliver(c, event & 0xff, false, 0, false, software, ext);
    delivered(c);
  }

  /** Delivers an acknowledged maskable interrupt; wakes from HLT. */
  public static void deliverInterrupt(Cpu c, int vector) {
    external(c, NonRoot.EXTERNAL | vector);
  }

  /** Delivers a non-maskable interrupt and blocks further ones until IRET; wakes from HLT. */
  public static void deliverNmi(Cpu c) {
    c.nmiBlocked = true;
    external(c, NonRoot.NMI | Vector.NMI);
  }

  private static void external(Cpu c, int event) {
    c.activity = Cpu.Activity.ACTIVE;
    c.shadow = Cpu.Shadow.NONE;
    try {
      gate(c, event, false, 1);
    } catch (GuestFault g) {
      // An interrupt is benign: whatever its delivery raises is handled in its place.
      deliverFault(c, g);
    }
  }

  /** Delivers the trap-class debug exception in {@code c.pendingDebug} (which must not be 0). */
  public static void deliverDebugTrap(Cpu c) {
    c.activity = Cpu.Activity.ACTIVE;
    GuestFault f = c.fault.set(Vector.DB);
    f.trap = true;
    deliverFault(c, f);
  }

  /**
   * INT n, INT3, INTO: with the checks that software interrupts have; {@code c.rip} is at the next
   * instruction.
   *
   * @param intN the two-byte INT n, which is sensitive to IOPL and redirection in virtual-8086 mode
   * @throws GuestFault where the instruction itself faults
   */
  public static void software(Cpu c, int vector, boolean intN) {
    if (intN && c.v86()) {
      if ((c.cr4 & Cr.CR4_VME) != 0 && !VirtualInterrupts.intercepted(c, vector)) {
        VirtualInterrupts.redirect(c, vector);
        c.stepDecided = true;
        return;
      }
      if (c.iopl() < 3) {
        throw c.gp(0);
      }
    }
    int type = intN ? NonRoot.SOFTWARE_INTERRUPT : NonRoot.SOFTWARE_EXCEPTION;
    if (c.nonRoot != null && !intN) {
      c.nonRoot.software(type | vector);
    }
    gate(c, type | vector, true, 0);
    c.stepDecided = true;
  }

  /**
   * INT1: a debug exception as from hardware, without a DPL check. It leaves DR6 alone, but takes a
   * breakpoint with it that MOV SS has held back.
   */
  static void icebp(Cpu c) {
    if (c.nonRoot != null) {
      c.nonRoot.software(NonRoot.PRIVILEGED_EXCEPTION | Vector.DB);
    }
    gate(c, NonRoot.PRIVILEGED_EXCEPTION | Vector.DB, false, 1);
    if (c.pendingDebug != 0) {
      Debug.enter(c);
    }
    c.stepDecided = true;
  }

  // ---- double faults: SDM vol. 3A, tables 6-4 and 6-5

  static boolean contributory(int vector) {
    return vector == Vector.DE || (vector >= Vector.TS && vector <= Vector.GP);
  }

  private static boolean benign(int vector) {
    return vector != Vector.PF && vector != Vector.VE && !contributory(vector);
  }

  /** Whether a fault {@code second} while delivering {@code first} makes a double fault. */
  static boolean doubleFault(int first, int second) {
    if (first == Vector.PF || first == Vector.VE) {
      return !benign(second);
    }
    return contributory(first) && contributory(second);
  }

  private static void shutDown(Cpu c, GuestFault last) {
    if (c.nonRoot != null) {
      c.nonRoot.doubleFault();
      c.nonRoot.leave(ExitReason.TRIPLE_FAULT, 0);
      return;
    }
    c.activity = Cpu.Activity.SHUTDOWN;
    c.shutdownReason =
        String.format(
            "triple fault: exception %d (error code 0x%x, CR2 0x%x) while delivering a double fault"
                + " at %04x:%016x",
            last.vector, last.errorCode, c.cr2, c.seg[org.quern.x86.state.Reg.CS].selector, c.rip);
  }

  /** RFLAGS as an event pushes it. */
  static int image(Cpu c, boolean rf) {
    int f = c.rflags() | c.model.generation().flagsSet();
    return rf ? f | RFlags.RF : f;
  }
}
