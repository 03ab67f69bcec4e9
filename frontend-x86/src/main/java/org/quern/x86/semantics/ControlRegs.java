package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuMode;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/**
 * Control and debug registers with all their checks and consequences. Source: SDM vol. 2B, MOV
 * (control and debug registers); vol. 3A, 2.5, 4.10.4 (TLB invalidation), 4.11 and 10.8.5.
 */
public final class ControlRegs {
  /** CR3 bit 63 with CR4.PCIDE: keep the TLB entries of the new PCID. */
  private static final long CR3_NO_FLUSH = 1L << 63;

  // Fixed and writable bits of DR6 and DR7: SDM vol. 3B, figure 17-1.
  private static final long DR6_FIXED = 0xffff0ff0L;
  private static final long DR6_WRITABLE = 0xe00fL;
  private static final long DR7_FIXED = 0x400;
  private static final long DR7_WRITABLE = 0xffff23ffL;

  private ControlRegs() {}

  static Handler of(Mnemonic m) {
    return switch (m) {
      case MOV_CR -> ControlRegs::movCr;
      case MOV_DR -> ControlRegs::movDr;
      case LMSW -> ControlRegs::lmsw;
      case SMSW -> ControlRegs::smsw;
      case CLTS -> ControlRegs::clts;
      default -> null;
    };
  }

  /** #GP(0) unless CPL is 0. */
  static void privileged(Cpu c) {
    if (c.cpl != 0) {
      throw c.gp(0);
    }
  }

  static void movCr(Cpu c, Insn i) {
    boolean load = i.op0.kind() == Operand.Kind.CONTROL;
    int n = load ? i.op0.reg() : i.op1.reg();
    if (n == 1 || (n > 4 && n != 8) || (n == 4 && c.writable.cr4() == 0)) {
      throw c.ud();
    }
    privileged(c);
    if (load) {
      long v = c.reg(i.op1.reg(), c.longMode ? 64 : 32);
      switch (n) {
        case 0 -> writeCr0(c, c.nonRoot == null ? v : c.nonRoot.writeCr0(i.op1.reg(), v));
        case 2 -> c.cr2 = v;
        case 3 -> {
          if (c.nonRoot != null) {
            c.nonRoot.writeCr3(i.op1.reg(), v);
          }
          writeCr3(c, v);
        }
        case 4 -> writeCr4(c, c.nonRoot == null ? v : c.nonRoot.writeCr4(i.op1.reg(), v));
        default -> {
          if (c.nonRoot != null) {
            c.nonRoot.cr8(i.op1.reg(), true);
          }
          writeCr8(c, v);
        }
      }
    } else {
      long v =
          switch (n) {
            case 0 -> readCr0(c);
            case 2 -> c.cr2;
            case 3 -> {
              if (c.nonRoot != null) {
                c.nonRoot.readCr3(i.op0.reg());
              }
              yield c.cr3;
            }
            case 4 -> c.nonRoot == null ? c.cr4 : c.nonRoot.readCr4();
            default -> {
              if (c.nonRoot != null) {
                c.nonRoot.cr8(i.op0.reg(), false);
              }
              yield c.nonRoot == null ? c.interrupts.taskPriority() : c.nonRoot.taskPriority();
            }
          };
      c.setReg(i.op0.reg(), c.longMode ? 64 : 32, v);
    }
  }

  private static long readCr0(Cpu c) {
    return c.nonRoot == null ? c.cr0 : c.nonRoot.readCr0();
  }

  private static void writeCr8(Cpu c, long v) {
    if ((v & ~0xfL) != 0) {
      throw c.gp(0);
    }
    if (c.nonRoot == null) {
      c.interrupts.taskPriority((int) v);
    } else {
      c.nonRoot.taskPriority((int) v);
    }
  }

  /** Loads CR0: MOV and LMSW. */
  static void writeCr0(Cpu c, long v) {
    if (v >>> 32 != 0) {
      throw c.gp(0);
    }
    v = v & c.writable.cr0() | Cr.CR0_ET;
    boolean paging = (v & Cr.CR0_PG) != 0;
    if ((paging && (v & Cr.CR0_PE) == 0) || (v & (Cr.CR0_NW | Cr.CR0_CD)) == Cr.CR0_NW) {
      throw c.gp(0);
    }
    if (c.vmx != null) {
      c.vmx.checkCr0(v);
    }
    long changed = v ^ c.cr0;
    if (paging && (changed & Cr.CR0_PG) != 0) {
      enablePaging(c);
    } else if ((changed & Cr.CR0_PG) != 0) {
      if (c.longMode || (c.cr4 & Cr.CR4_PCIDE) != 0) {
        throw c.gp(0);
      }
      c.efer &= ~Cr.EFER_LMA;
    } else if (paging && (changed & (Cr.CR0_CD | Cr.CR0_NW)) != 0) {
      loadPdptes(c, c.cr3, c.cr4);
    }
    c.cr0 = v;
    if ((changed & (Cr.CR0_PG | Cr.CR0_WP | Cr.CR0_PE)) != 0) {
      c.mmu.flushAll();
    }
    if ((changed & Cr.CR0_AM) != 0) {
      c.mmu.selectContext();
    }
    if ((changed & (Cr.CR0_PG | Cr.CR0_PE)) != 0) {
      CpuMode.update(c);
    }
  }

