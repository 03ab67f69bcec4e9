package org.quern.translator;

import static org.objectweb.asm.Opcodes.*;
import static org.quern.translator.RegionCode.CPU;
import static org.quern.translator.RegionCode.L_T1;
import static org.quern.translator.RegionCode.L_T2;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Operand;

/**
 * Emits the reading and writing of XMM registers, each half of which is a local, and of their
 * memory operands.
 *
 * <p>Memory is read before anything else of an instruction, with nothing on the operand stack, into
 * temporary 1 (the only or the lower 64 bits) and 2 (the upper ones).
 */
final class SseOperands {
  private static final String ACCESS = "org/quern/x86/semantics/SimdAccess";

  private final RegionCode out;
  private final OperandEmitter operands;
  private final MemoryEmitter memory;

  SseOperands(RegionCode out, OperandEmitter operands, MemoryEmitter memory) {
    this.out = out;
    this.operands = operands;
    this.memory = memory;
  }

  /** Raises #UD or #NM if SSE is off. */
  void check() {
    out.cpu();
    out.callStatic(ACCESS, "checkSse", "(L" + CPU + ";)V");
  }

  // ---- registers

  /** Pushes one half of a register. */
  void half(int r, int half) {
    out.loadHalf(2 * r + half);
  }

  /** Sets one half of a register to the long on the stack. */
  void store(int r, int half) {
    out.storeHalf(2 * r + half);
  }

  /** Sets one half of a register from a temporary. */
  void storeFrom(int local, int r, int half) {
    out.load(local);
    store(r, half);
  }

  void clear(int r, int half) {
    out.push(0L);
    store(r, half);
  }

  /** Replaces the low 32 bits of a register by those of temporary 1. */
  void storeSingle(int r) {
    half(r, 0);
    out.push(0xffffffff00000000L);
    out.op(LAND);
    out.load(L_T1);
    operands.zeroExtendLong(32);
    out.op(LOR);
    store(r, 0);
  }

  // ---- memory

  /** Gets ready for accesses to the memory operand; #GP(0) if it must be aligned and is not. */
  void prepare(RegionPlan.Item item, int bytes, boolean aligned, boolean store) {
    if (aligned) {
      out.cpu();
      operands.address(item, bytes, store);
      out.callStatic(ACCESS, "aligned", "(L" + CPU + ";J)J");
      out.op(POP2);
    }
    // A store that may cross a page must not be done by half.
    memory.prepare(bytes, !store || (bytes == 16 && !aligned), store);
  }

  /** Reads 128 bits into temporaries 1 and 2. */
  void read128(RegionPlan.Item item, boolean aligned) {
    prepare(item, 16, aligned, false);
    if (!aligned) {
      memory.probeRead(16);
    }
    memory.load(64, 0);
    out.store(L_T1);
    memory.load(64, 8);
    out.store(L_T2);
  }

  /** Writes a register to memory. */
  void write128(RegionPlan.Item item, int r, boolean aligned) {
    prepare(item, 16, aligned, true);
    half(r, 0);
    out.store(L_T1);
    memory.store(64, 0);
    half(r, 1);
    out.store(L_T1);
    memory.store(64, 8);
  }

  /** Writes the low {@code bits} of one half of a register to memory. */
  void writeHalf(RegionPlan.Item item, int r, int half, int bits) {
    prepare(item, bits / 8, false, true);
    half(r, half);
    out.store(L_T1);
    memory.store(bits);
  }

  /** Pushes a second operand of any kind but XMM, sign-extended. */
  void loadGeneral(RegionPlan.Item item, int bits) {
    if (item.insn().op1.isMem()) {
      memory.prepare(bits / 8, true, false);
    }
    operands.loadSigned(item, item.insn().op1, bits);
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
      prepare(item, 16, true, false);
      memory.load(64, 8 * half);
      out.store(half == 0 ? L_T1 : L_T2);
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
      loadGeneral(item, bits);
    } else {
      half(o.reg(), 0);
      operands.signExtendLong(bits);
    }
    out.store(L_T1);
  }
}
