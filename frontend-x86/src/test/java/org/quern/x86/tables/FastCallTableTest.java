package org.quern.x86.tables;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;
import org.quern.x86.tables.Rig.Env;

/**
 * SYSCALL, SYSRET, SYSENTER and SYSEXIT by mode, privilege and vendor. Source: SDM vol. 2B, each;
 * AMD APM vol. 3, each (SYSCALL outside 64-bit mode, SYSENTER not in long mode).
 */
class FastCallTableTest {
  private static final int CODE64 = 0xa09b;
  private static final int CODE32 = 0xc09b;
  private static final int DATA = 0xc093;
  private static final long LIMIT = 0xffffffffL;
  private static final long RETURN = FakeMachine.CODE + 2;

  private static final long[] POINTERS = {
    0,
    0x1234,
    0xffffffffL,
    0x100000000L,
    0x7fffffffffffL,
    0x800000000000L,
    0xffff7fffffffffffL,
    0xffff800000000000L,
    -1
  };

  private static final int[] BITS = {
    RFlags.CF,
    RFlags.TF,
    RFlags.IF,
    RFlags.DF,
    RFlags.IOPL,
    RFlags.NT,
    RFlags.AC,
    RFlags.VIF,
    RFlags.ID
  };

  private static Rig rig(Env env, String vendor) {
    CpuModel max = CpuModel.max();
    return Rig.of(
        env, new CpuModel("m", vendor, 15, 6, 1, "m", max.features(), max.physicalBits()));
  }

  private static int flags(int n) {
    int f = RFlags.FIXED;
    for (int b = 0; b < BITS.length; b++) {
      f |= (n >> b & 1) != 0 ? BITS[b] : 0;
    }
    return f;
  }

  private static boolean canonical(long a) {
    return a >> 47 == 0 || a >> 47 == -1;
  }

  private static void enter(CpuImage e, int cs, int csAttr, int ss, int level) {
    e.segment(Reg.CS, cs & 0xffff, 0, LIMIT, csAttr | level << 5);
    e.segment(Reg.SS, ss & 0xffff, 0, LIMIT, DATA | level << 5);
    e.set(CpuImage.CPL, level);
  }

  /** TF as it is at the end of SYSCALL and SYSRET decides on their trap. */
  private static void trap(CpuImage e) {
    e.set(CpuImage.PENDING_DEBUG, (e.v[CpuImage.FLAGS] & RFlags.TF) != 0 ? 1 << 14 : 0);
  }

  @ParameterizedTest
  @EnumSource
  void syscall(Env env) {
    Table t = new Table("SYSCALL, " + env);
    int[] selectors = {0, 0x28, 0x2b, 0xfff8, 0xffff};
    for (String vendor : new String[] {"GenuineIntel", "AuthenticAMD"}) {
      Rig r = rig(env, vendor);
      r.code("0f 05");
      boolean amd = vendor.startsWith("Auth");
      for (int n = 0; n < 1 << BITS.length; n++) {
        for (int sce = 0; sce < 2; sce++) {
          for (int cpl = 0; cpl < 4; cpl++) {
            int s = selectors[n % selectors.length];
            long mask = ~n * 0x9e3779b1L & 0x3f7fd7;
            r.level(cpl);
            r.start.set(CpuImage.FLAGS, flags(n));
            long efer = r.start.v[CpuImage.EFER] & ~Cr.EFER_SCE;
            r.start.set(CpuImage.EFER, sce == 1 ? efer | Cr.EFER_SCE : efer);
            r.c.msr.star = (long) s << 32 | 0x11110000_00004560L;
            r.c.msr.lstar = 0xffff800000001230L;
            r.c.msr.cstar = 0xffff800000007890L;
            r.c.msr.sfmask = mask;
            boolean ok = sce == 1 && (env == Env.LONG64 || amd);
            r.begin();
            if (ok) {
              expectSyscall(r, env, s, n, mask);
            }
            r.run(
                t,
                () -> vendor + " flags " + Long.toHexString(r.start.v[CpuImage.FLAGS]),
                ok ? "-" : "#UD");
          }
        }
      }
    }
    t.done(2 * 2 * 4 << BITS.length);
  }

