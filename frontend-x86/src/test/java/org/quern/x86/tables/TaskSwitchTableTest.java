package org.quern.x86.tables;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.fault.GuestFault;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;
import org.quern.x86.tables.Rig.Env;

/**
 * Task switches: who may switch to which TSS, what both TSSs and the registers hold afterwards, and
 * what is wrong with the new task's segments. Source: SDM vol. 3A, 7.3 (tables 7-1 and 7-2).
 */
class TaskSwitchTableTest {
  private static final int GATE = 0x48;
  private static final int NEW = 0x50;
  private static final int SLOT = 0x58;
  private static final int CODE_SLOT = 0x60;
  private static final long OLD_TSS = FakeMachine.TSS;
  private static final long NEW_TSS = 0x6800;
  private static final long POINTER = 0x6000;
  private static final long EIP = 0x4567;

  /** What switches tasks. */
  enum Cause {
    JMP("ff 2e"),
    CALL("ff 1e"),
    JMP_GATE("ff 2e"),
    CALL_GATE("ff 1e"),
    IRET("cf"),
    INT_N(""),
    EXTERNAL(""),
    EXCEPTION("");

    final String code;

    Cause(String code) {
      this.code = code;
    }

    boolean direct() {
      return this == JMP || this == CALL;
    }

    Event event() {
      return switch (this) {
        case INT_N -> Event.INT_N;
        case EXTERNAL -> Event.EXTERNAL;
        case EXCEPTION -> Event.EXCEPTION;
        default -> null;
      };
    }

    int ext() {
      return event() == null ? 0 : event().ext();
    }

    /** Whether the old task stays busy and the new one has a link to it. */
    boolean nests() {
      return this != JMP && this != JMP_GATE && this != IRET;
    }

    int length() {
      return event() != null ? event().length() : this == IRET ? 1 : 2;
    }
  }

  private static Rig rig(Cause cause) {
    Rig r = Rig.of(Env.PROTECTED32);
    r.watch(FakeMachine.GDT, 0x80);
    r.watch(OLD_TSS, 0x68);
    r.watch(NEW_TSS, 0x68);
    r.watch(POINTER, 8);
    r.watch(0x7000 - 16, 16);
    for (int g = 0; g < 8; g++) {
      r.gpr(g, 0x11110000L + 0x101L * g);
    }
    r.gpr(Reg.RSI, POINTER);
    r.gpr(Reg.RSP, FakeMachine.STACK0);
    r.start.set(CpuImage.FLAGS, RFlags.FIXED | RFlags.OF | (cause == Cause.IRET ? RFlags.NT : 0));
    r.start.set(CpuImage.DR + 7, 0x7ff);
    r.put(FakeMachine.GDT + GATE, 8, FakeMachine.encodeGate(0xe5, NEW, 0, 0));
    r.put(POINTER + 4, 2, cause.direct() ? NEW : GATE);
    if (cause == Cause.IRET) {
      r.put(OLD_TSS, 2, NEW);
    }
    if (cause.event() == null) {
      r.code(cause.code);
    } else {
      cause.event().prepare(r);
      r.m.gate(cause.event().vector, 0xe5, NEW, 0);
    }
    return r;
  }

  private static String raise(Rig r, Cause cause) {
    if (cause.event() != null) {
      return cause.event().raise(r);
    }
    try {
      r.m.stepRaw();
      return "-";
    } catch (GuestFault f) {
      return FakeMachine.describe(f);
    }
  }

  /** A new task with everything in order. */
  private static void newTask(Rig r, boolean wide, int cs, int data) {
    int step = wide ? 4 : 2;
    r.put(NEW_TSS + (wide ? 32 : 14), step, EIP);
    r.put(NEW_TSS + (wide ? 36 : 16), step, RFlags.FIXED | RFlags.CF | RFlags.DF);
    for (int g = 0; g < 8; g++) {
      r.put(NEW_TSS + (wide ? 40 : 18) + (long) step * g, step, gpr(g));
    }
    for (int s = 0; s < (wide ? 6 : 4); s++) {
      int selector = s == Reg.CS ? cs : data;
      r.put(NEW_TSS + (wide ? 72 : 34) + (long) step * s, 2, selector);
    }
    r.put(NEW_TSS + (wide ? 96 : 42), 2, 0);
  }

