package org.quern.cli.difftest;

import org.quern.x86.decode.Insn;

/**
 * What an instruction leaves undefined beyond its row in the table: nothing here may be a mere
 * disagreement, each rule names its source.
 */
final class Undefined {
  private Undefined() {}

  /** RFLAGS bits that mean nothing behind this case. */
  static int flags(Insn insn, long testCase, boolean fault) {
    return insn.form.flagsUndefined();
  }

  /** Whether a general register is unpredictable. */
  static boolean register(Insn insn, int r) {
    return false;
  }

  /** Whether a field of the x87 and SSE image is unpredictable. */
  static boolean vectorField(Insn insn, String name, boolean fault) {
    return false;
  }

  /** Whether a byte of memory, by its offset in the case, is unpredictable. */
  static boolean memory(Insn insn, long testCase, int offset) {
    return false;
  }
}
