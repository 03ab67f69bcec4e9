package org.quern.x86.tables;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.Reg;
import org.quern.x86.tables.Rig.Env;

/**
 * Everything that can be wrong with the stack a gate switches to. Source: SDM vol. 2A, CALL
 * ("MORE-PRIVILEGE") and INT n ("INTER-PRIVILEGE-LEVEL-INTERRUPT", "INTRA-..."); vol. 3A, 6.14.5
 * (IST).
 */
class InnerStackTableTest {
  private static final int CODE = 0x78;
  private static final int GATE = 0x50;
  private static final int STACK = 0x88;
  private static final long POINTER = 0x6000;
  private static final long OFFSET = 0x1abcd;
  private static final int LIMIT = 0x1ffff;

  /** Stack pointers whose frame would touch addresses that are not canonical. */
  private static final long[] BAD_STACKS = {
    0x800000000010L, 0x4000000000000000L, 0xffff7fffffffffffL, 0xffff800000000000L, Long.MIN_VALUE
  };

  /** Ways through a gate to an inner level, with the words they push. */
  enum Way {
    CALL32(12, 4, null),
    CALL16(4, 4, null),
    CALL32_WITH_3(12, 7, null),
    INT32(14, 5, Event.INT_N),
    INT16(6, 5, Event.INT_N),
    EXTERNAL32(15, 5, Event.EXTERNAL),
    EXCEPTION32(14, 6, Event.EXCEPTION),
    EXCEPTION16(7, 6, Event.EXCEPTION);

    final int type;
    final int words;
    final Event event;

    Way(int type, int words, Event event) {
      this.type = type;
      this.words = words;
      this.event = event;
    }

    boolean exists(Env env) {
      return !env.lma() || type >= 12 && this != CALL32_WITH_3;
    }

    int bytes(Env env) {
      return env.lma() ? 8 : type >= 12 ? 4 : 2;
    }

    int ext() {
      return event == null ? 0 : event.ext();
    }
  }

  private static Rig rig(Env env, Way way) {
    Rig r = Rig.of(env);
    r.watch(FakeMachine.GDT, 0x200);
    InnerStacks.prepare(r);
    long gate = FakeMachine.encodeGate(0xe0 | way.type, CODE, OFFSET, way.words - 4 & 3);
    if (way.event == null) {
      r.put(FakeMachine.GDT + GATE, 8, gate);
      r.watch(POINTER, 8);
      r.put(POINTER + 4, 2, GATE);
      r.gpr(Reg.RSI, POINTER);
      r.code("ff 1e");
    } else {
      long at = FakeMachine.IDT + (long) way.event.vector * (env.lma() ? 16 : 8);
      r.watch(at, 16);
      r.put(at, 8, gate & ~(31L << 32));
      if (env.lma()) {
        r.put(at + 8, 8, 0);
      }
      way.event.prepare(r);
    }
    r.level(3);
    return r;
  }

  private static void code(Rig r, int level, int limit) {
    int flags = r.env.lma() ? 0x2000 : 0x4000;
    r.put(FakeMachine.GDT + CODE, 8, Fields.descriptor(0, limit, 0x9b | level << 5 | flags));
  }

  private static void run(Table t, Rig r, Way way, String what, String outcome) {
    r.begin();
    if (outcome.equals("-")) {
      r.anyState();
    }
    if (way.event == null) {
      r.run(t, () -> way + ", " + what, outcome);
    } else {
      r.run(t, () -> way + ", " + what, outcome, () -> way.event.raise(r));
    }
  }

  private static String fault(String name, Way way, int selector) {
    return name + "(" + Integer.toHexString(selector & ~3 | way.ext()) + ")";
  }

  /** The selector in the TSS: every access byte and RPL, null, outside its table. */
  @ParameterizedTest
  @EnumSource
  void stack_segments(Way way) {
    Table t = new Table("inner stacks, every stack segment, " + way);
    Rig r = rig(Env.PROTECTED32, way);
    for (int level = 0; level < 3; level++) {
      code(r, level, LIMIT);
      long inTss = FakeMachine.TSS + 8 + 8L * level;
      for (int n = 0; n < 1024; n++) {
        int access = n & 0xff;
        int rpl = n >> 8;
        r.put(FakeMachine.GDT + STACK, 8, Fields.descriptor(0, 0xfffff, 0xc000 | access & ~4));
        r.put(inTss, 2, STACK | rpl);
        boolean good = Fields.writableData(access & 0x1b) && rpl == level;
        good &= (access >> 5 & 3) == level;
        String outcome =
            !good
                ? fault("#TS", way, STACK)
                : (access & 0x80) == 0 ? fault("#SS", way, STACK) : "-";
        if ((access & 4) == 0) {
          String what = String.format("level %d, SS rpl %d access %02x", level, rpl, access);
          run(t, r, way, what, outcome);
        }
      }
      for (int rpl = 0; rpl < 4; rpl++) {
        for (int s : new int[] {0, 0x200, 0xfff8, 0x104}) {
          r.put(inTss, 2, s | rpl);
          run(t, r, way, "SS " + Integer.toHexString(s | rpl), fault("#TS", way, s));
        }
      }
      r.put(inTss, 2, InnerStacks.selector(level));
    }
    t.done(3 * (512 + 16));
  }

