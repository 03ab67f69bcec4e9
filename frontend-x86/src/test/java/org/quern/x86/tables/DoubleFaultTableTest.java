package org.quern.x86.tables;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.quern.x86.FakeMachine;
import org.quern.x86.fault.Vector;
import org.quern.x86.semantics.Interrupts;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;
import org.quern.x86.tables.Rig.Env;

/**
 * Faults while delivering faults, end to end: every exception, with every way in which its gate and
 * those of the faults that follow can fail. Source: SDM vol. 3A, tables 6-4 and 6-5 (interrupt 8).
 *
 * <p>Handlers are conforming code, which runs at CPL 3 on the stack that is there. A gate fails by
 * its own fields or by leading to a level whose stack is bad.
 */
class DoubleFaultTableTest {
  /** What a gate does. */
  private enum Gate {
    WORKS,
    RAISES_GP,
    RAISES_NP,
    RAISES_TS,
    RAISES_SS,
    RAISES_PF
  }

  private static final int[] FIRST = {
    Vector.DE, Vector.DB, Vector.BP, Vector.OF, Vector.BR, Vector.UD, Vector.NM, Vector.TS,
    Vector.NP, Vector.SS, Vector.GP, Vector.PF, Vector.MF, Vector.AC, Vector.XM
  };

  /** The gates that may be reached second or later. */
  private static final int[] LATER = {
    Vector.DF, Vector.TS, Vector.NP, Vector.SS, Vector.GP, Vector.PF
  };

  private static final int CONFORMING = 0x50;
  private static final int LEVEL0 = 0x58;
  private static final int LEVEL1 = 0x60;
  private static final int LEVEL2 = 0x68;
  private static final int STACK1 = 0x70;
  private static final int STACK2 = 0x78;
  private static final long UNMAPPED = 0x800000;
  private static final int ERROR = 0x1230;

  /** Different chains from a first exception to a handler that works, or to shutdown. */
  private static final int CHAINS = 2_615;

  private final Rig r = Rig.of(Env.PROTECTED32);
  private final FakeMachine m = r.m;
  private final Gate[] gates = new Gate[32];

  /** Vectors whose gates the oracle's last chain has used, a bit each. */
  private int used;

  {
    m.descriptor(CONFORMING, 0, 0xfffff, 0xc09f);
    m.descriptor(LEVEL0, 0, 0xfffff, 0xc09b);
    m.descriptor(LEVEL1, 0, 0xfffff, 0xc0bb);
    m.descriptor(LEVEL2, 0, 0xfffff, 0xc0db);
    m.descriptor(STACK1, 0, 0xfffff, 0xc033);
    m.descriptor(STACK2, 0, 0xfffff, 0xc0d3);
    // SS0 null, SS1 not present, SS2:ESP2 on a page that is not there.
    m.bus.write(FakeMachine.TSS + 8, 2, 0);
    m.bus.write(FakeMachine.TSS + 16, 2, STACK1 | 1);
    m.bus.write(FakeMachine.TSS + 20, 4, UNMAPPED);
    m.bus.write(FakeMachine.TSS + 24, 2, STACK2 | 2);
    m.bus.write(FakeMachine.PAGE_TABLES, 4, 0x87);
    r.level(3);
    r.start.set(CpuImage.CR0, r.start.v[CpuImage.CR0] | Cr.CR0_PG);
    r.start.set(CpuImage.CR3, FakeMachine.PAGE_TABLES);
    r.start.set(CpuImage.CR4, Cr.CR4_PSE);
  }

  private void set(int vector, Gate g) {
    gates[vector] = g;
    int handler = FakeMachine.HANDLERS + 16 * vector;
    switch (g) {
      case WORKS -> m.gate(vector, 0x8e, CONFORMING, handler);
      case RAISES_GP -> m.gate(vector, 0x8c, CONFORMING, handler);
      case RAISES_NP -> m.gate(vector, 0x0e, CONFORMING, handler);
      case RAISES_TS -> m.gate(vector, 0x8e, LEVEL0, handler);
      case RAISES_SS -> m.gate(vector, 0x8e, LEVEL1, handler);
      case RAISES_PF -> m.gate(vector, 0x8e, LEVEL2, handler);
    }
  }

  // ---- tables 6-4 and 6-5

  private static boolean contributory(int v) {
    return v == 0 || (v >= 10 && v <= 13);
  }

  private static boolean makesDoubleFault(int first, int second) {
    boolean pageFaultFirst = first == 14;
    if (contributory(second)) {
      return contributory(first) || pageFaultFirst;
    }
    return second == 14 && pageFaultFirst;
  }

  /** Where a chain of faults ends: "vector(error code)", or "shutdown". */
  private String oracle(int first) {
    int v = first;
    int error = ERROR;
    used = 1 << first;
    while (gates[v] != Gate.WORKS) {
      if (v == 8) {
        return "shutdown";
      }
      int next;
      int nextError;
      switch (gates[v]) {
        case RAISES_GP -> {
          next = 13;
          nextError = v * 8 + 3;
        }
        case RAISES_NP -> {
          next = 11;
          nextError = v * 8 + 3;
        }
        case RAISES_TS -> {
          next = 10;
          nextError = 1;
        }
        case RAISES_SS -> {
          next = 12;
          nextError = STACK1 | 1;
        }
        default -> {
          next = 14;
          // A write by level 2, which is supervisor.
          nextError = 2;
        }
      }
      boolean twice = makesDoubleFault(v, next);
      v = twice ? 8 : next;
      error = twice ? 0 : nextError;
      used |= 1 << v;
    }
    boolean hasError = v == 8 || (v >= 10 && v <= 14) || v == 17;
    return v + (hasError ? "(" + Integer.toHexString(v == 17 ? 0 : error) + ")" : "");
  }

  private String run(int first) {
    r.start.restore(r.c);
    r.c.fault.set(first, first == Vector.AC ? 0 : ERROR);
    Interrupts.deliverFault(r.c, r.c.fault);
    if (r.c.activity == Cpu.Activity.SHUTDOWN) {
      return "shutdown";
    }
    int v = m.handler();
    String error = Vector.hasErrorCode(v) ? "(" + Long.toHexString(m.stack(0, 4)) + ")" : "";
    long ip = m.stack(Vector.hasErrorCode(v) ? 4 : 0, 4);
    return v + error + (ip == FakeMachine.CODE ? "" : " from " + Long.toHexString(ip));
  }

  /** Gates that a chain does not come to work; so each chain is run once. */
  private boolean onlyUsedFail() {
    for (int v : LATER) {
      if (gates[v] != Gate.WORKS && (used >> v & 1) == 0) {
        return false;
      }
    }
    return true;
  }

  @Test
  void every_chain_of_faults() {
    Table t = new Table("double and triple faults, every chain");
    Gate[] ways = Gate.values();
    int states = 1;
    for (int ignored : LATER) {
      states *= ways.length;
    }
    for (int n = 0; n < states; n++) {
      int rest = n;
      for (int v : LATER) {
        set(v, ways[rest % ways.length]);
        rest /= ways.length;
      }
      for (int first : FIRST) {
        boolean later = Arrays.binarySearch(LATER, first) >= 0;
        for (Gate g : ways) {
          if (!later) {
            set(first, g);
          } else if (g != gates[first]) {
            continue;
          }
          String expected = oracle(first);
          if (!onlyUsedFail()) {
            continue;
          }
          t.next();
          int number = n;
          t.same(() -> "vector " + first + " " + g + " state " + number, expected, run(first));
        }
      }
    }
    t.done(CHAINS);
  }
}
