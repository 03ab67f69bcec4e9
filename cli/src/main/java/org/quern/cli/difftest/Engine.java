package org.quern.cli.difftest;

import org.quern.accel.api.TranslationCounts;
import org.quern.cli.CliException;

/** Something that runs the guest: silicon or one of our own engines. One thread. */
interface Engine extends AutoCloseable {
  String name();

  /** Host address of the guest's RAM. */
  long ram();

  /** Tells that the code slots were written since the last run. */
  void codeWritten();

  /** How often a case has to run until it runs as all later ones will. */
  int runs();

  /** What the engine has translated so far; null if it translates nothing. */
  TranslationCounts translations();

  /** Runs all cases that are in RAM. */
  void run() throws CliException;

  @Override
  void close();
}
