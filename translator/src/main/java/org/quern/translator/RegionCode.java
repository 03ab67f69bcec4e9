package org.quern.translator;

import static org.objectweb.asm.Opcodes.*;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.ConstantDynamic;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;

/**
 * The frame of a generated region: locals, entry, exits and the fault handler. What stands between
 * is {@link InsnEmitter}'s.
 *
 * <p>Locals: 0 this, 1 the processor, 2 base, 4 the register array, 5 the MMU, from 6 the sixteen
 * registers (two slots each), then the lazy flags, the offset of the current instruction and
 * temporaries. All are set at the entry, so that every label has the same frame.
 */
final class RegionCode {
  static final String CPU = "org/quern/x86/state/Cpu";
  static final String MMU = "org/quern/x86/mmu/Mmu";
  static final String FLAGS = "org/quern/translator/LazyFlags";
  private static final String REGION = "org/quern/translator/Region";
  private static final String FAULT = "org/quern/x86/fault/GuestFault";

  private static final int L_CPU = 1;
  private static final int L_BASE = 2;
  private static final int L_GPR = 4;
  private static final int L_MMU = 5;
  private static final int L_REGS = 6;
  private static final int L_KIND = L_REGS + 32;
  private static final int L_A = L_KIND + 1;
  private static final int L_B = L_A + 2;
  private static final int L_PC = L_B + 2;
  private static final int L_COUNT = L_PC + 1;
  static final int L_T0 = L_COUNT + 1;
  static final int L_T1 = L_T0 + 2;
  static final int L_T2 = L_T1 + 2;
  private static final int LOCALS = L_T2 + 2;

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

  /** Registers the region reads or writes; only these have locals. */
  private final int used;

  /** Registers the region writes; these are stored back at exits. */
  private final int written;

  private final Map<Integer, Label> labels = new TreeMap<>();
  private final Label tryStart = new Label();
  private final Label tryEnd = new Label();
  private final Object[] frame;
  private final List<Object> constants = new ArrayList<>();

  RegionCode(String name, int used, int written) {
    this.used = used;
    this.written = written;
    this.frame = frame(name);
    cw.visit(V17, ACC_FINAL | ACC_SUPER, name, null, REGION, null);
    MethodVisitor init = cw.visitMethod(0, "<init>", "()V", null, null);
    init.visitCode();
    init.visitVarInsn(ALOAD, 0);
    init.visitMethodInsn(INVOKESPECIAL, REGION, "<init>", "()V", false);
    init.visitInsn(RETURN);
    init.visitMaxs(1, 1);
    init.visitEnd();
    mv = cw.visitMethod(ACC_PUBLIC, "run", "(L" + CPU + ";J)J", null, null);
    mv.visitCode();
    Label handler = new Label();
    mv.visitTryCatchBlock(tryStart, tryEnd, handlerLabel = handler, FAULT);
    prologue();
  }

  private final Label handlerLabel;

  private Object[] frame(String name) {
    List<Object> f = new ArrayList<>();
    f.add(name);
    f.add(CPU);
    f.add(LONG);
    f.add("[J");
    f.add(MMU);
    for (int r = 0; r < 16; r++) {
      if ((used >> r & 1) != 0) {
        f.add(LONG);
      } else {
        f.add(TOP);
        f.add(TOP);
      }
    }
    f.add(INTEGER);
    f.add(LONG);
    f.add(LONG);
    f.add(INTEGER);
    f.add(INTEGER);
    f.add(LONG);
    f.add(LONG);
    f.add(LONG);
    return f.toArray();
  }

  private void prologue() {
    mv.visitVarInsn(ALOAD, L_CPU);
    mv.visitFieldInsn(GETFIELD, CPU, "gpr", "[J");
    mv.visitVarInsn(ASTORE, L_GPR);
    mv.visitVarInsn(ALOAD, L_CPU);
    mv.visitFieldInsn(GETFIELD, CPU, "mmu", "L" + MMU + ";");
    mv.visitVarInsn(ASTORE, L_MMU);
    reload(used);
    for (int l : new int[] {L_KIND, L_PC, L_COUNT}) {
      mv.visitInsn(ICONST_0);
      mv.visitVarInsn(ISTORE, l);
    }
    for (int l : new int[] {L_A, L_B, L_T0, L_T1, L_T2}) {
      mv.visitInsn(LCONST_0);
      mv.visitVarInsn(LSTORE, l);
    }
    mv.visitLabel(tryStart);
  }

