package org.quern.translator;

import static org.objectweb.asm.Opcodes.*;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.ConstantDynamic;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.quern.x86.state.Reg;

/**
 * The frame of a generated region: locals, entries, exits and the fault handler. What stands
 * between is {@link InsnEmitter}'s.
 *
 * <p>Locals: the processor, the base, the register array, the MMU, sixteen registers (two slots
 * each), the lazy flags, the offset of the current instruction, temporaries, then the windows and
 * group addresses of {@link Windows}, and halves of XMM registers. All are set at the entry, so
 * that every label has the same frame.
 */
final class RegionCode {
  static final String CPU = "org/quern/x86/state/Cpu";
  static final String MMU = "org/quern/x86/mmu/Mmu";
  static final String FLAGS = "org/quern/translator/LazyFlags";
  private static final String REGION = "org/quern/translator/Region";
  private static final String DOUBLE_CLASS = "java/lang/Double";
  private static final String FAULT = "org/quern/x86/fault/GuestFault";

  /** The form of the flags is known at run time only. */
  static final int UNKNOWN = -1;

  private static final int L_CPU = 1;
  private static final int L_BASE = 2;
  private static final int L_ENTRY = 4;
  private static final int L_GPR = 5;
  private static final int L_MMU = 6;

  private static final int L_REGS = 7;
  private static final int L_KIND = L_REGS + 32;
  private static final int L_A = L_KIND + 1;
  private static final int L_B = L_A + 2;
  private static final int L_C = L_B + 2;
  private static final int L_PC = L_C + 2;
  private static final int L_COUNT = L_PC + 1;
  static final int L_T0 = L_COUNT + 1;
  static final int L_T1 = L_T0 + 2;
  static final int L_T2 = L_T1 + 2;

  /** Linear address of the memory operand. */
  static final int L_EA = L_T2 + 2;

  /** Address of a TLB entry. */
  static final int L_E = L_EA + 2;

  private static final int L_TLB = L_E + 2;
  private static final int L_MISS = L_TLB + 2;
  private static final int L_WINDOWS = L_MISS + 1;
  private static final int[] INTS = {L_KIND, L_PC, L_COUNT, L_MISS};
  private static final int[] LONGS = {L_A, L_B, L_C, L_T0, L_T1, L_T2, L_EA, L_E, L_TLB};

  private static final Handle CLASS_DATA_AT =
      new Handle(
          H_INVOKESTATIC,
          "java/lang/invoke/MethodHandles",
          "classDataAt",
          "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;Ljava/lang/Class;I)"
              + "Ljava/lang/Object;",
          false);

  private final ClassWriter cw = new ClassWriter(0);
  final MethodVisitor mv;
  final AddressTracker addresses = new AddressTracker();

  private final RegionShape shape;
  private final int firstHalf;
  private final int locals;
  private final Map<Integer, Label> labels = new TreeMap<>();
  private final Map<Integer, Label> missLabels = new TreeMap<>();
  private final Label tryStart = new Label();
  private final Label tryEnd = new Label();
  private final Label handler = new Label();

  /** Faults of calls that find everything in the processor, and everything but XMM registers. */
  private final Label calleeHandler = new Label();

  private final Label calleeHandlerButHalves = new Label();
  private final Label end = new Label();
  private final Label exitLabel = new Label();
  private final Object[] frame;
  private final List<Runnable> later = new ArrayList<>();
  private final List<Object> constants = new ArrayList<>();
  private int lastFrame = -1;

  private int uncounted;

  /** Kind of {@link LazyFlags} at the current place, or {@link #UNKNOWN}. */
  private int known = UNKNOWN;

