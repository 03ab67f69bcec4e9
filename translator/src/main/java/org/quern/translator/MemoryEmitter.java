package org.quern.translator;

import static org.objectweb.asm.Opcodes.*;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.quern.x86.decode.Insn;
import org.quern.x86.state.Reg;

/**
 * Emits memory accesses, in the form that the copy of the code being emitted has.
 *
 * <ul>
 *   <li>{@link Copy#COMPACT}: a call of the MMU. Small.
 *   <li>{@link Copy#FAST}: through a window, see {@link Windows}. An access outside of its window
 *       continues at the same instruction of the slow copy, with the same locals.
 *   <li>{@link Copy#SLOW}: a call of the MMU, after which the window of the access is the page that
 *       was accessed. At the end of the block the fast copy goes on.
 * </ul>
 */
final class MemoryEmitter {
  /** Which copy of a block is being emitted. */
  enum Copy {
    COMPACT,
    FAST,
    SLOW
  }

  /** Shape of accesses off the stack pointer. */
  private static final String STACK = "rsp";

  private static final String HOST = "org/quern/x86/mem/HostMemory";

  private final RegionCode out;
  private final OperandEmitter operands;
  private final Windows windows;
  private Copy copy;

  /** Groups of the accesses of each instruction, in order, as the fast copy met them. */
  private final Map<Integer, List<Windows.Group>> groups = new HashMap<>();

  /** Groups checked so far in the fast copy of the current block. */
  private final List<Windows.Group> checked = new ArrayList<>();

  /** The group and the offset in it of the access prepared last. */
  private Windows.Group group;

  private long offset;
  private int nextOfItem;
  private RegionPlan.Item current;
  private boolean plainStore;

  MemoryEmitter(RegionCode out, OperandEmitter operands, Windows windows, Copy first) {
    this.out = out;
    this.operands = operands;
    this.windows = windows;
    this.copy = first;
  }

  void startBlock(Copy newCopy, double weight) {
    copy = newCopy;
    checked.clear();
    if (copy == Copy.FAST) {
      windows.startBlock(weight);
    }
    out.addresses.startBlock();
  }

  Copy copy() {
    return copy;
  }

  void startItem(RegionPlan.Item item) {
    current = item;
    nextOfItem = 0;
    plainStore = false;
  }

  /** The current instruction stores by a call of the MMU that was not emitted here. */
  void storesPlainly() {
    plainStore = true;
  }

  /** Whether the item since {@link #startItem} may have stored other than through a window. */
  boolean plainStore() {
    return plainStore;
  }

  // ---- the explicit operand

  /**
   * Gets ready for accesses to the memory operand of the current instruction; nothing may be on the
   * JVM's stack. Raises what a store would raise, if there will be one after a load.
   *
   * @param bytes size of the operand
   */
  void prepare(int bytes, boolean load, boolean store) {
    Insn i = current.insn();
    if (copy == Copy.FAST) {
      boolean narrow = i.addrSize == 32;
      String key;
      long constant;
      if (narrow) {
        key = "32:" + current.offset();
        constant = 0;
      } else {
        constant = operandConstant(i);
        key = operandKey(i);
      }
      String shape = shape(i);
      check(key, shape, constant, bytes, store, () -> operands.address(current));
    } else {
      if (copy == Copy.SLOW) {
        takeGroup();
      }
      operands.address(current);
      out.store(RegionCode.L_EA);
      if (load && store) {
        out.mmu();
        out.load(RegionCode.L_EA);
        out.push(bytes);
        out.callMmu("probeWrite", "(JI)V");
      }
    }
  }

  private String operandKey(Insn i) {
    int base = i.base == Reg.RIP ? -1 : out.addresses.origin(i.base);
    int index = out.addresses.origin(i.index);
    return base + "+" + index + "*" + (index == 0 ? 0 : i.scale) + segment(i);
  }

  private long operandConstant(Insn i) {
    long constant = out.addresses.delta(i.index) << i.scale;
    return i.base == Reg.RIP
        ? constant + current.end() + i.disp
        : constant + out.addresses.delta(i.base) + i.disp;
  }

  private static String segment(Insn i) {
    return i.segment >= Reg.FS ? ":" + i.segment : "";
  }

  private static String shape(Insn i) {
    if (i.base == Reg.RSP && i.index == Reg.ZERO && i.segment < Reg.FS) {
      return STACK;
    }
    boolean fixed = i.base == Reg.RIP || (i.base == Reg.ZERO && i.index == Reg.ZERO);
    // Of code's own data, each 256 bytes may be another page.
    String where = fixed ? "/" + (i.disp >> 8) : "";
    return i.base + "+" + i.index + "*" + i.scale + segment(i) + where;
  }

  /** Pushes the prepared operand, sign-extended. */
  void load(int bits) {
    load(bits, 0);
  }

  /** As {@link #load(int)} for a part of the operand that starts some bytes on. */
  void load(int bits, int plus) {
    if (copy == Copy.FAST) {
      hostAddress(plus);
      loadHost(bits);
      return;
    }
    out.mmu();
    address(plus);
    operands.readSigned(bits);
    learn(false);
  }

  /** Stores the long in temporary 1 to the prepared operand. */
  void store(int bits) {
    store(bits, 0);
  }

  /** As {@link #store(int)} for a part of the operand that starts some bytes on. */
  void store(int bits, int plus) {
    if (copy == Copy.FAST) {
      hostAddress(plus);
      storeHost(bits);
      return;
    }
    out.mmu();
    address(plus);
    storeMmu(bits);
  }

