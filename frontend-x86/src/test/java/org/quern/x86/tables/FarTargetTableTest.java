package org.quern.x86.tables;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.Reg;
import org.quern.x86.tables.Rig.Env;

/**
 * JMP and CALL far to code segments. Source: SDM vol. 2A, CALL and JMP ("CONFORMING-CODE-SEGMENT",
 * "NONCONFORMING-CODE-SEGMENT").
 */
class FarTargetTableTest {
  private static final int SLOT = 0x50;
  private static final int LDT_SLOT = 0x14;
  private static final long POINTER = 0x6000;
  private static final int LIMIT = 0x1ffff;
  private static final String JMP = "ff 2e";
  private static final String CALL = "ff 1e";
  private static final long RETURN = FakeMachine.CODE + 2;

  private static Rig rig(Env env) {
    Rig r = Rig.of(env);
    r.watch(FakeMachine.GDT, 0x200);
    r.watch(Rig.LDT, 0x40);
    r.watch(POINTER, 16);
    r.watch(FakeMachine.STACK0 - 32, 64);
    r.gpr(Reg.RSI, POINTER);
    return r;
  }

  private static boolean code64(Env env, int flags) {
    return env.lma() && (flags & 2) != 0;
  }

  /**
   * The operation sections for a selector that is not null and a descriptor inside its table, of
   * code or data.
   *
   * @param flags AVL, L, D/B, G of the descriptor in bits 0 to 3
   */
  private static String oracle(
      Env env, int cpl, int selector, int access, int flags, boolean inLimit) {
    int kind = access & 31;
    int dpl = access >> 5 & 3;
    int rpl = selector & 3;
    String code = "(" + Integer.toHexString(selector & ~3) + ")";
    if (!Fields.code(kind) || (env.lma() && (flags & 6) == 6)) {
      return "#GP" + code;
    }
    if (Fields.conforming(kind) ? dpl > cpl : rpl > cpl || dpl != cpl) {
      return "#GP" + code;
    }
    if ((access & 0x80) == 0) {
      return "#NP" + code;
    }
    return inLimit || code64(env, flags) ? "-" : "#GP(0)";
  }

  private static void one(
      Table t, Rig r, boolean call, int cpl, int selector, int access, int flags, long offset) {
    boolean ldt = (selector & 4) != 0;
    long at = (selector & ~7L) + (ldt ? Rig.LDT : FakeMachine.GDT);
    long d = Fields.descriptor(0x40, LIMIT, access | flags << 12);
    r.level(cpl);
    r.put(at, 8, d);
    r.put(POINTER, 4, offset);
    r.put(POINTER + 4, 2, selector);
    boolean inLimit = offset <= Fields.limit(d);
    String outcome = oracle(r.env, cpl, selector, access, flags, inLimit);
    r.begin();
    if (outcome.equals("-")) {
      r.expected.v[CpuImage.RIP] = offset;
      r.expected.segment(Reg.CS, selector & ~3 | cpl, Fields.accessed(d));
      r.expect(at, 8, Fields.accessed(d));
      if (call) {
        r.expected.v[Reg.RSP] -= 8;
        r.expect(FakeMachine.STACK0 - 4, 4, r.start.v[CpuImage.seg(Reg.CS, 0)]);
        r.expect(FakeMachine.STACK0 - 8, 4, RETURN);
      }
    }
    r.run(
        t,
        () ->
            String.format(
                "%s %04x:%x access %02x flags %x cpl %d",
                call ? "call" : "jmp", selector, offset, access, flags, cpl),
        outcome);
  }

  @ParameterizedTest
  @EnumSource
  void every_code_segment_and_privilege(Env env) {
    Table t = new Table("far JMP and CALL, every code and data descriptor, " + env);
    Rig r = rig(env);
    for (int call = 0; call < 2; call++) {
      r.code(call == 1 ? CALL : JMP);
      for (int n = 0; n < 256 * 4 * 4 * 16 * 2; n++) {
        int access = n & 0xff;
        if ((access & 0x10) == 0) {
          continue;
        }
        int rpl = n >> 8 & 3;
        int cpl = n >> 10 & 3;
        int flags = n >> 12 & 15;
        boolean out = n >> 16 != 0;
        // With G the limit is far beyond the program: then there is no "outside".
        long offset = out ? LIMIT + 1L : LIMIT;
        one(t, r, call == 1, cpl, SLOT | rpl, access, flags, offset);
      }
    }
    t.done(2 * 128 * 4 * 4 * 16 * 2);
  }

