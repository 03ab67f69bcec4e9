package org.quern.translator;

import static org.objectweb.asm.Opcodes.*;

import java.util.ArrayList;
import java.util.List;
import org.objectweb.asm.Label;
import org.quern.x86.decode.Insn;
import org.quern.x86.mmu.Mmu;
import org.quern.x86.state.Reg;

/**
 * Emits memory accesses, in the form that the block being emitted has.
 *
 * <ul>
 *   <li>Compact: a call of the MMU. Small.
 *   <li>Fast: directly, after a check that {@link Windows} describes. Where the check fails the
 *       region is left before the instruction, and the engine executes it. So a loop holds no calls
 *       for its memory accesses, which is what lets HotSpot keep guest registers in host registers.
 * </ul>
 */
final class MemoryEmitter {
  /** Shape of accesses off the stack pointer. */
  private static final String STACK = "rsp";

  /** Displacements that are nearer than this are of one object. */
  private static final int NEAR_SHIFT = 10;

  private static final int NEAR = 1 << NEAR_SHIFT;

  private static final String HOST = "org/quern/x86/mem/HostMemory";

  private final RegionCode out;
  private final OperandEmitter operands;
  private final Windows windows;
  private final int width;
  private boolean fast;

  /** Groups checked so far in the current block. */
  private final List<Windows.Group> checked = new ArrayList<>();

  /** The group and the offset in it of the access prepared last; null if the MMU is called. */
  private Windows.Group group;

  private long offset;
  private RegionPlan.Item current;
  private boolean plainStore;

  MemoryEmitter(RegionCode out, OperandEmitter operands, Windows windows) {
    this.out = out;
    this.operands = operands;
    this.windows = windows;
    this.width = out.width();
  }

  void startBlock(boolean fastForm, double weight) {
    fast = fastForm;
    checked.clear();
    windows.startBlock(weight);
    out.addresses.startBlock();
  }

  /** An instruction may have changed anything: what was checked before it counts no more. */
  void forget() {
    checked.clear();
    windows.startGroups();
  }

  void startItem(RegionPlan.Item item) {
    current = item;
    plainStore = false;
  }

  /** A register gets its value from memory: it may be a pointer to anywhere. */
  void loads(int register) {
    windows.loads(register);
  }

  /** The current instruction stores by a call of the MMU that was not emitted here. */
  void storesPlainly() {
    plainStore = true;
  }

  /** Whether the item since {@link #startItem} may have stored by a call of the MMU. */
  boolean plainStore() {
    return plainStore;
  }

  // ---- the explicit operand

  /**
   * Gets ready for accesses to the memory operand of the current instruction, if it has one;
   * nothing may be on the JVM's stack. Raises what a store would raise, if there will be one after
   * a load.
   *
   * @param bytes size of the operand
   */
  void prepare(int bytes, boolean load, boolean store) {
    Insn i = current.insn();
    if (!i.hasMem()) {
      return;
    }
    group = null;
    if (fast) {
      // What is cut to another width, or goes through a limit, is like nothing else.
      boolean alone = i.addrSize != width || (width == 32 && i.segment >= Reg.FS);
      String key = alone ? "alone:" + current.offset() : operandKey(i);
      long constant = alone ? 0 : operandConstant(i);
      Runnable address = () -> operands.address(current, bytes, store);
      check(key, shape(i), i.base, constant, bytes, store, address);
    }
    if (group == null) {
      operands.address(current, bytes, store);
      out.store(RegionCode.L_EA);
      if (load && store) {
        out.mmu();
        out.load(RegionCode.L_EA);
        out.push(bytes);
        out.callMmu("probeWrite", "(JI)V");
      }
    }
  }

  /** Whether the operand prepared last is accessed directly: all of it, without a fault. */
  boolean direct() {
    return group != null;
  }

  private String operandKey(Insn i) {
    int base = i.base == Reg.RIP ? -1 : out.addresses.origin(i.base);
    int index = out.addresses.origin(i.index);
    return base + "+" + index + "*" + (index == 0 ? 0 : i.scale) + segment(i);
  }