  RegionCode(String name, RegionShape shape, List<Integer> entries) {
    this.shape = shape;
    this.firstHalf = L_WINDOWS + 4 * shape.windows + 2 * shape.groups;
    this.locals = firstHalf + 2 * Integer.bitCount(shape.halvesUsed);
    this.frame = frame(name);
    cw.visit(V17, ACC_FINAL | ACC_SUPER, name, null, REGION, null);
    MethodVisitor init = cw.visitMethod(0, "<init>", "()V", null, null);
    init.visitCode();
    init.visitVarInsn(ALOAD, 0);
    init.visitMethodInsn(INVOKESPECIAL, REGION, "<init>", "()V", false);
    init.visitInsn(RETURN);
    init.visitMaxs(1, 1);
    init.visitEnd();
    mv = cw.visitMethod(ACC_PUBLIC, "run", "(L" + CPU + ";JI)J", null, null);
    mv.visitCode();
    prologue(name, entries);
  }

  private Object[] frame(String name) {
    List<Object> f = new ArrayList<>(List.of(name, CPU, LONG, INTEGER, "[J", MMU));
    for (int r = 0; r < 16; r++) {
      if ((shape.used >> r & 1) != 0) {
        f.add(LONG);
      } else {
        f.add(TOP);
        f.add(TOP);
      }
    }
    f.addAll(List.of(INTEGER, LONG, LONG, LONG, INTEGER, INTEGER));
    f.addAll(Collections.nCopies(6, LONG)); // temporaries, addresses
    f.add(INTEGER);
    for (int l = L_WINDOWS; l < firstHalf; l += 2) {
      f.add(LONG);
    }
    for (int halves = shape.halvesUsed; halves != 0; halves &= halves - 1) {
      f.add(isDouble(Integer.numberOfTrailingZeros(halves)) ? DOUBLE : LONG);
    }
    return f.toArray();
  }

  private void prologue(String name, List<Integer> entries) {
    Label entered = new Label();
    mv.visitVarInsn(ILOAD, L_ENTRY);
    mv.visitJumpInsn(IFGE, entered);
    push(Region.REFUSED);
    mv.visitInsn(LRETURN);
    mv.visitLabel(entered);
    Object[] arguments = {name, CPU, LONG, INTEGER};
    mv.visitFrame(F_NEW, arguments.length, arguments, 0, null);
    mv.visitVarInsn(ALOAD, L_CPU);
    mv.visitFieldInsn(GETFIELD, CPU, "gpr", "[J");
    mv.visitVarInsn(ASTORE, L_GPR);
    mv.visitVarInsn(ALOAD, L_CPU);
    mv.visitFieldInsn(GETFIELD, CPU, "mmu", "L" + MMU + ";");
    mv.visitVarInsn(ASTORE, L_MMU);
    if (shape.windowed) {
      Label ready = new Label();
      prime(ready);
      push(Region.REFUSED);
      mv.visitInsn(LRETURN);
      mv.visitLabel(ready);
      entryFrame(name);
    }
    if (shape.sseEntries != 0) {
      refuseWithoutSse(name);
    }
    reload(shape.used);
    for (int l : INTS) {
      mv.visitInsn(ICONST_0);
      mv.visitVarInsn(ISTORE, l);
    }
    for (int l : LONGS) {
      mv.visitInsn(LCONST_0);
      mv.visitVarInsn(LSTORE, l);
    }
    for (int l = L_WINDOWS + 4 * shape.windows; l < firstHalf; l += 2) {
      mv.visitInsn(LCONST_0);
      mv.visitVarInsn(LSTORE, l);
    }
    reloadHalves(-1);
    takeWindows();
    if (shape.windowed) {
      takeTlb();
    }
    mv.visitLabel(tryStart);
    if (entries.size() > 1) {
      mv.visitVarInsn(ILOAD, L_ENTRY);
      Label[] to = entries.stream().map(this::label).toArray(Label[]::new);
      mv.visitTableSwitchInsn(0, to.length - 1, to[0], to);
    } else {
      mv.visitJumpInsn(GOTO, label(entries.get(0)));
    }
  }

  /** The frame while nothing but the first locals is set. */
  private void entryFrame(String name) {
    Object[] first = {name, CPU, LONG, INTEGER, "[J", MMU};
    mv.visitFrame(F_NEW, first.length, first, 0, null);
  }

