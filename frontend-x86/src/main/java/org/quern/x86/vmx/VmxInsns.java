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

  private static void vmread(Cpu c, Insn i) {
    Vmx v = start(c, i, ExitReason.VMREAD);
    if (v.current == null) {
      v.failInvalid();
      return;
    }
    long encoding = c.reg(i.op1.reg(), width(c));
    VmcsField f = VmcsField.of(encoding);
    if (f == null) {
      v.fail(InstructionError.UNSUPPORTED_COMPONENT);
      return;
    }
    long value = v.current.get(f) >>> ((encoding & 1) != 0 ? 32 : 0);
    if (i.op0.kind() == Operand.Kind.MEM) {
      int bytes = width(c) >> 3;
      c.mmu.write(Operands.writeAddress(c, i, bytes), bytes, value);
    } else {
      c.setReg(i.op0.reg(), width(c), value);
    }
    v.succeed();
  }

  private static void vmwrite(Cpu c, Insn i) {
    Vmx v = start(c, i, ExitReason.VMWRITE);
    if (v.current == null) {
      v.failInvalid();
      return;
    }
    int bytes = width(c) >> 3;
    long value =
        i.op1.isMem()
            ? c.mmu.read(Operands.readAddress(c, i, bytes), bytes)
            : c.reg(i.op1.reg(), width(c));
    long encoding = c.reg(i.op0.reg(), width(c));
    VmcsField f = VmcsField.of(encoding);
    if (f == null) {
      v.fail(InstructionError.UNSUPPORTED_COMPONENT);
    } else if (f.type() == VmcsField.Type.READ_ONLY) {
      v.fail(InstructionError.READ_ONLY_COMPONENT);
    } else {
      if ((encoding & 1) != 0) {
        value = value << 32 | v.current.get(f) & 0xffffffffL;
      } else if (!c.longMode && f.width() == VmcsField.Width.BITS64) {
        value |= v.current.get(f) & ~0xffffffffL;
      }
      v.current.set(f, value);
      v.succeed();
    }
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