  private static long gpr(int g) {
    return g == Reg.RSP ? 0x7000 : 0x2220 + g;
  }

  private static long tss(boolean wide, int access) {
    return Fields.descriptor(NEW_TSS, wide ? 0x67 : 0x2b, access);
  }

  // ---- who may switch

  /** Every access byte of the TSS descriptor, limits around the smallest, every privilege. */
  @ParameterizedTest
  @EnumSource
  void tss_descriptors(Cause cause) {
    Table t = new Table("task switches, every TSS descriptor and privilege, " + cause);
    Rig r = rig(cause);
    for (int access = 0; access < 256; access++) {
      int kind = access & 31;
      boolean other = kind == 4 || kind == 5 || kind == 12 || Fields.code(kind);
      for (int n = 0; n < 4 * 4 * 4; n++) {
        int cpl = n & 3;
        int rpl = n >> 2 & 3;
        int shape = n >> 4;
        boolean wide = (access & 8) != 0;
        int limit = (wide ? 0x67 : 0x2b) - (shape & 1);
        if (shape >= 2) {
          limit = shape == 2 ? 0 : 0x2b;
        }
        if (other && cause.direct()) {
          // A gate or a code segment, which the tables of far transfers have.
          continue;
        }
        r.level(cpl);
        newTask(r, wide, FakeMachine.CODE32, FakeMachine.DATA);
        r.put(FakeMachine.GDT + NEW, 8, Fields.descriptor(NEW_TSS, limit, access));
        if (cause.direct()) {
          r.put(POINTER + 4, 2, NEW | rpl);
        }
        String outcome = tssOracle(cause, cpl, rpl, access, limit);
        r.begin();
        if (outcome.equals("-")) {
          r.anyState();
        }
        String title = String.format("access %02x limit %x cpl %d rpl %d", access, limit, cpl, rpl);
        r.run(t, () -> title, outcome, () -> raise(r, cause));
      }
    }
    t.done((cause.direct() ? 256 - (3 + 8) * 8 : 256) * 64);
  }

  private static String tssOracle(Cause cause, int cpl, int rpl, int access, int limit) {
    int kind = access & 31;
    int dpl = access >> 5 & 3;
    String code = "(" + Integer.toHexString(NEW | cause.ext()) + ")";
    boolean available = kind == 1 || kind == 9;
    boolean busy = kind == 3 || kind == 11;
    if (cause == Cause.IRET) {
      if (!busy) {
        return "#TS" + code;
      }
    } else if (!available || (cause.direct() && (dpl < cpl || dpl < rpl))) {
      return "#GP" + code;
    }
    if ((access & 0x80) == 0) {
      return "#NP" + code;
    }
    return limit < ((kind & 8) != 0 ? 0x67 : 0x2b) ? "#TS" + code : "-";
  }

  /** Task gates: every access byte with its DPL against CPL and RPL, in the GDT and in the IDT. */
  @ParameterizedTest
  @EnumSource(names = {"JMP_GATE", "CALL_GATE", "INT_N", "EXTERNAL", "EXCEPTION"})
  void task_gates(Cause cause) {
    Table t = new Table("task switches, task gates, " + cause);
    Rig r = rig(cause);
    newTask(r, true, FakeMachine.CODE32, FakeMachine.DATA);
    r.put(FakeMachine.GDT + NEW, 8, tss(true, 0x89));
    Event e = cause.event();
    for (int n = 0; n < 8 * 16; n++) {
      int access = 5 | (n & 7) << 5;
      int cpl = n >> 3 & 3;
      int rpl = n >> 5 & 3;
      int dpl = n & 3;
      boolean present = (n & 4) != 0;
      r.level(cpl);
      int error = e == null ? GATE : e.vector * 8 + 2 + e.ext();
      boolean guarded = e == null || e.software();
      boolean denied = guarded && (dpl < cpl || (e == null && dpl < rpl));
      String code = "(" + Integer.toHexString(error) + ")";
      String outcome = denied ? "#GP" + code : present ? "-" : "#NP" + code;
      long gate = FakeMachine.encodeGate(access, NEW, 0, 0);
      r.put(FakeMachine.GDT + GATE, 8, gate);
      r.put(POINTER + 4, 2, GATE | rpl);
      if (e != null) {
        r.m.gate(e.vector, access, NEW, 0);
      }
      r.begin();
      if (outcome.equals("-")) {
        r.anyState();
      }
      r.run(
          t,
          () -> String.format("gate %02x cpl %d rpl %d", access, cpl, rpl),
          outcome,
          () -> raise(r, cause));
    }
    // The selector in the gate: of the LDT, or outside the GDT.
    for (int selector : new int[] {0x0c, NEW | 4, 0x200, 0xfff8, 0}) {
      r.level(0);
      r.put(FakeMachine.GDT + GATE, 8, FakeMachine.encodeGate(0xe5, selector, 0, 0));
      r.put(POINTER + 4, 2, GATE);
      if (e != null) {
        r.m.gate(e.vector, 0xe5, selector, 0);
      }
      r.begin();
      String code = "#GP(" + Integer.toHexString(selector | cause.ext()) + ")";
      r.run(t, () -> "selector " + selector, code, () -> raise(r, cause));
    }
    t.done(128 + 5);
  }

