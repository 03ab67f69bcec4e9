package org.quern.bench.program;

/** What a benchmark program writes to the debug console, and how it ends. */
public final class BenchProtocol {
  /** The work begins. */
  public static final char START = '+';

  /** A repetition of the work is done. */
  public static final char REPETITION = '.';

  /** The last repetition came to another checksum than the first. */
  public static final char DIFFERENT = '!';

  /** 16 hexadecimal digits and a line feed follow: the checksum of a repetition. */
  public static final char CHECKSUM = '=';

  /** Digits of the checksum. */
  public static final int CHECKSUM_DIGITS = 16;

  /** Port of the {@code isa-debug-exit} device that a program ends through. */
  public static final int EXIT_PORT = 0xf4;

  /** Exit code of the process after a program has ended: what it writes, 0x10, twice and one. */
  public static final int EXIT_CODE = 0x21;

  /** RAM that a program needs, in MiB. */
  public static final int MEMORY_MIB = 64;

  private BenchProtocol() {}
}
