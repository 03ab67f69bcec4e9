package org.quern.x86.decode;

/**
 * Rows of the x87 escapes D8 to DF, the undocumented aliases of real processors included. Source:
 * SDM vol. 2D, A.5; AMD APM vol. 3, table A-15.
 */
final class RowsX87 {
  private RowsX87() {}

  static final String ROWS =
      """
      d8/0m FADD Md
      d8/1m FMUL Md
      d8/2m FCOM Md
      d8/3m FCOMP Md
      d8/4m FSUB Md
      d8/5m FSUBR Md
      d8/6m FDIV Md
      d8/7m FDIVR Md
      d8/0r FADD ST,T
      d8/1r FMUL ST,T
      d8/2r FCOM T
      d8/3r FCOMP T
      d8/4r FSUB ST,T
      d8/5r FSUBR ST,T
      d8/6r FDIV ST,T
      d8/7r FDIVR ST,T
      d9/0m FLD Md
      d9/2m FST Md
      d9/3m FSTP Md
      d9/4m FLDENV M
      d9/5m FLDCW Mw
      d9/6m FNSTENV M
      d9/7m FNSTCW Mw
      d9/0r FLD T
      d9/1r FXCH T
      d9=d0 FNOP -
      d9/3r FSTP T
      d9=e0 FCHS -
      d9=e1 FABS -
      d9=e4 FTST -
      d9=e5 FXAM -
      d9=e8 FLD1 -
      d9=e9 FLDL2T -
      d9=ea FLDL2E -
      d9=eb FLDPI -
      d9=ec FLDLG2 -
      d9=ed FLDLN2 -
      d9=ee FLDZ -
      d9=f0 F2XM1 -
      d9=f1 FYL2X -
      d9=f2 FPTAN -
      d9=f3 FPATAN -
      d9=f4 FXTRACT -
      d9=f5 FPREM1 -
      d9=f6 FDECSTP -
      d9=f7 FINCSTP -
      d9=f8 FPREM -
      d9=f9 FYL2XP1 -
      d9=fa FSQRT -
      d9=fb FSINCOS -
      d9=fc FRNDINT -
      d9=fd FSCALE -
      d9=fe FSIN -
      d9=ff FCOS -
      da/0m FIADD Md
      da/1m FIMUL Md
      da/2m FICOM Md
      da/3m FICOMP Md
      da/4m FISUB Md
      da/5m FISUBR Md
      da/6m FIDIV Md
      da/7m FIDIVR Md
      da/0r FCMOVCC ST,T cc=2 cmov
      da/1r FCMOVCC ST,T cc=4 cmov
      da/2r FCMOVCC ST,T cc=6 cmov
      da/3r FCMOVCC ST,T cc=a cmov
      da=e9 FUCOMPP -
      db/0m FILD Md
      db/1m FISTTP Md sse3
      db/2m FIST Md
      db/3m FISTP Md
      db/5m FLD Mt
      db/7m FSTP Mt
      db/0r FCMOVCC ST,T cc=3 cmov
      db/1r FCMOVCC ST,T cc=5 cmov
      db/2r FCMOVCC ST,T cc=7 cmov
      db/3r FCMOVCC ST,T cc=b cmov
      db=e0 FNENI -
      db=e1 FNDISI -
      db=e2 FNCLEX -
      db=e3 FNINIT -
      db=e4 FNSETPM -
      db/5r FUCOMI ST,T cmov
      db/6r FCOMI ST,T cmov
      dc/0m FADD Mq
      dc/1m FMUL Mq
      dc/2m FCOM Mq
      dc/3m FCOMP Mq
      dc/4m FSUB Mq
      dc/5m FSUBR Mq
      dc/6m FDIV Mq
      dc/7m FDIVR Mq
      dc/0r FADD T,ST
      dc/1r FMUL T,ST
      dc/2r FCOM T
      dc/3r FCOMP T
      dc/4r FSUBR T,ST
      dc/5r FSUB T,ST
      dc/6r FDIVR T,ST
      dc/7r FDIV T,ST
      dd/0m FLD Mq
      dd/1m FISTTP Mq sse3
      dd/2m FST Mq
      dd/3m FSTP Mq
      dd/4m FRSTOR M
      dd/6m FNSAVE M
      dd/7m FNSTSW Mw
      dd/0r FFREE T
      dd/1r FXCH T
      dd/2r FST T
      dd/3r FSTP T
      dd/4r FUCOM T
      dd/5r FUCOMP T
      de/0m FIADD Mw
      de/1m FIMUL Mw
      de/2m FICOM Mw
      de/3m FICOMP Mw
      de/4m FISUB Mw
      de/5m FISUBR Mw
      de/6m FIDIV Mw
      de/7m FIDIVR Mw
      de/0r FADDP T,ST
      de/1r FMULP T,ST
      de/2r FCOMP T
      de=d9 FCOMPP -
      de/4r FSUBRP T,ST
      de/5r FSUBP T,ST
      de/6r FDIVRP T,ST
      de/7r FDIVP T,ST
      df/0m FILD Mw
      df/1m FISTTP Mw sse3
      df/2m FIST Mw
      df/3m FISTP Mw
      df/4m FBLD Mt
      df/5m FILD Mq
      df/6m FBSTP Mt
      df/7m FISTP Mq
      df/0r FFREEP T
      df/1r FXCH T
      df/2r FSTP T
      df/3r FSTP T
      df=e0 FNSTSW AX
      df/5r FUCOMIP ST,T cmov
      df/6r FCOMIP ST,T cmov
      """;
}
