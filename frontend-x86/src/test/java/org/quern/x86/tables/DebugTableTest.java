package org.quern.x86.tables;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.semantics.Debug;
import org.quern.x86.semantics.Interrupts;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;
import org.quern.x86.tables.Rig.Env;

/**
 * Debug registers, instruction breakpoints and the flags that a debug exception pushes. Source: SDM
 * vol. 3B, 17.2 and 17.3; vol. 2B, MOV (debug registers). Data and I/O breakpoints are in the guest
 * programs of the tests module.
 */
class DebugTableTest {
  /** Who may touch which register, with DE and GD. */
  @ParameterizedTest
  @EnumSource
  void registers(Env env) {
    Table t = new Table("MOV DR, registers and privilege, " + env);
    Rig r = Rig.of(env);
    for (int n = 0; n < 8; n++) {
      for (int load = 0; load < 2; load++) {
        r.code(String.format("0f %02x %02x", load == 1 ? 0x23 : 0x21, 0xc0 | n << 3));
        for (int cpl = 0; cpl < 4; cpl++) {
          for (int de = 0; de < 2; de++) {
            for (int gd = 0; gd < (cpl == 0 ? 2 : 1); gd++) {
              r.level(cpl);
              long cr4 = r.start.v[CpuImage.CR4] & ~Cr.CR4_DE;
              r.start.set(CpuImage.CR4, de == 1 ? cr4 | Cr.CR4_DE : cr4);
              r.start.set(CpuImage.DR + 6, 0xffff0ff0L);
              r.start.set(CpuImage.DR + 7, gd == 1 ? 0x2400 : 0x400);
              r.gpr(Reg.RAX, 0x12340000);
              int real = n == 4 || n == 5 ? n + 2 : n;
              boolean undefined = real != n && de == 1;
              String outcome = undefined ? "#UD" : cpl != 0 ? "#GP(0)" : gd == 1 ? "#DB" : "-";
              r.begin();
              if (outcome.equals("-")) {
                r.completes();
                if (load == 0) {
                  r.expected.set(Reg.RAX, r.start.v[CpuImage.DR + real]);
                } else {
                  r.expected.set(CpuImage.DR + real, written(real, 0x12340000));
                }
              } else if (outcome.equals("#DB")) {
                r.expected.set(CpuImage.PENDING_DEBUG, 1 << 13);
              }
              String title = "dr" + n + " load " + load + " cpl " + cpl + " de " + de;
              r.run(t, () -> title, outcome);
            }
          }
        }
      }
    }
    t.done(8 * 2 * 2 * (2 + 3));
  }

  /** What a debug register holds after a write: figure 17-1, and 17.2.6 for 64-bit mode. */
  private static long written(int n, long v) {
    return switch (n) {
      // BD, BS, BT and B0 to B3 can be written; the rest is fixed.
      case 6 -> v & 0xe00f | 0xffff0ff0L;
      // Bit 10 is one; 11, 12, 14 and 15 are zero.
      case 7 -> v & 0xffff23ffL | 0x400;
      default -> v;
    };
  }

  @ParameterizedTest
  @EnumSource
  void every_bit(Env env) {
    Table t = new Table("MOV DR, every bit, " + env);
    Rig r = Rig.of(env);
    boolean wide = env == Env.LONG64;
    for (int n = 0; n < 8; n++) {
      if (n == 4 || n == 5) {
        continue;
      }
      r.code(String.format("0f 23 %02x", 0xc0 | n << 3));
      for (int inverted = 0; inverted < 2; inverted++) {
        for (int bit = 0; bit < 64; bit++) {
          long v = 1L << bit;
          v = inverted == 1 ? (bit < 32 ? v ^ 0xffffffffL : ~v) : v;
          r.gpr(Reg.RAX, v);
          boolean bad = wide && n >= 6 && v >>> 32 != 0;
          r.begin();
          if (!bad) {
            r.completes();
            r.expected.set(CpuImage.DR + n, written(n, wide ? v : v & 0xffffffffL));
          }
          String title = String.format("dr%d = %x", n, v);
          r.run(t, () -> title, bad ? "#GP(0)" : "-");
        }
      }
    }
    t.done(6 * 2 * 64);
  }

