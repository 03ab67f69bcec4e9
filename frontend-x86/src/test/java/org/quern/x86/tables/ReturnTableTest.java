package org.quern.x86.tables;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;
import org.quern.x86.tables.Rig.Env;

/**
 * RETF, RETF imm16 and IRET in protected and IA-32e mode: code, stack and data segments. Source:
 * SDM vol. 2B, RET; vol. 2A, IRET/IRETD/IRETQ (operation).
 */
class ReturnTableTest {
  private static final int CODE = 0x80;
  private static final int STACKS = 0x60;
  private static final int STACK = 0x90;
  private static final int LIMIT = 0x1ffff;
  private static final long TARGET = 0x12345;
  private static final long OUTER = 0x9988;
  private static final int IMMEDIATE = 0x14;
  private static final int FLAGS = RFlags.FIXED | RFlags.CF | RFlags.OF;

  /** The instructions, with the number of words below SP and SS. */
  enum Return {
    RETF("cb", 2),
    RETF_IMM("ca 14 00", 2),
    IRET("cf", 3);

    final String code;
    final int words;

    Return(String code, int words) {
      this.code = code;
      this.words = words;
    }

    int release() {
      return this == RETF_IMM ? IMMEDIATE : 0;
    }

    /** IRET in 64-bit mode pops SS:RSP whatever the level. */
    boolean popsStack(Env env, boolean outer) {
      return outer || (this == IRET && env == Env.LONG64);
    }
  }

  private static Rig rig(Env env, Return ret, int bits) {
    Rig r = Rig.of(env);
    r.watch(FakeMachine.GDT, 0x200);
    r.watch(FakeMachine.STACK0, 0x50);
    for (int level = 0; level < 4; level++) {
      r.put(FakeMachine.GDT + STACKS + 8 * level, 8, stack(level));
    }
    r.code((bits == 16 ? "66 " : bits == 64 ? "48 " : "") + ret.code);
    return r;
  }

  private static long stack(int level) {
    return Fields.descriptor(0, 0xfffff, 0xc092 | level << 5);
  }

  private static void frame(Rig r, Return ret, int bits, long ip, int cs, int flags, int ss) {
    int w = bits / 8;
    long at = FakeMachine.STACK0;
    r.put(at, w, ip);
    r.put(at + w, w, cs | (bits == 16 ? 0 : 0xabcd0000L));
    if (ret == Return.IRET) {
      r.put(at + 2L * w, w, flags);
    }
    at += (long) ret.words * w + ret.release();
    r.put(at, w, OUTER);
    r.put(at + w, w, ss | (bits == 16 ? 0 : 0xabcd0000L));
  }

  private static boolean code64(Env env, int flags) {
    return env.lma() && (flags & 2) != 0;
  }

  private static String codeOracle(Env env, int cpl, int selector, int access, int flags) {
    int kind = access & 31;
    int dpl = access >> 5 & 3;
    int rpl = selector & 3;
    String code = "(" + Integer.toHexString(selector & ~3) + ")";
    if (!Fields.code(kind) || rpl < cpl || (env.lma() && (flags & 6) == 6)) {
      return "#GP" + code;
    }
    if (Fields.conforming(kind) ? dpl > rpl : dpl != rpl) {
      return "#GP" + code;
    }
    return (access & 0x80) == 0 ? "#NP" + code : "-";
  }

  /** Expects the return to {@code level}; {@code d} is the code descriptor. */
  private static void expect(
      Rig r, Return ret, int bits, int cpl, int cs, long d, int ss, long sd) {
    int level = cs & 3;
    int w = bits / 8;
    boolean is64 = code64(r.env, Fields.attr(d) >> 12);
    r.expected.segment(Reg.CS, cs, Fields.accessed(d));
    r.expect(FakeMachine.GDT + (cs & ~7), 8, Fields.accessed(d));
    r.expected.v[CpuImage.RIP] = TARGET;
    r.expected.v[CpuImage.CPL] = level;
    if (!ret.popsStack(r.env, level > cpl)) {
      r.expected.v[Reg.RSP] += ret.words * w + ret.release();
      return;
    }
    if (ss < 4) {
      r.expected.nullSegment(Reg.SS, ss, 0);
    } else {
      r.expected.segment(Reg.SS, ss, Fields.accessed(sd));
      r.expect(FakeMachine.GDT + (ss & ~7), 8, Fields.accessed(sd));
    }
    r.expected.v[Reg.RSP] = OUTER + ret.release();
    for (int s : new int[] {Reg.ES, Reg.DS, Reg.FS, Reg.GS}) {
      long attr = r.start.v[CpuImage.seg(s, CpuImage.ATTR)];
      boolean usable = r.start.v[CpuImage.seg(s, CpuImage.USABLE)] != 0;
      boolean conforming = Fields.conforming((int) attr & 31);
      if (level > cpl && usable && !conforming && (attr >> 5 & 3) < level) {
        r.expected.nullSegment(s, 0, r.start.v[CpuImage.seg(s, CpuImage.BASE)]);
      }
    }
    if (is64) {
      // The stack pointer is as wide as the mode that is entered.
      r.expected.v[Reg.RSP] = OUTER + ret.release();
    }
  }

