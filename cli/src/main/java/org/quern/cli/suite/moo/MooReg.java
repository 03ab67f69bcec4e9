package org.quern.cli.suite.moo;

import java.util.Locale;

/** The registers of a case, in the order of the 32-bit chunks. Source: MOO 1.1, RG32. */
enum MooReg {
  CR0,
  CR3,
  EAX,
  EBX,
  ECX,
  EDX,
  ESI,
  EDI,
  EBP,
  ESP,
  CS,
  DS,
  ES,
  FS,
  GS,
  SS,
  EIP,
  EFLAGS,
  DR6,
  DR7;

  static final int COUNT = values().length;

  /** The same registers in the order of the 16-bit chunks. Source: MOO 1.1, REGS. */
  private static final MooReg[] NARROW = {
    EAX, EBX, ECX, EDX, CS, SS, DS, ES, ESP, EBP, ESI, EDI, EIP, EFLAGS
  };

  /** The register of a bit in a chunk; null if there is none. */
  static MooReg of(boolean wide, int bit) {
    MooReg[] order = wide ? values() : NARROW;
    return bit < order.length ? order[bit] : null;
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
