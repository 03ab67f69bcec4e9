package org.quern.x86.decode;

/** Replaced by the decoder. */
final class InsnBuilder {
  InsnForm form;
  int length;
  int opSize;
  int addrSize;
  int opcode;
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