  /** Every code descriptor, with a stack that fits the level. */
  @ParameterizedTest
  @EnumSource
  void every_code_segment(Env env) {
    Table t = new Table("far returns, every code segment and privilege, " + env);
    int sizes = 0;
    for (Return ret : Return.values()) {
      for (int bits = 16; bits <= (env == Env.LONG64 ? 64 : 32); bits *= 2) {
        sizes++;
        int size = bits;
        Rig r = rig(env, ret, bits);
        r.start.set(CpuImage.FLAGS, FLAGS);
        for (int n = 0; n < 256 * 4 * 4 * 4; n++) {
          int access = n & 0xff;
          int rpl = n >> 8 & 3;
          int cpl = n >> 10 & 3;
          int flags = n >> 12 << 1;
          int cs = CODE | rpl;
          int ss = STACKS + 8 * rpl | rpl;
          long d = Fields.descriptor(0, LIMIT, access | flags << 12);
          r.level(cpl);
          r.put(FakeMachine.GDT + CODE, 8, d);
          boolean narrow = bits == 16;
          long ip = narrow ? TARGET & 0xffff : TARGET;
          frame(r, ret, bits, ip, cs, FLAGS, ss);
          String outcome = codeOracle(env, cpl, cs, access, flags);
          r.begin();
          if (outcome.equals("-")) {
            expect(r, ret, bits, cpl, cs, d, ss, stack(rpl));
            r.expected.v[CpuImage.RIP] = ip;
          }
          r.run(
              t,
              () ->
                  String.format(
                      "%s%d cs %x access %02x flags %x cpl %d", ret, size, cs, access, flags, cpl),
              outcome);
        }
      }
    }
    t.done(sizes * 256 * 4 * 4 * 4);
  }

  /** Every stack descriptor for a return that pops one. */
  @ParameterizedTest
  @EnumSource
  void every_stack_segment(Env env) {
    Table t = new Table("far returns, every stack segment, " + env);
    int cases = 0;
    for (Return ret : Return.values()) {
      int bits = env == Env.LONG64 ? 64 : 32;
      Rig r = rig(env, ret, bits);
      r.start.set(CpuImage.FLAGS, FLAGS);
      for (int flags = env.lma() ? 2 : 4; flags <= 4; flags += 2) {
        for (int cpl = 0; cpl < 4; cpl++) {
          for (int level = cpl; level < 4; level++) {
            if (!ret.popsStack(env, level > cpl)) {
              continue;
            }
            r.level(cpl);
            int cs = CODE | level;
            long d = Fields.descriptor(0, LIMIT, 0x9b | level << 5 | flags << 12);
            r.put(FakeMachine.GDT + CODE, 8, d);
            for (int n = 0; n < 256 * 4; n++) {
              int ss = STACK | n >> 8;
              stackCase(t, r, ret, bits, cpl, cs, d, ss, n & 0xff);
              cases++;
            }
            for (int rpl = 0; rpl < 4; rpl++) {
              for (int ss : new int[] {0, 0x200, 0xfff8, 0x104}) {
                stackCase(t, r, ret, bits, cpl, cs, d, ss | rpl, 0x93);
                cases++;
              }
            }
          }
        }
      }
    }
    t.done(cases);
  }

  private static void stackCase(
      Table t, Rig r, Return ret, int bits, int cpl, int cs, long d, int ss, int access) {
    int level = cs & 3;
    long sd = Fields.descriptor(0, 0xfffff, 0xc000 | access & ~4);
    r.put(FakeMachine.GDT + STACK, 8, sd);
    frame(r, ret, bits, TARGET, cs, FLAGS, ss);
    String code = "(" + Integer.toHexString(ss & ~3) + ")";
    String outcome;
    if (ss < 4) {
      boolean ok = code64(r.env, Fields.attr(d) >> 12) && level != 3 && ss == level;
      outcome = ok ? "-" : "#GP(0)";
    } else if ((ss & ~7) != STACK
        || (ss & 3) != level
        || !Fields.writableData(access & 0x1b)
        || (access >> 5 & 3) != level) {
      outcome = "#GP" + code;
    } else {
      outcome = (access & 0x80) == 0 ? "#SS" + code : "-";
    }
    r.begin();
    if (outcome.equals("-")) {
      expect(r, ret, bits, cpl, cs, d, ss, sd);
    }
    r.run(
        t,
        () -> String.format("%s cpl %d cs %x ss %x access %02x", ret, cpl, cs, ss, access),
        outcome);
  }

