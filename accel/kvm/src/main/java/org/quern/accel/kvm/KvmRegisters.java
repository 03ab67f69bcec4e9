package org.quern.accel.kvm;

import org.quern.accel.api.CpuState;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.Reg;

/** Between {@link CpuState} and {@code struct kvm_regs}. */
final class KvmRegisters {
  /** Which register the kernel has at which place. */
  private static final int[] ORDER = {
    Reg.RAX, Reg.RBX, Reg.RCX, Reg.RDX, Reg.RSI, Reg.RDI, Reg.RSP, Reg.RBP, 8, 9, 10, 11, 12, 13,
    14, 15
  };

  private KvmRegisters() {}

  static void put(CpuState from, long to) {
    for (int n = 0; n < 16; n++) {
      HostMemory.putLong(to + 8L * n, from.gpr[ORDER[n]]);
    }
    HostMemory.putLong(to + KvmAbi.REGS_RIP, from.rip);
    HostMemory.putLong(to + KvmAbi.REGS_RFLAGS, from.rflags);
  }

  static void get(long from, CpuState to) {
    for (int n = 0; n < 16; n++) {
      to.gpr[ORDER[n]] = HostMemory.getLong(from + 8L * n);
    }
    to.rip = HostMemory.getLong(from + KvmAbi.REGS_RIP);
    to.rflags = HostMemory.getLong(from + KvmAbi.REGS_RFLAGS);
  }
}
