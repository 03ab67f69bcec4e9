package org.quern.x86.tables;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Supplier;
import org.quern.x86.FakeMachine;
import org.quern.x86.fault.GuestFault;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Reg;

/**
 * Runs one instruction again and again from the same state. A case says what the outcome is and
 * what changes; everything else, registers and watched memory, must be as it was.
 */
final class Rig {
  /** Where the instruction runs. */
  enum Env {
    PROTECTED32,
    COMPATIBILITY32,
    LONG64;

    boolean lma() {
      return this != PROTECTED32;
    }
  }

  static final int LDT = 0x5000;

  /** A selector of the GDT slot behind those of {@link FakeMachine} that is the LDT's. */
  static final int LDT_SELECTOR = 0x48;

  /** Watched memory: a copy of what each case starts with and one of what it must end with. */
  private record Range(long at, byte[] start, byte[] expected, byte[] actual) {}

  final FakeMachine m;
  final Cpu c;
  final Env env;

  /** What each case starts with; change it between cases. */
  final CpuImage start = new CpuImage();

  /** What the case must end with; {@link #begin} makes it the same as {@link #start}. */
  final CpuImage expected = new CpuImage();

  private final CpuImage actual = new CpuImage();
  private final List<Range> ranges = new ArrayList<>();
  private int length;
  private boolean ignoreState;
  private boolean ignoreMemory;

  private Rig(Env env, FakeMachine m) {
    this.env = env;
    this.m = m;
    this.c = m.cpu;
    if (env == Env.COMPATIBILITY32) {
      m.load(Reg.CS, FakeMachine.CODE32);
    }
    c.ldtr.set(LDT_SELECTOR, LDT, 0xff, 0x82, true);
    start.capture(c);
  }

  static Rig of(Env env) {
    return of(env, CpuModel.max());
  }

  static Rig of(Env env, CpuModel model) {
    return new Rig(env, env.lma() ? FakeMachine.long64(model) : FakeMachine.protected32(model));
  }

  /** On a machine that a test has prepared; {@code env} says only which tables it has. */
  static Rig on(FakeMachine m, Env env) {
    return new Rig(env, m);
  }

  /** Each case starts at this privilege, with segments that fit. */
  void level(int cpl) {
    start.v[CpuImage.CPL] = cpl;
    for (int s : new int[] {Reg.CS, Reg.SS}) {
      long attr = start.v[CpuImage.seg(s, CpuImage.ATTR)] & ~0x60L;
      start.v[CpuImage.seg(s, CpuImage.ATTR)] = attr | cpl << 5;
      long selector = start.v[CpuImage.seg(s, CpuImage.SELECTOR)] & ~3L;
      start.v[CpuImage.seg(s, CpuImage.SELECTOR)] = selector | cpl;
    }
  }

  /** Sets a register at the start of each case. */
  void gpr(int r, long v) {
    start.v[r] = v;
  }

  /** The instruction that {@link #run} runs. */
  void code(String hex) {
    byte[] b = HexFormat.of().parseHex(hex.replace(" ", ""));
    m.bus.write(FakeMachine.CODE, b);
    length = b.length;
  }

  /** From now on this memory is restored before and compared after each case. */
  void watch(long at, int bytes) {
    for (Range r : ranges) {
      if (at < r.at + r.start.length && r.at < at + bytes) {
        throw new IllegalArgumentException("watched twice: " + Long.toHexString(at));
      }
    }
    byte[] now = new byte[bytes];
    copy(at, now);
    ranges.add(new Range(at, now, now.clone(), new byte[bytes]));
  }

  private void copy(long at, byte[] to) {
    m.bus.read(at, to);
  }

  /** Writes watched memory as each case starts with it. */
  void put(long at, int bytes, long v) {
    place(at, bytes, v, true);
  }

  /** Writes what watched memory must hold at the end of this case. */
  void expect(long at, int bytes, long v) {
    place(at, bytes, v, false);
  }

  private void place(long at, int bytes, long v, boolean isStart) {
    for (Range r : ranges) {
      if (at >= r.at && at + bytes <= r.at + r.start.length) {
        for (int i = 0; i < bytes; i++) {
          (isStart ? r.start : r.expected)[(int) (at - r.at) + i] = (byte) (v >>> 8 * i);
        }
        return;
      }
    }
    throw new IllegalArgumentException("not watched: " + Long.toHexString(at));
  }

  /** Starts a case: after the last {@link #put}, before the first expectation. */
  void begin() {
    ignoreState = false;
    ignoreMemory = false;
    expected.copyFrom(start);
    for (Range r : ranges) {
      System.arraycopy(r.start, 0, r.expected, 0, r.start.length);
    }
  }

  /** What this case leaves is the business of another table; only its outcome counts. */
  void anyState() {
    ignoreState = true;
  }

  /** Of this case only the registers count. */
  void anyMemory() {
    ignoreMemory = true;
  }

  /** The instruction completes: RIP behind it. */
  void completes() {
    expected.v[CpuImage.RIP] = start.v[CpuImage.RIP] + length;
  }

  /** Runs the case: {@code outcome} is "-" or what is raised. */
  void run(Table t, Supplier<String> title, String outcome) {
    run(
        t,
        title,
        outcome,
        () -> {
          try {
            m.stepRaw();
            return "-";
          } catch (GuestFault f) {
            return FakeMachine.describe(f);
          }
        });
  }

  /** As {@link #run}, with something else than one instruction. */
  void run(Table t, Supplier<String> title, String outcome, Supplier<String> action) {
    for (Range r : ranges) {
      m.bus.write(r.at, r.start);
    }
    start.restore(c);
    t.next();
    String got = action.get();
    t.same(title, outcome, got);
    if (ignoreState || !got.equals(outcome)) {
      return;
    }
    actual.capture(c);
    String difference = expected.difference(actual);
    if (difference != null) {
      t.same(() -> title.get() + ": " + outcome + ", state", "", difference);
    }
    if (ignoreMemory) {
      return;
    }
    for (Range r : ranges) {
      copy(r.at, r.actual);
      int at = java.util.Arrays.mismatch(r.expected, r.actual);
      if (at >= 0) {
        t.same(
            () -> title.get() + ": " + outcome + ", byte at " + Long.toHexString(r.at + at),
            r.expected[at] & 0xff,
            r.actual[at] & 0xff);
      }
    }
  }
}
