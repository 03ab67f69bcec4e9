package org.quern.x86.tables;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;
import org.quern.x86.tables.Rig.Env;

/**
 * Interrupts and exceptions through interrupt and trap gates. Source: SDM vol. 2A, INT n/INTO/INT3
 * (operation); vol. 3A, 6.10 to 6.14.
 */
class InterruptGateTableTest {
  private static final int CODE = 0x78;
  private static final long OFFSET = 0x1abcd;
  private static final int LIMIT = 0x1ffff;

  private static Rig rig(Env env, Event e) {
    Rig r = Rig.of(env);
    r.watch(FakeMachine.GDT, 0x200);
    r.watch(gateAt(env, e.vector), 16);
    r.watch(FakeMachine.STACK0 - 0x40, 0x80);
    InnerStacks.prepare(r);
    r.start.set(CpuImage.FLAGS, RFlags.FIXED | RFlags.OF | RFlags.IF);
    e.prepare(r);
    return r;
  }

  private static long gateAt(Env env, int vector) {
    return FakeMachine.IDT + (long) vector * (env.lma() ? 16 : 8);
  }

  private static String code(String name, int selector, int ext) {
    return name + "(" + Integer.toHexString(selector & ~3 | ext) + ")";
  }

  /** Type and right to use the gate. */
  private static String gateOracle(Env env, Event e, int cpl, int gate) {
    int kind = gate & 31;
    boolean valid = kind == 14 || kind == 15 || (!env.lma() && (kind == 6 || kind == 7));
    if (!valid || (e.software() && (gate >> 5 & 3) < cpl)) {
      return gateCode("#GP", e);
    }
    return (gate & 0x80) == 0 ? gateCode("#NP", e) : "-";
  }

  /** Error code with the IDT bit. */
  private static String gateCode(String name, Event e) {
    return name + "(" + Integer.toHexString(e.vector * 8 + 2 | e.ext()) + ")";
  }

  private static String targetOracle(Env env, Event e, int cpl, int access, int flags) {
    int kind = access & 31;
    int dpl = access >> 5 & 3;
    if (!Fields.code(kind) || dpl > cpl || (env.lma() && (flags & 6) != 2)) {
      return code("#GP", CODE, e.ext());
    }
    return (access & 0x80) == 0 ? code("#NP", CODE, e.ext()) : "-";
  }

  private static void one(
      Table t, Rig r, Event e, int cpl, int gate, int access, int flags, int ist) {
    long d = Fields.descriptor(0, LIMIT, access | flags << 12);
    r.level(cpl);
    r.put(FakeMachine.GDT + CODE, 8, d);
    r.put(gateAt(r.env, e.vector), 8, FakeMachine.encodeGate(gate, CODE | 3, OFFSET, ist));
    if (r.env.lma()) {
      r.put(gateAt(r.env, e.vector) + 8, 8, 0);
    }
    String outcome = gateOracle(r.env, e, cpl, gate);
    if (outcome.equals("-")) {
      outcome = targetOracle(r.env, e, cpl, access, flags);
    }
    r.begin();
    if (outcome.equals("-")) {
      expect(r, e, cpl, gate, d, r.start.v[CpuImage.FLAGS]);
    }
    r.run(
        t,
        () -> String.format("%s cpl %d gate %02x code %02x flags %x", e, cpl, gate, access, flags),
        outcome,
        () -> e.raise(r));
  }

  private static void expect(Rig r, Event e, int cpl, int gate, long d, long image) {
    boolean narrow = (gate & 8) == 0;
    int bytes = r.env.lma() ? 8 : narrow ? 2 : 4;
    int kind = Fields.attr(d) & 31;
    int level = Fields.conforming(kind) ? cpl : Fields.attr(d) >> 5 & 3;
    long cs = r.start.v[CpuImage.seg(Reg.CS, CpuImage.SELECTOR)];
    long ss = r.start.v[CpuImage.seg(Reg.SS, CpuImage.SELECTOR)];
    long sp = r.start.v[Reg.RSP];
    boolean stack = level < cpl || r.env.lma();
    long[] frame = new long[(stack ? 5 : 3) + (e.pushesError() ? 1 : 0)];
    int n = 0;
    if (stack) {
      frame[n++] = ss;
      frame[n++] = sp;
    }
    frame[n++] = image;
    frame[n++] = cs;
    frame[n++] = r.start.v[CpuImage.RIP] + e.length();
    if (e.pushesError()) {
      frame[n] = Event.ERROR;
    }
    r.expected.segment(Reg.CS, CODE | level, Fields.accessed(d));
    r.expect(FakeMachine.GDT + CODE, 8, Fields.accessed(d));
    r.expected.v[CpuImage.RIP] = narrow ? OFFSET & 0xffff : OFFSET;
    int cleared = RFlags.TF | RFlags.NT | RFlags.RF | RFlags.VM;
    r.expected.v[CpuImage.FLAGS] &= ~((gate & 1) == 0 ? cleared | RFlags.IF : cleared);
    if (level < cpl) {
      InnerStacks.expectSwitch(r, level, bytes, frame);
    } else {
      InnerStacks.expectPushes(r, bytes, frame);
    }
  }

