package org.quern.translator;

import static org.objectweb.asm.Opcodes.*;
import static org.quern.translator.RegionCode.L_T0;
import static org.quern.translator.RegionCode.L_T2;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.objectweb.asm.Label;
import org.quern.translator.RegionPlan.Block;
import org.quern.translator.RegionPlan.Item;
import org.quern.x86.decode.Insn;

/** Emits all blocks of a region, and control flow between them; see {@link RegionCode}. */
final class RegionEmitter {
  /** How much more often a block runs for each loop around it, as a guess. */
  private static final double LOOP_WEIGHT = 8;

  /** Targets up to which one compare after the other is used, and not a switch. */
  private static final int COMPARES_MAX = 3;

  private final RegionPlan plan;
  private final Form form;
  private final Map<Integer, Integer> flagsIn;
  private final FlagLiveness flags;
  private final RegionCode out;
  private final InsnEmitter emitter;

  /** See {@link SseChecks}. */
  private final Set<Integer> sseOn;

  /** Kind of the flags at the end of each block. */
  final Map<Integer, Integer> flagsOut = new HashMap<>();

  /**
   * An emission.
   *
   * @param name of the class
   * @param flagsIn kind of the flags at the start of blocks, where it is known
   * @param left what {@link #left} said of an earlier emission; null in the first, which then drops
   *     no flags
   */
  RegionEmitter(
      RegionPlan plan,
      String name,
      Form form,
      Windows windows,
      RegionShape shape,
      Map<Integer, Integer> flagsIn,
      Set<Integer> left) {
    this.plan = plan;
    this.form = form;
    this.flagsIn = flagsIn;
    this.flags = new FlagLiveness(plan, left);
    sseOn = SseChecks.done(plan);
    out = new RegionCode(name, shape, plan.entries);
    emitter = new InsnEmitter(out, windows);
  }

  /** Offsets of instructions behind which the region may be left; valid when emitted. */
  Set<Integer> left() {
    return emitter.left();
  }

  /** Emits everything. */
  RegionCode emit() {
    for (Block b : plan.blocks.values()) {
      block(b);
    }
    return out;
  }

  private void block(Block b) {
    out.know(RegionCode.UNKNOWN);
    out.place(out.label(b.offset()));
    out.know(flagsIn.getOrDefault(b.offset(), RegionCode.UNKNOWN));
    out.uncounted(0);
    double weight = weight(b);
    // What does not loop is not worth the code.
    boolean fast = form == Form.FAST && weight > 1;
    emitter.startBlock(fast, weight, sseOn.contains(b.offset()));
    for (int n = 0; n < b.items().size(); n++) {
      item(b, n, b.items().get(n));
    }
    if (Flow.of(b.last().insn()) == Flow.LAST) {
      flagsOut.put(b.offset(), LazyFlags.IN_CPU);
      return;
    }
    out.flushCount();
    flagsOut.put(b.offset(), out.known());
    transfer(b.last());
  }

  private void item(Block b, int n, Item item) {
    if (item.crosses()) {
      out.poll(item.offset());
    }
    switch (item.insn().mnemonic) {
      case JCC -> out.completed();
      case CALL -> {
        emitter.call(item);
        out.completed();
      }
      case RET -> {
        emitter.ret(item);
        out.completed();
      }
      case JMP -> {
        if (!Flow.direct(item.insn())) {
          emitter.jumpIndirect(item);
        }
        out.completed();
      }
      default -> {
        if (Flow.of(item.insn()) == Flow.LAST) {
          emitter.last(item);
        } else {
          emitter.straight(item, flags.dead(b, n));
        }
      }
    }
  }

  // ---- control flow

  private void transfer(Item last) {
    Insn i = last.insn();
    switch (i.mnemonic) {
      case JCC -> {
        Label taken = new Label();
        emitter.branch(i.cc, taken);
        go(last, last.end());
        out.place(taken);
        go(last, last.end() + i.imm);
      }
      case JMP, CALL -> {
        if (Flow.direct(i)) {
          go(last, last.end() + i.imm);
        } else {
          dispatch(last, plan.indirect.getOrDefault(last.offset(), List.of()));
          if (form == Form.COMPACT) {
            out.noteExit(last.offset());
          }
          out.exitToT2();
        }
      }
      case RET -> {
        dispatch(last, List.copyOf(plan.returnPoints));
        out.exitToT2();
      }
      default -> go(last, last.end());
    }
  }

  /** Continues at an offset: inside the region by a jump, else by leaving it. */
  private void go(Item from, long offset) {
    if (plan.contains(offset)) {
      if (Polling.onWay(from, (int) offset)) {
        out.pollLoop((int) offset);
      }
      out.jump(GOTO, out.label((int) offset));
    } else {
      out.exitTo(offset);
    }
  }

  /** Continues at the RIP in temporary 2 if it is one of some offsets; falls through if not. */
  private void dispatch(Item from, List<Integer> targets) {
    if (targets.size() <= COMPARES_MAX) {
      for (int target : targets) {
        Label no = new Label();
        out.load(L_T2);
        out.rip(target);
        out.op(LCMP);
        out.jump(IFNE, no);
        go(from, target);
        out.place(no);
      }
      return;
    }
    Label other = new Label();
    out.load(L_T2);
    out.rip(0);
    out.op(LSUB);
    out.store(L_T0);
    out.load(L_T0);
    out.load(L_T0);
    out.op(L2I);
    out.op(I2L);
    out.op(LCMP);
    out.jump(IFNE, other);
    int[] keys = targets.stream().mapToInt(Integer::intValue).sorted().toArray();
    Label[] to = new Label[keys.length];
    for (int n = 0; n < keys.length; n++) {
      to[n] = Polling.onWay(from, keys[n]) ? new Label() : out.label(keys[n]);
    }
    out.load(L_T0);
    out.op(L2I);
    out.mv.visitLookupSwitchInsn(other, keys, to);
    for (int n = 0; n < keys.length; n++) {
      if (Polling.onWay(from, keys[n])) {
        out.place(to[n]);
        go(from, keys[n]);
      }
    }
    out.place(other);
  }

  // ---- analysis

  private double weight(Block b) {
    double weight = 1;
    for (Block from : plan.blocks.values()) {
      for (int to : plan.successors(from)) {
        if (to <= b.offset() && from.offset() >= b.offset()) {
          weight *= LOOP_WEIGHT;
        }
      }
    }
    return weight;
  }
}
