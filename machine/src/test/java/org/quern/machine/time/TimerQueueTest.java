package org.quern.machine.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.quern.machine.core.Timers;

class TimerQueueTest {
  private static final long MILLI = 1_000_000;

  private final HostClock clock = new HostClock();
  private final ReentrantLock lock = new ReentrantLock();
  private final TimerQueue queue = new TimerQueue(clock, lock);
  private final BlockingQueue<String> rung = new LinkedBlockingQueue<>();

  @BeforeEach
  void start() {
    queue.start();
    clock.resume();
  }

  @AfterEach
  void close() {
    queue.close();
  }

  private Timers.Timer timer(String name) {
    return queue.create(name, () -> rung.add(name));
  }

  private String next() throws InterruptedException {
    return rung.poll(10, TimeUnit.SECONDS);
  }

  @Test
  void timersRingInTheOrderOfTheirDeadlines() throws InterruptedException {
    long now = clock.nanos();
    timer("late").arm(now + 30 * MILLI);
    timer("early").arm(now + 10 * MILLI);
    timer("middle").arm(now + 20 * MILLI);
    assertThat(next()).isEqualTo("early");
    assertThat(clock.nanos()).isGreaterThanOrEqualTo(now + 10 * MILLI);
    assertThat(next()).isEqualTo("middle");
    assertThat(next()).isEqualTo("late");
  }

  @Test
  void armingReplacesTheDeadline() throws InterruptedException {
    Timers.Timer sooner = timer("sooner");
    Timers.Timer later = timer("later");
    long now = clock.nanos();
    sooner.arm(now + 3_600_000 * MILLI);
    later.arm(now + 10 * MILLI);
    sooner.arm(now + 5 * MILLI);
    later.arm(now + 40 * MILLI);
    assertThat(next()).isEqualTo("sooner");
    assertThat(next()).isEqualTo("later");
    assertThat(clock.nanos()).isGreaterThanOrEqualTo(now + 40 * MILLI);
  }

  @Test
  void aDisarmedTimerIsSilent() throws InterruptedException {
    Timers.Timer silent = timer("silent");
    silent.arm(clock.nanos() + 20 * MILLI);
    silent.disarm();
    timer("after").arm(clock.nanos() + 30 * MILLI);
    assertThat(next()).isEqualTo("after");
  }

  /** A queue whose event thread never gets to run. */
  private static final class Starved {
    final long[] host = {1_000_000_000};
    final HostClock clock = new HostClock(() -> host[0]);
    final ReentrantLock lock = new ReentrantLock();
    final TimerQueue queue = new TimerQueue(clock, lock);
    final List<String> rung = new ArrayList<>();

    Starved() {
      clock.resume();
    }

    Timers.Timer timer(String name) {
      return queue.create(name, () -> rung.add(name + lock.isHeldByCurrentThread()));
    }
  }

  @Test
  void aProcessorThatLooksAtTheTimeRingsWhatIsLate() {
    Starved s = new Starved();
    Timers.Timer a = s.timer("a");
    Timers.Timer b = s.timer("b");
    Timers.Timer gone = s.timer("gone");
    gone.arm(4 * MILLI);
    gone.disarm();
    b.arm(3 * MILLI);
    a.arm(2 * MILLI);
    s.host[0] += 2 * MILLI;
    assertThat(s.queue.pollingNanos()).isEqualTo(2 * MILLI);
    assertThat(s.rung).as("the event thread has a moment to come").isEmpty();
    s.host[0] += 100_000;
    s.queue.pollingNanos();
    assertThat(s.rung).containsExactly("atrue");
    s.host[0] += 10 * MILLI;
    s.queue.pollingNanos();
    s.queue.pollingNanos();
    assertThat(s.rung).containsExactly("atrue", "btrue");
    a.arm(20 * MILLI);
    s.host[0] += 10 * MILLI;
    s.queue.pollingNanos();
    assertThat(s.rung).containsExactly("atrue", "btrue", "atrue");
    assertThat(s.lock.isLocked()).isFalse();
  }

  @Test
  void aLookAtTheTimeWithTheLockHeldRingsNothing() {
    Starved s = new Starved();
    s.timer("a").arm(1 * MILLI);
    s.host[0] += 5 * MILLI;
    s.lock.lock();
    s.queue.pollingNanos();
    assertThat(s.rung).isEmpty();
    s.lock.unlock();
    s.queue.pollingNanos();
    assertThat(s.rung).containsExactly("atrue");
  }

  @Test
  void aCallbackThatFailsTakesNoOtherTimerWithIt() throws InterruptedException {
    Timers.Timer broken =
        queue.create(
            "broken",
            () -> {
              throw new IllegalStateException("our own bug");
            });
    broken.arm(clock.nanos());
    timer("after").arm(clock.nanos() + 10 * MILLI);
    assertThat(next()).isEqualTo("after");
  }

  @Test
  void callbacksHoldTheMachineLockAndMayArm() throws InterruptedException {
    Timers.Timer[] self = new Timers.Timer[1];
    int[] left = {3};
    self[0] =
        queue.create(
            "periodic",
            () -> {
              rung.add("held " + lock.isHeldByCurrentThread());
              if (--left[0] > 0) {
                self[0].arm(clock.nanos() + MILLI);
              }
            });
    self[0].arm(clock.nanos());
    assertThat(next()).isEqualTo("held true");
    assertThat(next()).isEqualTo("held true");
    assertThat(next()).isEqualTo("held true");
  }

  @Test
  void stoppedTimeRingsNothing() throws InterruptedException {
    clock.stop();
    timer("due").arm(clock.nanos() + MILLI);
    assertThat(rung.poll(20, TimeUnit.MILLISECONDS)).isNull();
    clock.resume();
    assertThat(next()).isEqualTo("due");
  }

  @Test
  void aJumpOfTheClockRingsWhatItPasses() throws InterruptedException {
    timer("due").arm(clock.nanos() + 3_600_000 * MILLI);
    clock.set(clock.nanos() + 4_000_000 * MILLI);
    assertThat(next()).isEqualTo("due");
  }

  @Test
  void noWakeUpIsLostWhenManyThreadsArm() throws InterruptedException {
    int rounds = 2_000;
    CountDownLatch done = new CountDownLatch(2);
    for (int i = 0; i < 2; i++) {
      BlockingQueue<Integer> echo = new LinkedBlockingQueue<>();
      Timers.Timer timer = queue.create("t" + i, () -> echo.add(1));
      new Thread(
              () -> {
                try {
                  for (int round = 0; round < rounds; round++) {
                    timer.arm(clock.nanos() + 3_600_000 * MILLI);
                    timer.arm(clock.nanos() + round % 3 * 1_000L);
                    if (echo.poll(10, TimeUnit.SECONDS) == null) {
                      return;
                    }
                  }
                  done.countDown();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              })
          .start();
    }
    assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
  }
}