  @ParameterizedTest
  @EnumSource
  void selectors_and_limits(Env env) {
    Table t = new Table("far JMP and CALL, null selectors and table limits, " + env);
    Rig r = rig(env);
    int gdt = CpuImage.GDT_LIMIT;
    int ldt = CpuImage.seg(CpuImage.LDTR, CpuImage.LIMIT);
    for (int call = 0; call < 2; call++) {
      r.code(call == 1 ? CALL : JMP);
      for (int cpl = 0; cpl < 4; cpl++) {
        for (int rpl = 0; rpl <= cpl; rpl++) {
          int access = 0x9b | cpl << 5;
          refused(t, r, cpl, rpl, "#GP(0)");
          refused(t, r, cpl, 0xfff8 | rpl, "#GP(fff8)");
          refused(t, r, cpl, 0xfffc | rpl, "#GP(fffc)");
          one(t, r, call == 1, cpl, 4 | rpl, access, 4, 0x123);
          one(t, r, call == 1, cpl, LDT_SLOT | rpl, access, 4, 0x123);
          r.start.set(gdt, SLOT + 7);
          one(t, r, call == 1, cpl, SLOT | rpl, access, 4, 0x123);
          r.start.set(gdt, SLOT + 6);
          refused(t, r, cpl, SLOT | rpl, "#GP(50)");
          r.start.set(gdt, 0x1ff);
          r.start.set(ldt, (LDT_SLOT & ~7) + 7);
          one(t, r, call == 1, cpl, LDT_SLOT | rpl, access, 4, 0x123);
          r.start.set(ldt, (LDT_SLOT & ~7) + 6);
          refused(t, r, cpl, LDT_SLOT | rpl, "#GP(14)");
          r.start.nullSegment(CpuImage.LDTR, 0, 0);
          refused(t, r, cpl, LDT_SLOT | rpl, "#GP(14)");
          r.start.segment(CpuImage.LDTR, Rig.LDT_SELECTOR, Rig.LDT, 0xff, 0x82);
        }
      }
    }
    t.done(2 * 10 * 10);
  }

  private static void refused(Table t, Rig r, int cpl, int selector, String outcome) {
    r.level(cpl);
    r.put(POINTER + 4, 2, selector);
    r.begin();
    r.run(t, () -> "selector " + Integer.toHexString(selector), outcome);
  }

  /**
   * Operand sizes: how much of the pointer counts, and how wide the pushes are. Of a 64-bit offset
   * compatibility mode takes the lower half; the manual leaves that open.
   */
  @ParameterizedTest
  @EnumSource
  void operand_sizes(Env env) {
    Table t = new Table("far JMP and CALL, operand sizes, " + env);
    Rig r = rig(env);
    int cases = 0;
    long[] offsets = {
      0,
      0x1234,
      0xffff,
      0x10000,
      0x1ffff,
      0x20000,
      0xffffffffL,
      0x7fffffffffffL,
      0x800000000000L,
      0xffff800000000000L,
      -1
    };
    for (int call = 0; call < 2; call++) {
      for (int bits = 16; bits <= (env == Env.LONG64 ? 64 : 32); bits *= 2) {
        r.code((bits == 16 ? "66 " : bits == 64 ? "48 " : "") + (call == 1 ? CALL : JMP));
        for (long offset : offsets) {
          for (int flags = 0; flags < 6; flags += 2) {
            sized(t, r, call == 1, bits, offset, flags);
            cases++;
          }
        }
      }
    }
    t.done(cases);
  }

  private static void sized(Table t, Rig r, boolean call, int bits, long offset, int flags) {
    int bytes = bits / 8;
    long d = Fields.descriptor(0, LIMIT, 0x9b | flags << 12);
    r.level(0);
    r.put(FakeMachine.GDT + SLOT, 8, d);
    r.put(POINTER, 8, offset);
    r.put(POINTER + bytes, 2, SLOT);
    long target = bits == 64 ? offset : offset & (1L << bits) - 1;
    boolean canonical = target >> 47 == 0 || target >> 47 == -1;
    boolean ok = code64(r.env, flags) ? canonical : (target & 0xffffffffL) <= LIMIT;
    r.begin();
    if (ok) {
      r.expected.v[CpuImage.RIP] = code64(r.env, flags) ? target : target & 0xffffffffL;
      r.expected.segment(Reg.CS, SLOT, d);
      if (call) {
        int prefix = bits == 32 ? 0 : 1;
        r.expected.v[Reg.RSP] -= 2L * bytes;
        r.expect(FakeMachine.STACK0 - bytes, bytes, r.start.v[CpuImage.seg(Reg.CS, 0)]);
        r.expect(FakeMachine.STACK0 - 2L * bytes, bytes, RETURN + prefix);
      }
    }
    r.run(
        t,
        () -> String.format("call %s, %d bits, %x, flags %x", call, bits, offset, flags),
        ok ? "-" : "#GP(0)");
  }
}
