package org.quern.x86.vmx;

import org.quern.x86.bus.GuestBus;
import org.quern.x86.mem.HostMemory;

/**
 * A virtual-machine control structure. All of it is in its 4 KiB, so there is nothing to write
 * back: revision identifier, VMX-abort indicator, the launch state, which {@link Group groups} of
 * checks it has passed, then eight bytes for each {@link VmcsField} in its order. Source: SDM vol.
 * 3C, 25.2.
 *
 * <p>The page is guest memory or, for a VMM in Java, one of its own.
 */
public final class Vmcs {
  /** Identifies this layout. */
  static final int REVISION = 0x51564d01;

  /** In the first word: a shadow VMCS. */
  static final int SHADOW = 1 << 31;

  static final int BYTES = 4096;
  private static final int ABORT = 4;
  private static final int LAUNCHED = 8;
  private static final int PASSED = 12;
  private static final int FIELDS = 16;

  /** Checks of VM entry that need not be made again until one of their fields has been written. */
  static final class Group {
    static final int CONTROLS = 1;
    static final int HOST = 1 << 1;
    static final int GUEST = 1 << 2;
    static final int ALL = 7;

    private Group() {}
  }

  private final long host;
  private final long at;

  private Vmcs(long host, long at) {
    this.host = host;
    this.at = at;
  }

  /** A cleared one for a VMM in Java, in a page of the host that lives until the process ends. */
  public static Vmcs allocate() {
    Vmcs s = new Vmcs(HostMemory.allocate(BYTES), Vmx.NOWHERE);
    HostMemory.putInt(s.host, REVISION);
    return s;
  }

  /**
   * The one in a page of guest memory, whatever that holds.
   *
   * @param physical the address of a page
   * @return null if there is no RAM
   */
  static Vmcs in(GuestBus bus, long physical) {
    long host = bus.hostPage(physical);
    return host == 0 || !bus.hostPageWritable(physical) ? null : new Vmcs(host, physical);
  }

  /** Physical address, or {@link Vmx#NOWHERE}. */
  long address() {
    return at;
  }

  /** The first word of the region: revision and shadow indicator. */
  int revision() {
    return HostMemory.getInt(host);
  }

  boolean launched() {
    return HostMemory.getInt(host + LAUNCHED) != 0;
  }

  void launched(boolean v) {
    HostMemory.putInt(host + LAUNCHED, v ? 1 : 0);
  }

  /** VMCLEAR: not launched, and nothing has been checked. */
  void clear() {
    launched(false);
    HostMemory.putInt(host + PASSED, 0);
  }

  boolean passed(int groups) {
    return (HostMemory.getInt(host + PASSED) & groups) == groups;
  }

  void pass(int groups) {
    HostMemory.putInt(host + PASSED, HostMemory.getInt(host + PASSED) | groups);
  }

  /** Notes why a VM exit failed: SDM vol. 3C, 28.7. */
  void abort(int why) {
    HostMemory.putInt(host + ABORT, why);
  }

  public long get(VmcsField f) {
    return HostMemory.getLong(host + FIELDS + 8L * f.ordinal());
  }

  /** The field's value as an unsigned 32-bit number in an int. */
  public int get32(VmcsField f) {
    return HostMemory.getInt(host + FIELDS + 8L * f.ordinal());
  }

  /** The field {@code n} places behind {@code first}, which is of the same kind. */
  long get(VmcsField first, int n) {
    return HostMemory.getLong(host + FIELDS + 8L * (first.ordinal() + n));
  }

  /** As the processor writes it: any field, and without a check at the next VM entry. */
  void put(VmcsField f, long v) {
    HostMemory.putLong(host + FIELDS + 8L * f.ordinal(), v & f.mask);
  }

  /** As {@link #put}, {@code n} places behind {@code first}. */
  void put(VmcsField first, int n, long v) {
    HostMemory.putLong(host + FIELDS + 8L * (first.ordinal() + n), v & first.mask);
  }

  /** As VMWRITE does: the next VM entry makes the checks that depend on the field. */
  public void set(VmcsField f, long v) {
    put(f, v);
    int unchecked = HostMemory.getInt(host + PASSED) & ~f.groups;
    HostMemory.putInt(host + PASSED, unchecked);
  }
}