  /** Instruction breakpoints: each register, enable bits, R/W, address and RF. */
  @Test
  void instruction_breakpoints() {
    Table t = new Table("instruction breakpoints");
    FakeMachine m = FakeMachine.long64();
    for (int n = 0; n < 4; n++) {
      for (int enable = 0; enable < 4; enable++) {
        for (int rw = 0; rw < 4; rw++) {
          for (int offset = -1; offset <= 1; offset++) {
            for (int rf = 0; rf < 2; rf++) {
              m.cpu.dr[n] = (long) FakeMachine.CODE + offset;
              m.cpu.dr[7] = 0x400 | (long) rw << 16 + 4 * n | (long) enable << 2 * n;
              m.cpu.eflags = RFlags.FIXED | (rf == 1 ? RFlags.RF : 0);
              m.cpu.pendingDebug = 0;
              boolean expected = enable != 0 && rw == 0 && offset == 0 && rf == 0;
              boolean hit = Debug.instructionBreakpoint(m.cpu, FakeMachine.CODE);
              String title = String.format("DR%d enable %d rw %d at %d", n, enable, rw, offset);
              t.next();
              t.same(() -> title, expected, hit);
              t.same(() -> title + ", causes", expected ? 1 << n : 0, m.cpu.pendingDebug);
            }
          }
        }
      }
      m.cpu.dr[n] = 0;
    }
    t.done(4 * 4 * 4 * 3 * 2);
  }

  /** RF in the image: set by faults, general detect among them, but for instruction breakpoints. */
  @Test
  void resume_flag_of_what_is_delivered() {
    Table t = new Table("RF pushed by exceptions");
    for (int vector = 0; vector < 20; vector++) {
      if (vector == 2 || vector == 9 || vector == 15 || vector == 18) {
        continue;
      }
      for (int before = 0; before < 2; before++) {
        for (int trap = 0; trap < 2; trap++) {
          for (int cause : new int[] {1, 1 << 13, 1 << 14}) {
            FakeMachine m = FakeMachine.protected32();
            m.cpu.setRflags(RFlags.FIXED | (before == 1 ? RFlags.RF : 0));
            m.cpu.pendingDebug = vector == 1 ? cause : 0;
            m.cpu.fault.set(vector);
            m.cpu.fault.trap = trap == 1;
            Interrupts.deliverFault(m.cpu, m.cpu.fault);
            boolean error = vector == 8 || (vector >= 10 && vector <= 14) || vector == 17;
            long image = m.stack(error ? 12 : 8, 4);
            boolean breakpoint = vector == 1 && cause != 1 << 13;
            boolean set = before == 1 || (trap == 0 && !breakpoint);
            String title = "vector " + vector + " trap " + trap + " cause " + cause;
            t.next();
            t.same(() -> title, set, (image & RFlags.RF) != 0);
            t.same(() -> title + ", RF inside", 0, m.cpu.eflags & RFlags.RF);
          }
        }
      }
    }
    t.done(16 * 2 * 2 * 3);
  }

  /** What DR6 and DR7 are after each combination of causes, from each value of DR6 before. */
  @Test
  void debug_status() {
    Table t = new Table("DR6 and DR7 after a debug exception");
    FakeMachine m = FakeMachine.protected32();
    CpuImage start = new CpuImage();
    start.capture(m.cpu);
    for (int cause = 1; cause < 128; cause++) {
      for (int before = 0; before < 128; before++) {
        start.restore(m.cpu);
        m.cpu.dr[6] = 0xffff0ff0L | spread(before);
        m.cpu.dr[7] = 0x2400;
        m.cpu.pendingDebug = spread(cause);
        Interrupts.deliverDebugTrap(m.cpu);
        // B0 to B3 are replaced, BD, BS and BT only ever added.
        long expected = 0xffff0ff0L | spread(before) & 0xe000 | spread(cause);
        String title = "cause " + cause + " before " + before;
        t.next();
        t.same(() -> title, expected, m.cpu.dr[6]);
        t.same(() -> title + ", GD", 0x400, m.cpu.dr[7]);
      }
    }
    t.done(127 * 128);
  }

  private static int spread(int n) {
    return n & 15 | (n >> 4) << 13;
  }
}
