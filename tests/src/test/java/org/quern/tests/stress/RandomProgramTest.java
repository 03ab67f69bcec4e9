package org.quern.tests.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.accel.api.CodeCounters;
import org.quern.accel.api.CpuState;
import org.quern.accel.api.Stepping;
import org.quern.accel.api.VmExit;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;
import org.quern.cli.lockstep.StateComparison;
import org.quern.tests.conformance.GuestMachine;
import org.quern.tests.conformance.Mode;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/**
 * Random programs in lock-step: whatever the forms of translation make of them, at every stop the
 * state is the interpreter's, and in the end so is memory.
 */
@Timeout(600)
class RandomProgramTest {
  private static final Tiering[] TIERINGS = {
    new Tiering(1, Long.MAX_VALUE, false, true),
    new Tiering(1, 0, false, true),
    new Tiering(2, 300, false, true),
    new Tiering(3, 40, true, true)
  };

  private static final Mode[] MODES = {
    Mode.LONG64, Mode.COMPATIBILITY32, Mode.LONG64, Mode.PROTECTED32
  };

  private static final int MEMORY_BYTES = 0x3000;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  @DisplayName("a few random programs")
  void few(long group) throws Exception {
    for (long n = 0; n < 8; n++) {
      compare(100 * group + n, Mode.LONG64);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  @DisplayName("a few random programs of flat 32-bit code, without and with paging")
  void few32(long group) throws Exception {
    for (long n = 0; n < 8; n++) {
      compare(100 * group + n, n % 4 == 0 ? Mode.PROTECTED32 : Mode.COMPATIBILITY32);
    }
  }

  @Test
  @Tag("slow")
  @DisplayName("many new random programs")
  void many() throws Exception {
    long seed = new Random().nextLong();
    for (long end = System.nanoTime() + 120_000_000_000L; System.nanoTime() < end; seed++) {
      compare(seed, MODES[(int) (seed & 3)]);
    }
  }

  private static void compare(long seed, Mode mode) throws Exception {
    String source = new RandomProgram(seed, mode.codeSize).source();
    for (Tiering tiering : TIERINGS) {
      compare(seed, mode, source, tiering);
    }
  }

  private static void compare(long seed, Mode mode, String source, Tiering tiering)
      throws Exception {
    String what = "seed " + seed + " in " + mode + " with " + tiering;
    GuestMachine jit = machine(seed, mode, tiering, source, what);
    GuestMachine interp = machine(seed, mode, Tiering.INTERPRET, source, what);
    Stepping leader = (Stepping) jit.vm().vcpu(0);
    Stepping follower = (Stepping) interp.vm().vcpu(0);
    Random random = new Random(seed);
    CpuState a = new CpuState();
    CpuState b = new CpuState();
    VmExit.Kind kind = VmExit.Kind.KICKED;
    long last = 0;
    while (kind == VmExit.Kind.KICKED) {
      if (random.nextInt(4) == 0) {
        leader.stopSoon();
      }
      kind = leader.run(1).kind;
      long now = now(jit);
      long due = now - now(interp);
      VmExit.Kind other = due > 0 ? follower.run(due).kind : VmExit.Kind.KICKED;
      if (kind != VmExit.Kind.KICKED) {
        other = follower.run(1).kind;
      }
      leader.copyState(a);
      follower.copyState(b);
      if (other != kind || !StateComparison.same(a, b)) {
        throw new AssertionError(
            String.format(
                "%s differs between instructions %d and %d: %s | %s, rip %x | %x, rflags %x | %x,"
                    + " gpr%n%s%n%s%n%s%n%s",
                what,
                last,
                now,
                kind,
                other,
                a.rip,
                b.rip,
                a.rflags,
                b.rflags,
                hex(a.gpr),
                hex(b.gpr),
                StateComparison.hidden(a, b),
                source));
      }
      last = now;
    }
    assertThat(kind).as(what).isEqualTo(VmExit.Kind.HLT);
    if (!tiering.background() && now(jit) > 2000) {
      assertThat(((CodeCounters) jit.vm()).translations()).as(what).isPositive();
    }
    jit.vm().close();
    for (long page : new long[] {GuestMachine.DATA, GuestMachine.STACK - MEMORY_BYTES}) {
      assertThat(jit.bus.read(page, MEMORY_BYTES))
          .as(what)
          .isEqualTo(interp.bus.read(page, MEMORY_BYTES));
    }
  }

  private static long now(GuestMachine m) {
    return m.vm().vcpu(0).instructions();
  }

  private static GuestMachine machine(
      long seed, Mode mode, Tiering tiering, String source, String what) throws Exception {
    try {
      GuestMachine m = new GuestMachine(new SoftwareAccelerator(tiering), mode).code(source);
      if (mode.codeSize == 32) {
        Segment fs = m.start.seg[Reg.FS];
        fs.set(fs.selector, RandomProgram.FS_BASE, RandomProgram.FS_LIMIT, fs.attr, true);
        // What a register held above 32 bits must not matter, but stays until it is written.
        Random garbage = new Random(seed);
        for (int r = 0; r < 16; r++) {
          m.reg(r, m.start.gpr[r] & 0xffffffffL | (long) garbage.nextInt() << 32);
        }
      }
      m.vm().vcpu(0).state(m.start);
      return m;
    } catch (RuntimeException e) {
      throw new AssertionError(what + " cannot be assembled:\n" + source, e);
    }
  }

  private static String hex(long[] values) {
    StringBuilder s = new StringBuilder();
    for (long v : values) {
      s.append(String.format("%016x ", v));
    }
    return s.toString();
  }
}
