package org.quern.accel.api;

import java.util.function.LongConsumer;

/**
 * A {@link Vm} that can tell which pages of guest memory have been written: for migration while the
 * guest runs, and for displays. Any thread.
 */
public interface DirtyLog {
  /**
   * Begins or ends logging; a log that begins is empty.
   *
   * @throws AcceleratorException if the host refuses
   */
  void logDirtyPages(boolean on) throws AcceleratorException;

  /**
   * Fetches and empties the log.
   *
   * @param page is given the guest physical address of each page that a processor has written, or
   *     {@link Vm#memoryWritten} was told of, since the last call; in no order, and perhaps twice
   * @throws AcceleratorException if the host refuses
   */
  void takeDirtyPages(LongConsumer page) throws AcceleratorException;
}
