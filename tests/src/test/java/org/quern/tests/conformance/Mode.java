package org.quern.tests.conformance;

/** The processor modes a conformance program can start in. */
public enum Mode {
  REAL16(16),
  PROTECTED16(16),
  PROTECTED32(32),
  LONG64(64),
  COMPATIBILITY32(32);

  /** Default code size in bits. */
  public final int codeSize;

  Mode(int codeSize) {
    this.codeSize = codeSize;
  }
}