  private static int codeFlags(Env env) {
    return env.lma() ? 2 : 4;
  }

  /** Every access byte of the gate but a task gate's, every event, every level. */
  @ParameterizedTest
  @EnumSource
  void every_gate(Env env) {
    Table t = new Table("interrupts, every gate access byte and privilege, " + env);
    int events = 0;
    for (Event e : Event.values()) {
      if (!e.exists(env)) {
        continue;
      }
      events++;
      Rig r = rig(env, e);
      for (int gate = 0; gate < 256; gate++) {
        if ((gate & 31) == 5 && !env.lma()) {
          continue;
        }
        for (int cpl = 0; cpl < 4; cpl++) {
          for (int dpl = 0; dpl <= cpl; dpl++) {
            one(t, r, e, cpl, gate, 0x9a | dpl << 5, codeFlags(env), 0);
          }
        }
      }
    }
    t.done(events * (env.lma() ? 256 : 248) * 10);
  }

  /** Every access byte of what the gate names, with all of L, D and G, from every level. */
  @ParameterizedTest
  @EnumSource
  void every_target(Env env) {
    Table t = new Table("interrupts, every target and privilege, " + env);
    int[] gates = env.lma() ? new int[] {0xee, 0xef} : new int[] {0xe6, 0xe7, 0xee, 0xef};
    for (Event e : new Event[] {Event.INT_N, Event.EXTERNAL, Event.EXCEPTION}) {
      Rig r = rig(env, e);
      for (int gate : gates) {
        for (int n = 0; n < 256 * 4 * 16; n++) {
          one(t, r, e, n >> 8 & 3, gate, n & 0xff, n >> 10, 0);
        }
      }
    }
    t.done(3 * gates.length * 256 * 4 * 16);
  }

  @ParameterizedTest
  @EnumSource
  void idt_limits(Env env) {
    Table t = new Table("interrupts, IDT limits, " + env);
    int cases = 0;
    for (Event e : Event.values()) {
      if (!e.exists(env)) {
        continue;
      }
      Rig r = rig(env, e);
      int size = env.lma() ? 16 : 8;
      for (int end = -1; end <= 16; end++) {
        r.start.set(CpuImage.IDT_LIMIT, e.vector * size + end);
        if (end >= size - 1) {
          one(t, r, e, 3, 0xee, 0x9a, codeFlags(env), 0);
        } else {
          r.level(3);
          r.begin();
          r.run(t, () -> e + " IDT limit", gateCode("#GP", e), () -> e.raise(r));
        }
        cases++;
      }
    }
    t.done(cases);
  }

  /** Null selectors and selectors outside their table. */
  @ParameterizedTest
  @EnumSource
  void selectors_in_the_gate(Env env) {
    Table t = new Table("interrupts, selectors in the gate, " + env);
    int cases = 0;
    for (Event e : Event.values()) {
      if (!e.exists(env)) {
        continue;
      }
      Rig r = rig(env, e);
      for (int cpl = 0; cpl < 4; cpl++) {
        for (int target : new int[] {0, 0x200, 0xfff8, 0x104}) {
          for (int rpl = 0; rpl < 4; rpl++) {
            r.level(cpl);
            long gate = FakeMachine.encodeGate(0xee, target | rpl, OFFSET, 0);
            r.put(gateAt(env, e.vector), 8, gate);
            r.begin();
            r.run(
                t,
                () -> e + " selector " + Integer.toHexString(target),
                code("#GP", target, e.ext()),
                () -> e.raise(r));
            cases++;
          }
        }
      }
    }
    t.done(cases);
  }

  /** What happens to the flags, for all that a gate looks at. */
  @ParameterizedTest
  @EnumSource
  void flags(Env env) {
    Table t = new Table("interrupts, flags, " + env);
    int[] free = {
      RFlags.TF,
      RFlags.IF,
      RFlags.NT,
      RFlags.RF,
      RFlags.AC,
      RFlags.DF,
      RFlags.VIF,
      RFlags.VIP,
      RFlags.ID,
      RFlags.IOPL
    };
    for (Event e : new Event[] {Event.INT_N, Event.EXTERNAL, Event.EXCEPTION}) {
      Rig r = rig(env, e);
      for (int n = 0; n < 1 << free.length; n++) {
        int f = RFlags.FIXED | RFlags.CF | RFlags.SF;
        for (int b = 0; b < free.length; b++) {
          f |= (n >> b & 1) != 0 ? free[b] : 0;
        }
        r.start.set(CpuImage.FLAGS, f);
        for (int gate = 0xee; gate <= 0xef; gate++) {
          for (int cpl = 0; cpl <= 3; cpl += 3) {
            one(t, r, e, cpl, gate, 0x9a, codeFlags(env), 0);
          }
        }
      }
    }
    t.done(3 * 1024 * 4);
  }
}
