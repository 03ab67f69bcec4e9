package org.quern.x86.state;

/** Register numbers as instruction encodings use them. Source: SDM vol. 2A, tables 2-2 and 3-1. */
public final class Reg {
  public static final int RAX = 0;
  public static final int RCX = 1;
  public static final int RDX = 2;
  public static final int RBX = 3;
  public static final int RSP = 4;
  public static final int RBP = 5;
  public static final int RSI = 6;
  public static final int RDI = 7;

  /** Slot of {@link Cpu#gpr} that always reads zero: "no base" and "no index" of an address. */
  public static final int ZERO = 16;

  /** Base number of a RIP-relative address; never an index into {@link Cpu#gpr}. */
  public static final int RIP = 17;

  public static final int ES = 0;
  public static final int CS = 1;
  public static final int SS = 2;
  public static final int DS = 3;
  public static final int FS = 4;
  public static final int GS = 5;

  private Reg() {}
}
