package org.quern.x86.tables;

import static org.quern.x86.state.Reg.DS;
import static org.quern.x86.state.Reg.ES;
import static org.quern.x86.state.Reg.FS;
import static org.quern.x86.state.Reg.GS;
import static org.quern.x86.state.Reg.SS;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;
import org.quern.x86.tables.Rig.Env;

/**
 * Loads of data and stack segment registers. Source: SDM vol. 2B, MOV ("loading a segment
 * register"), POP; vol. 2A, LDS/LES/LFS/LGS/LSS.
 */
class SegmentLoadTableTest {
  private static final int[] REGISTERS = {ES, SS, DS, FS, GS};
  private static final long POINTER = 0x6000;
  private static final int GDT_SLOT = 0x50;
  private static final int LDT_SLOT = 0x14;

  /** Ways to load a segment register. */
  enum Form {
    MOV,
    POP,
    POINTER
  }

  private static String code(Form form, int s) {
    return switch (form) {
      case MOV -> String.format("8e %02x", 0xc0 | s << 3);
      case POP ->
          switch (s) {
            case ES -> "07";
            case SS -> "17";
            case DS -> "1f";
            case FS -> "0f a1";
            default -> "0f a9";
          };
      // Offset to ECX, from [ESI].
      case POINTER ->
          switch (s) {
            case ES -> "c4 0e";
            case SS -> "0f b2 0e";
            case DS -> "c5 0e";
            case FS -> "0f b4 0e";
            default -> "0f b5 0e";
          };
    };
  }

  private static Rig rig(Env env) {
    Rig r = Rig.of(env);
    r.watch(FakeMachine.GDT, 0x200);
    r.watch(Rig.LDT, 0x40);
    r.watch(POINTER, 16);
    r.watch(FakeMachine.STACK0, 16);
    r.gpr(Reg.RSI, POINTER);
    return r;
  }

  /** Whether the opcode exists: PUSH/POP of ES, SS, DS and LES, LDS do not in 64-bit mode. */
  private static boolean exists(Env env, Form form, int s) {
    return switch (form) {
      case MOV -> true;
      case POP -> env != Env.LONG64 || s >= FS;
      case POINTER -> env != Env.LONG64 || (s != ES && s != DS);
    };
  }

  /**
   * MOV's operation section.
   *
   * @return "-" or the fault
   */
  private static String oracle(Env env, int cpl, int s, int selector, boolean inTable, int access) {
    int rpl = selector & 3;
    int kind = access & 31;
    int dpl = access >> 5 & 3;
    boolean present = (access & 0x80) != 0;
    String code = "(" + Integer.toHexString(selector & ~3) + ")";
    boolean isNull = selector <= 3;
    if (s == SS) {
      if (isNull) {
        return env == Env.LONG64 && cpl != 3 && rpl == cpl ? "-" : "#GP(0)";
      }
      if (!inTable || rpl != cpl || !Fields.writableData(kind) || dpl != cpl) {
        return "#GP" + code;
      }
      return present ? "-" : "#SS" + code;
    }
    if (isNull) {
      return "-";
    }
    if (!inTable || !(Fields.data(kind) || Fields.readableCode(kind))) {
      return "#GP" + code;
    }
    if (!Fields.conforming(kind) && (rpl > dpl || cpl > dpl)) {
      return "#GP" + code;
    }
    return present ? "-" : "#NP" + code;
  }

  /** Puts the selector where the form takes it from, and expects what the load leaves. */
  private static void expect(Rig r, Form form, int s, int selector, long d, String outcome) {
    boolean wide = r.env == Env.LONG64;
    int slot = wide ? 8 : 4;
    r.gpr(Reg.RAX, 0xabcd0000L | selector);
    r.put(POINTER, 4, 0x87654321L);
    r.put(POINTER + 4, 2, selector);
    r.put(FakeMachine.STACK0, 8, 0x1122334455660000L | selector);
    r.begin();
    if (!outcome.equals("-")) {
      return;
    }
    r.completes();
    if (form == Form.POP) {
      r.expected.v[Reg.RSP] += slot;
    } else if (form == Form.POINTER) {
      r.expected.v[Reg.RCX] = 0x87654321L;
    }
    if (selector <= 3) {
      r.expected.nullSegment(s, selector, 0);
    } else {
      r.expected.segment(s, selector, Fields.accessed(d));
      boolean ldt = (selector & 4) != 0;
      long table = ldt ? Rig.LDT : FakeMachine.GDT;
      r.expect(table + (selector & ~7), 8, Fields.accessed(d));
    }
    if (s == SS && form != Form.POINTER) {
      r.expected.v[CpuImage.SHADOW] = Cpu.Shadow.MOV_SS;
    }
  }

