package org.quern.translator;

import static org.objectweb.asm.Opcodes.*;
import static org.quern.translator.RegionCode.CPU;
import static org.quern.translator.RegionCode.L_T0;
import static org.quern.translator.RegionCode.L_T1;
import static org.quern.translator.RegionCode.L_T2;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Operand;

/**
 * Emits the reading and writing of XMM registers, which stay in the processor's array all the time,
 * and of their memory operands.
 *
 * <p>Memory is read before anything else of an instruction, with nothing on the operand stack, into
 * temporary 1 (the only or the lower 64 bits) and 2 (the upper ones); temporary 0 has the address.
 */
final class SseOperands {
  private static final String ACCESS = "org/quern/x86/semantics/SimdAccess";

  private final RegionCode out;
  private final OperandEmitter operands;

  SseOperands(RegionCode out, OperandEmitter operands) {
    this.out = out;
    this.operands = operands;
  }

  /** Raises #UD or #NM if SSE is off. */
  void check() {
    out.cpu();
    out.callStatic(ACCESS, "checkSse", "(L" + CPU + ";)V");
  }

  // ---- registers

  /** Pushes the array of vector registers. */
  private void vec() {
    out.cpu();
    out.mv.visitFieldInsn(GETFIELD, CPU, "vec", "[J");
  }

  /** Pushes one half of a register. */
  void half(int r, int half) {
    vec();
    out.push(4 * r + half);
    out.op(LALOAD);
  }

  /** Pushes what {@link #store} needs under the value. */
  void target(int r, int half) {
    vec();
    out.push(4 * r + half);
  }

  /** Stores the long on the stack at the {@link #target} under it. */
  void store() {
    out.op(LASTORE);
  }

  /** Sets one half of a register from a temporary. */
  void storeFrom(int local, int r, int half) {
    target(r, half);
    out.load(local);
    store();
  }

  void clear(int r, int half) {
    target(r, half);
    out.push(0L);
    store();
  }

  /** Replaces the low 32 bits of a register by those of temporary 1. */
  void storeSingle(int r) {
    target(r, 0);
    half(r, 0);
    out.push(0xffffffff00000000L);
    out.op(LAND);
    out.load(L_T1);
    operands.zeroExtendLong(32);
    out.op(LOR);
    store();
  }

  // ---- memory

  /** Puts the linear address into temporary 0; #GP(0) if it must be aligned and is not. */
  void address(RegionPlan.Item item, boolean aligned) {
    if (aligned) {
      out.cpu();
      operands.address(item);
      out.callStatic(ACCESS, "aligned", "(L" + CPU + ";J)J");
    } else {
      operands.address(item);
    }
    out.store(L_T0);
  }

  /** Reads 64 bits at temporary 0 plus {@code offset}. */
  private void read64(int offset, int local) {
    out.mmu();
    out.load(L_T0);
    if (offset != 0) {
      out.push((long) offset);
      out.op(LADD);
    }
    operands.readSigned(64);
    out.store(local);
  }

  /** Reads 128 bits into temporaries 1 and 2. */
  void read128(RegionPlan.Item item, boolean aligned) {
    address(item, aligned);
    read64(0, L_T1);
    read64(8, L_T2);
  }

  /** Writes a register at temporary 0. An aligned operand never crosses a page. */
  void write128(int r, boolean aligned) {
    if (!aligned) {
      out.mmu();
      out.load(L_T0);
      out.push(16);
      out.callMmu("probeWrite", "(JI)V");
    }
    half(r, 0);
    out.store(L_T1);
    operands.storeMem(64);
    out.load(L_T0);
    out.push(8L);
    out.op(LADD);
    out.store(L_T0);
    half(r, 1);
    out.store(L_T1);
    operands.storeMem(64);
  }

  // ---- the second operand

  /** Reads a 128-bit second operand if it is memory; {@link #source} pushes it. */
  void readSource(RegionPlan.Item item) {
    if (item.insn().op1.isMem()) {
      read128(item, true);
    }
  }

  /** As {@link #readSource} if one half is enough. */
  void readSourceHalf(RegionPlan.Item item, int half) {
    if (item.insn().op1.isMem()) {
      address(item, true);
      read64(8 * half, half == 0 ? L_T1 : L_T2);
    }
  }

  /** Pushes one half of what {@link #readSource} has read. */
  void source(Insn i, int half) {
    if (i.op1.isMem()) {
      out.load(half == 0 ? L_T1 : L_T2);
    } else {
      half(i.op1.reg(), half);
    }
  }

  /** Puts a scalar second operand into temporary 1, sign-extended. It may be unaligned. */
  void readScalar(RegionPlan.Item item, int bits) {
    Operand o = item.insn().op1;
    if (o.isMem()) {
      operands.loadMem(item, bits);
    } else {
      half(o.reg(), 0);
      operands.signExtendLong(bits);
    }
    out.store(L_T1);
  }
}