  /** A TSS that ends before or inside the stack pointer it is asked for. */
  @ParameterizedTest
  @EnumSource
  void tss_limits(Way way) {
    Table t = new Table("inner stacks, TSS limits, " + way);
    int limit = CpuImage.seg(CpuImage.TR, CpuImage.LIMIT);
    int expected = 0;
    for (Env env : Env.values()) {
      for (int narrow = 0; narrow < 2; narrow++) {
        if (!way.exists(env) || (narrow == 1 && env.lma())) {
          continue;
        }
        Rig r = rig(env, way);
        if (narrow == 1) {
          InnerStacks.tss16(r);
        }
        for (int level = 0; level < 3; level++) {
          code(r, level, LIMIT);
          int last = env.lma() ? 8 * level + 11 : narrow == 1 ? 4 * level + 5 : 8 * level + 9;
          for (int end = 0; end < 32; end++) {
            r.start.set(limit, end);
            String what = env + " level " + level + " TSS limit " + end;
            String bad = fault("#TS", way, FakeMachine.TSS_SELECTOR);
            run(t, r, way, what, end >= last ? "-" : bad);
            expected++;
          }
        }
      }
    }
    t.done(expected);
  }

  /** Room for the whole frame, by limit, direction and size; the target's limit comes after it. */
  @ParameterizedTest
  @EnumSource
  void room(Way way) {
    Table t = new Table("inner stacks, room for the frame, " + way);
    Rig r = rig(Env.PROTECTED32, way);
    int frame = way.words * way.bytes(Env.PROTECTED32);
    int selector = InnerStacks.selector(0);
    for (int code = 0; code < 2; code++) {
      code(r, 0, code == 0 ? LIMIT : 0x1000);
      boolean narrow = way.type < 12;
      boolean inCode = code == 0 || (narrow && (OFFSET & 0xffff) <= 0x1000);
      for (int down = 0; down < 2; down++) {
        // Room from 0 up to the limit, or from above the limit up to 4 GiB.
        int limit = down == 1 ? 0x6fff : 0x7fff;
        r.put(
            FakeMachine.GDT + InnerStacks.SLOT,
            8,
            Fields.descriptor(0, limit, down == 1 ? 0x4096 : 0x4092));
        for (int free = 0; free <= frame + 8; free++) {
          for (int above = 0; above < 2; above++) {
            long sp = above == 0 ? free : 0x8000 + free - frame;
            if (down == 1) {
              sp = above == 0 ? 0x7000 + free : 0x9000 + free;
            }
            boolean fits = down == 1 ? sp - frame > limit : sp >= frame && sp - 1 <= limit;
            r.put(FakeMachine.TSS + 4, 4, sp);
            String outcome = !fits ? fault("#SS", way, selector) : "-";
            if (fits && !inCode) {
              outcome = fault("#GP", way, 0);
            }
            run(t, r, way, String.format("ESP %x, expand-down %d", sp, down), outcome);
          }
        }
      }
    }
    t.done(2 * 2 * (frame + 9) * 2);
  }

  /** Stacks of IA-32e mode have no segment; what can be wrong is the address. */
  @ParameterizedTest
  @EnumSource(names = {"COMPATIBILITY32", "LONG64"})
  void canonical_stacks(Env env) {
    Table t = new Table("inner stacks, canonical addresses, " + env);
    int cases = 0;
    for (Way way : Way.values()) {
      if (!way.exists(env)) {
        continue;
      }
      Rig r = rig(env, way);
      code(r, 0, LIMIT);
      for (long sp : BAD_STACKS) {
        r.put(FakeMachine.TSS + 4, 8, sp);
        run(t, r, way, Long.toHexString(sp), fault("#SS", way, 0));
        cases++;
      }
    }
    t.done(cases);
  }

  /** IST1 to IST7 are read whatever the level; IST beyond the TSS is #TS. */
  @ParameterizedTest
  @EnumSource(names = {"COMPATIBILITY32", "LONG64"})
  void interrupt_stack_table(Env env) {
    Table t = new Table("interrupt stack table, " + env);
    for (Event e : new Event[] {Event.INT_N, Event.EXTERNAL, Event.EXCEPTION}) {
      Way way =
          e == Event.INT_N ? Way.INT32 : e == Event.EXTERNAL ? Way.EXTERNAL32 : Way.EXCEPTION32;
      Rig r = rig(env, way);
      code(r, 0, LIMIT);
      long at = FakeMachine.IDT + e.vector * 16L;
      for (int ist = 1; ist < 8; ist++) {
        r.put(at + 4, 1, ist);
        long slot = 0x1c + 8L * ist;
        for (int cpl = 0; cpl < 4; cpl++) {
          r.level(cpl);
          for (int misaligned = 0; misaligned < 16; misaligned++) {
            r.put(FakeMachine.TSS + slot, 8, 0x7100 + misaligned);
            r.begin();
            r.anyState();
            long below = 0x7100 - 8L * (e.pushesError() ? 6 : 5);
            r.run(t, () -> e + " IST", "-", () -> e.raise(r));
            t.same(() -> e + " IST stack pointer", below, r.c.gpr[Reg.RSP]);
          }
          for (int end = 6; end <= 7; end++) {
            r.start.set(CpuImage.seg(CpuImage.TR, CpuImage.LIMIT), slot + end);
            String bad = fault("#TS", way, FakeMachine.TSS_SELECTOR);
            run(t, r, way, "TSS limit", end == 7 ? "-" : bad);
          }
          r.start.set(CpuImage.seg(CpuImage.TR, CpuImage.LIMIT), 0x2067);
          r.put(FakeMachine.TSS + slot, 8, 0x123400000000000L);
          run(t, r, way, "non-canonical IST", fault("#SS", way, 0));
        }
        r.put(at + 4, 1, 0);
      }
    }
    t.done(3 * 7 * 4 * (16 + 3));
  }
}
