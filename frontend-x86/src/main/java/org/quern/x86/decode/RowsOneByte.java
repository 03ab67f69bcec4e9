package org.quern.x86.decode;

/** Rows of the one-byte opcode map, x87 (D8 to DF) apart. Source: SDM vol. 2D, table A-2. */
final class RowsOneByte {
  private RowsOneByte() {}

  static final String ROWS =
      """
      alu 00 ADD lock
      alu 08 OR lock
      alu 10 ADC lock
      alu 18 SBB lock
      alu 20 AND lock
      alu 28 SUB lock
      alu 30 XOR lock
      alu 38 CMP
      06 PUSH_SREG ES no64
      07 POP_SREG ES no64
      0e PUSH_SREG CS no64
      16 PUSH_SREG SS no64
      17 POP_SREG SS no64
      1e PUSH_SREG DS no64
      1f POP_SREG DS no64
      27 DAA - no64
      2f DAS - no64
      37 AAA - no64
      3f AAS - no64
      40+r INC Zv no64
      48+r DEC Zv no64
      50+r PUSH Zv d64
      58+r POP Zv d64
      60 PUSHA - no64 i186
      61 POPA - no64 i186
      62/m BOUND Gv,Ma no64 i186
      63 ARPL Ew,Gw no64 pm i286
      63 MOVSXD Gv,Ez only64
      68 PUSH Iz d64 i186
      69 IMUL Gv,Ev,Iz i186
      6a PUSH sIb d64 i186
      6b IMUL Gv,Ev,sIb i186
      6c INS - o8 io i186
      6d INS - z io i186
      6e OUTS - o8 io i186
      6f OUTS - z io i186
      70+c JCC Jb f64
      84 TEST Eb,Gb
      85 TEST Ev,Gv
      86 XCHG Eb,Gb lock
      87 XCHG Ev,Gv lock
      88 MOV Eb,Gb
      89 MOV Ev,Gv
      8a MOV Gb,Eb
      8b MOV Gv,Ev
      8c MOV_SREG Evw,Sw
      8d/m LEA Gv,M
      8e MOV_SREG Sw,Ew
      8f/0 POP Ev d64
      90 NOP - b0
      f3:90 PAUSE - b0
      90+r XCHG Zv,rAX
      98 CBW -
      99 CWD -
      9a CALL_FAR Ap no64
      9b FWAIT -
      9c PUSHF - d64 iopl
      9d POPF - d64 iopl
      9e SAHF - no64
      9e SAHF - only64 lahf_lm
      9f LAHF - no64
      9f LAHF - only64 lahf_lm
      a0 MOV AL,Ob
      a1 MOV rAX,Ov
      a2 MOV Ob,AL
      a3 MOV Ov,rAX
      a4 MOVS - o8
      a5 MOVS -
      a6 CMPS - o8
      a7 CMPS -
      a8 TEST AL,Ib
      a9 TEST rAX,Iz
      aa STOS - o8
      ab STOS -
      ac LODS - o8
      ad LODS -
      ae SCAS - o8
      af SCAS -
      b0+r MOV Zb,Ib
      b8+r MOV Zv,Iv
      shift /0 ROL
      shift /1 ROR
      shift /2 RCL
      shift /3 RCR
      shift /4 SHL
      shift /5 SHR
      shift /6 SHL
      shift /7 SAR
      c2 RET Iw f64
      c3 RET - f64
      c4/m LES Gv,Mp no64
      c5/m LDS Gv,Mp no64
      c6/0 MOV Eb,Ib
      c7/0 MOV Ev,Iz
      c8 ENTER Iw,Kb d64 i186
      c9 LEAVE - d64 i186
      ca RET_FAR Iw
      cb RET_FAR -
      cc INT3 -
      cd INT Ib
      ce INTO - no64
      cf IRET -
      d4 AAM Ib no64
      d5 AAD Ib no64
      d6 SALC - no64
      d7 XLAT - o8
      e0 LOOPNE Jb f64
      e1 LOOPE Jb f64
      e2 LOOP Jb f64
      e3 JCXZ Jb f64
      e4 IN AL,Ib io
      e5 IN eAX,Ib z io
      e6 OUT Ib,AL o8 io
      e7 OUT Ib,eAX z io
      e8 CALL Jz f64
      e9 JMP Jz f64
      ea JMP_FAR Ap no64
      eb JMP Jb f64
      ec IN AL,DX io
      ed IN eAX,DX z io
      ee OUT DX,AL o8 io
      ef OUT DX,eAX z io
      f1 INT1 - i386
      f4 HLT - cpl0
      f5 CMC -
      f6/0 TEST Eb,Ib
      f6/1 TEST Eb,Ib
      f6/2 NOT Eb lock
      f6/3 NEG Eb lock
      f6/4 MUL Eb
      f6/5 IMUL Eb
      f6/6 DIV Eb
      f6/7 IDIV Eb
      f7/0 TEST Ev,Iz
      f7/1 TEST Ev,Iz
      f7/2 NOT Ev lock
      f7/3 NEG Ev lock
      f7/4 MUL Ev
      f7/5 IMUL Ev
      f7/6 DIV Ev
      f7/7 IDIV Ev
      f8 CLC -
      f9 STC -
      fa CLI - iopl
      fb STI - iopl
      fc CLD -
      fd STD -
      fe/0 INC Eb lock
      fe/1 DEC Eb lock
      ff/0 INC Ev lock
      ff/1 DEC Ev lock
      ff/2 CALL Ev f64
      ff/3m CALL_FAR Mp
      ff/4 JMP Ev f64
      ff/5m JMP_FAR Mp
      ff/6 PUSH Ev d64
      """;
}
