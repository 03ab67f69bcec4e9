package org.quern.translator;

import static org.objectweb.asm.Opcodes.*;
import static org.quern.translator.RegionCode.CPU;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.semantics.Binding;
import org.quern.x86.semantics.Handler;

/**
 * Calls of semantic methods that touch vector, x87 and memory state, but no status flag, and only
 * those general registers that the operands name. So the flags and the other registers stay in the
 * locals of the region.
 */
final class LightCalls {
  private static final String HANDLER = "org/quern/x86/semantics/Handler";
  private static final String INSN = "org/quern/x86/decode/Insn";

  private final RegionCode out;

  LightCalls(RegionCode out) {
    this.out = out;
  }

  /** Whether such a call will do. */
  static boolean suits(Insn i) {
    if (i.vexL >= 0) {
      return VexEmitter.suits(i);
    }
    Mnemonic m = i.mnemonic;
    return switch (m) {
      // These read or write flags, or registers they do not name.
      case FCOMI, FCOMIP, FUCOMI, FUCOMIP, FCMOVCC, MASKMOVQ, MASKMOVDQU -> false;
      case LDMXCSR, STMXCSR, EMMS, MFENCE -> true;
      case RCPPS, RCPSS, RSQRTPS, RSQRTSS -> true;
      default -> SseForms.has(m) || mmxOnly(m) || x87(m);
    };
  }

  /** Instructions that always have an MMX register. */
  private static boolean mmxOnly(Mnemonic m) {
    return switch (m) {
      case MOVNTQ, MOVQ2DQ, MOVDQ2Q, PSHUFW -> true;
      case CVTPI2PS, CVTPI2PD, CVTPS2PI, CVTTPS2PI, CVTPD2PI, CVTTPD2PI -> true;
      default -> false;
    };
  }

  private static boolean x87(Mnemonic m) {
    return m.compareTo(Mnemonic.F2XM1) >= 0 && m.compareTo(Mnemonic.FNSETPM) <= 0;
  }

  void call(RegionPlan.Item item) {
    Insn i = item.insn();
    out.writeBack(Registers.used(i));
    out.writeBackHalves(Registers.halvesUsed(i));
    // Addresses may be relative to it, and the x87 keeps it.
    out.cpu();
    out.rip(item.end());
    out.mv.visitFieldInsn(PUTFIELD, CPU, "rip", "J");
    out.constant(Binding.of(i.mnemonic), Handler.class);
    out.cpu();
    out.constant(i, Insn.class);
    out.mv.visitMethodInsn(
        INVOKEINTERFACE, HANDLER, "exec", "(L" + CPU + ";L" + INSN + ";)V", true);
    out.reload(Registers.written(i));
    out.reloadHalves(Registers.halvesWritten(i));
  }
}