  // ---- what a switch leaves

  /** Both sizes of both TSSs: all registers, both descriptors, links and NT. */
  @ParameterizedTest
  @EnumSource
  void complete_switches(Cause cause) {
    Table t = new Table("task switches, state of both tasks, " + cause);
    for (int n = 0; n < 4 * 16; n++) {
      boolean oldWide = (n & 1) != 0;
      boolean newWide = (n & 2) != 0;
      Rig r = rig(cause);
      int oldAttr = oldWide ? 0x8b : 0x83;
      r.start.segment(CpuImage.TR, FakeMachine.TSS_SELECTOR, OLD_TSS, 0x2067, oldAttr);
      r.put(FakeMachine.GDT + FakeMachine.TSS_SELECTOR + 5, 1, oldAttr);
      int type = (newWide ? 9 : 1) | (cause == Cause.IRET ? 2 : 0);
      r.put(FakeMachine.GDT + NEW, 8, tss(newWide, 0x80 | type));
      newTask(r, newWide, FakeMachine.CODE32, FakeMachine.DATA);
      int flags = RFlags.FIXED | RFlags.CF | RFlags.DF;
      flags |= (n >> 2 & 1) != 0 ? RFlags.NT | RFlags.IOPL : 0;
      flags |= (n >> 3 & 1) != 0 ? RFlags.IF | RFlags.TF : 0;
      int high = (n >> 4 & 1) != 0 ? RFlags.AC | RFlags.ID | RFlags.RF : 0;
      boolean trap = (n >> 5 & 1) != 0;
      r.put(NEW_TSS + (newWide ? 36 : 16), newWide ? 4 : 2, newWide ? flags | high : flags);
      if (newWide) {
        r.put(NEW_TSS + 100, 2, trap ? 1 : 0);
      }
      r.begin();
      expectSave(r, cause, oldWide);
      expectLoad(r, cause, newWide, newWide ? flags | high : flags);
      if (newWide && trap) {
        r.expected.set(CpuImage.PENDING_DEBUG, 1 << 15);
      }
      int number = n;
      r.run(t, () -> cause + " case " + number, "-", () -> raise(r, cause));
    }
    t.done(64);
  }

  private static void expectSave(Rig r, Cause cause, boolean wide) {
    int step = wide ? 4 : 2;
    long flags = r.start.v[CpuImage.FLAGS] & ~(cause == Cause.IRET ? RFlags.NT : 0);
    r.expect(OLD_TSS + (wide ? 32 : 14), step, r.start.v[CpuImage.RIP] + cause.length());
    r.expect(OLD_TSS + (wide ? 36 : 16), step, flags);
    for (int g = 0; g < 8; g++) {
      r.expect(OLD_TSS + (wide ? 40 : 18) + (long) step * g, step, r.start.v[g]);
    }
    for (int s = 0; s < (wide ? 6 : 4); s++) {
      long selector = r.start.v[CpuImage.seg(s, CpuImage.SELECTOR)];
      r.expect(OLD_TSS + (wide ? 72 : 34) + (long) step * s, 2, selector);
    }
    if (!cause.nests()) {
      r.expect(FakeMachine.GDT + FakeMachine.TSS_SELECTOR + 5, 1, wide ? 0x89 : 0x81);
    }
  }

