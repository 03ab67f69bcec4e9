package org.quern.x86.tables;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;
import org.quern.x86.tables.Rig.Env;

/**
 * LAR, LSL, VERR, VERW: every access byte against every privilege. Source: SDM vol. 2A, LAR (table
 * 3-53) and LSL (table 3-55); vol. 2B, VERR/VERW.
 */
class InspectTableTest {
  private static final int GDT_SLOT = 0x50;
  private static final int LDT_SLOT = 0x14;
  private static final long OLD = 0x1122334455667788L;

  /** The four instructions; register forms with the selector in AX and the result in ECX. */
  enum Inspect {
    LAR("0f 02 c8"),
    LSL("0f 03 c8"),
    VERR("0f 00 e0"),
    VERW("0f 00 e8");

    final String code;

    Inspect(String code) {
      this.code = code;
    }
  }

  /** System types whose "valid" column says yes. */
  private static boolean validSystem(Inspect i, boolean lma, int type) {
    return switch (i) {
      case LAR ->
          switch (type) {
            // TSS (16-bit), task gate and 16-bit call gate exist only outside IA-32e mode.
            case 1, 3, 4, 5 -> !lma;
            case 2, 9, 0xb, 0xc -> true;
            default -> false;
          };
      case LSL ->
          switch (type) {
            case 1, 3 -> !lma;
            case 2, 9, 0xb -> true;
            default -> false;
          };
      default -> false;
    };
  }

  private static boolean oracle(Inspect i, boolean lma, int access, int cpl, int rpl) {
    int kind = access & 31;
    int dpl = access >> 5 & 3;
    boolean typeOk =
        switch (i) {
          case LAR, LSL -> kind >= 16 || validSystem(i, lma, kind);
          case VERR -> Fields.data(kind) || Fields.readableCode(kind);
          case VERW -> Fields.writableData(kind);
        };
    boolean levelOk = Fields.conforming(kind) || (cpl <= dpl && rpl <= dpl);
    return typeOk && levelOk;
  }

  private static Rig rig(Env env) {
    Rig r = Rig.of(env);
    r.watch(FakeMachine.GDT, 0x80);
    r.watch(Rig.LDT, 0x40);
    r.gpr(Reg.RCX, env == Env.LONG64 ? OLD : OLD & 0xffffffffL);
    return r;
  }

  /** Expects ZF and, if it is set, the result of LAR or LSL at this operand size. */
  private static void expect(Rig r, Inspect i, boolean ok, long d, int bits) {
    r.begin();
    r.completes();
    long flags = r.expected.v[CpuImage.FLAGS];
    r.expected.v[CpuImage.FLAGS] = ok ? flags | RFlags.ZF : flags & ~RFlags.ZF;
    if (ok && (i == Inspect.LAR || i == Inspect.LSL)) {
      long v = i == Inspect.LAR ? d >>> 32 & 0x00f0ff00 : Fields.limit(d);
      long old = r.start.v[Reg.RCX];
      r.expected.v[Reg.RCX] = bits == 16 ? old & ~0xffffL | v & 0xffff : v & 0xffffffffL;
    }
  }

  @ParameterizedTest
  @EnumSource
  void every_access_byte_and_privilege(Env env) {
    Table t = new Table("LAR, LSL, VERR, VERW, every access byte and privilege, " + env);
    Rig r = rig(env);
    int sizes = env == Env.LONG64 ? 3 : 2;
    for (Inspect i : Inspect.values()) {
      for (int size = 0; size < sizes; size++) {
        int bits = 16 << size;
        r.code((bits == 16 ? "66 " : bits == 64 ? "48 " : "") + i.code);
        for (int n = 0; n < 256 * 4 * 4 * 2 * 2; n++) {
          int access = n & 0xff;
          int rpl = n >> 8 & 3;
          int cpl = n >> 10 & 3;
          boolean ldt = (n >> 12 & 1) != 0;
          boolean zf = n >> 13 != 0;
          int selector = (ldt ? LDT_SLOT : GDT_SLOT) | rpl;
          long d = Fields.descriptor(0xfedcba98L, 0xabcde, 0xa000 | access);
          r.level(cpl);
          r.put((ldt ? Rig.LDT : FakeMachine.GDT) + (selector & ~7), 8, d);
          r.gpr(Reg.RAX, 0xffff0000L | selector);
          r.start.set(CpuImage.FLAGS, RFlags.FIXED | RFlags.CF | (zf ? RFlags.ZF : 0));
          boolean ok = oracle(i, env.lma(), access, cpl, rpl);
          expect(r, i, ok, d, bits);
          r.run(
              t,
              () -> String.format("%s%d access %02x rpl %d cpl %d", i, bits, access, rpl, cpl),
              "-");
        }
      }
    }
    t.done(4 * sizes * 256 * 4 * 4 * 2 * 2);
  }

  /** Selectors outside the tables clear ZF and nothing else. */
  @ParameterizedTest
  @EnumSource
  void selectors_and_limits(Env env) {
    Table t = new Table("LAR, LSL, VERR, VERW, null selectors and table limits, " + env);
    Rig r = rig(env);
    int gdt = CpuImage.GDT_LIMIT;
    int ldt = CpuImage.seg(CpuImage.LDTR, CpuImage.LIMIT);
    long d = Fields.descriptor(0, 0xffff, 0xf3);
    r.put(FakeMachine.GDT + GDT_SLOT, 8, d);
    r.put(FakeMachine.GDT, 8, d);
    r.put(Rig.LDT, 8, d);
    r.put(Rig.LDT + (LDT_SLOT & ~7), 8, d);
    for (Inspect i : Inspect.values()) {
      r.code(i.code);
      for (int cpl = 0; cpl < 4; cpl++) {
        r.level(cpl);
        for (int rpl = 0; rpl < 4; rpl++) {
          one(t, r, i, rpl, false, d);
          one(t, r, i, 4 | rpl, true, d);
          one(t, r, i, 0xfff8 | rpl, false, d);
          one(t, r, i, 0xfffc | rpl, false, d);
          for (int end = 6; end <= 8; end++) {
            r.start.set(gdt, GDT_SLOT + end);
            one(t, r, i, GDT_SLOT | rpl, end >= 7, d);
            r.start.set(gdt, 0x1ff);
            r.start.set(ldt, (LDT_SLOT & ~7) + end);
            one(t, r, i, LDT_SLOT | rpl, end >= 7, d);
            r.start.set(ldt, 0xff);
          }
          r.start.nullSegment(CpuImage.LDTR, 0, 0);
          one(t, r, i, LDT_SLOT | rpl, false, d);
          r.start.segment(CpuImage.LDTR, Rig.LDT_SELECTOR, Rig.LDT, 0xff, 0x82);
        }
      }
    }
    t.done(4 * 4 * 4 * 11);
  }

  private static void one(Table t, Rig r, Inspect i, int selector, boolean ok, long d) {
    r.gpr(Reg.RAX, selector);
    expect(r, i, ok, d, 32);
    r.run(t, () -> i + " selector " + Integer.toHexString(selector), "-");
  }
}
