package org.quern.accel.vtx;

import org.quern.x86.bus.LocalInterrupts;
import org.quern.x86.state.RFlags;
import org.quern.x86.vmx.Controls;
import org.quern.x86.vmx.NonRoot;
import org.quern.x86.vmx.VmcsField;
import org.quern.x86.vmx.VmxPort;

/**
 * Injects events at VM entry: what a VM exit has interrupted the delivery of, exceptions of the
 * VMM's own, NMIs and the machine's interrupts. Where the guest cannot take one now, asks for a
 * window. Works on state in the hardware. Source: SDM vol. 3C, 27.6, 28.2.3, 31.7 (a VMM's duties).
 */
final class Events {
  private static final int NO_VECTOR = -1;

  private final VmxPort port;
  private final LocalInterrupts interrupts;

  /** Controls as they are in the VMCS. */
  private int primary;

  /** What the next entry injects, as its interruption-information field; 0 for nothing. */
  private int waiting;

  private int errorCode;
  private int length;

  Events(VmxPort port, LocalInterrupts interrupts) {
    this.port = port;
    this.interrupts = interrupts;
  }

  /** Takes note of the controls in the VMCS. */
  void begin() {
    primary = port.vmread32(VmcsField.PRIMARY_CONTROLS);
    waiting = 0;
  }

  /** A VM exit came while an event was being delivered: it is delivered again. */
  void afterExit() {
    int vectoring = port.vmread32(VmcsField.IDT_VECTORING_INFORMATION);
    waiting = 0;
    if ((vectoring & NonRoot.VALID) == 0) {
      return;
    }
    waiting = vectoring & (NonRoot.VALID | NonRoot.TYPE | NonRoot.HAS_ERROR | 0xff);
    errorCode = port.vmread32(VmcsField.IDT_VECTORING_ERROR_CODE);
    length = port.vmread32(VmcsField.EXIT_INSTRUCTION_LENGTH);
    if ((vectoring & NonRoot.TYPE) == NonRoot.NMI) {
      int blocked = port.vmread32(VmcsField.GUEST_INTERRUPTIBILITY);
      port.vmwrite(VmcsField.GUEST_INTERRUPTIBILITY, blocked & ~GuestContext.BY_NMI);
    }
  }

  /** The event whose delivery was interrupted, which the caller delivers itself; 0 for none. */
  int take() {
    int event = waiting;
    waiting = 0;
    return event;
  }

  /** Whether an event waits whose delivery was interrupted. */
  boolean interrupted() {
    return waiting != 0;
  }

  int errorCode() {
    return errorCode;
  }

  int length() {
    return length;
  }

  /** Forgets everything: INIT or RESET. */
  void clear() {
    waiting = 0;
  }

  /** The guest gets an exception, at the instruction that has exited. */
  void exception(int vector) {
    waiting = NonRoot.VALID | NonRoot.HARDWARE_EXCEPTION | vector;
  }

  /** As {@link #exception} with an error code. */
  void exception(int vector, int error) {
    waiting = NonRoot.VALID | NonRoot.HARDWARE_EXCEPTION | NonRoot.HAS_ERROR | vector;
    errorCode = error;
  }

  /** Whether a maskable interrupt would be taken now. */
  boolean interruptsOpen() {
    return (port.vmread32(VmcsField.GUEST_RFLAGS) & RFlags.IF) != 0
        && (port.vmread32(VmcsField.GUEST_INTERRUPTIBILITY)
                & (GuestContext.BY_STI | GuestContext.BY_MOV_SS))
            == 0;
  }

  private boolean nmiOpen() {
    return port.vmread32(VmcsField.GUEST_INTERRUPTIBILITY) == 0;
  }

  /**
   * Prepares the next VM entry.
   *
   * @param signals what the machine wants of this processor
   */
  void prepare(Signals signals) {
    boolean nmiWindow = false;
    if (signals.nmiPending()) {
      if (waiting == 0 && nmiOpen()) {
        signals.takeNmi();
        waiting = NonRoot.VALID | NonRoot.NMI | 2;
      }
      nmiWindow = signals.nmiPending();
    }
    boolean interruptWindow = false;
    if (signals.interrupt()) {
      if (waiting == 0 && interruptsOpen()) {
        int vector = interrupts.acknowledge();
        if (vector != NO_VECTOR) {
          waiting = NonRoot.VALID | NonRoot.EXTERNAL | vector;
        }
      }
      // Accepting one may have lowered the line.
      interruptWindow = signals.interrupt();
    }
    window(Controls.NMI_WINDOW, nmiWindow);
    window(Controls.INTERRUPT_WINDOW, interruptWindow);
    if (waiting != 0) {
      port.vmwrite(VmcsField.ENTRY_INTERRUPTION_INFORMATION, waiting & 0xffffffffL);
      port.vmwrite(VmcsField.ENTRY_EXCEPTION_ERROR_CODE, errorCode & 0xffffffffL);
      port.vmwrite(VmcsField.ENTRY_INSTRUCTION_LENGTH, length);
      waiting = 0;
    }
  }

  private void window(int control, boolean open) {
    int wanted = open ? primary | control : primary & ~control;
    if (wanted != primary) {
      primary = wanted;
      port.vmwrite(VmcsField.PRIMARY_CONTROLS, primary & 0xffffffffL);
    }
  }
}