  private void refuseWithoutSse(String name) {
    Label on = new Label();
    cpu();
    callStatic("org/quern/x86/semantics/SimdAccess", "sseOn", "(L" + CPU + ";)Z");
    mv.visitJumpInsn(IFNE, on);
    push(shape.sseEntries);
    mv.visitVarInsn(ILOAD, L_ENTRY);
    mv.visitInsn(LSHR);
    mv.visitInsn(L2I);
    push(1);
    mv.visitInsn(IAND);
    mv.visitJumpInsn(IFEQ, on);
    push(Region.REFUSED);
    mv.visitInsn(LRETURN);
    mv.visitLabel(on);
    entryFrame(name);
  }

  /** Emits code at the end of the method, where what seldom runs is out of the way. */
  void later(Runnable code) {
    later.add(code);
  }

  // ---- labels

  /** The label of a block of the region, by offset. */
  Label label(int offset) {
    return labels.computeIfAbsent(offset, o -> new Label());
  }

  /**
   * Where to go if an access cannot be made directly: leaves before the current instruction.
   *
   * @param index of the access's shape
   */
  Label missLabel(int index) {
    return missLabels.computeIfAbsent(index, i -> new Label());
  }

  /** Places a label: everything a jump to it may assume is the common frame. */
  void place(Label l) {
    mv.visitLabel(l);
    // Two labels at one place share a frame.
    if (l.getOffset() != lastFrame) {
      lastFrame = l.getOffset();
      mv.visitFrame(F_NEW, frame.length, frame, 0, null);
    }
  }

  void jump(int opcode, Label target) {
    mv.visitJumpInsn(opcode, target);
  }

  // ---- pushing values

  void cpu() {
    mv.visitVarInsn(ALOAD, L_CPU);
  }

  void mmu() {
    mv.visitVarInsn(ALOAD, L_MMU);
  }

  /** Pushes a constant int. */
  void push(int v) {
    if (v >= -1 && v <= 5) {
      mv.visitInsn(ICONST_0 + v);
    } else if (v == (byte) v) {
      mv.visitIntInsn(BIPUSH, v);
    } else if (v == (short) v) {
      mv.visitIntInsn(SIPUSH, v);
    } else {
      mv.visitLdcInsn(v);
    }
  }

  /** Pushes a constant long. */
  void push(long v) {
    if (v == 0 || v == 1) {
      mv.visitInsn(LCONST_0 + (int) v);
    } else if (v == (short) v) {
      push((int) v);
      mv.visitInsn(I2L);
    } else {
      mv.visitLdcInsn(v);
    }
  }

  void op(int opcode) {
    mv.visitInsn(opcode);
  }

  void loadReg(int r) {
    mv.visitVarInsn(LLOAD, L_REGS + 2 * r);
  }

  void storeReg(int r) {
    mv.visitVarInsn(LSTORE, L_REGS + 2 * r);
    addresses.changed(r);
  }

  void load(int local) {
    mv.visitVarInsn(LLOAD, local);
  }

  void store(int local) {
    mv.visitVarInsn(LSTORE, local);
  }

  /** Bits of addresses, of RIP and of the stack pointer. */
  int width() {
    return shape.width;
  }

  /** Pushes the RIP of an offset of the page. */
  void rip(long offset) {
    mv.visitVarInsn(LLOAD, L_BASE);
    push(offset);
    mv.visitInsn(LADD);
    if (offset < 0 || offset > 4095) {
      wrap();
    }
  }

  /** Cuts the address on the stack to the width of addresses. */
  private void wrap() {
    if (shape.width == 32) {
      push(0xffffffffL);
      mv.visitInsn(LAND);
    }
  }

  void callStatic(String owner, String name, String descriptor) {
    mv.visitMethodInsn(INVOKESTATIC, owner, name, descriptor, false);
  }

  void callMmu(String name, String descriptor) {
    mv.visitMethodInsn(INVOKEVIRTUAL, MMU, name, descriptor, false);
  }

  /** Pushes an object that the class is given when it is defined. */
  void constant(Object value, Class<?> type) {
    constants.add(value);
    mv.visitLdcInsn(
        new ConstantDynamic("_", type.descriptorString(), CLASS_DATA_AT, constants.size() - 1));
  }

