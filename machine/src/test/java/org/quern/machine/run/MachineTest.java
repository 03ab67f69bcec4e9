package org.quern.machine.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.quern.accel.api.AcceleratorException;
import org.quern.accel.api.VmExit;

@Timeout(30)
final class MachineTest {
  private static final MachineOptions NO_REBOOT = new MachineOptions(true, false, false);
  private static final MachineOptions STOP = new MachineOptions(false, true, false);
  private static final MachineOptions PAUSED = new MachineOptions(false, false, true);

  private final MachineWires wires = new MachineWires(2);
  private final FakeBoard board = new FakeBoard(wires);
  private final AtomicInteger boots = new AtomicInteger();
  private FakeAccelerator accelerator;

  private Machine machine(MachineOptions options, FakeAccelerator.Program boot)
      throws AcceleratorException {
    return machine(options, vm -> boots.incrementAndGet(), boot);
  }

  /** Processor 0 runs {@code boot}; the other halts. */
  private Machine machine(MachineOptions options, BootHook hook, FakeAccelerator.Program boot)
      throws AcceleratorException {
    accelerator = new FakeAccelerator(cpu -> cpu.index() == 0 ? boot.run(cpu) : cpu.halted());
    return new Machine(board, wires, accelerator, options, hook);
  }

  private static CompletableFuture<MachineEnd> start(Machine machine) {
    return CompletableFuture.supplyAsync(machine::run, r -> new Thread(r, "conductor").start());
  }

  /** Does something as a device would, inside a processor's thread with the machine lock. */
  private VmExit locked(FakeAccelerator.Cpu cpu, Runnable action) throws InterruptedException {
    wires.lock().lock();
    try {
      action.run();
    } finally {
      wires.lock().unlock();
    }
    return cpu.kicked();
  }

  @Test
  void powerOffFromInsideAProcessorEndsTheMachine() throws Exception {
    Machine machine = machine(MachineOptions.DEFAULT, cpu -> locked(cpu, wires::powerOff));

    assertThat(machine.run()).isEqualTo(new MachineEnd(MachineEnd.Kind.POWER_OFF, 0, ""));
    assertThat(board.log()).containsExactly("reset", "start", "stop", "close");
    assertThat(accelerator.cpu(1).resets()).isEqualTo(1);
    assertThat(boots).hasValue(1);
  }

  @Test
  void debugExitGivesItsCode() throws Exception {
    Machine machine =
        machine(MachineOptions.DEFAULT, cpu -> locked(cpu, () -> wires.debugExit(33)));

    assertThat(machine.run()).isEqualTo(new MachineEnd(MachineEnd.Kind.DEBUG_EXIT, 33, ""));
  }

  @Test
  void theFirstEndCounts() throws Exception {
    Machine machine =
        machine(
            MachineOptions.DEFAULT,
            cpu ->
                locked(
                    cpu,
                    () -> {
                      wires.debugExit(1);
                      wires.powerOff();
                      wires.reset("late");
                    }));

    assertThat(machine.run().kind()).isEqualTo(MachineEnd.Kind.DEBUG_EXIT);
  }

  @Test
  void resetResetsDevicesAndProcessorsAndBootsAgain() throws Exception {
    Machine machine =
        machine(
            MachineOptions.DEFAULT,
            cpu -> locked(cpu, boots.get() < 3 ? () -> wires.reset("test") : wires::powerOff));

    assertThat(machine.run().kind()).isEqualTo(MachineEnd.Kind.POWER_OFF);
    assertThat(boots).hasValue(3);
    assertThat(accelerator.cpu(0).resets()).isEqualTo(3);
    assertThat(accelerator.cpu(1).resets()).isEqualTo(3);
    assertThat(board.log().stream().filter("reset"::equals)).hasSize(3);
  }

  @Test
  void noRebootEndsAtTheFirstReset() throws Exception {
    Machine machine = machine(NO_REBOOT, cpu -> locked(cpu, () -> wires.reset("port 0xcf9")));

    assertThat(machine.run())
        .isEqualTo(new MachineEnd(MachineEnd.Kind.RESET, 0, "reset by port 0xcf9"));
  }

  @Test
  void aTripleFaultResets() throws Exception {
    AtomicReference<String> heard = new AtomicReference<>();
    Machine machine =
        machine(
            MachineOptions.DEFAULT,
            cpu ->
                boots.get() == 1
                    ? cpu.exit(VmExit.Kind.SHUTDOWN, "triple fault")
                    : locked(cpu, wires::powerOff));
    machine.onShutdown((cpu, message) -> heard.set(cpu.index() + " " + message));

    assertThat(machine.run().kind()).isEqualTo(MachineEnd.Kind.POWER_OFF);
    assertThat(heard).hasValue("0 triple fault");
    assertThat(boots).hasValue(2);
  }

  @Test
  void aTripleFaultStopsWhenAsked() throws Exception {
    Machine machine = machine(STOP, cpu -> cpu.exit(VmExit.Kind.SHUTDOWN, "triple fault at 0"));

    assertThat(machine.run())
        .isEqualTo(new MachineEnd(MachineEnd.Kind.SHUTDOWN, 1, "triple fault at 0"));
  }

