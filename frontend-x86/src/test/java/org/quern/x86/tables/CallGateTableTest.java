package org.quern.x86.tables;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.Reg;
import org.quern.x86.tables.Rig.Env;

/**
 * JMP and CALL through call gates. Source: SDM vol. 2A, CALL ("CALL-GATE", "MORE-PRIVILEGE",
 * "SAME-PRIVILEGE") and JMP ("CALL-GATE"); vol. 3A, 5.8.3 and 5.8.3.1 (IA-32e mode).
 */
class CallGateTableTest {
  private static final int GATE = 0x50;
  private static final int CODE = 0x78;
  private static final long POINTER = 0x6000;
  private static final long OFFSET = 0x1abcd;
  private static final int LIMIT = 0x1ffff;
  private static final long RETURN = FakeMachine.CODE + 2;
  private static final long PARAMETERS = 0x1234567890abcdefL;

  private static Rig rig(Env env) {
    Rig r = Rig.of(env);
    r.watch(FakeMachine.GDT, 0x200);
    r.watch(POINTER, 16);
    r.watch(FakeMachine.STACK0 - 32, 0x100);
    for (int i = 0; i < 16; i++) {
      r.put(FakeMachine.STACK0 + 8 * i, 8, PARAMETERS * (i + 1));
    }
    InnerStacks.prepare(r);
    r.gpr(Reg.RSI, POINTER);
    return r;
  }

  private static String selector(int s) {
    return "(" + Integer.toHexString(s & ~3) + ")";
  }

  /** Whether the type is a call gate of the mode; 64-bit gates have the type of 32-bit ones. */
  private static boolean callGate(Env env, int kind) {
    return kind == 12 || (kind == 4 && !env.lma());
  }

  /** The checks of the gate itself, then of the code segment it names. */
  private static String oracle(
      Env env, boolean call, int cpl, int rpl, int gate, int code, int codeFlags) {
    int kind = gate & 31;
    int dpl = gate >> 5 & 3;
    if (!callGate(env, kind) || dpl < cpl || dpl < rpl) {
      return "#GP" + selector(GATE);
    }
    if ((gate & 0x80) == 0) {
      return "#NP" + selector(GATE);
    }
    int codeKind = code & 31;
    int codeDpl = code >> 5 & 3;
    // JMP reaches nonconforming code of its own level only, CALL inner levels too.
    boolean level = Fields.conforming(codeKind) || call ? codeDpl <= cpl : codeDpl == cpl;
    boolean size = !env.lma() || (codeFlags & 6) == 2;
    if (!Fields.code(codeKind) || !level || !size) {
      return "#GP" + selector(CODE);
    }
    return (code & 0x80) == 0 ? "#NP" + selector(CODE) : "-";
  }

  private static void one(
      Table t,
      Rig r,
      boolean call,
      int cpl,
      int rpl,
      int gate,
      int count,
      int code,
      int codeFlags) {
    long d = Fields.descriptor(0, LIMIT, code | codeFlags << 12);
    r.level(cpl);
    r.put(FakeMachine.GDT + CODE, 8, d);
    r.put(FakeMachine.GDT + GATE, 8, FakeMachine.encodeGate(gate, CODE | 3, OFFSET, count));
    if (r.env.lma()) {
      r.put(FakeMachine.GDT + GATE + 8, 8, 0);
    }
    r.put(POINTER, 4, -1);
    r.put(POINTER + 4, 2, GATE | rpl);
    String outcome = oracle(r.env, call, cpl, rpl, gate, code, codeFlags);
    r.begin();
    if (outcome.equals("-")) {
      expect(r, call, cpl, gate, count, d);
    }
    r.run(
        t,
        () ->
            String.format(
                "%s gate %02x count %d rpl %d cpl %d code %02x flags %x",
                call ? "call" : "jmp", gate, count, rpl, cpl, code, codeFlags),
        outcome);
  }

  private static void expect(Rig r, boolean call, int cpl, int gate, int count, long d) {
    boolean narrow = (gate & 31) == 4;
    int bytes = r.env.lma() ? 8 : narrow ? 2 : 4;
    int kind = Fields.attr(d) & 31;
    int dpl = Fields.attr(d) >> 5 & 3;
    int level = Fields.conforming(kind) ? cpl : dpl;
    long cs = r.start.v[CpuImage.seg(Reg.CS, CpuImage.SELECTOR)];
    long ss = r.start.v[CpuImage.seg(Reg.SS, CpuImage.SELECTOR)];
    long sp = r.start.v[Reg.RSP];
    r.expected.segment(Reg.CS, CODE | level, Fields.accessed(d));
    r.expect(FakeMachine.GDT + CODE, 8, Fields.accessed(d));
    r.expected.v[CpuImage.RIP] = narrow ? OFFSET & 0xffff : OFFSET;
    if (level < cpl) {
      int copied = r.env.lma() ? 0 : count;
      long[] frame = new long[4 + copied];
      frame[0] = ss;
      frame[1] = sp;
      for (int i = 0; i < copied; i++) {
        frame[2 + i] = r.m.bus.read(sp + (long) bytes * (copied - 1 - i), bytes);
      }
      frame[2 + copied] = cs;
      frame[3 + copied] = RETURN;
      InnerStacks.expectSwitch(r, level, bytes, frame);
    } else if (call) {
      InnerStacks.expectPushes(r, bytes, cs, RETURN);
    }
  }

  private static String code(boolean call) {
    return call ? "ff 1e" : "ff 2e";
  }

