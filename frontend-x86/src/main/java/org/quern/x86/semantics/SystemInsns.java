package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.fault.Vector;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/**
 * The remaining system instructions, software interrupts, fences and hints. Source: SDM vol. 2,
 * each instruction. What is missing (SVM, RSM) is #UD by {@link Binding}.
 */
public final class SystemInsns {
  /** A cache line, as CPUID reports it. */
  private static final long LINE_BYTES = 64;

  private SystemInsns() {}

  static Handler of(Mnemonic m) {
    return switch (m) {
      case HLT -> SystemInsns::hlt;
      case INVD, WBINVD, WBNOINVD -> SystemInsns::cacheControl;
      case INVLPG -> SystemInsns::invlpg;
      case INVPCID -> SystemInsns::invpcid;
      case RDTSC -> SystemInsns::rdtsc;
      case RDTSCP -> SystemInsns::rdtscp;
      case RDPMC -> SystemInsns::rdpmc;
      case RDPID -> SystemInsns::rdpid;
      case SWAPGS -> SystemInsns::swapgs;
      case RDFSBASE -> (c, i) -> readBase(c, i, Reg.FS);
      case RDGSBASE -> (c, i) -> readBase(c, i, Reg.GS);
      case WRFSBASE -> (c, i) -> writeBase(c, i, Reg.FS);
      case WRGSBASE -> (c, i) -> writeBase(c, i, Reg.GS);
      case STAC -> (c, i) -> setAc(c, true);
      case CLAC -> (c, i) -> setAc(c, false);
      case PAUSE -> SystemInsns::pause;
      case NOP, ENDBR32, ENDBR64, PREFETCH, PREFETCHW -> (c, i) -> {};
      case LFENCE, SFENCE -> (c, i) -> {};
      case MFENCE, SERIALIZE -> (c, i) -> HostMemory.fullFence();
      case CLZERO -> SystemInsns::clzero;
      case CLFLUSH, CLFLUSHOPT, CLWB -> SystemInsns::clflush;
      case INT -> (c, i) -> Interrupts.software(c, (int) i.imm & 0xff, true);
      case INT3 -> (c, i) -> Interrupts.software(c, Vector.BP, false);
      case INT1 -> (c, i) -> Interrupts.icebp(c);
      case INTO -> SystemInsns::into;
      case BOUND -> SystemInsns::bound;
      default -> null;
    };
  }

  private static void cacheControl(Cpu c, Insn i) {
    ControlRegs.privileged(c);
    if (c.nonRoot != null) {
      if (i.mnemonic == Mnemonic.INVD) {
        throw c.nonRoot.always(i);
      }
      c.nonRoot.check(i, 0);
    }
  }

  private static void pause(Cpu c, Insn i) {
    if (c.nonRoot != null) {
      c.nonRoot.check(i, 0);
    }
  }

  private static void rdpid(Cpu c, Insn i) {
    if (c.nonRoot != null) {
      c.nonRoot.checkEnabled(i);
    }
    c.setReg(i.op0.reg(), c.longMode ? 64 : 32, c.msr.tscAux);
  }

  static void hlt(Cpu c, Insn i) {
    ControlRegs.privileged(c);
    if (c.nonRoot != null) {
      c.nonRoot.check(i, 0);
    }
    c.activity = Cpu.Activity.HALTED;
  }

  static void invlpg(Cpu c, Insn i) {
    ControlRegs.privileged(c);
    long ea = Operands.effective(c, i);
    Segment s = c.seg[i.segment];
    if (c.nonRoot != null) {
      long base = c.longMode && i.segment < Reg.FS ? 0 : s.base;
      c.nonRoot.check(i, c.longMode ? base + ea : base + ea & 0xffffffffL);
    }
    if (c.longMode) {
      long la = i.segment >= Reg.FS ? s.base + ea : ea;
      if (Segmentation.canonicalBase(c, la)) {
        c.mmu.flushPage(la);
      }
    } else {
      c.mmu.flushPage(s.base + ea & 0xffffffffL);
    }
  }

  static void invpcid(Cpu c, Insn i) {
    if (c.nonRoot != null) {
      c.nonRoot.checkEnabled(i);
    }
    ControlRegs.privileged(c);
    if (c.nonRoot != null) {
      c.nonRoot.check(i, 0);
    }
    long type = c.reg(i.op0.reg(), c.longMode ? 64 : 32);
    long ea = Operands.effective(c, i);
    long low = c.mmu.read64(Segmentation.read(c, i.segment, ea, 8));
    long linear = c.mmu.read64(Segmentation.read(c, i.segment, SegmentLoad.offsetBy(i, ea, 8), 8));
    boolean single = type == 0 || type == 1;
    boolean pcidOff = (c.cr4 & Cr.CR4_PCIDE) == 0;
    if (Long.compareUnsigned(type, 3) > 0
        || low >>> 12 != 0
        || (single && pcidOff && low != 0)
        || (type == 0 && !Segmentation.canonicalBase(c, linear))) {
      throw c.gp(0);
    }
    // The TLB is not tagged with PCIDs: what it holds belongs to the current one.
    if (type == 0) {
      c.mmu.flushPage(linear);
    } else if (type == 2) {
      c.mmu.flushAll();
    } else {
      c.mmu.flushNonGlobal();
    }
  }

