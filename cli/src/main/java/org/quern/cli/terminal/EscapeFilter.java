package org.quern.cli.terminal;

/**
 * Takes the Ctrl-A commands out of what the user types. Source of the keys: qemu(1), "Keys in the
 * character backend multiplexer". Not thread-safe.
 */
final class EscapeFilter {
  static final byte ESCAPE = 1; // Ctrl-A

  /** What the user can ask for. */
  enum Command {
    HELP,
    QUIT,
    BREAK,
    SWITCH
  }

  /** Gets what was typed, in order. */
  interface Target {
    void data(byte[] bytes, int offset, int length);

    void command(Command command);
  }

  private boolean escaped;

  /** Takes bytes as they were typed. */
  void accept(byte[] typed, int length, Target target) {
    int start = 0;
    for (int i = 0; i < length; i++) {
      byte b = typed[i];
      if (escaped) {
        escaped = false;
        if (b == ESCAPE) {
          start = i; // the second Ctrl-A is data
          continue;
        }
        start = i + 1;
        Command command = command(b);
        if (command != null) {
          target.command(command);
        }
      } else if (b == ESCAPE) {
        if (i > start) {
          target.data(typed, start, i - start);
        }
        escaped = true;
        start = i + 1;
      }
    }
    if (length > start) {
      target.data(typed, start, length - start);
    }
  }

  /** What a key after Ctrl-A means; null for keys without a meaning, which vanish as in QEMU. */
  private static Command command(byte key) {
    return switch (key) {
      case 'h', 'H', '?' -> Command.HELP;
      case 'x', 'X' -> Command.QUIT;
      case 'b', 'B' -> Command.BREAK;
      case 'c', 'C' -> Command.SWITCH;
      default -> null;
    };
  }
}