  private static void expectSyscall(Rig r, Env env, int s, int n, long mask) {
    CpuImage e = r.expected;
    e.set(Reg.RCX, RETURN);
    if (env == Env.PROTECTED32) {
      // AMD's legacy form has its entry in STAR itself.
      e.set(CpuImage.RIP, 0x4560);
      enter(e, s & 0xfffc, CODE32, s + 8, 0);
      e.set(CpuImage.FLAGS, flags(n) & ~(RFlags.IF | RFlags.VM | RFlags.RF));
    } else {
      e.set(11, flags(n));
      boolean long64 = env == Env.LONG64;
      e.set(CpuImage.RIP, long64 ? 0xffff800000001230L : 0xffff800000007890L);
      enter(e, s & 0xfffc, CODE64, s + 8, 0);
      e.set(CpuImage.FLAGS, flags(n) & ~mask | RFlags.FIXED);
    }
    trap(e);
  }

  @ParameterizedTest
  @EnumSource
  void sysret(Env env) {
    Table t = new Table("SYSRET, " + env);
    int cases = 0;
    int[] selectors = {0x10, 0x13, 0xfff0, 0xffff};
    for (int wide = 0; wide < (env == Env.LONG64 ? 2 : 1); wide++) {
      Rig r = rig(env, "GenuineIntel");
      r.code(wide == 1 ? "48 0f 07" : "0f 07");
      for (int n = 0; n < 1 << 22; n += 1 + n / 64) {
        for (long target : POINTERS) {
          for (int cpl = 0; cpl < 4; cpl += 3) {
            for (int sce = 0; sce < 2; sce++) {
              int s = selectors[n & 3];
              r.level(cpl);
              r.gpr(Reg.RCX, target);
              r.gpr(11, 0x12345678_00000000L | n);
              long efer = r.start.v[CpuImage.EFER] & ~Cr.EFER_SCE;
              r.start.set(CpuImage.EFER, sce == 1 ? efer | Cr.EFER_SCE : efer);
              r.c.msr.star = (long) s << 48;
              String outcome =
                  env != Env.LONG64 || sce == 0
                      ? "#UD"
                      : cpl != 0 || (wide == 1 && !canonical(target)) ? "#GP(0)" : "-";
              r.begin();
              if (outcome.equals("-")) {
                CpuImage e = r.expected;
                e.set(CpuImage.RIP, wide == 1 ? target : target & LIMIT);
                int cs = wide == 1 ? s + 16 : s;
                enter(e, cs | 3, wide == 1 ? CODE64 : CODE32, s + 8 | 3, 3);
                e.set(CpuImage.FLAGS, n & 0x3c7fd7 | RFlags.FIXED);
                trap(e);
              }
              r.run(t, () -> "to " + Long.toHexString(target) + " r11 " + r.start.v[11], outcome);
              cases++;
            }
          }
        }
      }
    }
    t.done(cases);
  }

