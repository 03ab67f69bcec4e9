package org.quern.accel.kvm;

import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.CpuFeature;

/** A list of CPUID leaves as the kernel takes and gives it ({@code struct kvm_cpuid2}). */
public final class KvmCpuid {
  private final KvmStruct memory;
  private final int room;

  /** A list with room for so many leaves, which says that all of them are there. */
  KvmCpuid(int entries) {
    room = entries;
    memory = new KvmStruct(KvmAbi.CPUID_ENTRIES + entries * KvmAbi.CPUID_ENTRY_BYTES);
    HostMemory.putInt(memory.address, entries);
  }

  /** An empty list with room for so many leaves. */
  static KvmCpuid empty(int entries) {
    KvmCpuid c = new KvmCpuid(entries);
    HostMemory.putInt(c.memory.address, 0);
    return c;
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

  /**
   * Adds a leaf.
   *
   * @param indexed whether the leaf depends on ECX
   * @param words EAX, EBX, ECX, EDX
   */
  void add(int leaf, int subleaf, boolean indexed, int... words) {
    int n = size();
    if (n == room) {
      throw new IllegalStateException("more than " + room + " CPUID leaves");
    }
    long e = memory.address + KvmAbi.CPUID_ENTRIES + (long) n * KvmAbi.CPUID_ENTRY_BYTES;
    HostMemory.putInt(e + KvmAbi.CPUID_FUNCTION, leaf);
    HostMemory.putInt(e + KvmAbi.CPUID_INDEX, subleaf);
    HostMemory.putInt(e + KvmAbi.CPUID_FLAGS, indexed ? KvmAbi.CPUID_SIGNIFICANT_INDEX : 0);
    for (int r = 0; r < 4; r++) {
      HostMemory.putInt(e + KvmAbi.CPUID_EAX + 4L * r, words[r]);
    }
    HostMemory.putInt(memory.address, n + 1);
  }

  /** Four characters a register, in this order of registers. */
  String text(int leaf, String registers) {
    StringBuilder s = new StringBuilder();
    for (char r : registers.toCharArray()) {
      int v = word(leaf, 0, r);
      for (int i = 0; i < 4; i++) {
        s.append((char) (v >>> 8 * i & 0xff));
      }
    }
    return s.toString();
  }

  public boolean has(CpuFeature f) {
    return (word(f.leaf, f.subleaf, f.register) >>> f.bit & 1) != 0;
  }
}
