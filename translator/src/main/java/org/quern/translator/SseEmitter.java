package org.quern.translator;

import org.quern.x86.decode.Insn;

/**
 * Emits SSE, SSE2 and AVX instructions: those of {@link SseForms} and {@link VexEmitter} as
 * bytecode of their own, other vector and x87 instructions as calls that leave the flags and most
 * registers in locals.
 */
final class SseEmitter {
  private final SseOperands sse;
  private final SseMoveEmitter moves;
  private final SseIntegerEmitter integers;
  private final SseFloatEmitter floats;
  private final LightCalls calls;
  private final VexEmitter vex;
  private final MemoryEmitter memory;

  /** SSE is known to be on: nothing inside a region can change that. */
  private boolean checked;

  SseEmitter(RegionCode out, OperandEmitter operands, MemoryEmitter memory, FlagEmitter flags) {
    this.sse = new SseOperands(out, operands, memory);
    this.moves = new SseMoveEmitter(out, operands, sse);
    this.integers = new SseIntegerEmitter(out, sse);
    this.floats = new SseFloatEmitter(out, operands, flags, sse);
    this.calls = new LightCalls(out);
    this.vex = new VexEmitter(out, operands, memory, moves, calls);
    this.memory = memory;
  }

  /** Whether {@link #emit} knows the instruction; if so, its operands say all about registers. */
  static boolean knows(Insn i) {
    return LightCalls.suits(i);
  }

  /** Whether it is emitted here with a check that SSE is on, if there was none before. */
  static boolean checks(Insn i) {
    return knows(i) && SseForms.of(i) != null && addressable(i);
  }

  private static boolean addressable(Insn i) {
    return !i.hasMem() || OperandEmitter.addressable(i);
  }

  /**
   * Call at the start of a block.
   *
   * @param on see {@link SseChecks}
   */
  void startBlock(boolean on) {
    checked = on;
    vex.startBlock();
  }

  /** Emits an instruction, or returns false if it is not one of these. */
  boolean emit(RegionPlan.Item item) {
    Insn i = item.insn();
    if (!knows(i)) {
      return false;
    }
    if (i.vexL >= 0 && addressable(i) && vex.emit(item)) {
      return true;
    }
    SseForms.Form form = SseForms.of(i);
    if (form == null || !addressable(i)) {
      if (i.form.flagsWritten() != 0) {
        return false;
      }
      if (i.op0 != null && i.op0.isMem()) {
        memory.storesPlainly();
      }
      calls.call(item);
      return true;
    }
    if (!checked) {
      sse.check();
      checked = true;
    }
    switch (form.shape()) {
      case MOVE_ALIGNED -> moves.whole(item, true);
      case MOVE_UNALIGNED -> moves.whole(item, false);
      case MOVE_LOW -> moves.low(item);
      case MOVE_SINGLE -> moves.scalar(item, 32);
      case MOVE_DOUBLE -> moves.scalar(item, 64);
      case MOVE_LOW_HALF -> moves.half(item, 0);
      case MOVE_HIGH_HALF -> moves.half(item, 1);
      case MOVE_HIGH_TO_LOW -> moves.copyHalf(i, 1, 0);
      case MOVE_LOW_TO_HIGH -> moves.copyHalf(i, 0, 1);
      case LANES -> integers.lanes(item, form.method());
      case SHIFT -> integers.shift(item, form.method());
      case UNPACK_LOW -> integers.unpack(item, form.method(), 0);
      case UNPACK_HIGH -> integers.unpack(item, form.method(), 1);
      case UNPACK_LOW_HALVES -> integers.unpackLowHalves(item);
      case UNPACK_HIGH_HALVES -> integers.unpackHighHalves(item);
      case PACK -> integers.pack(item, form.method());
      case SHIFT_BYTES_LEFT -> integers.shiftBytes(i, true);
      case SHIFT_BYTES_RIGHT -> integers.shiftBytes(i, false);
      case SHUFFLE_DWORDS -> integers.shuffleDwords(item, false);
      case SHUFFLE_SINGLES -> integers.shuffleDwords(item, true);
      case SHUFFLE_LOW_WORDS -> integers.shuffleWords(item, 0);
      case SHUFFLE_HIGH_WORDS -> integers.shuffleWords(item, 1);
      case SHUFFLE_DOUBLES -> integers.shuffleDoubles(item);
      case EXTRACT_WORD -> moves.extractWord(i);
      case INSERT_WORD -> moves.insertWord(item);
      case SIGN_BYTES -> integers.signs(i, form.method(), 8);
      case SIGN_SINGLES -> integers.signs(i, form.method(), 2);
      case SIGN_DOUBLES -> integers.signs(i, form.method(), 1);
      case ARITHMETIC64 -> floats.arithmetic64(item, form.method());
      case ARITHMETIC32 -> floats.arithmetic32(item, form.method());
      case ARITHMETIC_PACKED -> floats.arithmeticPacked(item, form.method());
      case CHOICE64 -> floats.choice64(item, form.method());
      case CHOICE32 -> floats.choice32(item, form.method());
      case CHOICE_PACKED -> floats.choicePacked(item, form.method());
      case COMPARE64 -> floats.mask64(item);
      case COMPARE32 -> floats.mask32(item);
      case COMPARE_PACKED -> floats.maskPacked(item, form.method());
      case FLAGS64 -> floats.flags64(item);
      case FLAGS32 -> floats.flags32(item);
      case FROM_INTEGER64 -> floats.fromInteger64(item);
      case FROM_INTEGER32 -> floats.fromInteger32(item);
      case TO_INTEGER64 -> floats.toInteger(item, form.method(), 64);
      case TO_INTEGER32 -> floats.toInteger(item, form.method(), 32);
      case WIDEN -> floats.widen(item);
      case NARROW -> floats.narrow(item);
      case WIDEN_PAIR -> floats.widenPair(item, form.method());
      case CONVERT_HALVES -> floats.convertHalves(item, form.method());
      case CONVERT_TO_HALF -> floats.convertToHalf(item, form.method());
    }
    return true;
  }
}
