package org.quern.accel.kvm;

import org.quern.x86.mem.HostMemory;

/**
 * Zeroed memory for a structure of the kernel's interface. It lives as long as the process, as does
 * all of {@link HostMemory}, so one is made for each place that needs one, not for each call.
 */
final class KvmStruct {
  final long address;

  KvmStruct(int bytes) {
    address = HostMemory.allocate((bytes + HostMemory.PAGE_SIZE - 1) & -HostMemory.PAGE_SIZE);
  }
}
