package org.quern.cli.suite;

import org.quern.cli.CliException;

/** One kind of suite. */
public interface Suite {
  /**
   * Runs the cases that were asked for.
   *
   * @throws CliException if the suite itself cannot be run; a failing case is a result
   */
  void run(SuiteOptions options, Report report) throws CliException, InterruptedException;
}
