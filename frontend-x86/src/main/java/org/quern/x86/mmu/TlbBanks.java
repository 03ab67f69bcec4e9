package org.quern.x86.mmu;

import java.util.function.Consumer;
import org.quern.x86.state.Cpu;

/**
 * The TLB banks of a processor: one for root operation, and up to {@value #GUESTS} for guests that
 * have a virtual processor identifier, made when they are first needed. What VM entries, VM exits,
 * INVEPT and INVVPID do to the TLB. Source: SDM vol. 3C, 29.4.3.
 */
public final class TlbBanks {
  private static final int GUESTS = 8;

  /** {@link TlbBank#number} is below this. */
  public static final int MAX = GUESTS + 1;

  private final Cpu c;
  private final Mmu mmu;
  private final TlbBank root = new TlbBank(0);

  /** The most recently made first use of the lowest free number; null where none is yet. */
  private final TlbBank[] guests = new TlbBank[GUESTS];

  private int guestCount;

  /** Which bank is given up next when there is no other. */
  private int victim;

  TlbBanks(Cpu c, Mmu mmu) {
    this.c = c;
    this.mmu = mmu;
  }

  TlbBank root() {
    return root;
  }

  /**
   * VM entry: the guest's registers have been loaded.
   *
   * @param vpid 0 if the guest has none: then nothing is kept
   * @param eptRoot address of the EPT's root, or -1 without EPT
   */
  public void enterGuest(int vpid, long eptRoot) {
    if (vpid == 0) {
      root.clearAll();
      mmu.use(root);
    } else {
      mmu.bank().leave(c);
      TlbBank b = find(vpid, eptRoot);
      b.enter(c);
      mmu.use(b);
    }
  }

  /** The guest goes over to another EPT (VMFUNC). */
  public void switchEpt(long eptRoot) {
    enterGuest(mmu.bank().vpid, eptRoot);
  }

  /** VM exit: the guest's registers are those it had. */
  public void leaveGuest() {
    mmu.bank().leave(c);
    if (mmu.bank() == root) {
      root.clearAll();
    }
  }

  /** VM exit: the host's registers have been loaded. */
  public void enterHost() {
    if (mmu.bank() != root) {
      root.enter(c);
      mmu.use(root);
    }
  }

  private TlbBank find(int vpid, long eptRoot) {
    for (int i = 0; i < guestCount; i++) {
      TlbBank b = guests[i];
      if (b.vpid == vpid && b.eptRoot == eptRoot) {
        return b;
      }
    }
    TlbBank b;
    if (guestCount < GUESTS) {
      b = new TlbBank(guestCount + 1);
      guests[guestCount++] = b;
    } else {
      b = guests[victim];
      victim = (victim + 1) % GUESTS;
      b.clearAll();
    }
    b.vpid = vpid;
    b.eptRoot = eptRoot;
    return b;
  }

  // ---- flushing

  /** INVEPT of one context. */
  public void invalidateEpt(long eptRoot) {
    for (int i = 0; i < guestCount; i++) {
      if (guests[i].eptRoot == eptRoot) {
        guests[i].clearAll();
      }
    }
  }

  /** INVEPT of all contexts. */
  public void invalidateAllEpt() {
    for (int i = 0; i < guestCount; i++) {
      if (guests[i].eptRoot != -1) {
        guests[i].clearAll();
      }
    }
  }

  /** INVVPID of all contexts: every VPID but 0. */
  public void invalidateAllVpids() {
    everyGuest(TlbBank::clearAll);
  }

  /** INVVPID of an address. */
  public void invalidateAddress(int vpid, long la) {
    ofVpid(vpid, null, b -> b.clearPage(la));
  }

  /** INVVPID of one context. */
  public void invalidateVpid(int vpid, boolean keepGlobal) {
    ofVpid(vpid, null, keepGlobal ? TlbBank::clearNonGlobal : TlbBank::clearAll);
  }

  /** A change in EPT entries that this processor made itself. */
  void everyGuest(Consumer<TlbBank> what) {
    for (int i = 0; i < guestCount; i++) {
      what.accept(guests[i]);
    }
  }

  /** All banks of the VPID of {@code current}, but for that one. */
  void others(TlbBank current, Consumer<TlbBank> what) {
    if (current != root && guestCount > 1) {
      ofVpid(current.vpid, current, what);
    }
  }

  private void ofVpid(int vpid, TlbBank except, Consumer<TlbBank> what) {
    for (int i = 0; i < guestCount; i++) {
      if (guests[i].vpid == vpid && guests[i] != except) {
        what.accept(guests[i]);
      }
    }
  }
}
