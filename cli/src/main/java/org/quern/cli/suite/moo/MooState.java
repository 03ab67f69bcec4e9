package org.quern.cli.suite.moo;

/**
 * Registers and memory of a processor before or behind an instruction; behind it, only what has
 * changed.
 *
 * @param present a bit for each {@link MooReg} that has a value
 * @param registers their values by ordinal
 * @param addresses physical addresses of memory bytes
 * @param bytes their values
 */
record MooState(int present, int[] registers, int[] addresses, byte[] bytes) {
  boolean has(MooReg r) {
    return (present >> r.ordinal() & 1) != 0;
  }

  int get(MooReg r) {
    return registers[r.ordinal()];
  }

  /** The value of a register that another state may leave as it is here. */
  int after(MooReg r, MooState later) {
    return later.has(r) ? later.get(r) : get(r);
  }
}
