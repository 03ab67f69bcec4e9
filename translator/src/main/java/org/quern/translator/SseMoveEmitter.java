package org.quern.translator;

import static org.objectweb.asm.Opcodes.*;
import static org.quern.translator.RegionCode.L_T1;
import static org.quern.translator.RegionCode.L_T2;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Operand.Kind;

/** Emits moves between XMM registers, general registers and memory. */
final class SseMoveEmitter {
  private final RegionCode out;
  private final OperandEmitter operands;
  private final SseOperands sse;

  SseMoveEmitter(RegionCode out, OperandEmitter operands, SseOperands sse) {
    this.out = out;
    this.operands = operands;
    this.sse = sse;
  }

  /** MOVAPS, MOVUPS and their like. */
  void whole(RegionPlan.Item item, boolean aligned) {
    Insn i = item.insn();
    if (i.op1.isMem()) {
      sse.read128(item, aligned);
      sse.storeFrom(L_T1, i.op0.reg(), 0);
      sse.storeFrom(L_T2, i.op0.reg(), 1);
    } else if (i.op0.isMem()) {
      sse.write128(item, i.op1.reg(), aligned);
    } else {
      copyHalf(i, 0, 0);
      copyHalf(i, 1, 1);
    }
  }

  /** Copies a half of the source register to a half of the destination. */
  void copyHalf(Insn i, int from, int to) {
    sse.half(i.op1.reg(), from);
    sse.store(i.op0.reg(), to);
  }

  /** MOVD, MOVQ: the rest of an XMM destination becomes zero. */
  void low(RegionPlan.Item item) {
    Insn i = item.insn();
    switch (i.op0.kind()) {
      case VEC -> {
        if (i.op1.kind() == Kind.VEC) {
          sse.half(i.op1.reg(), 0);
        } else {
          int bits = i.op1.size();
          sse.loadGeneral(item, bits);
          operands.zeroExtendLong(bits);
        }
        out.store(L_T1);
        sse.storeFrom(L_T1, i.op0.reg(), 0);
        sse.clear(i.op0.reg(), 1);
      }
      case MEM -> sse.writeHalf(item, i.op1.reg(), 0, i.op0.size());
      default -> {
        sse.half(i.op1.reg(), 0);
        operands.storeGpr(i.op0);
      }
    }
  }

  /** MOVSS, MOVSD: a load clears the rest of the register, a copy keeps it. */
  void scalar(RegionPlan.Item item, int bits) {
    Insn i = item.insn();
    if (i.op0.isMem()) {
      sse.writeHalf(item, i.op1.reg(), 0, bits);
    } else if (i.op1.isMem()) {
      sse.loadGeneral(item, bits);
      operands.zeroExtendLong(bits);
      out.store(L_T1);
      sse.storeFrom(L_T1, i.op0.reg(), 0);
      sse.clear(i.op0.reg(), 1);
    } else if (bits == 64) {
      copyHalf(i, 0, 0);
    } else {
      sse.half(i.op1.reg(), 0);
      out.store(L_T1);
      sse.storeSingle(i.op0.reg());
    }
  }

  /** MOVLPS, MOVHPS and their like: one half to or from memory. */
  void half(RegionPlan.Item item, int half) {
    Insn i = item.insn();
    if (i.op0.isMem()) {
      sse.writeHalf(item, i.op1.reg(), half, 64);
    } else {
      sse.loadGeneral(item, 64);
      out.store(L_T1);
      sse.storeFrom(L_T1, i.op0.reg(), half);
    }
  }

  /** PEXTRW. */
  void extractWord(Insn i) {
    int n = (int) i.imm;
    sse.half(i.op1.reg(), n >> 2 & 1);
    out.push(16 * (n & 3));
    out.op(LUSHR);
    operands.zeroExtendLong(16);
    out.storeReg(i.op0.reg());
  }

  /** PINSRW. */
  void insertWord(RegionPlan.Item item) {
    Insn i = item.insn();
    int half = (int) i.imm >> 2 & 1;
    int shift = 16 * ((int) i.imm & 3);
    sse.loadGeneral(item, 16);
    operands.zeroExtendLong(16);
    out.push(shift);
    out.op(LSHL);
    out.store(L_T1);
    sse.half(i.op0.reg(), half);
    out.push(~(0xffffL << shift));
    out.op(LAND);
    out.load(L_T1);
    out.op(LOR);
    sse.store(i.op0.reg(), half);
  }
}