  /** Gate checks: every access byte that is not a task's, and every privilege. */
  @ParameterizedTest
  @EnumSource
  void every_gate(Env env) {
    Table t = new Table("call gates, every gate access byte and privilege, " + env);
    Rig r = rig(env);
    int cases = 0;
    for (int call = 0; call < 2; call++) {
      r.code(code(call == 1));
      for (int n = 0; n < 256 * 4 * 4; n++) {
        int gate = n & 0xff;
        int kind = gate & 31;
        boolean task = kind == 1 || kind == 5 || kind == 9;
        if (kind >= 16 || (task && !env.lma())) {
          continue;
        }
        int codeFlags = env.lma() ? 2 : 4;
        one(t, r, call == 1, n >> 10, n >> 8 & 3, gate, 0, 0x9a | (n >> 10) << 5, codeFlags);
        cases++;
      }
    }
    t.done(2 * 4 * 4 * 8 * (env.lma() ? 16 : 13));
  }

  /** Target checks: every access byte of what the gate names, from every level. */
  @ParameterizedTest
  @EnumSource
  void every_target(Env env) {
    Table t = new Table("call gates, every target and privilege, " + env);
    Rig r = rig(env);
    for (int call = 0; call < 2; call++) {
      r.code(code(call == 1));
      for (int kind : new int[] {4, 12}) {
        for (int n = 0; n < 256 * 4 * 8; n++) {
          // Parameters have no place in a 64-bit gate.
          int count = env.lma() ? 0 : 3;
          one(t, r, call == 1, n >> 8 & 3, 0, 0xe0 | kind, count, n & 0xff, n >> 10 << 1 & 15);
        }
      }
    }
    t.done(2 * 2 * 256 * 4 * 8);
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 12})
  void every_parameter_count(int kind) {
    Table t = new Table("call gates, parameter counts, type " + kind);
    Rig r = rig(Env.PROTECTED32);
    r.code(code(true));
    for (int tss = 0; tss < 2; tss++) {
      for (int count = 0; count < 32; count++) {
        for (int cpl = 1; cpl < 4; cpl++) {
          for (int level = 0; level < cpl; level++) {
            if (count * (kind == 4 ? 2 : 4) <= 0x70) {
              one(t, r, true, cpl, 0, 0xe0 | kind, count, 0x9a | level << 5, 4);
            }
          }
        }
      }
      InnerStacks.tss16(r);
    }
    t.done(2 * (kind == 4 ? 32 : 29) * 6);
  }

  /** Selector in the gate: null, outside its table. */
  @ParameterizedTest
  @EnumSource
  void selectors_in_the_gate(Env env) {
    Table t = new Table("call gates, selectors in the gate, " + env);
    Rig r = rig(env);
    for (int call = 0; call < 2; call++) {
      r.code(code(call == 1));
      for (int cpl = 0; cpl < 4; cpl++) {
        r.level(cpl);
        r.put(POINTER + 4, 2, GATE);
        for (int rpl = 0; rpl < 4; rpl++) {
          for (int target : new int[] {0, 0x200, 0xfff8, 0x104}) {
            int s = target | rpl;
            r.put(FakeMachine.GDT + GATE, 8, FakeMachine.encodeGate(0xec, s, OFFSET, 0));
            r.begin();
            String outcome = s < 4 ? "#GP(0)" : "#GP" + selector(s);
            r.run(t, () -> "selector " + Integer.toHexString(s), outcome);
          }
        }
      }
    }
    t.done(2 * 4 * 4 * 4);
  }

  /** The second half of a 64-bit gate: its type must be 0, the offset canonical. */
  @ParameterizedTest
  @EnumSource(names = {"COMPATIBILITY32", "LONG64"})
  void second_half_of_a_64_bit_gate(Env env) {
    Table t = new Table("call gates, second half, " + env);
    Rig r = rig(env);
    long[] offsets = {0, 0x7fff, 0x8000, 0xffff7fffL, 0xffff8000L, 0xffffffffL};
    long d = Fields.descriptor(0, LIMIT, 0x209a);
    r.put(FakeMachine.GDT + CODE, 8, d);
    r.put(FakeMachine.GDT + GATE, 8, FakeMachine.encodeGate(0xec, CODE, OFFSET, 0));
    r.put(POINTER + 4, 2, GATE);
    r.code(code(true));
    for (int cpl = 0; cpl < 4; cpl += 3) {
      for (long high : offsets) {
        for (int type = 0; type < 32; type++) {
          r.level(cpl);
          r.put(FakeMachine.GDT + GATE + 8, 8, high | (long) type << 40);
          long target = high << 32 | OFFSET;
          boolean canonical = target >> 47 == 0 || target >> 47 == -1;
          String outcome = type != 0 ? "#GP" + selector(GATE) : canonical ? "-" : "#GP(0)";
          r.begin();
          if (outcome.equals("-")) {
            expect(r, true, cpl, 0xec, 0, d);
            r.expected.v[CpuImage.RIP] = target;
          }
          r.run(t, () -> String.format("offset %x", target), outcome);
        }
      }
      for (int end = 7; end < 16; end++) {
        // The gate is the last thing in the table, whole or in part.
        r.level(cpl);
        r.put(FakeMachine.GDT + 0x1f0, 8, FakeMachine.encodeGate(0xec, CODE, OFFSET, 0));
        r.put(FakeMachine.GDT + 0x1f8, 8, 0);
        r.put(POINTER + 4, 2, 0x1f0);
        r.start.set(CpuImage.GDT_LIMIT, 0x1f0 + end);
        r.begin();
        if (end == 15) {
          expect(r, true, cpl, 0xec, 0, d);
        }
        r.run(t, () -> "half a gate", end == 15 ? "-" : "#GP" + selector(0x1f0));
        r.start.set(CpuImage.GDT_LIMIT, 0x1ff);
        r.put(POINTER + 4, 2, GATE);
      }
    }
    t.done(2 * (offsets.length * 32 + 9));
  }
}