  // ---- labels

  /** The label of a block of the region, by offset. */
  Label label(int offset) {
    return labels.computeIfAbsent(offset, o -> new Label());
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
    } else if (v == (int) v) {
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
  }

  void load(int local) {
    mv.visitVarInsn(LLOAD, local);
  }

  void store(int local) {
    mv.visitVarInsn(LSTORE, local);
  }

  /** Pushes the RIP of an offset of the page. */
  void rip(long offset) {
    mv.visitVarInsn(LLOAD, L_BASE);
    push(offset);
    mv.visitInsn(LADD);
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

  // ---- flags

  void loadA() {
    load(L_A);
  }

  void loadB() {
    load(L_B);
  }

  void storeA() {
    store(L_A);
  }

  void storeB() {
    store(L_B);
  }

  void setKind(int kind) {
    push(kind);
    mv.visitVarInsn(ISTORE, L_KIND);
  }

  /** Brings the flags into the processor, whatever form they have. */
  void materialize() {
    cpu();
    mv.visitVarInsn(ILOAD, L_KIND);
    load(L_A);
    load(L_B);
    callStatic(FLAGS, "materialize", "(L" + CPU + ";IJJ)V");
  }

  /** Pushes the carry as a long, 0 or 1. */
  void carry() {
    cpu();
    mv.visitVarInsn(ILOAD, L_KIND);
    load(L_A);
    load(L_B);
    callStatic(FLAGS, "carry", "(L" + CPU + ";IJJ)J");
  }

  // ---- state

  /** Notes which instruction runs, for faults. */
  void pc(int offset) {
    push(offset);
    mv.visitVarInsn(ISTORE, L_PC);
  }

  void count(int instructions) {
    mv.visitIincInsn(L_COUNT, instructions);
  }

  /** Stores the registers of a mask back into the processor. */
  void writeBack(int mask) {
    for (int r = 0; r < 16; r++) {
      if (((mask & used & written) >> r & 1) != 0) {
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
      if (((mask & used) >> r & 1) != 0) {
        mv.visitVarInsn(ALOAD, L_GPR);
        push(r);
        mv.visitInsn(LALOAD);
        storeReg(r);
      }
    }
  }

  private void leave() {
    writeBack(-1);
    materialize();
    cpu();
    mv.visitInsn(DUP);
    mv.visitFieldInsn(GETFIELD, CPU, "translated", "J");
    mv.visitVarInsn(ILOAD, L_COUNT);
    mv.visitInsn(I2L);
    mv.visitInsn(LADD);
    mv.visitFieldInsn(PUTFIELD, CPU, "translated", "J");
  }

  /** Leaves the region for the RIP in temporary 2. */
  void exitToT2() {
    leave();
    load(L_T2);
    mv.visitInsn(LRETURN);
  }

  /** Leaves the region for an offset of the page (which may lie outside of it). */
  void exitTo(long offset) {
    rip(offset);
    store(L_T2);
    mv.visitJumpInsn(GOTO, exitLabel);
    exitUsed = true;
  }

  private final Label end = new Label();
  private int lastFrame = -1;
  private final Label exitLabel = new Label();
  private boolean exitUsed;

  /** Leaves for {@code offset} if a request is pending. */
  void poll(int offset) {
    Label go = new Label();
    cpu();
    mv.visitFieldInsn(GETFIELD, CPU, "pending", "I");
    mv.visitJumpInsn(IFEQ, go);
    exitTo(offset);
    place(go);
  }

  /** Completes the class. */
  byte[] finish() {
    if (exitUsed) {
      place(exitLabel);
      exitToT2();
    }
    mv.visitLabel(tryEnd);
    mv.visitLabel(handlerLabel);
    mv.visitFrame(F_NEW, frame.length, frame, 1, new Object[] {FAULT});
    count(-1);
    // Stack: the fault. RIP for a trap-class exception is already right.
    leave();
    cpu();
    mv.visitVarInsn(LLOAD, L_BASE);
    mv.visitVarInsn(ILOAD, L_PC);
    mv.visitInsn(I2L);
    mv.visitInsn(LADD);
    mv.visitFieldInsn(PUTFIELD, CPU, "rip", "J");
    mv.visitInsn(ATHROW);
    mv.visitLabel(end);
    mv.visitMaxs(16, LOCALS);
    mv.visitEnd();
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
