package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;

/** MONITOR and MWAIT. */
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class MonitorWaitTest {
  private static final String MONITOR = "0f 01 c8";
  private static final String MWAIT = "0f 01 c9";
  private static final long LINE = 0x5000;

  private final FakeMachine m = FakeMachine.long64();
  private final Cpu c = m.cpu;

  private String monitor(long address) {
    c.gpr[Reg.RAX] = address;
    c.gpr[Reg.RCX] = 0;
    return m.outcome(MONITOR);
  }

  /** MWAIT; returns how long it took in microseconds. */
  private long mwait(int ecx) {
    c.gpr[Reg.RCX] = ecx;
    c.pending = 0;
    long start = System.nanoTime();
    assertThat(m.outcome(MWAIT)).isEqualTo("-");
    return (System.nanoTime() - start) / 1000;
  }

  @Test
  void a_wait_without_an_event_ends_by_itself() {
    monitor(LINE);
    assertThat(mwait(0)).isGreaterThan(900);
  }

  @Test
  void a_store_between_the_two_is_not_missed() {
    monitor(LINE + 60);
    m.bus.write(LINE + 8, 1, 1);
    c.gpr[Reg.RCX] = 0;
    assertThat(c.monitored.unchanged(c.mmu)).isFalse();
    assertThat(m.outcome(MWAIT)).isEqualTo("-");
    assertThat(c.monitored.armed()).as("one wait for one MONITOR").isFalse();
  }

  @Test
  void a_store_outside_the_line_does_not_count() {
    monitor(LINE);
    m.bus.write(LINE + 64, 1, 1);
    assertThat(c.monitored.unchanged(c.mmu)).isTrue();
  }

  @Test
  void mwait_without_monitor_does_not_wait() {
    long shortest = Long.MAX_VALUE;
    for (int k = 0; k < 20; k++) {
      shortest = Math.min(shortest, mwait(0));
    }
    assertThat(shortest).isLessThan(900);
  }

  @Test
  void an_interrupt_that_is_off_ends_it_only_if_asked_for() {
    c.intrLine = true;
    long shortest = Long.MAX_VALUE;
    for (int k = 0; k < 20; k++) {
      monitor(LINE);
      shortest = Math.min(shortest, mwait(1));
    }
    assertThat(shortest).isLessThan(900);
    monitor(LINE);
    assertThat(mwait(0)).isGreaterThan(900);
  }

  @Test
  void checks() {
    c.gpr[Reg.RAX] = LINE;
    c.gpr[Reg.RCX] = 1;
    assertThat(m.outcome(MONITOR)).isEqualTo("#GP(0)");
    c.gpr[Reg.RCX] = 2;
    assertThat(m.outcome(MWAIT)).isEqualTo("#GP(0)");
    assertThat(monitor(1L << 60)).isEqualTo("#GP(0)");
    assertThat(monitor(0x4000_0000)).isEqualTo("#PF(0)@40000000");
    c.msr.miscEnable = 0;
    assertThat(monitor(LINE)).as("IA32_MISC_ENABLE").isEqualTo("#UD");
    c.msr.miscEnable = -1;
    m.user();
    assertThat(monitor(LINE)).isEqualTo("#UD");
    assertThat(m.outcome(MWAIT)).isEqualTo("#UD");
  }
}
