package org.quern.x86.vmx;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.semantics.Handler;
import org.quern.x86.semantics.Operands;
import org.quern.x86.semantics.Segmentation;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;

/**
 * The VMX instructions, with their checks in the order of the manual. Source: SDM vol. 3C, chapter
 * 31, each instruction.
 */
public final class VmxInsns {
  private VmxInsns() {}

  /** The handler of a VMX instruction; null for any other. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case VMXON -> VmxInsns::vmxon;
      case VMXOFF -> VmxInsns::vmxoff;
      case VMCLEAR -> VmxInsns::vmclear;
      case VMPTRLD -> VmxInsns::vmptrld;
      case VMPTRST -> VmxInsns::vmptrst;
      case VMREAD -> VmxInsns::vmread;
      case VMWRITE -> VmxInsns::vmwrite;
      case VMLAUNCH -> (c, i) -> enter(c, i, true);
      case VMRESUME -> (c, i) -> enter(c, i, false);
      case VMCALL -> VmxInsns::vmcall;
      case INVEPT -> VmxInsns::invept;
      case INVVPID -> VmxInsns::invvpid;
      case VMFUNC -> VmxInsns::vmfunc;
      default -> null;
    };
  }

  /** The checks all but VMXON begin with; in non-root operation it ends with the VM exit. */
  private static Vmx start(Cpu c, Insn i, int reason) {
    Vmx v = c.vmx;
    if (v == null || !v.on() || wrongMode(c)) {
      throw c.ud();
    }
    if (c.nonRoot != null) {
      throw c.nonRoot.exit(i, reason);
    }
    if (c.cpl != 0) {
      throw c.gp(0);
    }
    return v;
  }

  private static boolean wrongMode(Cpu c) {
    return c.realMode() || c.v86() || ((c.efer & Cr.EFER_LMA) != 0 && !c.longMode);
  }

  private static long pointer(Cpu c, Insn i) {
    return c.mmu.read64(Operands.readAddress(c, i, 8));
  }

  // ---- VMX operation

  private static void vmxon(Cpu c, Insn i) {
    Vmx v = c.vmx;
    if (v == null || (c.cr4 & Cr.CR4_VMXE) == 0 || wrongMode(c)) {
      throw c.ud();
    }
    if (c.nonRoot != null) {
      throw c.nonRoot.exit(i, ExitReason.VMXON);
    }
    if (c.cpl != 0) {
      throw c.gp(0);
    }
    if (v.on()) {
      v.fail(InstructionError.VMXON_IN_ROOT);
      return;
    }
    if (!Vmx.cr0Allowed(c.cr0, false) || !Vmx.cr4Allowed(c, c.cr4) || !v.permitted()) {
      throw c.gp(0);
    }
    v.end(v.operations.vmxon(pointer(c, i)));
  }

  private static void vmxoff(Cpu c, Insn i) {
    Vmx v = start(c, i, ExitReason.VMXOFF);
    v.disable();
    v.succeed();
  }

  private static void vmcall(Cpu c, Insn i) {
    if (c.nonRoot != null) {
      throw c.nonRoot.exit(i, ExitReason.VMCALL);
    }
    start(c, i, ExitReason.VMCALL).fail(InstructionError.VMCALL_IN_ROOT);
  }

  // ---- VMCS pointers

  private static void vmclear(Cpu c, Insn i) {
    Vmx v = start(c, i, ExitReason.VMCLEAR);
    v.end(v.operations.vmclear(pointer(c, i)));
  }

  private static void vmptrld(Cpu c, Insn i) {
    Vmx v = start(c, i, ExitReason.VMPTRLD);
    v.end(v.operations.vmptrld(pointer(c, i)));
  }

  private static void vmptrst(Cpu c, Insn i) {
    Vmx v = start(c, i, ExitReason.VMPTRST);
    long p = v.current == null ? Vmx.NOWHERE : v.current.address();
    c.mmu.write64(Operands.writeAddress(c, i, 8), p);
    v.succeed();
  }

  // ---- VMCS fields

  private static int width(Cpu c) {
    return c.longMode ? 64 : 32;
  }

  /**
   * The VMCS that VMREAD or VMWRITE is about: the current one, or with VMCS shadowing in non-root
   * operation the shadow; null if there is none. Ends with a VM exit where the VMM wants that.
   */
  private static Vmcs subject(Cpu c, Insn i, long encoding, boolean write) {
    int reason = write ? ExitReason.VMWRITE : ExitReason.VMREAD;
    if (c.nonRoot == null || c.vmx == null || wrongMode(c)) {
      return start(c, i, reason).current;
    }
    if (c.nonRoot.functions.fieldExits(encoding, write)) {
      throw c.nonRoot.exit(i, reason);
    }
    if (c.cpl != 0) {
      throw c.gp(0);
    }
    return c.nonRoot.functions.shadowVmcs();
  }

