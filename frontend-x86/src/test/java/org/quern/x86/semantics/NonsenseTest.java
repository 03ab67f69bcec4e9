package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.fault.GuestFault;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuMode;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/**
 * Random bytes in random states: the guest may fault, shut down or loop, but never raise a Java
 * exception, and the processor must stay consistent.
 */
class NonsenseTest {
  private static final long SEED = 20261122;

  enum Mode {
    REAL,
    PROTECTED,
    PROTECTED_USER,
    V86,
    LONG,
    LONG_USER,
    COMPATIBILITY;

    FakeMachine machine() {
      return switch (this) {
        case REAL -> FakeMachine.real();
        case PROTECTED -> FakeMachine.protected32();
        case PROTECTED_USER -> FakeMachine.protected32().user();
        case V86 -> FakeMachine.protected32().v86(3);
        case LONG -> FakeMachine.long64();
        case LONG_USER -> FakeMachine.long64().user();
        case COMPATIBILITY -> {
          FakeMachine m = FakeMachine.long64().user();
          m.load(Reg.CS, FakeMachine.USER_CODE32);
          yield m;
        }
      };
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void random_code(Mode mode) {
    run(mode, new Random(SEED + mode.ordinal()), 300, 25);
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(Mode.class)
  void random_code_for_long(Mode mode) {
    run(mode, new Random(SEED * 31 + mode.ordinal()), 20_000, 25);
  }

  private static void run(Mode mode, Random random, int programs, int steps) {
    FakeMachine m = mode.machine();
    Start start = new Start(m.cpu);
    byte[] tables = copy(m, 0);
    byte[] pageTables = copy(m, FakeMachine.PAGE_TABLES);
    for (int p = 0; p < programs; p++) {
      start.restore(m.cpu);
      m.bus.write(0, tables);
      m.bus.write(FakeMachine.PAGE_TABLES, pageTables);
      scramble(m, random);
      byte[] code = new byte[64];
      random.nextBytes(code);
      if (random.nextInt(3) == 0) {
        // Most of the system instructions are here.
        code[0] = 0x0f;
        code[1] = (byte) (random.nextBoolean() ? random.nextInt(0x10) : random.nextInt(0x100));
      }
      m.bus.write(FakeMachine.CODE, code);
      try {
        for (int n = 0; n < steps && m.cpu.activity == Cpu.Activity.ACTIVE; n++) {
          m.step();
          consistent(m.cpu);
          if (m.cpu.pendingDebug != 0) {
            Interrupts.deliverDebugTrap(m.cpu);
          }
        }
      } catch (GuestFault f) {
        throw new AssertionError(where(mode, p, code) + ": undelivered " + f.getMessage(), f);
      } catch (RuntimeException | Error e) {
        throw new AssertionError(where(mode, p, code) + ": " + e, e);
      }
      m.delivered.clear();
      m.bus.portAccesses.clear();
      m.bus.mmioAccesses.clear();
    }
  }

  /** Four pages: descriptor tables and TSS, or the page tables. */
  private static byte[] copy(FakeMachine m, long physical) {
    byte[] bytes = new byte[0x4000];
    HostMemory.read(m.bus.hostPage(physical), bytes, 0, bytes.length);
    return bytes;
  }

  private static String where(Mode mode, int program, byte[] code) {
    return mode + " program " + program + " " + HexFormat.ofDelimiter(" ").formatHex(code);
  }

  /** Registers with a bias to small and to non-canonical values, flags, a few control bits. */
  private static void scramble(FakeMachine m, Random random) {
    Cpu c = m.cpu;
    for (int r = 0; r < 16; r++) {
      c.gpr[r] =
          switch (random.nextInt(4)) {
            case 0 -> random.nextInt(0x10000);
            case 1 -> random.nextInt(FakeMachine.RAM);
            case 2 -> random.nextLong();
            default -> random.nextInt(64) << 3 | random.nextInt(8);
          };
    }
    c.gpr[Reg.RSP] = (long) FakeMachine.STACK3 - random.nextInt(64);
    c.setStatusFlags(random.nextInt());
    c.eflags ^= random.nextInt() & (RFlags.DF | RFlags.NT | RFlags.AC | RFlags.TF);
    c.cr4 ^= random.nextLong() & (Cr.CR4_VME | Cr.CR4_DE | Cr.CR4_TSD | Cr.CR4_FSGSBASE);
    c.mmu.selectContext();
  }

  private static void consistent(Cpu c) {
    assertThat(c.cpl).isBetween(0, 3);
    assertThat(c.gpr[Reg.ZERO]).isZero();
    assertThat(c.eflags & RFlags.FIXED).isEqualTo(RFlags.FIXED);
    if (c.v86()) {
      assertThat(c.cpl).isEqualTo(3);
    }
    if (c.realMode()) {
      assertThat(c.cpl).isZero();
    }
    boolean pe = (c.cr0 & Cr.CR0_PE) != 0;
    assertThat(c.protectedMode).isEqualTo(pe && !c.v86());
    if (!c.longMode) {
      assertThat(c.rip >>> 32).isZero();
    }
  }

  /** What a program may change and the next one needs again. */
  private static final class Start {
    private final Cpu saved;

    Start(Cpu c) {
      saved = new FakeMachine().cpu;
      copy(c, saved);
    }

    void restore(Cpu c) {
      copy(saved, c);
      c.mmu.debugRegistersChanged();
      c.mmu.flushAll();
      c.mmu.selectContext();
      CpuMode.update(c);
    }

    private static void copy(Cpu from, Cpu to) {
      System.arraycopy(from.gpr, 0, to.gpr, 0, from.gpr.length);
      System.arraycopy(from.dr, 0, to.dr, 0, 8);
      for (int s = 0; s < 6; s++) {
        to.seg[s].copyFrom(from.seg[s]);
      }
      to.ldtr.copyFrom(from.ldtr);
      to.tr.copyFrom(from.tr);
      to.gdtBase = from.gdtBase;
      to.gdtLimit = from.gdtLimit;
      to.idtBase = from.idtBase;
      to.idtLimit = from.idtLimit;
      to.cr0 = from.cr0;
      to.cr2 = from.cr2;
      to.cr3 = from.cr3;
      to.cr4 = from.cr4;
      to.efer = from.efer;
      to.xcr0 = from.xcr0;
      to.rip = from.rip;
      to.eflags = from.eflags;
      to.cpl = from.cpl;
      to.msr.copyFrom(from.msr);
      to.fpu.copyFrom(from.fpu);
      to.mxcsr = from.mxcsr;
      to.pendingDebug = 0;
      to.shadow = 0;
      to.activity = Cpu.Activity.ACTIVE;
    }
  }
}
