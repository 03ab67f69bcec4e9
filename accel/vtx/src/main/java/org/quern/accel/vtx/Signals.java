package org.quern.accel.vtx;

import org.quern.x86.state.Cpu;

/**
 * What other threads want of a virtual processor. Each wish ends with an interrupt to the host's
 * processor, which makes it leave the guest. Thread-safe.
 */
final class Signals {
  static final int NO_STARTUP = -1;

  private final Cpu host;
  private boolean interrupt;
  private boolean kicked;
  private boolean init;
  private boolean remapped;
  private int startup = NO_STARTUP;
  private int nmis;

  Signals(Cpu host) {
    this.host = host;
  }

  private void wake() {
    host.setIntr(true);
  }

  /** The VMM looks at all wishes from now on: the line to the host's processor is lowered. */
  void acknowledge() {
    host.setIntr(false);
  }

  // ---- from outside

  synchronized void interrupt(boolean level) {
    interrupt = level;
    if (level) {
      wake();
    }
  }

  synchronized void kick() {
    kicked = true;
    wake();
  }

  /** Hardware takes one at once and keeps one more while it is handled. */
  synchronized void nmi() {
    nmis = Math.min(nmis + 1, 2);
    wake();
  }

  synchronized void init() {
    init = true;
    startup = NO_STARTUP;
    wake();
  }

  synchronized void startup(int vector) {
    startup = vector;
    wake();
  }

  /** Takes back everything but the level of INTR. */
  synchronized void reset() {
    init = false;
    startup = NO_STARTUP;
    nmis = 0;
  }

  /** The machine's memory map has changed: the processor empties its TLB and comes back. */
  synchronized void remapped() {
    remapped = true;
    host.request(Cpu.REQ_FLUSH);
    wake();
  }

  // ---- for the VMM

  synchronized boolean interrupt() {
    return interrupt;
  }

  synchronized boolean nmiPending() {
    return nmis > 0;
  }

  synchronized int nmis() {
    return nmis;
  }

  /** Sets how many NMIs wait; one that has come meanwhile stays. */
  synchronized void nmis(int n) {
    nmis = Math.max(n, nmis);
  }

  synchronized void takeNmi() {
    nmis--;
  }

  synchronized boolean takeKick() {
    boolean was = kicked;
    kicked = false;
    return was;
  }

  synchronized boolean takeRemapped() {
    boolean was = remapped;
    remapped = false;
    return was;
  }

  synchronized boolean takeInit() {
    boolean was = init;
    init = false;
    return was;
  }

  /** The vector of a start-up IPI, or {@link #NO_STARTUP}. */
  synchronized int takeStartup() {
    int vector = startup;
    startup = NO_STARTUP;
    return vector;
  }
}