  private void address(int plus) {
    out.load(RegionCode.L_EA);
    if (plus != 0) {
      out.push((long) plus);
      out.op(LADD);
    }
  }

  private void storeMmu(int bits) {
    plainStore = true;
    out.load(RegionCode.L_T1);
    if (bits == 64) {
      out.callMmu("write64", "(JJ)V");
    } else {
      out.op(L2I);
      out.callMmu("write" + bits, "(JI)V");
    }
    learn(true);
  }

  // ---- the stack

  /** Pushes the long in temporary 1 onto the guest's stack. */
  void push() {
    int origin = out.addresses.origin(Reg.RSP);
    long delta = out.addresses.delta(Reg.RSP);
    if (copy == Copy.FAST) {
      check(stackKey(), STACK, delta - 8, 8, true, () -> stackAddress(-8));
      hostAddress(0);
      storeHost(64);
      stackAddress(-8);
    } else {
      if (copy == Copy.SLOW) {
        takeGroup();
      }
      stackAddress(-8);
      out.store(RegionCode.L_EA);
      out.mmu();
      out.load(RegionCode.L_EA);
      storeMmu(64);
      out.load(RegionCode.L_EA);
    }
    out.storeReg(Reg.RSP);
    out.addresses.derived(Reg.RSP, origin, delta, -8);
  }

  /** Reads the top of the stack into temporary 2; RSP stays. */
  void peek() {
    if (copy == Copy.FAST) {
      check(stackKey(), STACK, out.addresses.delta(Reg.RSP), 8, false, () -> stackAddress(0));
      hostAddress(0);
      loadHost(64);
    } else {
      if (copy == Copy.SLOW) {
        takeGroup();
      }
      stackAddress(0);
      out.store(RegionCode.L_EA);
      out.mmu();
      out.load(RegionCode.L_EA);
      operands.readSigned(64);
      learn(false);
    }
    out.store(RegionCode.L_T2);
  }

  /** Adds to RSP. */
  void adjustStack(long bytes) {
    int origin = out.addresses.origin(Reg.RSP);
    long delta = out.addresses.delta(Reg.RSP);
    stackAddress(bytes);
    out.storeReg(Reg.RSP);
    out.addresses.derived(Reg.RSP, origin, delta, bytes);
  }

  private String stackKey() {
    return out.addresses.origin(Reg.RSP) + "+0*0";
  }

  private void stackAddress(long plus) {
    out.loadReg(Reg.RSP);
    if (plus != 0) {
      out.push(plus);
      out.op(LADD);
    }
  }

  // ---- windows

  private void check(
      String key, String shape, long constant, int bytes, boolean store, Runnable address) {
    group = windows.access(key, shape, constant, bytes, store);
    groups.computeIfAbsent(current.offset(), o -> new ArrayList<>()).add(group);
    offset = constant - group.min;
    if (checked.contains(group)) {
      return;
    }
    checked.add(group);
    address.run();
    if (offset != 0) {
      out.push(-offset);
      out.op(LADD);
    }
    out.store(RegionCode.L_EA);
    out.load(RegionCode.L_EA);
    out.load(out.windowPage(group.window));
    out.op(LSUB);
    // Unsigned order: all addresses from the page to the last that leaves room for the group.
    out.push(Long.MIN_VALUE);
    out.op(LADD);
    out.push(Long.MIN_VALUE + 4097 - group.span());
    out.op(LCMP);
    out.mv.visitJumpInsn(IFGE, out.slowLabel(current.offset()));
    out.load(RegionCode.L_EA);
    out.load(out.windowAddend(group.window));
    out.op(LADD);
    out.store(out.groupLocal(group.slot));
  }

  /** The group of the next access of the current instruction, as the fast copy had it. */
  private void takeGroup() {
    List<Windows.Group> ofItem = groups.get(current.offset());
    group = ofItem.get(nextOfItem++);
  }

  private void hostAddress(int plus) {
    out.load(out.groupLocal(group.slot));
    if (offset + plus != 0) {
      out.push(offset + plus);
      out.op(LADD);
    }
  }

  /** Makes the page of the access just done the window of its group, if it may be one. */
  private void learn(boolean stored) {
    if (copy != Copy.SLOW || group.store != stored) {
      return;
    }
    out.mmu();
    out.load(RegionCode.L_EA);
    out.callMmu(stored ? "writeWindow" : "readWindow", "(J)V");
    out.takeWindow(group.window);
  }

  private void loadHost(int bits) {
    switch (bits) {
      case 64 -> out.callStatic(HOST, "getLong", "(J)J");
      case 32 -> {
        out.callStatic(HOST, "getInt", "(J)I");
        out.op(I2L);
      }
      case 16 -> {
        out.callStatic(HOST, "getShort", "(J)S");
        out.op(I2L);
      }
      default -> {
        out.callStatic(HOST, "getByte", "(J)B");
        out.op(I2L);
      }
    }
  }

  private void storeHost(int bits) {
    out.load(RegionCode.L_T1);
    switch (bits) {
      case 64 -> out.callStatic(HOST, "putLong", "(JJ)V");
      case 32 -> {
        out.op(L2I);
        out.callStatic(HOST, "putInt", "(JI)V");
      }
      case 16 -> {
        out.op(L2I);
        out.op(I2S);
        out.callStatic(HOST, "putShort", "(JS)V");
      }
      default -> {
        out.op(L2I);
        out.op(I2B);
        out.callStatic(HOST, "putByte", "(JB)V");
      }
    }
  }
}
