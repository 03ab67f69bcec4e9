package org.quern.cli.run;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.quern.cli.CliException;
import org.quern.cli.options.CharSpec;
import org.quern.machine.chardev.CharBackend;
import org.quern.machine.chardev.StreamBackend;

/** The host's ends of a machine's character devices. */
final class Backends implements AutoCloseable {
  private static final long DRAIN_MILLIS = 2000;

  private final ReentrantLock lock;
  private final WatchedOutput stdout = new WatchedOutput(new FileOutputStream(FileDescriptor.out));
  private final List<StreamBackend> streams = new ArrayList<>();
  private final List<OutputStream> files = new ArrayList<>();
  private StreamBackend stdio;

  /**
   * No back ends yet.
   *
   * @param lock the machine lock
   */
  Backends(ReentrantLock lock) {
    this.lock = lock;
  }

  /**
   * Opens a back end.
   *
   * @param name of the device, for the thread and messages
   * @throws CliException if a file cannot be written
   */
  CharBackend open(String name, CharSpec spec) throws CliException {
    if (spec instanceof CharSpec.ToFile file) {
      try {
        OutputStream out = new FileOutputStream(file.path().toFile());
        files.add(out);
        return stream(name, out);
      } catch (IOException e) {
        throw new CliException(
            name + " cannot write to file:" + file.path() + ": " + e.getMessage(), e);
      }
    }
    if (spec instanceof CharSpec.Stdio) {
      stdio = stream(name, stdout);
      return stdio;
    }
    return CharBackend.NULL;
  }

  private StreamBackend stream(String name, OutputStream out) {
    StreamBackend backend = new StreamBackend(name, lock, out);
    streams.add(backend);
    return backend;
  }

  /** The back end on standard input and output, if a device has it. */
  Optional<StreamBackend> stdio() {
    return Optional.ofNullable(stdio);
  }

  /** Standard output, for the guest and the monitor. */
  WatchedOutput stdout() {
    return stdout;
  }

  /** Waits a little until everything the guest wrote has reached the host. */
  void drain() {
    try {
      for (StreamBackend s : streams) {
        if (!s.drain(DRAIN_MILLIS)) {
          System.getLogger("quern.cli").log(System.Logger.Level.DEBUG, "output was lost");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    streams.forEach(StreamBackend::close);
    for (OutputStream f : files) {
      try {
        f.close();
      } catch (IOException e) {
        System.getLogger("quern.cli").log(System.Logger.Level.WARNING, "file not closed", e);
      }
    }
  }
}
