package org.quern.cli.run;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.quern.accel.api.CodeCounters;
import org.quern.accel.api.Vcpu;
import org.quern.accel.api.Vm;
import org.quern.cli.terminal.MachineControl;
import org.quern.machine.pc.PcBoard;
import org.quern.machine.run.Machine;

/** A running machine as the monitor sees it. Any thread but the processors' and the conductor's. */
final class Control implements MachineControl {
  private final Machine machine;
  private final PcBoard board;
  private final Statistics statistics;
  private final CountDownLatch quit = new CountDownLatch(1);
  private volatile boolean ended;

  Control(Machine machine, PcBoard board, Statistics statistics) {
    this.machine = machine;
    this.board = board;
    this.statistics = statistics;
  }

  /** The machine has ended; the monitor may still be there. */
  void ended() {
    ended = true;
  }

  void awaitQuit() throws InterruptedException {
    quit.await();
  }

  @Override
  public void quit() {
    quit.countDown();
    machine.quit();
  }

  @Override
  public void reset() {
    machine.reset("the user");
  }

  @Override
  public void powerButton() {
    board.powerButton();
  }

  @Override
  public void stop() throws InterruptedException {
    machine.pause();
  }

  @Override
  public void resume() throws InterruptedException {
    machine.resume();
  }

  @Override
  public String status() {
    return ended ? "shut down" : machine.paused() ? "paused" : "running";
  }

  @Override
  public String registers() throws InterruptedException {
    return ofEachProcessor(cpu -> RegisterText.of(cpu.state()));
  }

  @Override
  public String exceptions() throws InterruptedException {
    return ofEachProcessor(CrashReport::exceptions);
  }

  /** What one processor after the other has to say while they stand still. */
  private String ofEachProcessor(Function<Vcpu, String> say) throws InterruptedException {
    boolean wasPaused = ended || machine.paused();
    if (!wasPaused) {
      machine.pause();
    }
    StringBuilder text = new StringBuilder();
    Vm vm = machine.vm();
    for (int i = 0; i < vm.cpus(); i++) {
      text.append("CPU#").append(i).append('\n').append(say.apply(vm.vcpu(i)));
    }
    if (!wasPaused) {
      machine.resume();
    }
    return text.toString();
  }

  @Override
  public String statistics() {
    return statistics.line();
  }

  @Override
  public String translation() {
    return machine.vm() instanceof CodeCounters c && c.translates()
        ? String.format(
            "%s%n", String.join(System.lineSeparator(), TranslationText.lines(c.counts())))
        : "nothing is translated: the accelerator is not jit\n";
  }

  @Override
  public String exits() {
    List<String> lines = ExitText.report(machine.vm());
    return lines.isEmpty()
        ? "there are no VM exits: the accelerator is not vtx or kvm\n"
        : String.format("%s%n", String.join(System.lineSeparator(), lines));
  }
}
