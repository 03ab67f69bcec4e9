package org.quern.cli.terminal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Standard input and output shared by a character device of the guest and the monitor.
 *
 * <p>From a terminal, Ctrl-A commands are taken out if there is a monitor; a guest that does not
 * read its input never keeps Ctrl-A X from working: what it does not take in time is dropped, as a
 * terminal would. From a pipe or file, every byte goes to the guest unchanged and in its own time.
 *
 * <p>Threading: a daemon thread reads, a second one feeds the guest when input comes from a
 * terminal.
 */
public final class StdioConsole {
  /** The guest's end. */
  public interface GuestInput {
    /** Delivers bytes; may wait until the guest takes them. */
    void feed(byte[] bytes, int offset, int length) throws InterruptedException;

    void sendBreak();
  }

  /** Pieces of typed input that may wait for the guest. */
  private static final int WAITING_PIECES = 256;

  private static final String HELP =
      """

      Ctrl-A h        this help
      Ctrl-A x        end Quern
      Ctrl-A c        switch between the guest's console and the monitor
      Ctrl-A b        send a break
      Ctrl-A Ctrl-A   send Ctrl-A
      """;

  private final InputStream in;
  private final OutputStream out;
  private final GuestInput guest;
  private final Monitor monitor;
  private final Runnable quit;
  private final boolean terminal;
  private final BlockingQueue<byte[]> typed = new ArrayBlockingQueue<>(WAITING_PIECES);
  private static final byte[] BREAK = {};

  private boolean monitorInFront;

  /**
   * A console; nothing is read before {@link #start}.
   *
   * @param out where the monitor and help write; the guest's output goes there by itself
   * @param guest null if only the monitor is here
   * @param control what monitor, Ctrl-A X and a terminal that goes away act on
   * @param monitor whether the monitor is here
   * @param terminal whether input is typed rather than piped
   */
  public StdioConsole(
      InputStream in,
      OutputStream out,
      GuestInput guest,
      MachineControl control,
      boolean monitor,
      boolean terminal) {
    this.in = in;
    this.out = out;
    this.guest = guest;
    this.monitor = monitor ? new Monitor(control, this::print) : null;
    this.quit = control::quit;
    this.terminal = terminal;
    this.monitorInFront = guest == null;
  }

  /** Starts reading. */
  public void start() {
    if (terminal && guest != null) {
      daemon("stdin-feed", this::feedLoop);
    }
    if (monitorInFront && monitor != null) {
      monitor.show();
    }
    daemon("stdin", terminal ? this::readTerminal : this::readPipe);
  }

  private static void daemon(String name, Runnable body) {
    Thread t = new Thread(body, name);
    t.setDaemon(true);
    t.start();
  }

  private void readPipe() {
    byte[] buffer = new byte[4096];
    try {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        if (monitorInFront) {
          monitor.input(buffer, 0, n);
        } else {
          guest.feed(buffer, 0, n);
        }
      }
    } catch (IOException e) {
      // The writer is gone without a proper end: no more input, which is all an end means here too.
      System.getLogger("quern.cli").log(System.Logger.Level.DEBUG, "standard input failed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void readTerminal() {
    byte[] buffer = new byte[4096];
    EscapeFilter filter = new EscapeFilter();
    EscapeFilter.Target target = new Target();
    try {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        if (monitor != null && guest != null) {
          filter.accept(buffer, n, target);
        } else {
          target.data(buffer, 0, n);
        }
      }
    } catch (IOException e) {
      System.getLogger("quern.cli").log(System.Logger.Level.DEBUG, "the terminal failed", e);
    }
    // A raw terminal has no end of file; it was closed.
    quit.run();
  }

  private void feedLoop() {
    try {
      while (true) {
        byte[] piece = typed.take();
        if (piece == BREAK) {
          guest.sendBreak();
        } else {
          guest.feed(piece, 0, piece.length);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Where typed bytes and commands go. */
  private final class Target implements EscapeFilter.Target {
    @Override
    public void data(byte[] bytes, int offset, int length) {
      if (monitorInFront) {
        try {
          monitor.input(bytes, offset, length);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      } else {
        byte[] piece = new byte[length];
        System.arraycopy(bytes, offset, piece, 0, length);
        // A full queue drops what was typed: better than a Ctrl-A X that nobody reads.
        if (!typed.offer(piece)) {
          print("\007");
        }
      }
    }

    @Override
    public void command(EscapeFilter.Command command) {
      switch (command) {
        case HELP -> print(HELP);
        case QUIT -> quit.run();
        case BREAK -> {
          if (!monitorInFront && !typed.offer(BREAK)) {
            print("\007");
          }
        }
        case SWITCH -> {
          monitorInFront = !monitorInFront;
          if (monitorInFront) {
            monitor.show();
          } else {
            print("\n");
          }
        }
      }
    }
  }

  private void print(String text) {
    try {
      synchronized (out) {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
      }
    } catch (IOException e) {
      quit.run();
    }
  }
}
