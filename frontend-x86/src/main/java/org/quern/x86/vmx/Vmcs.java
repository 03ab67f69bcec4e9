package org.quern.x86.vmx;

import org.quern.x86.mmu.Mmu;

/**
 * A view of the VMCS at a physical address. All of it is in the 4 KiB region in guest memory, so
 * there is nothing to write back: revision identifier, VMX-abort indicator, the launch state, then
 * eight bytes for each {@link VmcsField} in its order. Source: SDM vol. 3C, 25.2.
 */
final class Vmcs {
  /** Identifies this layout; bit 31 would make it a shadow VMCS. */
  static final int REVISION = 0x51564d01;

  static final int BYTES = 4096;
  private static final int ABORT = 4;
  private static final int LAUNCHED = 8;
  private static final int FIELDS = 16;

  private final Mmu mmu;
  private final long at;

  Vmcs(Mmu mmu, long physical) {
    this.mmu = mmu;
    this.at = physical;
  }

  long address() {
    return at;
  }

  /** The first word of the region: revision and shadow indicator. */
  int revision() {
    return (int) mmu.readPhysical(at, 4);
  }

  boolean launched() {
    return mmu.readPhysical(at + LAUNCHED, 4) != 0;
  }

  void launched(boolean v) {
    mmu.writePhysical(at + LAUNCHED, 4, v ? 1 : 0);
  }

  /** Notes why a VM exit failed: SDM vol. 3C, 28.7. */
  void abort(int why) {
    mmu.writePhysical(at + ABORT, 4, why);
  }

  long get(VmcsField f) {
    return mmu.readPhysical(at + FIELDS + 8L * f.ordinal(), 8);
  }

  /** The field's value as an unsigned 32-bit number in an int. */
  int get32(VmcsField f) {
    return (int) get(f);
  }

  void set(VmcsField f, long v) {
    mmu.writePhysical(at + FIELDS + 8L * f.ordinal(), 8, v & f.mask());
  }
}