  /** Null and unreachable code selectors, and instruction pointers that do not fit. */
  @ParameterizedTest
  @EnumSource
  void selectors_and_instruction_pointers(Env env) {
    Table t = new Table("far returns, selectors and instruction pointers, " + env);
    int cases = 0;
    long[] pointers = {
      0, LIMIT, LIMIT + 1L, 0xffffffffL, 0x7fffffffffffL, 0x800000000000L, 0xffff800000000000L, -1
    };
    for (Return ret : Return.values()) {
      int bits = env == Env.LONG64 ? 64 : 32;
      Rig r = rig(env, ret, bits);
      r.start.set(CpuImage.FLAGS, FLAGS);
      for (int level = 0; level <= 3; level += 3) {
        int ss = STACKS + 8 * level | level;
        r.level(0);
        for (int bad : new int[] {0, 0x200, 0xfff8, 0x104}) {
          int cs = bad | level;
          frame(r, ret, bits, TARGET, cs, FLAGS, ss);
          r.begin();
          r.run(
              t,
              () -> ret + " cs " + Integer.toHexString(cs),
              "#GP(" + Integer.toHexString(cs & ~3) + ")");
          cases++;
        }
        for (int flags = env.lma() ? 2 : 4; flags <= 4; flags += 2) {
          int cs = CODE | level;
          long d = Fields.descriptor(0, LIMIT, 0x9b | level << 5 | flags << 12);
          r.put(FakeMachine.GDT + CODE, 8, d);
          for (long p : pointers) {
            long ip = bits == 32 ? p & 0xffffffffL : p;
            frame(r, ret, bits, ip, cs, FLAGS, ss);
            boolean canonical = ip >> 47 == 0 || ip >> 47 == -1;
            boolean is64 = code64(env, flags);
            boolean ok = is64 ? canonical : (ip & 0xffffffffL) <= LIMIT;
            r.begin();
            if (ok) {
              expect(r, ret, bits, 0, cs, d, ss, stack(level));
              r.expected.v[CpuImage.RIP] = is64 ? ip : ip & 0xffffffffL;
            }
            r.run(t, () -> String.format("%s to %x:%x", ret, cs, ip), ok ? "-" : "#GP(0)");
            cases++;
          }
        }
      }
    }
    t.done(cases);
  }

  /** What an outer level may not use becomes null: every data and code type, every level. */
  @ParameterizedTest
  @EnumSource
  void data_segments(Env env) {
    Table t = new Table("far returns, data segments of the outer level, " + env);
    int[] registers = {Reg.ES, Reg.DS, Reg.FS, Reg.GS};
    for (Return ret : Return.values()) {
      int bits = env == Env.LONG64 ? 64 : 32;
      Rig r = rig(env, ret, bits);
      r.start.set(CpuImage.FLAGS, FLAGS);
      for (int cpl = 0; cpl < 3; cpl++) {
        for (int level = cpl + 1; level < 4; level++) {
          r.level(cpl);
          int cs = CODE | level;
          int ss = STACKS + 8 * level | level;
          int flags = env == Env.LONG64 ? 2 : 4;
          long d = Fields.descriptor(0, LIMIT, 0x9b | level << 5 | flags << 12);
          r.put(FakeMachine.GDT + CODE, 8, d);
          frame(r, ret, bits, TARGET, cs, FLAGS, ss);
          for (int kind = 0x10; kind < 0x20; kind++) {
            for (int dpl = 0; dpl < 4; dpl++) {
              for (int s : registers) {
                r.start.segment(s, 0x48, 0x5000, 0xffff, 0x4080 | kind | dpl << 5);
              }
              r.begin();
              expect(r, ret, bits, cpl, cs, d, ss, stack(level));
              String title = ret + " type " + kind + " dpl " + dpl + " to level " + level;
              r.run(t, () -> title, "-");
            }
          }
          for (int s : registers) {
            r.start.nullSegment(s, 1, 0);
          }
          r.begin();
          expect(r, ret, bits, cpl, cs, d, ss, stack(level));
          r.run(t, () -> ret + " with null segments", "-");
        }
      }
    }
    t.done(3 * 6 * 65);
  }

  /** A stack that holds less than the frame is #SS(0), and nothing has changed. */
  @ParameterizedTest
  @EnumSource
  void short_stacks(Return ret) {
    Table t = new Table("far returns, frames beyond the stack limit, " + ret);
    int cases = 0;
    for (int bits = 16; bits <= 32; bits *= 2) {
      Rig r = rig(Env.PROTECTED32, ret, bits);
      r.start.set(CpuImage.FLAGS, FLAGS);
      int w = bits / 8;
      for (int level = 0; level <= 3; level += 3) {
        int cs = CODE | level;
        long d = Fields.descriptor(0, LIMIT, 0x409b | level << 5);
        r.level(0);
        r.put(FakeMachine.GDT + CODE, 8, d);
        int ss = STACKS + 8 * level | level;
        frame(r, ret, bits, 0x1234, cs, FLAGS, ss);
        int needed = ret.words * w + (level == 3 ? 2 * w + ret.release() : 0);
        for (int size = 0; size < needed + 3; size++) {
          r.start.segment(Reg.SS, FakeMachine.DATA, 0, FakeMachine.STACK0 + size - 1L, 0x4093);
          r.begin();
          if (size >= needed) {
            expect(r, ret, bits, 0, cs, d, ss, stack(level));
            r.expected.v[CpuImage.RIP] = 0x1234;
          }
          int have = size;
          r.run(t, () -> ret + " with " + have + " bytes", size >= needed ? "-" : "#SS(0)");
          cases++;
        }
      }
    }
    t.done(cases);
  }
}
