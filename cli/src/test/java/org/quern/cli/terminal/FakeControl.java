package org.quern.cli.terminal;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** Writes down what was asked of the machine. */
final class FakeControl implements MachineControl {
  final List<String> asked = new CopyOnWriteArrayList<>();
  final CountDownLatch quit = new CountDownLatch(1);

  @Override
  public void quit() {
    asked.add("quit");
    quit.countDown();
  }

  @Override
  public void reset() {
    asked.add("reset");
  }

  @Override
  public void powerButton() {
    asked.add("powerButton");
  }

  @Override
  public void stop() {
    asked.add("stop");
  }

  @Override
  public void resume() {
    asked.add("resume");
  }

  @Override
  public String status() {
    return "running";
  }

  @Override
  public String registers() {
    return "RAX=0\n";
  }

  @Override
  public String exceptions() {
    return "vector 14\n";
  }

  @Override
  public String statistics() {
    return "7 instructions";
  }

  @Override
  public String translation() {
    return "3 regions\n";
  }

  @Override
  public String exits() {
    return "5 exits\n";
  }
}