  private static void expectLoad(Rig r, Cause cause, boolean wide, int flags) {
    CpuImage e = r.expected;
    for (int g = 0; g < 8; g++) {
      // A 16-bit TSS leaves ones above, as a 386 does.
      e.set(g, wide ? gpr(g) : 0xffff0000L | gpr(g));
    }
    e.set(CpuImage.RIP, EIP);
    e.set(CpuImage.FLAGS, cause.nests() ? flags | RFlags.NT : flags);
    e.set(CpuImage.CR0, r.start.v[CpuImage.CR0] | Cr.CR0_TS);
    e.set(CpuImage.DR + 7, 0x7ff & ~0x155);
    for (int s = 0; s < 6; s++) {
      if (!wide && s >= 4) {
        e.nullSegment(s, 0, 0);
      } else if (s != Reg.CS) {
        e.segment(s, FakeMachine.DATA, Fields.descriptor(0, 0xfffff, 0xc093));
      }
    }
    e.nullSegment(CpuImage.LDTR, 0, 0);
    int busy = wide ? 0x8b : 0x83;
    e.segment(CpuImage.TR, NEW, NEW_TSS, wide ? 0x67 : 0x2b, busy);
    r.expect(FakeMachine.GDT + NEW + 5, 1, busy);
    if (cause.nests()) {
      r.expect(NEW_TSS, 2, FakeMachine.TSS_SELECTOR);
    }
    if (cause == Cause.EXCEPTION) {
      int bytes = wide ? 4 : 2;
      e.v[Reg.RSP] -= bytes;
      if (wide) {
        r.expect(0x7000 - bytes, bytes, Event.ERROR);
      }
    }
  }

  // ---- the new task's segments

  /** Every descriptor in every segment register of the new task, at every level of it. */
  @ParameterizedTest
  @EnumSource(names = {"JMP", "EXTERNAL"})
  void segments_of_the_new_task(Cause cause) {
    Table t = new Table("task switches, segments of the new task, " + cause);
    Rig r = rig(cause);
    r.put(FakeMachine.GDT + NEW, 8, tss(true, 0x89));
    int ext = cause.ext();
    for (int s = 0; s < 6; s++) {
      for (int n = 0; n < 256 * 4 * 4; n++) {
        int access = n & 0xff;
        int rpl = n >> 8 & 3;
        int level = n >> 10;
        int cs = CODE_SLOT | level;
        int ss = CODE_SLOT + 8 | level;
        r.put(FakeMachine.GDT + CODE_SLOT, 8, Fields.descriptor(0, 0xfffff, 0xc09b | level << 5));
        r.put(
            FakeMachine.GDT + CODE_SLOT + 8, 8, Fields.descriptor(0, 0xfffff, 0xc093 | level << 5));
        r.put(FakeMachine.GDT + SLOT, 8, Fields.descriptor(0, 0xfffff, 0xc000 | access));
        newTask(r, true, cs, 0);
        r.put(NEW_TSS + 72 + 4L * Reg.SS, 2, ss);
        r.put(NEW_TSS + 72 + 4L * s, 2, SLOT | rpl);
        if (s == Reg.CS) {
          // CPL follows CS; let SS fit it.
          r.put(
              FakeMachine.GDT + CODE_SLOT + 8, 8, Fields.descriptor(0, 0xfffff, 0xc093 | rpl << 5));
          r.put(NEW_TSS + 72 + 4L * Reg.SS, 2, CODE_SLOT + 8 | rpl);
        }
        String outcome = segmentOracle(s, level, rpl, access, ext);
        inNewTask(
            t,
            r,
            cause,
            outcome,
            String.format("segment %d access %02x rpl %d level %d", s, access, rpl, level));
      }
    }
    t.done(6 * 256 * 16);
  }

