package org.quern.cli.terminal;

import java.util.function.Consumer;

/**
 * The monitor: a prompt with a few of QEMU's commands. Fed with typed bytes by one thread; carries
 * commands out on that thread.
 */
public final class Monitor {
  static final String PROMPT = "(quern) ";
  private static final int MAX_LINE = 256;

  private static final String HELP =
      """
      help                this list
      info status         whether the machine runs
      info registers      registers of every processor
      info exceptions     last exceptions of every processor
      info statistics     instructions executed so far
      info jit            what was translated so far
      info exits          VM exits so far, under vtx and kvm
      stop                stop the machine
      cont                let it run again
      system_reset        reset it
      system_powerdown    press its power button
      quit                end Quern
      """;

  private final MachineControl machine;
  private final Consumer<String> out;
  private final StringBuilder line = new StringBuilder();
  private boolean afterReturn;

  /**
   * A monitor.
   *
   * @param out where text goes; lines end in a line feed alone
   */
  public Monitor(MachineControl machine, Consumer<String> out) {
    this.machine = machine;
    this.out = out;
  }

  /** The user turns to the monitor. */
  public void show() {
    line.setLength(0);
    out.accept("\nQuern monitor - type help for the commands\n" + PROMPT);
  }

  /** Takes typed bytes. */
  public void input(byte[] typed, int offset, int length) throws InterruptedException {
    for (int i = offset; i < offset + length; i++) {
      key(typed[i]);
    }
  }

  private void key(byte b) throws InterruptedException {
    boolean lineFeedOfPair = b == '\n' && afterReturn;
    afterReturn = b == '\r';
    switch (b) {
      case '\r', '\n' -> {
        if (!lineFeedOfPair) {
          String command = line.toString().trim();
          line.setLength(0);
          out.accept("\n");
          execute(command);
          out.accept(PROMPT);
        }
      }
      case 8, 127 -> {
        if (line.length() > 0) {
          line.setLength(line.length() - 1);
          out.accept("\b \b");
        }
      }
      case 21 -> { // Ctrl-U
        out.accept("\b \b".repeat(line.length()));
        line.setLength(0);
      }
      default -> {
        if (b >= ' ' && line.length() < MAX_LINE) {
          line.append((char) b);
          out.accept(String.valueOf((char) b));
        }
      }
    }
  }

  private void execute(String command) throws InterruptedException {
    switch (command.replaceAll("\\s+", " ")) {
      case "" -> {}
      case "help", "?" -> out.accept(HELP);
      case "info status" -> out.accept("VM status: " + machine.status() + "\n");
      case "info registers" -> out.accept(machine.registers());
      case "info exceptions" -> out.accept(machine.exceptions());
      case "info statistics" -> out.accept(machine.statistics() + "\n");
      case "info jit" -> out.accept(machine.translation());
      case "info exits" -> out.accept(machine.exits());
      case "stop", "s" -> machine.stop();
      case "cont", "c" -> machine.resume();
      case "system_reset" -> machine.reset();
      case "system_powerdown" -> machine.powerButton();
      case "quit", "q" -> machine.quit();
      default -> out.accept(command + ": no such command; type help for the list\n");
    }
  }
}
