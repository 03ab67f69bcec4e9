package org.quern.x86.semantics;

import java.util.concurrent.locks.LockSupport;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.MonitoredLine;
import org.quern.x86.state.Reg;

/**
 * MONITOR and MWAIT. A wait ends when the line has other contents than at MONITOR, whoever stored
 * them, when an interrupt or another request is there, and otherwise after {@value #LONGEST_NANOS}
 * ns, which the architecture allows: software has to look why it was woken. A store that changes
 * nothing is not noticed. Source: SDM vol. 2B, MONITOR and MWAIT.
 */
final class MonitorWait {
  private static final long LONGEST_NANOS = 1_000_000;

  /** Between two looks at the line. */
  private static final long STEP_NANOS = 20_000;

  /** ECX of MWAIT: interrupts end it even if they are off. */
  private static final int BREAK_ON_INTERRUPT = 1;

  private MonitorWait() {}

  static Handler of(Mnemonic m) {
    return switch (m) {
      case MONITOR -> MonitorWait::monitor;
      case MWAIT -> MonitorWait::mwait;
      default -> null;
    };
  }

  private static void check(Cpu c, Insn i, int allowed) {
    if (c.cpl != 0 || !c.msr.monitorOn()) {
      throw c.ud();
    }
    if (c.nonRoot != null) {
      // The qualification of MWAIT: whether the monitor is armed.
      c.nonRoot.check(i, allowed != 0 && c.monitored.armed() ? 1 : 0);
    }
    if (((int) c.gpr[Reg.RCX] & ~allowed) != 0) {
      throw c.gp(0);
    }
  }

  private static void monitor(Cpu c, Insn i) {
    check(c, i, 0);
    long la = Segmentation.read(c, i.segment, c.reg(Reg.RAX, i.addrSize), 1);
    c.mmu.probeRead(la, 1);
    c.monitored.arm(c.mmu, c.mmu.walker.probe(la));
  }

  private static void mwait(Cpu c, Insn i) {
    check(c, i, BREAK_ON_INTERRUPT);
    MonitoredLine line = c.monitored;
    boolean anyInterrupt = ((int) c.gpr[Reg.RCX] & BREAK_ON_INTERRUPT) != 0;
    long start = System.nanoTime();
    while (line.armed()
        && line.unchanged(c.mmu)
        && c.pending == 0
        && !(anyInterrupt && c.intrLine)
        && System.nanoTime() - start < LONGEST_NANOS) {
      LockSupport.parkNanos(line, STEP_NANOS);
    }
    line.disarm();
  }
}
