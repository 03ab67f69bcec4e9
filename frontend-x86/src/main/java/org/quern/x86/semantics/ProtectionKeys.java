package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;

/**
 * RDPKRU and WRPKRU: rights to user pages by the protection key in their page-table entry. The page
 * walk checks them. Source: SDM vol. 2B, RDPKRU and WRPKRU; vol. 3A, 4.6.2.
 */
final class ProtectionKeys {
  private ProtectionKeys() {}

  static Handler of(Mnemonic m) {
    return switch (m) {
      case RDPKRU -> ProtectionKeys::rdpkru;
      case WRPKRU -> ProtectionKeys::wrpkru;
      default -> null;
    };
  }

  private static void check(Cpu c, boolean high) {
    if ((c.cr4 & Cr.CR4_PKE) == 0) {
      throw c.ud();
    }
    if ((int) c.gpr[Reg.RCX] != 0 || (high && (int) c.gpr[Reg.RDX] != 0)) {
      throw c.gp(0);
    }
  }

  private static void rdpkru(Cpu c, Insn i) {
    check(c, false);
    c.gpr[Reg.RAX] = c.pkru & 0xffffffffL;
    c.gpr[Reg.RDX] = 0;
  }

  private static void wrpkru(Cpu c, Insn i) {
    check(c, true);
    set(c, (int) c.gpr[Reg.RAX]);
  }

  /** Changes the rights; the TLB forgets the pages whose rights change. */
  static void set(Cpu c, int pkru) {
    int changed = c.pkru ^ pkru;
    c.pkru = pkru;
    if (changed != 0) {
      c.mmu.keyRightsChanged(keys(changed), false);
    }
  }

  /** WRMSR of IA32_PKRS: the same for supervisor pages. */
  static void setSupervisor(Cpu c, int pkrs) {
    int changed = c.msr.pkrs ^ pkrs;
    c.msr.pkrs = pkrs;
    if (changed != 0) {
      c.mmu.keyRightsChanged(keys(changed), true);
    }
  }

  /** The keys with a changed right, as bits 2k. */
  private static int keys(int changed) {
    return (changed | changed >>> 1) & 0x5555_5555;
  }
}