  private long operandConstant(Insn i) {
    long constant = out.addresses.delta(i.index) << i.scale;
    return cut(
        i.base == Reg.RIP
            ? constant + current.end() + i.disp
            : constant + out.addresses.delta(i.base) + i.disp);
  }

  /**
   * The constant of an address in the one form that equal addresses have: in 32-bit code constants
   * are equal that differ by a multiple of 4 GiB. Since a group never extends beyond a page, what
   * holds for the addresses of its ends holds between.
   */
  private long cut(long constant) {
    return width == 32 ? (int) constant : constant;
  }

  private static String segment(Insn i) {
    return i.segment >= Reg.FS ? ":" + i.segment : "";
  }

  private static String shape(Insn i) {
    if (i.base == Reg.RSP && i.index == Reg.ZERO && i.segment < Reg.FS) {
      return STACK;
    }
    boolean fixed = i.base == Reg.RIP || (i.base == Reg.ZERO && i.index == Reg.ZERO);
    // Far displacements are of different objects.
    String where = "/" + (fixed ? i.disp >> 8 : i.disp + NEAR >> NEAR_SHIFT + 1);
    return i.base + "+" + i.index + "*" + i.scale + segment(i) + where;
  }

  /** Pushes the prepared operand, sign-extended. */
  void load(int bits) {
    load(bits, 0);
  }

  /** Checks all of an operand that is read in parts: whether it is canonical, and both pages. */
  void probeRead(int bytes) {
    if (group == null) {
      out.mmu();
      out.load(RegionCode.L_EA);
      out.push(bytes);
      out.callMmu("probeRead", "(JI)V");
    }
  }

  /** As {@link #load(int)} for a part of the operand that starts some bytes on. */
  void load(int bits, int plus) {
    if (group != null) {
      hostAddress(plus);
      loadHost(bits);
      return;
    }
    out.mmu();
    address(plus);
    operands.readSigned(bits);
  }

  /** Stores the long in temporary 1 to the prepared operand. */
  void store(int bits) {
    store(bits, 0);
  }

