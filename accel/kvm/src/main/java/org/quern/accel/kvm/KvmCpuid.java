package org.quern.accel.kvm;

import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.CpuFeature;

/** A list of CPUID leaves as the kernel takes and gives it ({@code struct kvm_cpuid2}). */
public final class KvmCpuid {
  private final KvmStruct memory;

  KvmCpuid(int entries) {
    memory = new KvmStruct(KvmAbi.CPUID_ENTRIES + entries * KvmAbi.CPUID_ENTRY_BYTES);
    HostMemory.putInt(memory.address, entries);
  }

  long address() {
    return memory.address;
  }

  /** Number of leaves. */
  public int size() {
    return HostMemory.getInt(memory.address);
  }

  /**
   * A register of a leaf, 0 if the list has no such leaf.
   *
   * @param register {@code a}, {@code b}, {@code c} or {@code d}
   */
  public int word(int leaf, int subleaf, char register) {
    for (int n = 0; n < size(); n++) {
      long e = memory.address + KvmAbi.CPUID_ENTRIES + (long) n * KvmAbi.CPUID_ENTRY_BYTES;
      if (HostMemory.getInt(e + KvmAbi.CPUID_FUNCTION) == leaf
          && HostMemory.getInt(e + KvmAbi.CPUID_INDEX) == subleaf) {
        return HostMemory.getInt(e + KvmAbi.CPUID_EAX + 4L * (register - 'a'));
      }
    }
    return 0;
  }

  public boolean has(CpuFeature f) {
    return (word(f.leaf, f.subleaf, f.register) >>> f.bit & 1) != 0;
  }
}
