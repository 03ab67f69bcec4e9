package org.quern.x86.tables;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.Reg;
import org.quern.x86.tables.Rig.Env;

/** LLDT and LTR. Source: SDM vol. 2A, LLDT and LTR; vol. 3A, 7.2.3 (TSS in 64-bit mode). */
class SystemSegmentTableTest {
  private static final int SLOT = 0x50;
  private static final long BASE = 0x12345678L;
  private static final String LLDT = "0f 00 d0";
  private static final String LTR = "0f 00 d8";

  private static Rig rig(Env env) {
    Rig r = Rig.of(env);
    r.watch(FakeMachine.GDT, 0x200);
    return r;
  }

  /**
   * The operation sections of LLDT and LTR for a selector that is not null.
   *
   * @param high second half of a descriptor of IA-32e mode, or 0
   */
  private static String oracle(
      Env env, boolean ltr, int cpl, int selector, long limit, int access, long high) {
    if (cpl != 0) {
      return "#GP(0)";
    }
    String code = "(" + Integer.toHexString(selector & ~3) + ")";
    int type = access & 31;
    int size = env.lma() ? 16 : 8;
    boolean typeOk = ltr ? type == 9 || (type == 1 && !env.lma()) : type == 2;
    boolean outside = (selector & ~7) + size - 1 > limit;
    if ((selector & 4) != 0 || outside || !typeOk) {
      return "#GP" + code;
    }
    boolean highOk = (high >>> 40 & 31) == 0 && canonical(high << 32 | BASE);
    if (env.lma() && !highOk) {
      return "#GP" + code;
    }
    return (access & 0x80) == 0 ? "#NP" + code : "-";
  }

  /** Of 57 bits: base registers do not ask whether CR4.LA57 is set. */
  private static boolean canonical(long a) {
    long top = a >> 56;
    return top == 0 || top == -1;
  }

  private static void one(
      Table t, Rig r, boolean ltr, int cpl, int selector, int access, long high) {
    long d = Fields.descriptor(BASE, 0xabcde, 0x8000 | access);
    r.level(cpl);
    r.gpr(Reg.RAX, selector);
    r.put(FakeMachine.GDT + SLOT, 8, d);
    r.put(FakeMachine.GDT + SLOT + 8, 8, high);
    String outcome;
    if (selector <= 3) {
      outcome = cpl != 0 || ltr ? "#GP(0)" : "-";
    } else {
      long limit = r.start.v[CpuImage.GDT_LIMIT];
      outcome = oracle(r.env, ltr, cpl, selector, limit, access, high);
    }
    r.begin();
    if (outcome.equals("-")) {
      r.completes();
      int s = ltr ? CpuImage.TR : CpuImage.LDTR;
      long base = r.env.lma() ? high << 32 | BASE : BASE;
      if (selector <= 3) {
        r.expected.nullSegment(s, selector, 0);
      } else {
        int busy = ltr ? 2 : 0;
        r.expected.segment(s, selector, base, Fields.limit(d), 0x8000 | access | busy);
        r.expect(FakeMachine.GDT + SLOT + 5, 1, access | busy);
      }
    }
    r.run(
        t,
        () ->
            String.format(
                "%s %04x access %02x high %x cpl %d",
                ltr ? "ltr" : "lldt", selector, access, high, cpl),
        outcome);
  }

  @ParameterizedTest
  @EnumSource
  void every_access_byte_and_privilege(Env env) {
    Table t = new Table("LLDT and LTR, every access byte and privilege, " + env);
    Rig r = rig(env);
    for (int ltr = 0; ltr < 2; ltr++) {
      r.code(ltr == 1 ? LTR : LLDT);
      for (int access = 0; access < 256; access++) {
        for (int cpl = 0; cpl < 4; cpl++) {
          for (int rpl = 0; rpl < 4; rpl++) {
            for (int ti = 0; ti < 2; ti++) {
              one(t, r, ltr == 1, cpl, SLOT | rpl | ti << 2, access, 0);
            }
            one(t, r, ltr == 1, cpl, rpl, access, 0);
          }
        }
      }
    }
    t.done(2 * 256 * 4 * 4 * 3);
  }

  @ParameterizedTest
  @EnumSource
  void table_limits(Env env) {
    Table t = new Table("LLDT and LTR, table limits, " + env);
    Rig r = rig(env);
    for (int ltr = 0; ltr < 2; ltr++) {
      r.code(ltr == 1 ? LTR : LLDT);
      for (int end = 0; end < 20; end++) {
        r.start.set(CpuImage.GDT_LIMIT, SLOT + end);
        one(t, r, ltr == 1, 0, SLOT, ltr == 1 ? 0x89 : 0x82, 0);
        one(t, r, ltr == 1, 0, 0xfff8, ltr == 1 ? 0x89 : 0x82, 0);
      }
    }
    t.done(2 * 20 * 2);
  }

  /** The second half of a descriptor of IA-32e mode: its type must be 0, the base canonical. */
  @ParameterizedTest
  @EnumSource
  void upper_half(Env env) {
    Table t = new Table("LLDT and LTR, second half of the descriptor, " + env);
    Rig r = rig(env);
    long[] bases = {
      0, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffffL, 0xffff7fffL, 0xffff8000L, 0xffffffffL
    };
    for (int ltr = 0; ltr < 2; ltr++) {
      r.code(ltr == 1 ? LTR : LLDT);
      for (long base : bases) {
        for (int type = 0; type < 256; type++) {
          for (int present = 0; present < 2; present++) {
            int access = (ltr == 1 ? 9 : 2) | present << 7;
            one(t, r, ltr == 1, 0, SLOT, access, base | (long) type << 40);
          }
        }
      }
    }
    t.done(2 * bases.length * 256 * 2);
  }

  @Test
  void they_are_undefined_in_real_and_virtual_8086_mode() {
    Table t = new Table("LLDT, LTR, SLDT, STR, VERR, VERW, LAR, LSL, ARPL without protection");
    String[] codes = {
      LLDT, LTR, "0f 00 c0", "0f 00 c8", "0f 00 e0", "0f 00 e8", "0f 02 c8", "0f 03 c8", "63 c8"
    };
    for (String code : codes) {
      for (FakeMachine m :
          new FakeMachine[] {FakeMachine.real(), FakeMachine.protected32().v86(3)}) {
        t.next();
        t.same(() -> code, "#UD", m.outcome(code));
      }
    }
    t.done(18);
  }
}