  // ---- windows

  int windowPage(int window) {
    return L_WINDOWS + 4 * window;
  }

  int windowAddend(int window) {
    return L_WINDOWS + 4 * window + 2;
  }

  /** The local of a group's host address. */
  int groupLocal(int slot) {
    return L_WINDOWS + 4 * shape.windows + 2 * slot;
  }

  /** Makes the page that the MMU has found all windows. */
  private void takeWindows() {
    for (int w = 0; w < shape.windows; w++) {
      mmu();
      mv.visitFieldInsn(GETFIELD, MMU, "windowPage", "J");
      store(windowPage(w));
      mmu();
      mv.visitFieldInsn(GETFIELD, MMU, "windowAddend", "J");
      store(windowAddend(w));
    }
  }

  private void takeTlb() {
    mmu();
    callMmu("tlb", "()J");
    store(L_TLB);
  }

  /** Jumps if the MMU has a page that may serve as any window. */
  private void prime(Label ready) {
    mmu();
    mv.visitVarInsn(ALOAD, L_GPR);
    push(Reg.RSP);
    mv.visitInsn(LALOAD);
    wrap();
    callMmu("prime", "(J)Z");
    jump(IFNE, ready);
  }

  /** Pushes the address of the TLB. */
  void tlb() {
    load(L_TLB);
  }

  /** Forgets all windows, because the TLB may have lost entries; leaves if it has none to offer. */
  void renewWindows(int offset) {
    if (shape.windowed) {
      Label ready = new Label();
      prime(ready);
      exitTo(offset);
      place(ready);
      takeWindows();
      takeTlb();
    }
  }

  // ---- flags

  void loadA() {
    load(L_A);
  }

  void loadB() {
    load(L_B);
  }

  void loadC() {
    load(L_C);
  }

  void storeA() {
    store(L_A);
  }

  void storeB() {
    store(L_B);
  }

  void storeC() {
    store(L_C);
  }

  int known() {
    return known;
  }

  void know(int kind) {
    known = kind;
  }

  void setKind(int kind) {
    if (known != kind) {
      push(kind);
      mv.visitVarInsn(ISTORE, L_KIND);
      known = kind;
    }
  }

  /** Pushes the form of the flags and their operands. */
  void flags() {
    if (known == UNKNOWN) {
      mv.visitVarInsn(ILOAD, L_KIND);
    } else {
      push(known);
    }
    load(L_A);
    load(L_B);
    load(L_C);
  }

  /** Brings the flags into the processor, whatever form they have. */
  void materialize() {
    if (known != LazyFlags.IN_CPU) {
      cpu();
      flags();
      callStatic(FLAGS, "materialize", "(L" + CPU + ";IJJJ)V");
    }
  }

  // ---- state

  /**
   * An instruction begins that may fault or leave: notes which, and counts those before it.
   *
   * @param offset of the instruction
   */
  void pc(int offset) {
    flushCount();
    push(offset);
    mv.visitVarInsn(ISTORE, L_PC);
  }

  /** An instruction has been completed. */
  void completed() {
    uncounted++;
  }

  /** Instructions completed that have not been added to the count yet. */
  int uncounted() {
    return uncounted;
  }

  void uncounted(int instructions) {
    uncounted = instructions;
  }

  void flushCount() {
    count();
    uncounted = 0;
  }

  private void count() {
    if (uncounted > 0 && shape.counted) {
      mv.visitIincInsn(L_COUNT, uncounted);
    }
  }

  /** Stores all registers that the region changes back into the processor. */
  void writeBack() {
    writeBack(-1);
  }

  /** As {@link #writeBack()}, but only registers of a mask. */
  void writeBack(int mask) {
    for (int r = 0; r < 16; r++) {
      if (((mask & shape.used & shape.written) >> r & 1) != 0) {
        mv.visitVarInsn(ALOAD, L_GPR);
        push(r);
        loadReg(r);
        mv.visitInsn(LASTORE);
      }
    }
  }