  private static void vmread(Cpu c, Insn i) {
    long encoding = c.reg(i.op1.reg(), width(c));
    Vmcs s = subject(c, i, encoding, false);
    if (s == null) {
      c.vmx.failInvalid();
      return;
    }
    VmcsField f = VmcsField.of(encoding);
    if (f == null) {
      c.vmx.fail(InstructionError.UNSUPPORTED_COMPONENT);
      return;
    }
    long value = s.get(f) >>> ((encoding & 1) != 0 ? 32 : 0);
    if (i.op0.kind() == Operand.Kind.MEM) {
      int bytes = width(c) >> 3;
      c.mmu.write(Operands.writeAddress(c, i, bytes), bytes, value);
    } else {
      c.setReg(i.op0.reg(), width(c), value);
    }
    c.vmx.succeed();
  }

  /** Any field may be written, also those of exit information: IA32_VMX_MISC bit 29. */
  private static void vmwrite(Cpu c, Insn i) {
    long encoding = c.reg(i.op0.reg(), width(c));
    Vmcs s = subject(c, i, encoding, true);
    if (s == null) {
      c.vmx.failInvalid();
      return;
    }
    int bytes = width(c) >> 3;
    long value =
        i.op1.isMem()
            ? c.mmu.read(Operands.readAddress(c, i, bytes), bytes)
            : c.reg(i.op1.reg(), width(c));
    VmcsField f = VmcsField.of(encoding);
    if (f == null) {
      c.vmx.fail(InstructionError.UNSUPPORTED_COMPONENT);
      return;
    }
    if ((encoding & 1) != 0) {
      value = value << 32 | s.get(f) & 0xffffffffL;
    } else if (!c.longMode && f.width() == VmcsField.Width.BITS64) {
      value |= s.get(f) & ~0xffffffffL;
    }
    s.set(f, value);
    c.vmx.succeed();
  }

  /** VMFUNC, which exists in non-root operation only. */
  private static void vmfunc(Cpu c, Insn i) {
    if (c.nonRoot == null) {
      throw c.ud();
    }
    c.nonRoot.functions.function(i);
  }

  // ---- VM entry

  private static void enter(Cpu c, Insn i, boolean launch) {
    Vmx v = start(c, i, launch ? ExitReason.VMLAUNCH : ExitReason.VMRESUME);
    int outcome = v.operations.enter(launch);
    if (outcome != VmxOperations.SUCCEED) {
      v.end(outcome);
    }
  }

  // ---- invalidation

  /** One half, at byte 0 or 8, of the descriptor of INVEPT and INVVPID. */
  private static long descriptor(Cpu c, Insn i, int half) {
    long ea = Operands.effective(c, i) + half;
    return c.mmu.read64(Segmentation.read(c, i.segment, ea, 8));
  }

  private static void invept(Cpu c, Insn i) {
    Vmx v = start(c, i, ExitReason.INVEPT);
    long type = c.reg(i.op0.reg(), width(c));
    long eptp = descriptor(c, i, 0);
    descriptor(c, i, 8);
    if (type == 2) {
      c.mmu.banks.invalidateAllEpt();
      v.succeed();
    } else if (type == 1 && Ept.validPointer(v, eptp)) {
      c.mmu.banks.invalidateEpt(Ept.root(eptp));
      v.succeed();
    } else {
      v.fail(InstructionError.INVALID_OPERAND);
    }
  }

  private static void invvpid(Cpu c, Insn i) {
    Vmx v = start(c, i, ExitReason.INVVPID);
    long type = c.reg(i.op0.reg(), width(c));
    long vpid = descriptor(c, i, 0);
    long linear = descriptor(c, i, 8);
    boolean single = type != 2;
    if (Long.compareUnsigned(type, 3) > 0
        || vpid >>> 16 != 0
        || (single && vpid == 0)
        || (type == 0 && !Segmentation.canonical(c, linear))) {
      v.fail(InstructionError.INVALID_OPERAND);
    } else {
      switch ((int) type) {
        case 0 -> c.mmu.banks.invalidateAddress((int) vpid, linear);
        case 1 -> c.mmu.banks.invalidateVpid((int) vpid, false);
        case 2 -> c.mmu.banks.invalidateAllVpids();
        default -> c.mmu.banks.invalidateVpid((int) vpid, true);
      }
      v.succeed();
    }
  }
}