  @Test
  void anInternalErrorEndsWithItsMessage() throws Exception {
    Machine machine =
        machine(MachineOptions.DEFAULT, cpu -> cpu.exit(VmExit.Kind.INTERNAL_ERROR, "oops"));

    assertThat(machine.run()).isEqualTo(new MachineEnd(MachineEnd.Kind.ERROR, 1, "oops"));
  }

  @Test
  void aProcessorThatThrowsEndsTheMachine() throws Exception {
    Machine machine =
        machine(
            MachineOptions.DEFAULT,
            cpu -> {
              throw new IllegalStateException("our own bug");
            });
    MachineEnd end = machine.run();

    assertThat(end.kind()).isEqualTo(MachineEnd.Kind.ERROR);
    assertThat(end.message()).contains("processor 0").contains("our own bug");
  }

  @Test
  void aFullHeapEndsTheMachine() throws Exception {
    Machine machine =
        machine(
            MachineOptions.DEFAULT,
            cpu -> {
              throw new OutOfMemoryError("Java heap space");
            });
    assertThat(machine.run())
        .isEqualTo(
            new MachineEnd(
                MachineEnd.Kind.ERROR,
                1,
                "processor 0 failed: java.lang.OutOfMemoryError: Java heap space"));
  }

  @Test
  void aHookThatFailsEndsTheMachineBeforeItRuns() throws Exception {
    Machine machine =
        machine(
            MachineOptions.DEFAULT,
            vm -> {
              throw new IOException("no kernel");
            },
            cpu -> cpu.kicked());

    assertThat(machine.run()).isEqualTo(new MachineEnd(MachineEnd.Kind.ERROR, 1, "no kernel"));
    assertThat(accelerator.cpu(0).runs()).isZero();
  }

  @Test
  void theHookRunsUnderTheMachineLockAndItsWritesAreReported() throws Exception {
    Machine machine =
        machine(
            MachineOptions.DEFAULT,
            vm -> {
              assertThat(wires.lock().isHeldByCurrentThread()).isTrue();
              board.ramAccess().write(0x1000, new byte[4], 0, 4);
              board.dma().write(0x2000, new byte[2], 0, 2);
            },
            cpu -> locked(cpu, wires::powerOff));

    assertThat(machine.run().kind()).isEqualTo(MachineEnd.Kind.POWER_OFF);
    assertThat(accelerator.written()).containsExactly("4096+4", "8192+2");
  }

  @Test
  void aHaltedProcessorRunsAgainOnlyWhenTouched() throws Exception {
    Machine machine = machine(MachineOptions.DEFAULT, FakeAccelerator.Cpu::kicked);
    CompletableFuture<MachineEnd> end = start(machine);
    FakeAccelerator.Cpu halted = accelerator.cpu(1);
    halted.awaitRuns(1);
    wires.cpuLines().get(1).intr(true);
    halted.awaitRuns(2);
    assertThat(halted.intr()).isTrue();
    wires.cpuLines().get(1).intr(false);
    wires.cpuLines().get(1).nmi();
    halted.awaitRuns(3);
    wires.cpuLines().get(1).init();
    halted.awaitRuns(4);
    wires.cpuLines().get(1).startup(8);
    halted.awaitRuns(5);

    assertThat(halted.events()).isEqualTo("nis8");
    assertThat(halted.intr()).isFalse();
    machine.quit();
    assertThat(end.get(20, TimeUnit.SECONDS).kind()).isEqualTo(MachineEnd.Kind.QUIT);
    assertThat(halted.runs()).isLessThanOrEqualTo(9);
  }

  @Test
  void allProcessorsHaltedForGoodAreReportedOnce() throws Exception {
    List<String> heard = new CopyOnWriteArrayList<>();
    accelerator = new FakeAccelerator(cpu -> cpu.exit(VmExit.Kind.HLT, "halted"));
    Machine machine = new Machine(board, wires, accelerator, MachineOptions.DEFAULT, vm -> {});
    CountDownLatch reported = new CountDownLatch(1);
    machine.onShutdown(
        (cpu, message) -> {
          heard.add(message);
          reported.countDown();
        });
    CompletableFuture<MachineEnd> end = start(machine);
    assertThat(reported.await(20, TimeUnit.SECONDS)).isTrue();
    wires.cpuLines().get(0).nmi();
    accelerator.cpu(0).awaitRuns(2);
    machine.quit();
    end.get(20, TimeUnit.SECONDS);
    assertThat(heard).containsExactly("halted, and no other processor runs");
  }