  /** The checks of CR0.PG becoming 1, and EFER.LMA. */
  private static void enablePaging(Cpu c) {
    if ((c.efer & Cr.EFER_LME) == 0) {
      loadPdptes(c, c.cr3, c.cr4);
      return;
    }
    boolean tss16 = c.tr.usable && (c.tr.attr & Segment.TYPE) == Descriptor.TSS16_BUSY;
    if ((c.cr4 & Cr.CR4_PAE) == 0 || (c.seg[Reg.CS].attr & Segment.L) != 0 || tss16) {
      throw c.gp(0);
    }
    c.efer |= Cr.EFER_LMA;
  }

  /** Loads the PDPTE registers if PAE paging (not 4-level) is or becomes active. */
  private static void loadPdptes(Cpu c, long cr3, long cr4) {
    if ((cr4 & Cr.CR4_PAE) != 0 && !Descriptor.longModeActive(c) && !c.mmu.walker.loadPdptes(cr3)) {
      throw c.gp(0);
    }
  }

  /** Loads CR3: MOV and task switches. */
  static void writeCr3(Cpu c, long v) {
    boolean pcid = (c.cr4 & Cr.CR4_PCIDE) != 0;
    boolean keep = pcid && (v & CR3_NO_FLUSH) != 0;
    if (pcid) {
      v &= ~CR3_NO_FLUSH;
    }
    if (v >>> c.model.physicalBits() != 0 && (c.longMode || v >>> 32 != 0)) {
      throw c.gp(0);
    }
    if ((c.cr0 & Cr.CR0_PG) != 0) {
      loadPdptes(c, v, c.cr4);
    }
    // The TLB is not tagged with PCIDs: entries may stay only if nothing changes.
    boolean same = v == c.cr3;
    c.cr3 = v;
    if (!(keep && same)) {
      c.mmu.flushNonGlobal();
    }
  }

  static void writeCr4(Cpu c, long v) {
    long changed = v ^ c.cr4;
    boolean pcidOn = (changed & v & Cr.CR4_PCIDE) != 0;
    boolean lma = Descriptor.longModeActive(c);
    if ((v & ~c.writable.cr4()) != 0
        || (lma && (v & Cr.CR4_PAE) == 0)
        || (lma && (changed & Cr.CR4_LA57) != 0)
        || (pcidOn && (!lma || (c.cr3 & 0xfff) != 0))) {
      throw c.gp(0);
    }
    if (c.vmx != null) {
      c.vmx.checkCr4(v);
    }
    long paging = Cr.CR4_PAE | Cr.CR4_PSE | Cr.CR4_PGE | Cr.CR4_SMEP;
    if ((changed & paging) != 0 && (c.cr0 & Cr.CR0_PG) != 0) {
      loadPdptes(c, c.cr3, v);
    }
    c.cr4 = v;
    if ((changed & (paging | Cr.CR4_SMAP | Cr.CR4_PCIDE | Cr.CR4_PKE | Cr.CR4_PKS)) != 0) {
      c.mmu.flushAll();
    }
    if ((changed & Cr.CR4_LA57) != 0) {
      CpuMode.update(c);
    }
    c.mmu.selectContext();
  }

  static void lmsw(Cpu c, Insn i) {
    privileged(c);
    long v = SystemTables.readSelector(c, i, i.op0) & 0xf;
    // PE can be set, but not cleared.
    long loaded = c.cr0 & ~(Cr.CR0_MP | Cr.CR0_EM | Cr.CR0_TS) | v;
    writeCr0(c, c.nonRoot == null ? loaded : c.nonRoot.lmsw(i, (int) v, loaded));
  }

  static void smsw(Cpu c, Insn i) {
    SystemTables.checkUmip(c);
    if (i.op0.isMem()) {
      c.mmu.write16(Operands.writeAddress(c, i, 2), (int) readCr0(c));
    } else {
      c.setReg(i.op0.reg(), i.opSize, readCr0(c));
    }
  }

  static void clts(Cpu c, Insn i) {
    privileged(c);
    if (c.nonRoot == null || c.nonRoot.clts()) {
      c.cr0 &= ~Cr.CR0_TS;
    }
  }

  static void movDr(Cpu c, Insn i) {
    boolean load = i.op0.kind() == Operand.Kind.DEBUG;
    int n = load ? i.op0.reg() : i.op1.reg();
    if (n > 7) {
      throw c.ud();
    }
    if (n == 4 || n == 5) {
      if ((c.cr4 & Cr.CR4_DE) != 0) {
        throw c.ud();
      }
      n += 2;
    }
    privileged(c);
    if (c.nonRoot != null) {
      c.nonRoot.dr(n, load ? i.op1.reg() : i.op0.reg(), !load);
    }
    if ((c.dr[7] & Debug.DR7_GD) != 0) {
      c.pendingDebug |= Debug.DR6_BD;
      throw c.raise(Vector.DB);
    }
    int bits = c.longMode ? 64 : 32;
    if (!load) {
      c.setReg(i.op0.reg(), bits, c.dr[n]);
      return;
    }
    long v = c.reg(i.op1.reg(), bits);
    if (n >= 6 && v >>> 32 != 0) {
      throw c.gp(0);
    }
    c.dr[n] =
        switch (n) {
          case 6 -> v & DR6_WRITABLE | DR6_FIXED;
          case 7 -> v & DR7_WRITABLE | DR7_FIXED;
          default -> v;
        };
    c.mmu.debugRegistersChanged();
    if (n == 7) {
      c.request(Cpu.REQ_STEP);
    }
  }
}