  /** Loads the registers of a mask from the processor. */
  void reload(int mask) {
    for (int r = 0; r < 16; r++) {
      if (((mask & shape.used) >> r & 1) != 0) {
        mv.visitVarInsn(ALOAD, L_GPR);
        push(r);
        mv.visitInsn(LALOAD);
        storeReg(r);
      }
    }
  }

  // ---- XMM registers

  private int halfLocal(int half) {
    return firstHalf + 2 * Integer.bitCount(shape.halvesUsed & (1 << half) - 1);
  }

  /** Pushes a half of an XMM register, by number {@code 2 * r + half}. */
  void loadHalf(int half) {
    if (isDouble(half)) {
      mv.visitVarInsn(DLOAD, halfLocal(half));
      callStatic(DOUBLE_CLASS, "doubleToRawLongBits", "(D)J");
    } else {
      mv.visitVarInsn(LLOAD, halfLocal(half));
    }
  }

  void storeHalf(int half) {
    if (isDouble(half)) {
      callStatic(DOUBLE_CLASS, "longBitsToDouble", "(J)D");
      mv.visitVarInsn(DSTORE, halfLocal(half));
    } else {
      mv.visitVarInsn(LSTORE, halfLocal(half));
    }
  }

  private boolean isDouble(int half) {
    return (shape.halvesDouble >> half & 1) != 0;
  }

  private static int vecIndex(int half) {
    return 4 * (half >> 1) + (half & 1);
  }

  /** Stores the halves of a mask back into the processor. */
  void writeBackHalves(int mask) {
    int halves = mask & shape.halvesWritten;
    if (halves == 0) {
      return;
    }
    vec();
    for (; halves != 0; halves &= halves - 1) {
      int half = Integer.numberOfTrailingZeros(halves);
      mv.visitInsn(DUP);
      push(vecIndex(half));
      loadHalf(half);
      mv.visitInsn(LASTORE);
    }
    mv.visitInsn(POP);
  }

  /** Loads the halves of a mask from the processor. */
  void reloadHalves(int mask) {
    int halves = mask & shape.halvesUsed;
    if (halves == 0) {
      return;
    }
    vec();
    for (; halves != 0; halves &= halves - 1) {
      int half = Integer.numberOfTrailingZeros(halves);
      mv.visitInsn(DUP);
      push(vecIndex(half));
      mv.visitInsn(LALOAD);
      storeHalf(half);
    }
    mv.visitInsn(POP);
  }

  private void vec() {
    cpu();
    mv.visitFieldInsn(GETFIELD, CPU, "vec", "[J");
  }

  // ---- leaving

  private void leave() {
    writeBack();
    writeBackHalves(-1);
    materialize();
    syncCount();
  }

  /** Adds the instructions counted so far to the processor's. */
  private void syncCount() {
    if (!shape.counted) {
      return;
    }
    cpu();
    mv.visitInsn(DUP);
    mv.visitFieldInsn(GETFIELD, CPU, "translated", "J");
    mv.visitVarInsn(ILOAD, L_COUNT);
    mv.visitInsn(I2L);
    mv.visitInsn(LADD);
    mv.visitFieldInsn(PUTFIELD, CPU, "translated", "J");
  }

  /** Notes that the region is left by the indirect jump at an offset. */
  void noteExit(int offset) {
    cpu();
    push(offset);
    mv.visitFieldInsn(PUTFIELD, CPU, "exitFrom", "I");
  }

  /** Leaves the region for the RIP in temporary 2. */
  void exitToT2() {
    mv.visitJumpInsn(GOTO, exitLabel);
  }

  /** Leaves the region for an offset of the page (which may lie outside of it). */
  void exitTo(long offset) {
    rip(offset);
    store(L_T2);
    count();
    exitToT2();
  }

  /** Leaves, all state being in the processor, RIP too. */
  void leaveFar() {
    flushCount();
    syncCount();
    push(Region.FAR);
    mv.visitInsn(LRETURN);
  }

