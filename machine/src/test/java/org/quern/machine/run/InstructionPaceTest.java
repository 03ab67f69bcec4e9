package org.quern.machine.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.quern.accel.api.CpuState;
import org.quern.accel.api.Stepping;
import org.quern.accel.api.Vcpu;
import org.quern.accel.api.VmExit;
import org.quern.machine.core.Timers.Timer;

/** Instructions take 8 ns here. */
class InstructionPaceTest {
  private static final int SHIFT = 3;

  private final ReentrantLock lock = new ReentrantLock();
  private final Counter cpu = new Counter();
  private final List<String> rung = new ArrayList<>();

  private InstructionPace pace(boolean sleep) {
    return new InstructionPace(SHIFT, sleep, lock);
  }

  private Timer timer(InstructionPace pace, String name) {
    return pace.time().timers().create(name, () -> rung.add(name + "@" + pace.nanos()));
  }

  @Test
  void processorRunsUpToTheNextTimerAndThatRingsInTime() {
    InstructionPace pace = pace(true);
    timer(pace, "b").arm(81);
    timer(pace, "a").arm(40);
    pace.run(cpu);
    assertThat(cpu.asked).isEqualTo(5);
    pace.run(cpu);
    assertThat(rung).containsExactly("a@40");
    assertThat(cpu.asked).isEqualTo(6);
    pace.run(cpu);
    assertThat(rung).containsExactly("a@40", "b@88");
  }

  @Test
  void lookingAtTheTimeStopsTheProcessorSoon() {
    InstructionPace pace = pace(true);
    cpu.during = () -> pace.time().timers().clock().nanos();
    pace.run(cpu);
    assertThat(cpu.stopsAskedFor).isEqualTo(1);
    pace.time().timers().clock().nanos();
    assertThat(cpu.stopsAskedFor).as("while nothing runs").isEqualTo(1);
  }

  @Test
  void haltedProcessorLetsTimeJumpToTheNextTimer() {
    InstructionPace pace = pace(false);
    timer(pace, "a").arm(1_000_000);
    assertThat(pace.halted(cpu)).isZero();
    assertThat(rung).containsExactly("a@1000000");
    assertThat(pace.halted(cpu)).as("no timer left").isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void haltedProcessorLetsTimePassAsTheHostDoes() {
    InstructionPace pace = pace(true);
    timer(pace, "a").arm(1_000_000);
    assertThat(pace.halted(cpu)).isEqualTo(1_000_000);
    pace.waited(400_000);
    assertThat(rung).isEmpty();
    assertThat(pace.nanos()).isEqualTo(400_000);
    pace.waited(5_000_000);
    assertThat(rung).as("not later than it is due").containsExactly("a@1000000");
  }

  @Test
  void timeIsTheInstructionsAndWhatWasSkipped() {
    InstructionPace pace = pace(false);
    timer(pace, "a").arm(1_000_000);
    cpu.executed = 10;
    assertThat(pace.halted(cpu)).isZero();
    cpu.executed = 20;
    pace.run(cpu);
    assertThat(pace.nanos()).isEqualTo(1_000_080);
  }

  /** Executes what it is asked for. */
  private static final class Counter implements Vcpu, Stepping {
    private final VmExit exit = new VmExit();
    private long executed;
    private long asked;
    private int stopsAskedFor;
    private Runnable during = () -> {};

    @Override
    public VmExit run(long instructions) {
      asked = instructions;
      during.run();
      executed += instructions;
      return exit.set(VmExit.Kind.KICKED, null);
    }

    @Override
    public void stopSoon() {
      stopsAskedFor++;
    }

    @Override
    public long instructions() {
      return executed;
    }

    @Override
    public VmExit run() {
      throw new AssertionError("runs without a bound");
    }

    @Override
    public int index() {
      return 0;
    }

    @Override
    public void copyState(CpuState to) {}

    @Override
    public void kick() {}

    @Override
    public void setInterruptLine(boolean level) {}

    @Override
    public void nmi() {}

    @Override
    public void init() {}

    @Override
    public void startup(int vector) {}

    @Override
    public void reset() {}

    @Override
    public CpuState state() {
      return new CpuState();
    }

    @Override
    public void state(CpuState state) {}
  }
}