  /** Table 7-1, rows on segments. */
  private static String segmentOracle(int s, int level, int rpl, int access, int ext) {
    int kind = access & 31;
    int dpl = access >> 5 & 3;
    String code = "(" + Integer.toHexString(SLOT | ext) + ")";
    boolean ok;
    String absent = "#NP";
    if (s == Reg.CS) {
      ok = Fields.code(kind) && (Fields.conforming(kind) ? dpl <= rpl : dpl == rpl);
    } else if (s == Reg.SS) {
      ok = Fields.writableData(kind) && dpl == level && rpl == level;
      absent = "#SS";
    } else {
      ok = Fields.data(kind) || Fields.readableCode(kind);
      ok &= Fields.conforming(kind) || (dpl >= level && dpl >= rpl);
    }
    return !ok ? "#TS" + code : (access & 0x80) == 0 ? absent + code : "-";
  }

  /** A fault behind the switch belongs to the new task: its TR, EIP and link. */
  private static void inNewTask(Table t, Rig r, Cause cause, String outcome, String title) {
    r.begin();
    r.anyState();
    r.run(t, () -> title, outcome, () -> raise(r, cause));
    t.same(() -> title + ", TR", NEW, r.c.tr.selector);
    t.same(() -> title + ", EIP", EIP, r.c.rip);
    t.same(() -> title + ", GPR", gpr(Reg.RBX), r.c.gpr[Reg.RBX]);
    t.same(() -> title + ", busy", 0x8b, r.m.bus.read(FakeMachine.GDT + NEW + 5, 1));
    long old = r.m.bus.read(FakeMachine.GDT + FakeMachine.TSS_SELECTOR + 5, 1);
    t.same(() -> title + ", old busy", cause.nests() ? 0x8b : 0x89, old);
  }

  /** LDT selectors, and null or unreachable ones in each segment register. */
  @Test
  void selectors_of_the_new_task() {
    Table t = new Table("task switches, LDT and selectors of the new task");
    Rig r = rig(Cause.JMP);
    r.put(FakeMachine.GDT + NEW, 8, tss(true, 0x89));
    newTask(r, true, FakeMachine.CODE32, FakeMachine.DATA);
    for (int access = 0; access < 256; access++) {
      for (int rpl = 0; rpl < 4; rpl++) {
        r.put(FakeMachine.GDT + SLOT, 8, Fields.descriptor(0x5000, 0xff, access));
        r.put(NEW_TSS + 96, 2, SLOT | rpl);
        boolean ok = (access & 0x9f) == 0x82;
        inNewTask(t, r, Cause.JMP, ok ? "-" : "#TS(58)", "LDT access " + access);
      }
    }
    for (int selector : new int[] {4, SLOT | 4, 0x200, 0xfff8}) {
      r.put(NEW_TSS + 96, 2, selector);
      String bad = "#TS(" + Integer.toHexString(selector) + ")";
      inNewTask(t, r, Cause.JMP, bad, "LDT selector " + selector);
    }
    r.put(NEW_TSS + 96, 2, 0);
    for (int s = 0; s < 6; s++) {
      for (int selector : new int[] {0, 1, 2, 3, 0x204, 0x200, 0xfff8}) {
        newTask(r, true, FakeMachine.CODE32, FakeMachine.DATA);
        r.put(NEW_TSS + 72 + 4L * s, 2, selector);
        boolean mayBeNull = s != Reg.CS && s != Reg.SS && selector < 4;
        String bad = "#TS(" + Integer.toHexString(selector & ~3) + ")";
        inNewTask(t, r, Cause.JMP, mayBeNull ? "-" : bad, "register " + s + " = " + selector);
      }
    }
    t.done(1024 + 4 + 42);
  }

  /**
   * The instruction pointer of the new task against the limit of its CS: #GP(0) in the new task.
   */
  @Test
  void instruction_pointers_of_the_new_task() {
    Table t = new Table("task switches, EIP of the new task");
    Rig r = rig(Cause.JMP);
    r.put(FakeMachine.GDT + NEW, 8, tss(true, 0x89));
    newTask(r, true, CODE_SLOT, FakeMachine.DATA);
    for (int limit = (int) EIP - 4; limit < EIP + 4; limit++) {
      r.put(FakeMachine.GDT + CODE_SLOT, 8, Fields.descriptor(0, limit, 0x409b));
      inNewTask(t, r, Cause.JMP, EIP <= limit ? "-" : "#GP(0)", "limit " + limit);
    }
    t.done(8);
  }
}