  private static void checkTsd(Cpu c) {
    if (c.cpl != 0 && (c.cr4 & Cr.CR4_TSD) != 0) {
      throw c.gp(0);
    }
  }

  static void rdtsc(Cpu c, Insn i) {
    checkTsd(c);
    long t = c.time.tsc() + c.msr.tscAdjust;
    if (c.nonRoot != null) {
      c.nonRoot.check(i, 0);
      t = c.nonRoot.tsc(t);
    }
    c.gpr[Reg.RAX] = t & 0xffffffffL;
    c.gpr[Reg.RDX] = t >>> 32;
  }

  static void rdtscp(Cpu c, Insn i) {
    if (c.nonRoot != null) {
      c.nonRoot.checkEnabled(i);
    }
    rdtsc(c, i);
    c.gpr[Reg.RCX] = c.msr.tscAux;
  }

  /** There are no counters: every index is invalid. */
  static void rdpmc(Cpu c, Insn i) {
    if (c.nonRoot != null && (c.cpl == 0 || (c.cr4 & Cr.CR4_PCE) != 0)) {
      c.nonRoot.check(i, 0);
    }
    throw c.gp(0);
  }

  static void swapgs(Cpu c, Insn i) {
    if (!c.longMode) {
      throw c.ud();
    }
    ControlRegs.privileged(c);
    long v = c.seg[Reg.GS].base;
    c.seg[Reg.GS].base = c.msr.kernelGsBase;
    c.msr.kernelGsBase = v;
  }

  private static void checkFsgsbase(Cpu c) {
    if (!c.longMode || (c.cr4 & Cr.CR4_FSGSBASE) == 0) {
      throw c.ud();
    }
  }

  private static void readBase(Cpu c, Insn i, int s) {
    checkFsgsbase(c);
    c.setReg(i.op0.reg(), i.opSize, c.seg[s].base);
  }

  private static void writeBase(Cpu c, Insn i, int s) {
    checkFsgsbase(c);
    long v = c.reg(i.op0.reg(), i.opSize);
    if (!Segmentation.canonicalBase(c, v)) {
      throw c.gp(0);
    }
    c.seg[s].base = v;
  }

  private static void setAc(Cpu c, boolean v) {
    if (c.cpl != 0) {
      throw c.ud();
    }
    c.setSystemFlags(v ? c.eflags | RFlags.AC : c.eflags & ~RFlags.AC);
  }

  // ---- caches

  /** CLFLUSH and its kin: nothing to flush, but the address is checked as for a byte load. */
  static void clflush(Cpu c, Insn i) {
    c.mmu.probeRead(Operands.readAddress(c, i, 1), 1);
  }

  /**
   * CLZERO: clears the line that holds DS:rAX. A fault reports the start of the line, as on a Zen
   * 4. Source: AMD APM vol. 3, CLZERO.
   */
  private static void clzero(Cpu c, Insn i) {
    long la = Segmentation.write(c, i.segment, c.reg(Reg.RAX, i.addrSize), 1) & -LINE_BYTES;
    c.mmu.probeWrite(la, 8);
    for (int at = 0; at < LINE_BYTES; at += 8) {
      c.mmu.write64(la + at, 0);
    }
  }

  // ---- software interrupts

  static void into(Cpu c, Insn i) {
    if (c.of()) {
      Interrupts.software(c, Vector.OF, false);
    }
  }

  static void bound(Cpu c, Insn i) {
    int bytes = i.opSize >> 3;
    long ea = Operands.effective(c, i);
    long low = c.mmu.read(Segmentation.read(c, i.segment, ea, bytes), bytes);
    long high =
        c.mmu.read(
            Segmentation.read(c, i.segment, SegmentLoad.offsetBy(i, ea, bytes), bytes), bytes);
    long index = c.reg(i.op0.reg(), i.opSize);
    int shift = 64 - i.opSize;
    long signed = index << shift >> shift;
    if (signed < low << shift >> shift || signed > high << shift >> shift) {
      throw c.raise(Vector.BR);
    }
  }
}