  @RepeatedTest(20)
  void aProcessorThatIsAboutToWakeHasNotHaltedForGood() throws Exception {
    List<String> heard = new CopyOnWriteArrayList<>();
    Machine[] machine = new Machine[1];
    accelerator =
        new FakeAccelerator(
            cpu -> {
              if (cpu.index() == 1) {
                if (cpu.runs() == 1) {
                  return cpu.exit(VmExit.Kind.HLT, "waits for a start-up IPI");
                }
                Thread.sleep(5);
                machine[0].quit();
                return cpu.kicked();
              }
              accelerator.cpu(1).awaitRuns(1);
              Thread.sleep(5);
              wires.cpuLines().get(1).startup(8);
              return cpu.exit(VmExit.Kind.HLT, "halted with interrupts off");
            });
    machine[0] = new Machine(board, wires, accelerator, MachineOptions.DEFAULT, vm -> {});
    machine[0].onShutdown((cpu, message) -> heard.add(message));
    assertThat(machine[0].run().kind()).isEqualTo(MachineEnd.Kind.QUIT);
    assertThat(heard).isEmpty();
  }

  @Test
  void pausedProcessorsAndTimeStandStillUntilResumed() throws Exception {
    Machine machine = machine(MachineOptions.DEFAULT, FakeAccelerator.Cpu::kicked);
    CompletableFuture<MachineEnd> end = start(machine);
    accelerator.cpu(0).awaitRuns(1);
    machine.pause();
    assertThat(machine.paused()).isTrue();
    assertThat(board.log().get(board.log().size() - 1)).isEqualTo("stop");
    int runs = accelerator.cpu(0).runs();
    wires.cpuLines().get(0).intr(true);
    wires.cpuLines().get(1).nmi();
    Thread.sleep(50);
    assertThat(accelerator.cpu(0).runs()).isEqualTo(runs);

    machine.resume();
    assertThat(machine.paused()).isFalse();
    accelerator.cpu(0).awaitRuns(runs + 1);
    machine.quit();
    end.get(20, TimeUnit.SECONDS);
  }

  @Test
  void aMachineCanStartPaused() throws Exception {
    Machine machine = machine(PAUSED, cpu -> locked(cpu, wires::powerOff));
    CompletableFuture<MachineEnd> end = start(machine);
    while (!machine.paused()) {
      Thread.sleep(1);
    }
    assertThat(accelerator.cpu(0).runs()).isZero();
    assertThat(boots).hasValue(1);
    machine.resume();

    assertThat(end.get(20, TimeUnit.SECONDS).kind()).isEqualTo(MachineEnd.Kind.POWER_OFF);
  }

  @Test
  void aResetWhilePausedLeavesItPaused() throws Exception {
    Machine machine = machine(PAUSED, FakeAccelerator.Cpu::kicked);
    CompletableFuture<MachineEnd> end = start(machine);
    while (!machine.paused()) {
      Thread.sleep(1);
    }
    machine.reset("the user");
    while (boots.get() < 2) {
      Thread.sleep(1);
    }
    machine.pause();
    assertThat(accelerator.cpu(0).runs()).isZero();
    machine.quit();
    end.get(20, TimeUnit.SECONDS);
  }

  @Test
  void aLostKickIsRepeated() throws Exception {
    Machine machine = machine(MachineOptions.DEFAULT, FakeAccelerator.Cpu::kicked);
    CompletableFuture<MachineEnd> end = start(machine);
    accelerator.cpu(0).awaitRuns(1);
    accelerator.cpu(0).loseKicks(3);
    machine.pause();
    accelerator.cpu(0).loseKicks(3);
    machine.quit();

    assertThat(end.get(20, TimeUnit.SECONDS).kind()).isEqualTo(MachineEnd.Kind.QUIT);
  }

  @Test
  void interruptingTheConductorQuits() throws Exception {
    Machine machine = machine(MachineOptions.DEFAULT, FakeAccelerator.Cpu::kicked);
    AtomicReference<MachineEnd> end = new AtomicReference<>();
    Thread conductor = new Thread(() -> end.set(machine.run()));
    conductor.start();
    accelerator.cpu(0).awaitRuns(1);
    conductor.interrupt();
    conductor.join();

    assertThat(end.get().kind()).isEqualTo(MachineEnd.Kind.QUIT);
  }

  @Test
  void resetsOfARunningMachineFromOutsideAreNeverLost() throws Exception {
    AtomicInteger runsAtBoot = new AtomicInteger();
    Machine machine =
        machine(
            MachineOptions.DEFAULT,
            vm -> {
              runsAtBoot.set(accelerator.cpu(0).runs());
              boots.incrementAndGet();
            },
            FakeAccelerator.Cpu::kicked);
    CompletableFuture<MachineEnd> end = start(machine);
    for (int i = 1; i <= 50; i++) {
      while (boots.get() < i) {
        Thread.sleep(1);
      }
      accelerator.cpu(0).awaitRuns(runsAtBoot.get() + 1);
      machine.reset("the test");
    }
    machine.quit();
    assertThat(end.get(20, TimeUnit.SECONDS).kind()).isEqualTo(MachineEnd.Kind.QUIT);
  }

  @Test
  void aMachineRunsOnceAndWiresBelongToOne() throws Exception {
    Machine machine = machine(MachineOptions.DEFAULT, cpu -> locked(cpu, wires::powerOff));
    machine.run();

    assertThat(machine.instructions()).isEqualTo(10);
    assertThatThrownBy(machine::run).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> machine(MachineOptions.DEFAULT, FakeAccelerator.Cpu::kicked))
        .isInstanceOf(IllegalStateException.class);
  }
}