  @ParameterizedTest
  @EnumSource
  void every_descriptor_and_privilege(Env env) {
    Table t = new Table("segment loads, every descriptor and privilege, " + env);
    Rig r = rig(env);
    int forms = 0;
    for (Form form : Form.values()) {
      for (int s : REGISTERS) {
        if (!exists(env, form, s)) {
          continue;
        }
        forms++;
        r.code(code(form, s));
        for (int n = 0; n < 256 * 4 * 4 * 2; n++) {
          int access = n & 0xff;
          int rpl = n >> 8 & 3;
          int cpl = n >> 10 & 3;
          boolean ldt = n >> 12 != 0;
          int selector = (ldt ? LDT_SLOT : GDT_SLOT) | rpl;
          long d = Fields.descriptor(0x12345678, 0xfedcb, 0x5000 | access);
          r.level(cpl);
          r.put((ldt ? Rig.LDT : FakeMachine.GDT) + (selector & ~7), 8, d);
          String outcome = oracle(env, cpl, s, selector, true, access);
          expect(r, form, s, selector, d, outcome);
          int register = s;
          r.run(
              t,
              () ->
                  String.format(
                      "%s %d, access %02x, rpl %d, cpl %d", form, register, access, rpl, cpl),
              outcome);
        }
      }
    }
    t.done(forms * 256 * 4 * 4 * 2);
  }

  /** Null selectors, tables that end before or inside the descriptor, and no LDT at all. */
  @ParameterizedTest
  @EnumSource
  void selectors_and_limits(Env env) {
    Table t = new Table("segment loads, null selectors and table limits, " + env);
    Rig r = rig(env);
    int forms = 0;
    for (Form form : Form.values()) {
      for (int s : REGISTERS) {
        if (!exists(env, form, s)) {
          continue;
        }
        forms++;
        r.code(code(form, s));
        for (int cpl = 0; cpl < 4; cpl++) {
          r.level(cpl);
          int access = 0x93 | cpl << 5;
          long d = Fields.descriptor(0, 0xffff, access);
          r.put(FakeMachine.GDT + GDT_SLOT, 8, d);
          r.put(Rig.LDT + (LDT_SLOT & ~7), 8, d);
          r.put(Rig.LDT, 8, d);
          for (int rpl = 0; rpl < 4; rpl++) {
            limits(t, r, form, s, cpl, rpl, d);
          }
        }
      }
    }
    t.done(forms * 4 * 4 * (1 + 3 + 3 + 1 + 1 + 1));
  }

  private static void limits(Table t, Rig r, Form form, int s, int cpl, int rpl, long d) {
    int access = Fields.attr(d) & 0xff;
    int gdtLimit = CpuImage.GDT_LIMIT;
    int ldtLimit = CpuImage.seg(CpuImage.LDTR, CpuImage.LIMIT);
    long fullGdt = r.start.v[gdtLimit];
    one(t, r, form, s, cpl, rpl, 0, d, access, "null");
    for (int end = 6; end <= 8; end++) {
      r.start.set(gdtLimit, GDT_SLOT + end);
      one(t, r, form, s, cpl, GDT_SLOT | rpl, end, d, access, "GDT ends at " + end);
      r.start.set(gdtLimit, fullGdt);
      r.start.set(ldtLimit, (LDT_SLOT & ~7) + end);
      one(t, r, form, s, cpl, LDT_SLOT | rpl, end, d, access, "LDT ends at " + end);
      r.start.set(ldtLimit, 0xff);
    }
    one(t, r, form, s, cpl, 0xfff8 | rpl, 0, d, access, "last of the GDT");
    r.start.nullSegment(CpuImage.LDTR, 0, 0);
    one(t, r, form, s, cpl, LDT_SLOT | rpl, 0, d, access, "no LDT");
    r.start.segment(CpuImage.LDTR, Rig.LDT_SELECTOR, Rig.LDT, 0xff, 0x82);
    // Index 0 is null in the GDT only.
    one(t, r, form, s, cpl, 4 | rpl, 7, d, access, "first of the LDT");
  }

  private static void one(
      Table t,
      Rig r,
      Form form,
      int s,
      int cpl,
      int selector,
      int end,
      long d,
      int access,
      String what) {
    String outcome = oracle(r.env, cpl, s, selector, end >= 7, access);
    expect(r, form, s, selector, d, outcome);
    r.run(t, () -> form + " " + s + " " + what + " selector " + selector + " cpl " + cpl, outcome);
  }

  /** Base, limit and flags arrive in the hidden part, for each register. */
  @ParameterizedTest
  @EnumSource
  void hidden_parts(Env env) {
    Table t = new Table("segment loads, base, limit and flags, " + env);
    Rig r = rig(env);
    long[] bases = {0, 1, 0xffffff, 0x1000000, 0x80000000L, 0xffffffffL};
    int[] limits = {0, 1, 0xffff, 0x10000, 0xfffff};
    for (int s : REGISTERS) {
      r.code(code(Form.MOV, s));
      for (long base : bases) {
        for (int limit : limits) {
          for (int flags = 0; flags < 16; flags++) {
            for (int kind = 0x12; kind <= 0x17; kind += kind == 0x13 ? 3 : 1) {
              long d = Fields.descriptor(base, limit, 0x80 | kind | flags << 12);
              r.put(FakeMachine.GDT + GDT_SLOT, 8, d);
              expect(r, Form.MOV, s, GDT_SLOT, d, "-");
              r.run(t, () -> "descriptor " + Long.toHexString(d), "-");
            }
          }
        }
      }
    }
    t.done(5 * bases.length * limits.length * 16 * 4);
  }
}
