package org.quern.x86.fault;

/** Exception vectors. Source: SDM vol. 3A, table 6-1. */
public final class Vector {
  public static final int DE = 0;
  public static final int DB = 1;
  public static final int NMI = 2;
  public static final int BP = 3;
  public static final int OF = 4;
  public static final int BR = 5;
  public static final int UD = 6;
  public static final int NM = 7;
  public static final int DF = 8;
  public static final int TS = 10;
  public static final int NP = 11;
  public static final int SS = 12;
  public static final int GP = 13;
  public static final int PF = 14;
  public static final int MF = 16;
  public static final int AC = 17;
  public static final int MC = 18;
  public static final int XM = 19;
  public static final int VE = 20;

  /** Not a vector: the instruction ends with a VM exit, which {@code Cpu.nonRoot} knows. */
  public static final int VM_EXIT = 0x100;

  /**
   * Not a vector either: the instruction must be run again by itself, with {@code Cpu.single}, for
   * something must be done right behind it.
   */
  public static final int ALONE = 0x101;

  /** Whether delivery of this exception pushes an error code (outside real mode). */
  public static boolean hasErrorCode(int vector) {
    return vector == DF || (vector >= TS && vector <= PF) || vector == AC;
  }

  private Vector() {}
}
