package org.quern.x86.decode;

/** Fields of an instruction while it is being decoded; see {@link Insn} for their meaning. */
class InsnBuilder {
  InsnForm form;
  int length;
  int opSize;
  int addrSize;
  int opcode;
  int cc;
  boolean lock;
  int rep;
  int operandCount;
  final Operand[] operands = new Operand[4];
  int segment;
  int base;
  int index;
  int scale;
  long disp;
  long imm;
  long imm2;
  int modrm;
  int vexL;
}
