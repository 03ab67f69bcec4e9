package org.quern.cli.terminal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import org.jline.terminal.Attributes;
import org.jline.terminal.Attributes.InputFlag;
import org.jline.terminal.Attributes.LocalFlag;
import org.jline.terminal.Attributes.OutputFlag;
import org.jline.terminal.impl.exec.ExecPty;
import org.jline.terminal.impl.exec.ExecTerminalProvider;
import org.jline.terminal.spi.Pty;
import org.jline.terminal.spi.SystemStream;

/**
 * The settings of the terminal on standard input. Put back when the process ends in whatever way a
 * JVM can notice (end, exception, SIGINT, SIGTERM, SIGHUP), by a shutdown hook.
 *
 * <p>JLine's pseudo-terminal by {@code stty} is used on its own: it needs no native library and
 * none of JLine's own threads, which would compete with ours for the input.
 */
public final class HostTerminal {
  private final Pty pty;
  private final Attributes original;
  private boolean raw;
  private boolean closed;

  private HostTerminal(Pty pty, Attributes original) {
    this.pty = pty;
    this.original = original;
  }

  /** Whether standard input is a terminal. */
  public static boolean present() {
    try {
      String device = Files.readSymbolicLink(Path.of("/proc/self/fd/0")).toString();
      if (!device.startsWith("/dev/") || device.equals("/dev/null")) {
        return false;
      }
    } catch (IOException | UnsupportedOperationException e) {
      // No Linux: ask all the same.
    }
    // Costs two small processes.
    return new ExecTerminalProvider().isSystemStream(SystemStream.Input);
  }

  /**
   * Opens the terminal; its settings stay as they are until {@link #raw}.
   *
   * @throws IOException if standard input is no terminal or its settings cannot be read
   */
  public static HostTerminal open() throws IOException {
    // "Output" names the terminal's side that is not used here; the terminal is that of stdin.
    Pty pty = ExecPty.current(new ExecTerminalProvider(), SystemStream.Output);
    HostTerminal terminal = new HostTerminal(pty, pty.getAttr());
    Runtime.getRuntime().addShutdownHook(new Thread(terminal::close, "terminal-restore"));
    return terminal;
  }

  /**
   * Every key reaches the reader at once and unchanged.
   *
   * @param signals whether Ctrl-C and its like keep their meaning for the process
   */
  public synchronized void raw(boolean signals) throws IOException {
    if (closed) {
      return;
    }
    Attributes a = new Attributes(original);
    a.setLocalFlags(
        EnumSet.of(LocalFlag.ECHO, LocalFlag.ECHONL, LocalFlag.ICANON, LocalFlag.IEXTEN), false);
    if (!signals) {
      a.setLocalFlag(LocalFlag.ISIG, false);
    }
    a.setInputFlags(
        EnumSet.of(
            InputFlag.IGNBRK,
            InputFlag.BRKINT,
            InputFlag.PARMRK,
            InputFlag.ISTRIP,
            InputFlag.INLCR,
            InputFlag.IGNCR,
            InputFlag.ICRNL,
            InputFlag.IXON),
        false);
    a.setOutputFlag(OutputFlag.OPOST, true);
    raw = true;
    pty.setAttr(a);
  }

  /** Puts the settings back, for good. */
  public synchronized void close() {
    closed = true;
    if (!raw) {
      return;
    }
    raw = false;
    try {
      pty.setAttr(original);
    } catch (IOException e) {
      // The terminal is gone (hang-up); there is nothing to put back and nobody to tell.
      System.getLogger("quern.cli").log(System.Logger.Level.DEBUG, "terminal not restored", e);
    }
  }
}
