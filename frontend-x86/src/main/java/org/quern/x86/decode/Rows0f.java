package org.quern.x86.decode;

/** Rows of the two-byte opcode map (escape 0F). Source: SDM vol. 2D, table A-3. */
final class Rows0f {
  private Rows0f() {}

  static final String ROWS =
      """
      00/0 SLDT Evw pm i286
      00/1 STR Evw pm i286
      00/2 LLDT Ew pm cpl0 i286
      00/3 LTR Ew pm cpl0 i286
      00/4 VERR Ew pm i286
      00/5 VERW Ew pm i286
      01/0m SGDT Ms f64 i286
      01/1m SIDT Ms f64 i286
      01/2m LGDT Ms f64 cpl0 i286
      01/3m LIDT Ms f64 cpl0 i286
      01/4 SMSW Evw i286
      01/6 LMSW Ew cpl0 i286
      01/7m INVLPG M cpl0 i486
      np:01=c1 VMCALL - vmx
      np:01=c2 VMLAUNCH - vmx cpl0
      np:01=c3 VMRESUME - vmx cpl0
      np:01=c4 VMXOFF - vmx cpl0
      np:01=c8 MONITOR - monitor cpl0
      np:01=c9 MWAIT - monitor cpl0
      np:01=ca CLAC - smap cpl0
      np:01=cb STAC - smap cpl0
      np:01=d0 XGETBV - xsave
      np:01=d1 XSETBV - xsave cpl0
      np:01=d4 VMFUNC - vmx
      01=d8 VMRUN - svm cpl0
      01=d9 VMMCALL - svm
      01=da VMLOAD - svm cpl0
      01=db VMSAVE - svm cpl0
      01=dc STGI - svm cpl0
      01=dd CLGI - svm cpl0
      01=de SKINIT - svm cpl0
      01=df INVLPGA - svm cpl0
      np:01=e8 SERIALIZE - serialize
      np:01=ee RDPKRU - pku
      np:01=ef WRPKRU - pku
      01=f8 SWAPGS - only64 cpl0
      01=f9 RDTSCP - rdtscp
      01=fc CLZERO - clzero
      02 LAR Gv,Ew pm i286
      03 LSL Gv,Ew pm i286
      05 SYSCALL - syscall
      06 CLTS - cpl0 i286
      07 SYSRET - syscall cpl0
      08 INVD - cpl0 i486
      f3:09 WBNOINVD - cpl0 i486 wbnoinvd else=WBINVD
      09 WBINVD - cpl0 i486
      0b UD2 -
      0d/0m PREFETCH Mb p6
      0d/1m PREFETCHW Mb p6
      0d/2m PREFETCHW Mb p6
      0d/3m PREFETCH Mb p6
      0d/4m PREFETCH Mb p6
      0d/5m PREFETCH Mb p6
      0d/6m PREFETCH Mb p6
      0d/7m PREFETCH Mb p6
      0d NOP Ev p6
      np:10 MOVUPS Vx,Wx sse
      66:10 MOVUPD Vx,Wx sse2
      f3:10 MOVSS Vx,Wd sse
      f2:10 MOVSD Vx,Wq sse2
      np:11 MOVUPS Wx,Vx sse
      66:11 MOVUPD Wx,Vx sse2
      f3:11 MOVSS Wd,Vx sse
      f2:11 MOVSD Wq,Vx sse2
      np:12/m MOVLPS Vx,Mq sse
      np:12/r MOVHLPS Vx,Ux sse
      66:12/m MOVLPD Vx,Mq sse2
      f3:12 MOVSLDUP Vx,Wx sse3
      f2:12 MOVDDUP Vx,Wq sse3
      np:13/m MOVLPS Mq,Vx sse
      66:13/m MOVLPD Mq,Vx sse2
      np:14 UNPCKLPS Vx,Wx sse
      66:14 UNPCKLPD Vx,Wx sse2
      np:15 UNPCKHPS Vx,Wx sse
      66:15 UNPCKHPD Vx,Wx sse2
      np:16/m MOVHPS Vx,Mq sse
      np:16/r MOVLHPS Vx,Ux sse
      66:16/m MOVHPD Vx,Mq sse2
      f3:16 MOVSHDUP Vx,Wx sse3
      np:17/m MOVHPS Mq,Vx sse
      66:17/m MOVHPD Mq,Vx sse2
      18/0m PREFETCH Mb p6
      18/1m PREFETCH Mb p6
      18/2m PREFETCH Mb p6
      18/3m PREFETCH Mb p6
      18 NOP Ev p6
      19 NOP Ev p6
      1a NOP Ev p6
      1b NOP Ev p6
      1c NOP Ev p6
      1d NOP Ev p6
      f3:1e=fa ENDBR64 - p6
      f3:1e=fb ENDBR32 - p6
      1e NOP Ev p6
      1f NOP Ev p6
      20 MOV_CR Rn,Cn f64 cpl0
      21 MOV_DR Rn,Dn f64 cpl0
      22 MOV_CR Cn,Rn f64 cpl0
      23 MOV_DR Dn,Rn f64 cpl0
      np:28 MOVAPS Vx,Wx sse
      66:28 MOVAPD Vx,Wx sse2
      np:29 MOVAPS Wx,Vx sse
      66:29 MOVAPD Wx,Vx sse2
      np:2a CVTPI2PS Vx,Qq sse
      66:2a CVTPI2PD Vx,Qq sse2
      f3:2a CVTSI2SS Vx,Ey sse
      f2:2a CVTSI2SD Vx,Ey sse2
      np:2b/m MOVNTPS Mx,Vx sse
      66:2b/m MOVNTPD Mx,Vx sse2
      f3:2b/m MOVNTSS Md,Vx sse4a
      f2:2b/m MOVNTSD Mq,Vx sse4a
      np:2c CVTTPS2PI Pq,Wq sse
      66:2c CVTTPD2PI Pq,Wx sse2
      f3:2c CVTTSS2SI Gy,Wd sse
      f2:2c CVTTSD2SI Gy,Wq sse2
      np:2d CVTPS2PI Pq,Wq sse
      66:2d CVTPD2PI Pq,Wx sse2
      f3:2d CVTSS2SI Gy,Wd sse
      f2:2d CVTSD2SI Gy,Wq sse2
      np:2e UCOMISS Vx,Wd sse
      66:2e UCOMISD Vx,Wq sse2
      np:2f COMISS Vx,Wd sse
      66:2f COMISD Vx,Wq sse2
      30 WRMSR - msr cpl0
      31 RDTSC - tsc
      32 RDMSR - msr cpl0
      33 RDPMC - p6
      34 SYSENTER - sep
      35 SYSEXIT - sep cpl0
      40+c CMOVCC Gv,Ev cmov
      np:50/r MOVMSKPS Gy,Ux sse
      66:50/r MOVMSKPD Gy,Ux sse2
      fp4 51 SQRT
      np:52 RSQRTPS Vx,Wx sse
      f3:52 RSQRTSS Vx,Wd sse
      np:53 RCPPS Vx,Wx sse
      f3:53 RCPSS Vx,Wd sse
      fp2 54 AND
      fp2 55 ANDN
      fp2 56 OR
      fp2 57 XOR
      fp4 58 ADD
      fp4 59 MUL
      np:5a CVTPS2PD Vx,Wq sse2
      66:5a CVTPD2PS Vx,Wx sse2
      f3:5a CVTSS2SD Vx,Wd sse2
      f2:5a CVTSD2SS Vx,Wq sse2
      np:5b CVTDQ2PS Vx,Wx sse2
      66:5b CVTPS2DQ Vx,Wx sse2
      f3:5b CVTTPS2DQ Vx,Wx sse2
      fp4 5c SUB
      fp4 5d MIN
      fp4 5e DIV
      fp4 5f MAX
      np:60 PUNPCKLBW Pq,Qd mmx
      66:60 PUNPCKLBW Vx,Wx sse2
      np:61 PUNPCKLWD Pq,Qd mmx
      66:61 PUNPCKLWD Vx,Wx sse2
      np:62 PUNPCKLDQ Pq,Qd mmx
      66:62 PUNPCKLDQ Vx,Wx sse2
      mmx 63 PACKSSWB
      mmx 64 PCMPGTB
      mmx 65 PCMPGTW
      mmx 66 PCMPGTD
      mmx 67 PACKUSWB
      mmx 68 PUNPCKHBW
      mmx 69 PUNPCKHWD
      mmx 6a PUNPCKHDQ
      mmx 6b PACKSSDW
      66:6c PUNPCKLQDQ Vx,Wx sse2
      66:6d PUNPCKHQDQ Vx,Wx sse2
      np:6e MOVD Pq,Ed d mmx
      np:6e MOVQ Pq,Eq q mmx
      66:6e MOVD Vx,Ed d sse2
      66:6e MOVQ Vx,Eq q sse2
      np:6f MOVQ Pq,Qq mmx
      66:6f MOVDQA Vx,Wx sse2
      f3:6f MOVDQU Vx,Wx sse2
      np:70 PSHUFW Pq,Qq,Ib sse
      66:70 PSHUFD Vx,Wx,Ib sse2
      f3:70 PSHUFHW Vx,Wx,Ib sse2
      f2:70 PSHUFLW Vx,Wx,Ib sse2
      mmxi 71/2r PSRLW
      mmxi 71/4r PSRAW
      mmxi 71/6r PSLLW
      mmxi 72/2r PSRLD
      mmxi 72/4r PSRAD
      mmxi 72/6r PSLLD
      mmxi 73/2r PSRLQ
      66:73/3r PSRLDQ Ux,Ib sse2
      mmxi 73/6r PSLLQ
      66:73/7r PSLLDQ Ux,Ib sse2
      mmx 74 PCMPEQB
      mmx 75 PCMPEQW
      mmx 76 PCMPEQD
      np:77 EMMS - mmx
      np:78 VMREAD En,Gn f64 vmx cpl0
      np:79 VMWRITE Gn,En f64 vmx cpl0
      66:78/0r EXTRQ Ux,Ib,Kb sse4a
      66:79/r EXTRQ Vx,Ux sse4a
      f2:78/r INSERTQ Vx,Ux,Ib,Kb sse4a
      f2:79/r INSERTQ Vx,Ux sse4a
      66:7c HADDPD Vx,Wx sse3
      f2:7c HADDPS Vx,Wx sse3
      66:7d HSUBPD Vx,Wx sse3
      f2:7d HSUBPS Vx,Wx sse3
      np:7e MOVD Ed,Pq d mmx
      np:7e MOVQ Eq,Pq q mmx
      66:7e MOVD Ed,Vx d sse2
      66:7e MOVQ Eq,Vx q sse2
      f3:7e MOVQ Vx,Wq sse2
      np:7f MOVQ Qq,Pq mmx
      66:7f MOVDQA Wx,Vx sse2
      f3:7f MOVDQU Wx,Vx sse2
      80+c JCC Jz f64
      90+c SETCC Eb
      a0 PUSH_SREG FS d64
      a1 POP_SREG FS d64
      a2 CPUID -
      a3 BT Ev,Gv
      a4 SHLD Ev,Gv,Ib
      a5 SHLD Ev,Gv,CL
      a8 PUSH_SREG GS d64
      a9 POP_SREG GS d64
      aa RSM -
      ab BTS Ev,Gv lock
      ac SHRD Ev,Gv,Ib
      ad SHRD Ev,Gv,CL
      np:ae/0m FXSAVE M fxsr
      np:ae/1m FXRSTOR M fxsr
      np:ae/2m LDMXCSR Md sse
      np:ae/3m STMXCSR Md sse
      np:ae/4m XSAVE M xsave
      np:ae/5m XRSTOR M xsave
      np:ae/6m XSAVEOPT M xsaveopt
      np:ae/7m CLFLUSH Mb clflush
      66:ae/6m CLWB Mb clwb
      66:ae/7m CLFLUSHOPT Mb clflushopt
      np:ae/5r LFENCE - sse2
      np:ae/6r MFENCE - sse2
      np:ae/7r SFENCE - sse
      f3:ae/0r RDFSBASE Ry only64 fsgsbase
      f3:ae/1r RDGSBASE Ry only64 fsgsbase
      f3:ae/2r WRFSBASE Ry only64 fsgsbase
      f3:ae/3r WRGSBASE Ry only64 fsgsbase
      af IMUL Gv,Ev
      b0 CMPXCHG Eb,Gb lock i486
      b1 CMPXCHG Ev,Gv lock i486
      b2/m LSS Gv,Mp
      b3 BTR Ev,Gv lock
      b4/m LFS Gv,Mp
      b5/m LGS Gv,Mp
      b6 MOVZX Gv,Eb
      b7 MOVZX Gv,Ew
      f3:b8 POPCNT Gv,Ev popcnt
      b9 UD1 Gv,Ev
      ba/4 BT Ev,Ib
      ba/5 BTS Ev,Ib lock
      ba/6 BTR Ev,Ib lock
      ba/7 BTC Ev,Ib lock
      bb BTC Ev,Gv lock
      f3:bc TZCNT Gv,Ev bmi1 else=BSF
      bc BSF Gv,Ev
      f3:bd LZCNT Gv,Ev abm else=BSR
      bd BSR Gv,Ev
      be MOVSX Gv,Eb
      bf MOVSX Gv,Ew
      c0 XADD Eb,Gb lock i486
      c1 XADD Ev,Gv lock i486
      np:c2 CMPPS Vx,Wx,Ib sse
      66:c2 CMPPD Vx,Wx,Ib sse2
      f3:c2 CMPSS Vx,Wd,Ib sse
      f2:c2 CMPSD Vx,Wq,Ib sse2
      np:c3/m MOVNTI My,Gy sse2
      np:c4 PINSRW Pq,Edw,Ib sse
      66:c4 PINSRW Vx,Edw,Ib sse2
      np:c5/r PEXTRW Gy,Nq,Ib sse
      66:c5/r PEXTRW Gy,Ux,Ib sse2
      np:c6 SHUFPS Vx,Wx,Ib sse
      66:c6 SHUFPD Vx,Wx,Ib sse2
      c7/1m CMPXCHG8B Mq d lock cx8
      c7/1m CMPXCHG16B Mdq q lock cx16
      np:c7/3m XRSTORS M xsaves cpl0
      np:c7/4m XSAVEC M xsavec
      np:c7/5m XSAVES M xsaves cpl0
      np:c7/6m VMPTRLD Mq vmx cpl0
      66:c7/6m VMCLEAR Mq vmx cpl0
      f3:c7/6m VMXON Mq vmx cpl0
      np:c7/7m VMPTRST Mq vmx cpl0
      nf:c7/6r RDRAND Rv rdrand
      nf:c7/7r RDSEED Rv rdseed
      f3:c7/7r RDPID Rn f64 rdpid
      c8+r BSWAP Zv i486
      66:d0 ADDSUBPD Vx,Wx sse3
      f2:d0 ADDSUBPS Vx,Wx sse3
      mmx d1 PSRLW
      mmx d2 PSRLD
      mmx d3 PSRLQ
      mmx d4 PADDQ sse2
      mmx d5 PMULLW
      66:d6 MOVQ Wq,Vx sse2
      f3:d6/r MOVQ2DQ Vx,Nq sse2
      f2:d6/r MOVDQ2Q Pq,Ux sse2
      np:d7/r PMOVMSKB Gy,Nq sse
      66:d7/r PMOVMSKB Gy,Ux sse2
      mmx d8 PSUBUSB
      mmx d9 PSUBUSW
      mmx da PMINUB sse
      mmx db PAND
      mmx dc PADDUSB
      mmx dd PADDUSW
      mmx de PMAXUB sse
      mmx df PANDN
      mmx e0 PAVGB sse
      mmx e1 PSRAW
      mmx e2 PSRAD
      mmx e3 PAVGW sse
      mmx e4 PMULHUW sse
      mmx e5 PMULHW
      66:e6 CVTTPD2DQ Vx,Wx sse2
      f3:e6 CVTDQ2PD Vx,Wq sse2
      f2:e6 CVTPD2DQ Vx,Wx sse2
      np:e7/m MOVNTQ Mq,Pq sse
      66:e7/m MOVNTDQ Mx,Vx sse2
      mmx e8 PSUBSB
      mmx e9 PSUBSW
      mmx ea PMINSW sse
      mmx eb POR
      mmx ec PADDSB
      mmx ed PADDSW
      mmx ee PMAXSW sse
      mmx ef PXOR
      f2:f0/m LDDQU Vx,Mx sse3
      mmx f1 PSLLW
      mmx f2 PSLLD
      mmx f3 PSLLQ
      mmx f4 PMULUDQ sse2
      mmx f5 PMADDWD
      mmx f6 PSADBW sse
      np:f7/r MASKMOVQ Pq,Nq sse
      66:f7/r MASKMOVDQU Vx,Ux sse2
      mmx f8 PSUBB
      mmx f9 PSUBW
      mmx fa PSUBD
      mmx fb PSUBQ sse2
      mmx fc PADDB
      mmx fd PADDW
      mmx fe PADDD
      ff UD0 Gv,Ev
      """;
}
