package org.quern.x86.vmx;

import org.quern.x86.fault.GuestFault;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cpu;

/**
 * What comes of a walk through the extended page tables besides an address: EPT violations and
 * misconfigurations, #VE, the page-modification log. Source: SDM vol. 3C, 26.5.7, 28.2.1, 29.3.
 */
final class EptExits {
  private final NonRoot guest;
  private final Vmx v;
  private final Cpu c;

  EptExits(NonRoot guest, Vmx v) {
    this.guest = guest;
    this.v = v;
    this.c = v.c;
  }

  GuestFault violation(long q, long guestPhysical, long linearAddress, boolean convertible) {
    if (convertible && guest.secondary(Controls.VIRTUALIZATION_EXCEPTION) && !guest.delivers()) {
      GuestFault f = virtualizationException(q, guestPhysical, linearAddress);
      if (f != null) {
        return f;
      }
    }
    int iret = !guest.delivers() ? guest.unblocking(NonRoot.NMI_UNBLOCKING) : 0;
    GuestFault f = guest.accessExit(ExitReason.EPT_VIOLATION, q | iret);
    guest.physical = guestPhysical;
    guest.linear = linearAddress;
    return f;
  }

  GuestFault misconfiguration(long guestPhysical) {
    GuestFault f = guest.accessExit(ExitReason.EPT_MISCONFIGURATION, 0);
    guest.physical = guestPhysical;
    return f;
  }

  /** #VE instead of an EPT violation, or null if the guest is still busy with one: 26.5.7. */
  private GuestFault virtualizationException(long q, long guestPhysical, long linearAddress) {
    long area = v.current.get(VmcsField.VIRTUALIZATION_EXCEPTION_INFORMATION_ADDRESS);
    if (c.realMode() || (int) c.mmu.readPhysical(area + 4, 4) != 0) {
      return null;
    }
    c.mmu.writePhysical(area, 4, ExitReason.EPT_VIOLATION);
    c.mmu.writePhysical(area + 4, 4, 0xffffffffL);
    c.mmu.writePhysical(area + 8, 8, q);
    c.mmu.writePhysical(area + 16, 8, linearAddress);
    c.mmu.writePhysical(area + 24, 8, guestPhysical);
    c.mmu.writePhysical(area + 32, 2, v.current.get(VmcsField.EPTP_INDEX));
    return c.fault.set(Vector.VE);
  }

  /** Whether the page-modification log has no room: SDM vol. 3C, 29.3.6. */
  boolean modificationLogFull() {
    return guest.secondary(Controls.MODIFICATION_LOG) && v.current.get(VmcsField.PML_INDEX) > 511;
  }

  GuestFault modificationLogExit() {
    int iret = !guest.delivers() ? guest.unblocking(NonRoot.NMI_UNBLOCKING) : 0;
    return guest.accessExit(ExitReason.MODIFICATION_LOG_FULL, iret);
  }

  /** A page has become dirty. */
  void logModification(long guestPhysical) {
    if (guest.secondary(Controls.MODIFICATION_LOG)) {
      long index = v.current.get(VmcsField.PML_INDEX);
      long at = v.current.get(VmcsField.PML_ADDRESS) + 8 * index;
      c.mmu.writePhysical(at, 8, guestPhysical & -4096);
      v.current.put(VmcsField.PML_INDEX, index - 1);
    }
  }
}
