package org.quern.cli.holes;

import org.quern.accel.api.AcceleratorException;

/** A way to run a guest kernel: a column of the table. */
interface Way {
  /** Heading of the column. */
  String name();

  /**
   * Makes a machine for one probe.
   *
   * @throws AcceleratorException if that is not to be had on this host
   */
  Run prepare(GuestKernel kernel) throws AcceleratorException;

  /** A machine with a guest kernel in it. */
  interface Run extends AutoCloseable {
    /** Runs the kernel to its end, with the probe in it {@code count} times. */
    Outcome run(int count);

    @Override
    void close();
  }
}
