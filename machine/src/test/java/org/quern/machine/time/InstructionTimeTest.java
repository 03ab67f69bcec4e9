package org.quern.machine.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.quern.machine.core.Timers;

class InstructionTimeTest {
  private final InstructionClock clock = new InstructionClock(3);
  private final ReentrantLock lock = new ReentrantLock();
  private final List<String> log = new ArrayList<>();
  private int reads;
  private final InstructionTime time = new InstructionTime(clock, lock, () -> reads++);

  private Timers.Timer timer(String name) {
    return time.create(
        name,
        () -> log.add(name + "@" + clock.nanos() + (lock.isHeldByCurrentThread() ? "" : "!")));
  }

  @Test
  void anInstructionTakesTwoToTheShiftNanoseconds() {
    clock.executed(1000);
    assertThat(clock.nanos()).isEqualTo(8000);
  }

  @Test
  void idleTimeIsAddedToWhatIsExecuted() {
    clock.executed(10);
    clock.skipTo(1000);
    clock.skipTo(500);
    assertThat(clock.nanos()).isEqualTo(1000);
    clock.executed(11);
    assertThat(clock.nanos()).isEqualTo(1008);
  }

  @Test
  void timeDoesNotRunBack() {
    clock.executed(10);
    assertThatThrownBy(() -> clock.executed(9)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void instructionsUntilRoundsUp() {
    assertThat(clock.instructionsUntil(0)).isZero();
    assertThat(clock.instructionsUntil(1)).isEqualTo(1);
    assertThat(clock.instructionsUntil(8)).isEqualTo(1);
    assertThat(clock.instructionsUntil(9)).isEqualTo(2);
    clock.executed(2);
    assertThat(clock.instructionsUntil(9)).isZero();
    assertThat(clock.instructionsUntil(Long.MAX_VALUE)).isGreaterThan(1L << 59);
  }

  @Test
  void timersRingInOrderAndUnderTheLock() {
    timer("late").arm(300);
    timer("first").arm(100);
    timer("second").arm(100);
    Timers.Timer off = timer("off");
    off.arm(50);
    off.disarm();
    clock.executed(12);
    time.ring();
    assertThat(log).isEmpty();
    clock.executed(13);
    time.ring();
    assertThat(log).containsExactly("first@104", "second@104");
    assertThat(time.deadline()).isEqualTo(300);
    clock.executed(50);
    time.ring();
    assertThat(log).endsWith("late@400");
    assertThat(time.deadline()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aCallbackMayArmItsTimerAgain() {
    Timers.Timer[] self = new Timers.Timer[1];
    self[0] =
        time.create(
            "periodic",
            () -> {
              log.add("tick");
              self[0].arm(100L * (log.size() + 1));
            });
    self[0].arm(100);
    clock.executed(50);
    time.ring();
    assertThat(log).containsExactly("tick", "tick", "tick", "tick");
    assertThat(time.deadline()).isEqualTo(500);
  }

  @Test
  void readingTheClockIsNoticed() {
    clock.executed(1);
    assertThat(reads).isZero();
    assertThat(time.clock().nanos()).isEqualTo(8);
    assertThat(reads).isEqualTo(1);
  }
}
