package org.quern.x86.decode;

/**
 * All rows of the 8086, which ignores opcode bits that later processors look at: what has no
 * meaning in the manual is often another name of what has. Source: Intel, 8086 Family User's
 * Manual, table 4-13; the other names: SingleStepTests/8086, README (what silicon does).
 *
 * <p>Known gap: register forms of LEA, LES, LDS and of far CALL and JMP, and FE with another group
 * than INC and DEC, depend on what the processor did before; here they do nothing.
 */
final class Rows8086 {
  private Rows8086() {}

  static final String ROWS =
      """
      alu 00 ADD
      alu 08 OR
      alu 10 ADC
      alu 18 SBB
      alu 20 AND
      alu 28 SUB
      alu 30 XOR
      alu 38 CMP
      06 PUSH_SREG ES
      07 POP_SREG ES
      0e PUSH_SREG CS
      0f POP_SREG CS
      16 PUSH_SREG SS
      17 POP_SREG SS
      1e PUSH_SREG DS
      1f POP_SREG DS
      27 DAA -
      2f DAS -
      37 AAA -
      3f AAS -
      40+r INC Zv
      48+r DEC Zv
      50+r PUSH Zv
      58+r POP Zv
      60+c JCC Jb
      70+c JCC Jb
      84 TEST Eb,Gb
      85 TEST Ev,Gv
      86 XCHG Eb,Gb
      87 XCHG Ev,Gv
      88 MOV Eb,Gb
      89 MOV Ev,Gv
      8a MOV Gb,Eb
      8b MOV Gv,Ev
      8c MOV_SREG Evw,Sw
      8d/m LEA Gv,M
      8e MOV_SREG Sw,Ew
      8f POP Ev
      90+r XCHG Zv,rAX
      98 CBW -
      99 CWD -
      9a CALL_FAR Ap
      9b FWAIT -
      9c PUSHF -
      9d POPF -
      9e SAHF -
      9f LAHF -
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
      c0 RET Iw
      c1 RET -
      c2 RET Iw
      c3 RET -
      c4/m LES Gv,Mp
      c5/m LDS Gv,Mp
      c6 MOV Eb,Ib
      c7 MOV Ev,Iz
      c8 RET_FAR Iw
      c9 RET_FAR -
      ca RET_FAR Iw
      cb RET_FAR -
      cc INT3 -
      cd INT Ib
      ce INTO -
      cf IRET -
      d0/0 ROL Eb,1
      d0/1 ROR Eb,1
      d0/2 RCL Eb,1
      d0/3 RCR Eb,1
      d0/4 SHL Eb,1
      d0/5 SHR Eb,1
      d0/6 SETMO Eb,1
      d0/7 SAR Eb,1
      d1/0 ROL Ev,1
      d1/1 ROR Ev,1
      d1/2 RCL Ev,1
      d1/3 RCR Ev,1
      d1/4 SHL Ev,1
      d1/5 SHR Ev,1
      d1/6 SETMO Ev,1
      d1/7 SAR Ev,1
      d2/0 ROL Eb,CL
      d2/1 ROR Eb,CL
      d2/2 RCL Eb,CL
      d2/3 RCR Eb,CL
      d2/4 SHL Eb,CL
      d2/5 SHR Eb,CL
      d2/6 SETMO Eb,CL
      d2/7 SAR Eb,CL
      d3/0 ROL Ev,CL
      d3/1 ROR Ev,CL
      d3/2 RCL Ev,CL
      d3/3 RCR Ev,CL
      d3/4 SHL Ev,CL
      d3/5 SHR Ev,CL
      d3/6 SETMO Ev,CL
      d3/7 SAR Ev,CL
      d4 AAM Ib
      d5 AAD Ib
      d6 SALC -
      d7 XLAT - o8
      d8 ESC Ew
      d9 ESC Ew
      da ESC Ew
      db ESC Ew
      dc ESC Ew
      dd ESC Ew
      de ESC Ew
      df ESC Ew
      e0 LOOPNE Jb
      e1 LOOPE Jb
      e2 LOOP Jb
      e3 JCXZ Jb
      e4 IN AL,Ib
      e5 IN eAX,Ib
      e6 OUT Ib,AL o8
      e7 OUT Ib,eAX
      e8 CALL Jz
      e9 JMP Jz
      ea JMP_FAR Ap
      eb JMP Jb
      ec IN AL,DX
      ed IN eAX,DX
      ee OUT DX,AL o8
      ef OUT DX,eAX
      f4 HLT -
      f5 CMC -
      f6/0 TEST Eb,Ib
      f6/1 TEST Eb,Ib
      f6/2 NOT Eb
      f6/3 NEG Eb
      f6/4 MUL Eb
      f6/5 IMUL Eb
      f6/6 DIV Eb
      f6/7 IDIV Eb
      f7/0 TEST Ev,Iz
      f7/1 TEST Ev,Iz
      f7/2 NOT Ev
      f7/3 NEG Ev
      f7/4 MUL Ev
      f7/5 IMUL Ev
      f7/6 DIV Ev
      f7/7 IDIV Ev
      f8 CLC -
      f9 STC -
      fa CLI -
      fb STI -
      fc CLD -
      fd STD -
      fe/0 INC Eb
      fe/1 DEC Eb
      ff/0 INC Ev
      ff/1 DEC Ev
      ff/2 CALL Ev
      ff/3m CALL_FAR Mp
      ff/4 JMP Ev
      ff/5m JMP_FAR Mp
      ff/6 PUSH Ev
      ff/7 PUSH Ev
      """;
}