  /** SYSENTER from every mode, with and without a code selector. */
  @ParameterizedTest
  @EnumSource
  void sysenter(FlagsTableTest.Mode mode) {
    Table t = new Table("SYSENTER, " + mode);
    boolean lma = mode == FlagsTableTest.Mode.LONG || mode == FlagsTableTest.Mode.COMPATIBILITY;
    boolean real = mode == FlagsTableTest.Mode.REAL;
    int[] selectors = {0, 1, 3, 4, 0x28, 0x2b, 0xffff, 0x12340003, 0x12340010};
    Rig r = mode.rig();
    r.code("0f 34");
    for (int cpl = mode.lowestCpl(); cpl <= mode.highestCpl(); cpl++) {
      if (!real && mode != FlagsTableTest.Mode.VIRTUAL) {
        r.level(cpl);
      }
      for (int s : selectors) {
        for (int n = 0; n < 1 << BITS.length; n++) {
          int vm = mode == FlagsTableTest.Mode.VIRTUAL ? RFlags.VM : 0;
          r.start.set(CpuImage.FLAGS, flags(n) | vm);
          r.c.msr.sysenterCs = s;
          r.c.msr.sysenterEip = 0xffff8000_00001234L;
          r.c.msr.sysenterEsp = 0xffff8000_00005678L;
          boolean bad = real || (s & 0xfffc) == 0;
          r.begin();
          if (!bad) {
            CpuImage e = r.expected;
            long mask = lma ? -1 : LIMIT;
            e.set(CpuImage.RIP, r.c.msr.sysenterEip & mask);
            e.set(Reg.RSP, r.c.msr.sysenterEsp & mask);
            int cs = s & 0xfffc;
            enter(e, cs, lma ? CODE64 : CODE32, cs + 8, 0);
            e.set(CpuImage.FLAGS, flags(n) & ~RFlags.IF);
          }
          r.run(t, () -> "CS " + Integer.toHexString(s), bad ? "#GP(0)" : "-");
        }
      }
    }
    t.done((mode.highestCpl() - mode.lowestCpl() + 1) * selectors.length << BITS.length);
  }

  @ParameterizedTest
  @EnumSource
  void sysexit(Env env) {
    Table t = new Table("SYSEXIT, " + env);
    int[] selectors = {0, 3, 4, 0x28, 0xffe0};
    int sizes = env == Env.LONG64 ? 2 : 1;
    for (int wide = 0; wide < sizes; wide++) {
      Rig r = rig(env, "GenuineIntel");
      r.code(wide == 1 ? "48 0f 35" : "0f 35");
      for (int s : selectors) {
        for (int cpl = 0; cpl < 4; cpl++) {
          for (long ip : POINTERS) {
            for (long sp : POINTERS) {
              r.level(cpl);
              r.gpr(Reg.RDX, ip);
              r.gpr(Reg.RCX, sp);
              r.c.msr.sysenterCs = s;
              boolean bad = cpl != 0 || (s & 0xfffc) == 0;
              bad |= wide == 1 && (!canonical(ip) || !canonical(sp));
              r.begin();
              if (!bad) {
                CpuImage e = r.expected;
                long mask = wide == 1 ? -1 : LIMIT;
                e.set(CpuImage.RIP, ip & mask);
                e.set(Reg.RSP, sp & mask);
                int cs = s + (wide == 1 ? 32 : 16) | 3;
                enter(e, cs, wide == 1 ? CODE64 : CODE32, cs + 8, 3);
              }
              String title = String.format("CS %x to %x stack %x cpl %d", s, ip, sp, cpl);
              r.run(t, () -> title, bad ? "#GP(0)" : "-");
            }
          }
        }
      }
    }
    t.done(sizes * selectors.length * 4 * 81);
  }

  /** AMD's SYSENTER and SYSEXIT are undefined in long mode, compatibility mode included. */
  @ParameterizedTest
  @EnumSource
  void amd_sysenter(Env env) {
    Table t = new Table("SYSENTER and SYSEXIT of AMD, " + env);
    Rig r = rig(env, "AuthenticAMD");
    for (String code : new String[] {"0f 34", "0f 35"}) {
      r.code(code);
      for (int cpl = 0; cpl < 4; cpl++) {
        r.level(cpl);
        r.c.msr.sysenterCs = 0x28;
        boolean denied = code.endsWith("35") && cpl != 0;
        String outcome = env.lma() ? "#UD" : denied ? "#GP(0)" : "-";
        r.begin();
        if (outcome.equals("-")) {
          r.anyState();
        }
        r.run(t, () -> code, outcome);
      }
    }
    t.done(8);
  }
}
