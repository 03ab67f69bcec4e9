package org.quern.x86.decode;

/**
 * What the 8086 has besides the rows of the one-byte map that are its own already ({@link
 * InsnForm#onFirst}). It ignores opcode bits that later processors look at: what has no meaning in
 * the manual is often another name of what has. Source: Intel, 8086 Family User's Manual, table
 * 4-13; the other names: SingleStepTests/8086, README (what silicon does).
 *
 * <p>Known gap: register forms of LEA, LES, LDS and of far CALL and JMP, and FE with another group
 * than INC and DEC, depend on what the processor did before; here they do nothing.
 */
final class Rows8086 {
  private Rows8086() {}

  /** They go before those of the one-byte map. */
  static final String ROWS =
      """
      0f POP_SREG CS
      60+c JCC Jb
      8f POP Ev
      c0 RET Iw
      c1 RET -
      c6 MOV Eb,Ib
      c7 MOV Ev,Iz
      c8 RET_FAR Iw
      c9 RET_FAR -
      d0/6 SETMO Eb,1
      d1/6 SETMO Ev,1
      d2/6 SETMO Eb,CL
      d3/6 SETMO Ev,CL
      d8 ESC Ew
      d9 ESC Ew
      da ESC Ew
      db ESC Ew
      dc ESC Ew
      dd ESC Ew
      de ESC Ew
      df ESC Ew
      ff/7 PUSH Ev
      """;
}
