package org.quern.x86.state;

import java.util.Arrays;

/**
 * x87 and MMX state. Registers are stored by physical number R0 to R7; ST(i) is R((TOP + i) &amp;
 * 7) and MMi is R(i). Source: SDM vol. 1, 8.1 and 9.2.
 */
public final class Fpu {
  /** Significand of each register, explicit integer bit 63; also the MMX register. */
  public final long[] significand = new long[8];

  /** Sign (bit 15) and biased exponent (bits 0 to 14). */
  public final int[] signExponent = new int[8];

  public int control;

  /** Status word without TOP, which is {@link #top}. */
  public int status;

  public int top;

  /** Tag word, two bits a register: 0 valid, 1 zero, 2 special, 3 empty. */
  public int tag;

  /** Last opcode (11 bits), instruction and data pointers with selectors. */
  public int opcode;

  public long ip;
  public int cs;
  public long dp;
  public int ds;

  /** State after RESET; FNINIT differs. Source: SDM vol. 3A, table 10-1. */
  public void reset() {
    Arrays.fill(significand, 0);
    Arrays.fill(signExponent, 0);
    init();
    control = 0x40;
    tag = 0x5555;
  }

  /** FNINIT. */
  public void init() {
    control = 0x37f;
    status = 0;
    top = 0;
    tag = 0xffff;
    opcode = 0;
    ip = 0;
    cs = 0;
    dp = 0;
    ds = 0;
  }

  public void copyFrom(Fpu o) {
    System.arraycopy(o.significand, 0, significand, 0, 8);
    System.arraycopy(o.signExponent, 0, signExponent, 0, 8);
    control = o.control;
    status = o.status;
    top = o.top;
    tag = o.tag;
    opcode = o.opcode;
    ip = o.ip;
    cs = o.cs;
    dp = o.dp;
    ds = o.ds;
  }
}