  /** Leaves for the processor's RIP if it is not that of an offset. */
  void leaveUnlessAt(int offset) {
    Label there = new Label();
    cpu();
    mv.visitFieldInsn(GETFIELD, CPU, "rip", "J");
    store(L_T2);
    load(L_T2);
    rip(offset);
    op(LCMP);
    jump(IFEQ, there);
    count();
    exitToT2();
    place(there);
  }

  /** Leaves for {@code offset} if a request is pending. */
  void poll(int offset) {
    Label go = new Label();
    cpu();
    mv.visitFieldInsn(GETFIELD, CPU, "pending", "I");
    mv.visitJumpInsn(IFEQ, go);
    exitTo(offset);
    place(go);
  }

  /** As {@link #poll}, at the end of a round of a loop. */
  void pollLoop(int offset) {
    if (shape.slice > 0) {
      Label go = new Label();
      mv.visitVarInsn(ILOAD, L_COUNT);
      push(shape.slice);
      mv.visitJumpInsn(IF_ICMPLT, go);
      exitTo(offset);
      place(go);
    }
    poll(offset);
  }

  /** Leaves before the current instruction, saying which access it was. */
  private void misses() {
    if (missLabels.isEmpty()) {
      return;
    }
    Label leave = new Label();
    for (Map.Entry<Integer, Label> m : missLabels.entrySet()) {
      place(m.getValue());
      push(m.getKey());
      mv.visitVarInsn(ISTORE, L_MISS);
      jump(GOTO, leave);
    }
    place(leave);
    cpu();
    mv.visitVarInsn(ILOAD, L_MISS);
    mv.visitFieldInsn(PUTFIELD, CPU, "missed", "I");
    load(L_BASE);
    mv.visitVarInsn(ILOAD, L_PC);
    op(I2L);
    op(LADD);
    wrap();
    store(L_T2);
    exitToT2();
  }

  /** Emits what a fault leads to. */
  private void handler(Label at, Runnable save) {
    mv.visitLabel(at);
    mv.visitFrame(F_NEW, frame.length, frame, 1, new Object[] {FAULT});
    // Stack: the fault. RIP for a trap-class exception is already right.
    save.run();
    cpu();
    mv.visitVarInsn(LLOAD, L_BASE);
    mv.visitVarInsn(ILOAD, L_PC);
    mv.visitInsn(I2L);
    mv.visitInsn(LADD);
    wrap();
    mv.visitFieldInsn(PUTFIELD, CPU, "rip", "J");
    mv.visitInsn(ATHROW);
  }

  /**
   * Emits a call that finds registers and flags in the processor. What it has changed there stays,
   * even if it faults: a repeated instruction has done a part.
   *
   * @param halves whether it finds the XMM registers there too
   */
  void callee(Runnable call, boolean halves) {
    Label start = new Label();
    Label behind = new Label();
    mv.visitTryCatchBlock(start, behind, halves ? calleeHandler : calleeHandlerButHalves, FAULT);
    mv.visitLabel(start);
    call.run();
    mv.visitLabel(behind);
  }

  /** Completes the method. */
  void finish() {
    know(UNKNOWN);
    later.forEach(Runnable::run);
    misses();
    place(exitLabel);
    leave();
    load(L_T2);
    mv.visitInsn(LRETURN);
    mv.visitLabel(tryEnd);
    handler(handler, this::leave);
    handler(calleeHandler, this::syncCount);
    handler(
        calleeHandlerButHalves,
        () -> {
          writeBackHalves(-1);
          syncCount();
        });
    mv.visitLabel(end);
    // Behind those of the calls, which are to be found first.
    mv.visitTryCatchBlock(tryStart, tryEnd, handler, FAULT);
    mv.visitMaxs(16, locals);
    mv.visitEnd();
  }

  /** The class file; valid after {@link #finish}, if the JVM has methods of that {@link #size}. */
  byte[] bytes() {
    cw.visitEnd();
    return cw.toByteArray();
  }

  /** Bytes of bytecode of the region's method; valid after {@link #finish}. */
  int size() {
    return end.getOffset();
  }

  List<Object> constants() {
    return constants;
  }
}
