package org.quern.translator;

import java.lang.invoke.MethodHandles;
import java.util.Map;
import org.objectweb.asm.Label;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Operand.Kind;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/** Turns a region of 64-bit guest code into a {@link Region}. Thread-safe, without state. */
public final class Translator {
  /** Most guest instructions of a region. */
  static final int MAX_INSTRUCTIONS = 150;

  /** HotSpot never compiles a method of more bytes of bytecode than this. */
  static final int HUGE_METHOD = 8000;

  private static final String NAME = "org/quern/translator/Translated";

  private Translator() {}

  /**
   * Translates the region that starts at an offset of a page.
   *
   * @return null if the instruction there cannot be translated, or the region is not worth it
   */
  public static Region translate(CodeSource code, int entry) {
    for (int budget = MAX_INSTRUCTIONS; budget >= 4; budget /= 2) {
      RegionPlan plan = RegionPlan.of(code, entry, budget);
      if (plan == null || plan.size < 2) {
        return null;
      }
      RegionCode out = emit(plan);
      byte[] bytes = out.finish();
      if (out.size() < HUGE_METHOD) {
        return define(bytes, out);
      }
    }
    return null;
  }

  private static Region define(byte[] bytes, RegionCode out) {
    try {
      Class<?> c =
          MethodHandles.lookup()
              .defineHiddenClassWithClassData(bytes, out.constants(), true)
              .lookupClass();
      return (Region) c.getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot define a translated region", e);
    }
  }

  private static RegionCode emit(RegionPlan plan) {
    int used = 1 << Reg.RSP;
    int written = 1 << Reg.RSP;
    boolean all = false;
    for (RegionPlan.Block b : plan.blocks.values()) {
      for (RegionPlan.Item i : b.items()) {
        used |= Registers.used(i.insn());
        written |= Registers.written(i.insn());
        all |= Registers.implicit(i.insn());
      }
    }
    RegionCode out =
        all ? new RegionCode(NAME, 0xffff, 0xffff) : new RegionCode(NAME, used | written, written);
    InsnEmitter emitter = new InsnEmitter(out);
    out.mv.visitJumpInsn(org.objectweb.asm.Opcodes.GOTO, out.label(plan.entry));
    for (Map.Entry<Integer, RegionPlan.Block> e : plan.blocks.entrySet()) {
      block(plan, e.getValue(), out, emitter);
    }
    return out;
  }

  private static void block(
      RegionPlan plan, RegionPlan.Block block, RegionCode out, InsnEmitter emitter) {
    out.place(out.label(block.offset()));
    emitter.startBlock();
    for (int n = 0; n < block.items().size(); n++) {
      RegionPlan.Item item = block.items().get(n);
      Insn i = item.insn();
      out.count(1);
      switch (i.mnemonic) {
        case JCC -> {
          Label taken = new Label();
          emitter.branch(i.cc, taken);
          go(plan, item, item.end(), out);
          out.place(taken);
          go(plan, item, item.end() + i.imm, out);
          return;
        }
        case JMP -> {
          if (i.op0.kind() == Kind.REL) {
            go(plan, item, item.end() + i.imm, out);
          } else {
            emitter.jumpIndirect(item);
          }
          return;
        }
        case CALL -> {
          emitter.call(item);
          return;
        }
        case RET -> {
          emitter.ret(item);
          return;
        }
        default -> emitter.straight(item, flagsDead(block, n));
      }
    }
    go(plan, block.last(), block.last().end(), out);
  }

  /** Continues at an offset: inside the region by a jump, else by leaving it. */
  private static void go(RegionPlan plan, RegionPlan.Item from, long offset, RegionCode out) {
    if (offset >= 0 && offset < 4096 && plan.blocks.containsKey((int) offset)) {
      if (offset <= from.offset()) {
        out.poll((int) offset);
      }
      out.mv.visitJumpInsn(org.objectweb.asm.Opcodes.GOTO, out.label((int) offset));
    } else {
      out.exitTo(offset);
    }
  }

  /**
   * Whether the status flags of an instruction are overwritten inside its block before anything
   * could see them: a reader, a fault, an exit.
   */
  private static boolean flagsDead(RegionPlan.Block block, int index) {
    for (int n = index + 1; n < block.items().size(); n++) {
      Insn i = block.items().get(n).insn();
      if (i.form.flagsRead() != 0 || Registers.mayFault(i)) {
        return false;
      }
      // Not the undefined ones: the semantics may keep them, and interp and jit must agree.
      if ((i.form.flagsWritten() & RFlags.STATUS) == RFlags.STATUS && !i.form.flagsConditional()) {
        return true;
      }
    }
    return false;
  }
}
