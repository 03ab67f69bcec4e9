package org.quern.machine.lapic;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;
import java.util.function.IntSupplier;
import org.quern.machine.core.IrqLine;

/**
 * Carries interrupt messages to local APICs and end-of-interrupt broadcasts to the I/O APIC, and
 * connects the 8259A pair. Build order: bus, PIC with {@link #picOutput} as its INTR, {@link
 * #connectPic}, I/O APIC with {@link #connectIoApic}, local APICs (each adds itself).
 *
 * <p>Thread-safe once built. Sending needs no lock; the caller must not hold the lock of a local
 * APIC. Destinations are 32 bits wide; senders with eight bits widen a physical 0xff to {@link
 * #BROADCAST}. Source: SDM vol. 3A, 11.6.2 and 11.11; 11.12.
 */
public final class ApicBus {
  /** All processors, in either destination mode. */
  public static final int BROADCAST = -1;

  // MSI address and data, SDM figures 11-24 and 11-25.
  private static final int MSI_LOGICAL = 1 << 2;

  private final ReentrantLock machineLock;
  private volatile LocalApic[] apics = {};
  private IntSupplier pic = () -> -1;
  private IntConsumer ioApicEoi = vector -> {};
  private int lastChosen = -1; // racy on purpose: only the fairness of ties depends on it

  public ApicBus(ReentrantLock machineLock) {
    this.machineLock = machineLock;
  }

  /** Who answers INTA cycles of the 8259A pair; called under the machine lock. */
  public void connectPic(IntSupplier acknowledge) {
    pic = acknowledge;
  }

  /** Who hears end-of-interrupt broadcasts, by vector; called under the machine lock. */
  public void connectIoApic(IntConsumer endOfInterrupt) {
    ioApicEoi = endOfInterrupt;
  }

  synchronized void attach(LocalApic apic) {
    LocalApic[] old = apics;
    if (apic.id() != old.length) {
      throw new IllegalStateException("local APIC " + apic.id() + " attached out of order");
    }
    LocalApic[] grown = new LocalApic[old.length + 1];
    System.arraycopy(old, 0, grown, 0, old.length);
    grown[old.length] = apic;
    apics = grown;
  }

  /** INTR of the 8259A pair: drives LINT0 of every processor. */
  public IrqLine picOutput() {
    return level -> {
      for (LocalApic apic : apics) {
        apic.lint0(level);
      }
    };
  }

  /** The NMI line of the board: drives LINT1 of every processor. */
  public IrqLine nmi() {
    return level -> {
      for (LocalApic apic : apics) {
        apic.lint1(level);
      }
    };
  }

  /**
   * A message-signalled interrupt: a device's write of {@code data} to {@code address}, which lies
   * in 0xfee00000 to 0xfeefffff.
   */
  public void msi(long address, int data) {
    int destination = (int) (address >> 12) & 0xff;
    send8(
        destination,
        (address & MSI_LOGICAL) != 0,
        data >> 8 & 7,
        data & 0xff,
        (data & ApicReg.ICR_LEVEL) != 0);
  }

  /**
   * Sends a message with an 8-bit destination: from the I/O APIC, a device or an xAPIC.
   *
   * @param mode delivery mode as in the ICR, 0 to 7
   * @param level whether level-triggered
   */
  public void send8(int destination, boolean logical, int mode, int vector, boolean level) {
    int wide = destination == 0xff && !logical ? BROADCAST : destination;
    send(wide, logical, mode, vector, level, null);
  }

  void send(
      int destination, boolean logical, int mode, int vector, boolean level, LocalApic except) {
    LocalApic[] all = apics;
    if (mode == ApicReg.LOWEST_PRIORITY) {
      LocalApic chosen = lowestPriority(all, destination, logical, except);
      if (chosen != null) {
        chosen.receive(ApicReg.FIXED, vector, level);
      }
      return;
    }
    for (LocalApic apic : all) {
      if (apic != except && apic.matches(destination, logical)) {
        apic.receive(mode, vector, level);
      }
    }
  }

  /** The enabled destination of lowest processor priority; ties go round. */
  private LocalApic lowestPriority(
      LocalApic[] all, int destination, boolean logical, LocalApic except) {
    int first = lastChosen + 1;
    LocalApic best = null;
    for (int i = 0; i < all.length; i++) {
      LocalApic apic = all[(first + i) % all.length];
      if (apic != except
          && apic.takesFixed()
          && apic.matches(destination, logical)
          && (best == null || apic.processorPriority() < best.processorPriority())) {
        best = apic;
      }
    }
    if (best != null) {
      lastChosen = best.id();
    }
    return best;
  }

  /** EOI of a level-triggered vector. The caller holds no lock, or the machine lock. */
  void endOfInterrupt(int vector) {
    machineLock.lock();
    try {
      ioApicEoi.accept(vector);
    } finally {
      machineLock.unlock();
    }
  }

  /** INTA to the 8259A pair, or -1 if it asks no more. Locks as {@link #endOfInterrupt}. */
  int acknowledgePic(LocalApic apic) {
    machineLock.lock();
    try {
      return apic.takeExternal() ? pic.getAsInt() : -1;
    } finally {
      machineLock.unlock();
    }
  }
}