  /** As {@link #store(int)} for a part of the operand that starts some bytes on. */
  void store(int bits, int plus) {
    if (group != null) {
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
      operands.zeroExtendLong(width);
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
  }

  // ---- the stack

  /** Pushes the long in temporary 1, as wide as the code, onto the guest's stack. */
  void push() {
    int bytes = width / 8;
    group = null;
    if (fast) {
      long constant = cut(out.addresses.delta(Reg.RSP) - bytes);
      Runnable address = () -> stackAddress(Reg.RSP, -bytes);
      check(stackKey(Reg.RSP), STACK, Reg.RSP, constant, bytes, true, address);
    }
    if (group != null) {
      hostAddress(0);
      storeHost(width);
    } else {
      stackAddress(Reg.RSP, -bytes);
      out.store(RegionCode.L_EA);
      out.mmu();
      out.load(RegionCode.L_EA);
      storeMmu(width);
    }
    adjustStack(-bytes);
  }

  /** Reads the top of the stack, sign-extended, into temporary 2; RSP stays. */
  void peek() {
    peek(Reg.RSP);
  }

  /** As {@link #peek()} where another register points into the stack. */
  void peek(int pointer) {
    group = null;
    if (fast) {
      long constant = cut(out.addresses.delta(pointer));
      Runnable address = () -> stackAddress(pointer, 0);
      check(stackKey(pointer), STACK, pointer, constant, width / 8, false, address);
    }
    if (group != null) {
      hostAddress(0);
      loadHost(width);
    } else {
      out.mmu();
      stackAddress(pointer, 0);
      operands.readSigned(width);
    }
    out.store(RegionCode.L_T2);
  }

  /** Adds to RSP. */
  void adjustStack(long bytes) {
    stackFrom(Reg.RSP, bytes);
  }

  /** Sets RSP to another register plus a constant. */
  void stackFrom(int pointer, long bytes) {
    int origin = out.addresses.origin(pointer);
    long delta = out.addresses.delta(pointer);
    stackAddress(pointer, bytes);
    out.storeReg(Reg.RSP);
    out.addresses.derived(Reg.RSP, origin, delta, bytes);
  }

  private String stackKey(int pointer) {
    return out.addresses.origin(pointer) + "+0*0";
  }

  private void stackAddress(int pointer, long plus) {
    out.loadReg(pointer);
    if (plus != 0) {
      out.push(plus);
      out.op(LADD);
    }
    operands.zeroExtendLong(width);
  }

  // ---- checks

  /** Emits the check of an access, unless one of its group was before; sets {@link #group}. */
  private void check(
      String key,
      String shape,
      int base,
      long constant,
      int bytes,
      boolean store,
      Runnable address) {
    Windows.Group g = windows.access(key, shape, base, constant, bytes, store);
    if (g.way == Windows.Way.CALL) {
      return;
    }
    group = g;
    offset = constant - g.min;
    if (checked.contains(g)) {
      return;
    }
    checked.add(g);
    address.run();
    if (offset != 0) {
      out.push(-offset);
      out.op(LADD);
      operands.zeroExtendLong(width);
    }
    out.store(RegionCode.L_EA);
    if (g.way == Windows.Way.WINDOW) {
      checkWindow(g);
    } else {
      checkTlb(g);
    }
    out.op(LADD);
    out.store(out.groupLocal(g.slot));
  }

  /**
   * Goes on if the group is all in its window, else by the TLB, which makes its page the window;
   * pushes what makes its host address.
   */
  private void checkWindow(Windows.Group g) {
    Label other = new Label();
    Label found = new Label();
    out.load(RegionCode.L_EA);
    out.load(out.windowPage(g.index));
    out.op(LSUB);
    // All addresses from the page to the last that leaves room for the group.
    out.push(4097L - g.span());
    out.callStatic("java/lang/Long", "compareUnsigned", "(JJ)I");
    out.jump(IFGE, other);
    out.place(found);
    out.load(RegionCode.L_EA);
    out.load(out.windowAddend(g.index));
    out.later(
        () -> {
          out.place(other);
          checkTag(g);
          out.load(RegionCode.L_EA);
          out.push(Mmu.PAGE_MASK);
          out.op(LAND);
          out.store(out.windowPage(g.index));
          entryField(Mmu.ADDEND);
          out.store(out.windowAddend(g.index));
          out.jump(GOTO, found);
        });
  }

  /** As {@link #checkWindow} by the TLB alone. */
  private void checkTlb(Windows.Group g) {
    checkTag(g);
    out.load(RegionCode.L_EA);
    entryField(Mmu.ADDEND);
  }

  /** Finds the TLB entry of a group, and leaves if it is not for all of it. */
  private void checkTag(Windows.Group g) {
    out.load(RegionCode.L_EA);
    out.push(12 - Mmu.ENTRY_SHIFT);
    out.op(LUSHR);
    out.push((long) (Mmu.ENTRIES - 1) << Mmu.ENTRY_SHIFT);
    out.op(LAND);
    out.tlb();
    out.op(LADD);
    out.store(RegionCode.L_E);
    entryField(g.store ? Mmu.WRITE_TAG : Mmu.READ_TAG);
    out.load(RegionCode.L_EA);
    out.push(g.span() - 1L);
    out.op(LADD);
    out.push(Mmu.PAGE_MASK);
    out.op(LAND);
    out.op(LCMP);
    out.jump(IFNE, out.missLabel(g.shapeNumber));
  }

  private void entryField(int field) {
    out.load(RegionCode.L_E);
    if (field != 0) {
      out.push((long) field);
      out.op(LADD);
    }
    out.callStatic(HOST, "getLong", "(J)J");
  }

  private void hostAddress(int plus) {
    out.load(out.groupLocal(group.slot));
    if (offset + plus != 0) {
      out.push(offset + plus);
      out.op(LADD);
    }
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
