package org.quern.x86.decode;

/**
 * Rows of the VEX maps: AVX, AVX2, FMA, F16C, BMI1, BMI2 and the VEX forms of AES, CLMUL and GFNI.
 * Source: SDM vol. 2D, tables, and the instruction pages.
 */
final class RowsVex {
  private RowsVex() {}

  static final String ROWS_0F =
      """
      np:10 VMOVUPS Vx,Wx avx
      66:10 VMOVUPD Vx,Wx avx
      f3:10/m VMOVSS Vdq,Md avx
      f3:10/r VMOVSS Vdq,Hdq,Udq avx
      f2:10/m VMOVSD Vdq,Mq avx
      f2:10/r VMOVSD Vdq,Hdq,Udq avx
      np:11 VMOVUPS Wx,Vx avx
      66:11 VMOVUPD Wx,Vx avx
      f3:11/m VMOVSS Md,Vdq avx
      f3:11/r VMOVSS Udq,Hdq,Vdq avx
      f2:11/m VMOVSD Mq,Vdq avx
      f2:11/r VMOVSD Udq,Hdq,Vdq avx
      np:12/m VMOVLPS Vdq,Hdq,Mq l0 avx
      np:12/r VMOVHLPS Vdq,Hdq,Udq l0 avx
      66:12/m VMOVLPD Vdq,Hdq,Mq l0 avx
      f3:12 VMOVSLDUP Vx,Wx avx
      f2:12 VMOVDDUP Vdq,Wq l0 avx
      f2:12 VMOVDDUP Vqq,Wqq l1 avx
      np:13/m VMOVLPS Mq,Vdq l0 avx
      66:13/m VMOVLPD Mq,Vdq l0 avx
      vfp2 14 VUNPCKL
      vfp2 15 VUNPCKH
      np:16/m VMOVHPS Vdq,Hdq,Mq l0 avx
      np:16/r VMOVLHPS Vdq,Hdq,Udq l0 avx
      66:16/m VMOVHPD Vdq,Hdq,Mq l0 avx
      f3:16 VMOVSHDUP Vx,Wx avx
      np:17/m VMOVHPS Mq,Vdq l0 avx
      66:17/m VMOVHPD Mq,Vdq l0 avx
      np:28 VMOVAPS Vx,Wx avx
      66:28 VMOVAPD Vx,Wx avx
      np:29 VMOVAPS Wx,Vx avx
      66:29 VMOVAPD Wx,Vx avx
      f3:2a VCVTSI2SS Vdq,Hdq,Ey avx
      f2:2a VCVTSI2SD Vdq,Hdq,Ey avx
      np:2b/m VMOVNTPS Mx,Vx avx
      66:2b/m VMOVNTPD Mx,Vx avx
      f3:2c VCVTTSS2SI Gy,Wd avx
      f2:2c VCVTTSD2SI Gy,Wq avx
      f3:2d VCVTSS2SI Gy,Wd avx
      f2:2d VCVTSD2SI Gy,Wq avx
      np:2e VUCOMISS Vdq,Wd avx
      66:2e VUCOMISD Vdq,Wq avx
      np:2f VCOMISS Vdq,Wd avx
      66:2f VCOMISD Vdq,Wq avx
      np:50/r VMOVMSKPS Gy,Ux avx
      66:50/r VMOVMSKPD Gy,Ux avx
      np:51 VSQRTPS Vx,Wx avx
      66:51 VSQRTPD Vx,Wx avx
      f3:51 VSQRTSS Vdq,Hdq,Wd avx
      f2:51 VSQRTSD Vdq,Hdq,Wq avx
      np:52 VRSQRTPS Vx,Wx avx
      f3:52 VRSQRTSS Vdq,Hdq,Wd avx
      np:53 VRCPPS Vx,Wx avx
      f3:53 VRCPSS Vdq,Hdq,Wd avx
      vfp2 54 VAND
      vfp2 55 VANDN
      vfp2 56 VOR
      vfp2 57 VXOR
      vfp4 58 VADD
      vfp4 59 VMUL
      np:5a VCVTPS2PD Vx,Wh avx
      66:5a VCVTPD2PS Vdq,Wx avx
      f3:5a VCVTSS2SD Vdq,Hdq,Wd avx
      f2:5a VCVTSD2SS Vdq,Hdq,Wq avx
      np:5b VCVTDQ2PS Vx,Wx avx
      66:5b VCVTPS2DQ Vx,Wx avx
      f3:5b VCVTTPS2DQ Vx,Wx avx
      vfp4 5c VSUB
      vfp4 5d VMIN
      vfp4 5e VDIV
      vfp4 5f VMAX
      vint 60 VPUNPCKLBW
      vint 61 VPUNPCKLWD
      vint 62 VPUNPCKLDQ
      vint 63 VPACKSSWB
      vint 64 VPCMPGTB
      vint 65 VPCMPGTW
      vint 66 VPCMPGTD
      vint 67 VPACKUSWB
      vint 68 VPUNPCKHBW
      vint 69 VPUNPCKHWD
      vint 6a VPUNPCKHDQ
      vint 6b VPACKSSDW
      vint 6c VPUNPCKLQDQ
      vint 6d VPUNPCKHQDQ
      66:6e VMOVD Vdq,Ed d l0 avx
      66:6e VMOVQ Vdq,Eq q l0 avx
      66:6f VMOVDQA Vx,Wx avx
      f3:6f VMOVDQU Vx,Wx avx
      66:70 VPSHUFD Vx,Wx,Ib l0 avx
      66:70 VPSHUFD Vx,Wx,Ib l1 avx2
      f3:70 VPSHUFHW Vx,Wx,Ib l0 avx
      f3:70 VPSHUFHW Vx,Wx,Ib l1 avx2
      f2:70 VPSHUFLW Vx,Wx,Ib l0 avx
      f2:70 VPSHUFLW Vx,Wx,Ib l1 avx2
      vinti 71/2r VPSRLW
      vinti 71/4r VPSRAW
      vinti 71/6r VPSLLW
      vinti 72/2r VPSRLD
      vinti 72/4r VPSRAD
      vinti 72/6r VPSLLD
      vinti 73/2r VPSRLQ
      vinti 73/3r VPSRLDQ
      vinti 73/6r VPSLLQ
      vinti 73/7r VPSLLDQ
      vint 74 VPCMPEQB
      vint 75 VPCMPEQW
      vint 76 VPCMPEQD
      np:77 VZEROUPPER - l0 avx
      np:77 VZEROALL - l1 avx
      66:7c VHADDPD Vx,Hx,Wx avx
      f2:7c VHADDPS Vx,Hx,Wx avx
      66:7d VHSUBPD Vx,Hx,Wx avx
      f2:7d VHSUBPS Vx,Hx,Wx avx
      66:7e VMOVD Ed,Vdq d l0 avx
      66:7e VMOVQ Eq,Vdq q l0 avx
      f3:7e VMOVQ Vdq,Wq l0 avx
      66:7f VMOVDQA Wx,Vx avx
      f3:7f VMOVDQU Wx,Vx avx
      np:ae/2m VLDMXCSR Md l0 avx
      np:ae/3m VSTMXCSR Md l0 avx
      np:c2 VCMPPS Vx,Hx,Wx,Ib avx
      66:c2 VCMPPD Vx,Hx,Wx,Ib avx
      f3:c2 VCMPSS Vdq,Hdq,Wd,Ib avx
      f2:c2 VCMPSD Vdq,Hdq,Wq,Ib avx
      66:c4 VPINSRW Vdq,Hdq,Edw,Ib l0 avx
      66:c5/r VPEXTRW Gy,Udq,Ib l0 avx
      np:c6 VSHUFPS Vx,Hx,Wx,Ib avx
      66:c6 VSHUFPD Vx,Hx,Wx,Ib avx
      66:d0 VADDSUBPD Vx,Hx,Wx avx
      f2:d0 VADDSUBPS Vx,Hx,Wx avx
      vint d1 VPSRLW Vx,Hx,Wdq
      vint d2 VPSRLD Vx,Hx,Wdq
      vint d3 VPSRLQ Vx,Hx,Wdq
      vint d4 VPADDQ
      vint d5 VPMULLW
      66:d6 VMOVQ Wq,Vdq l0 avx
      66:d7/r VPMOVMSKB Gy,Ux l0 avx
      66:d7/r VPMOVMSKB Gy,Ux l1 avx2
      vint d8 VPSUBUSB
      vint d9 VPSUBUSW
      vint da VPMINUB
      vint db VPAND
      vint dc VPADDUSB
      vint dd VPADDUSW
      vint de VPMAXUB
      vint df VPANDN
      vint e0 VPAVGB
      vint e1 VPSRAW Vx,Hx,Wdq
      vint e2 VPSRAD Vx,Hx,Wdq
      vint e3 VPAVGW
      vint e4 VPMULHUW
      vint e5 VPMULHW
      66:e6 VCVTTPD2DQ Vdq,Wx avx
      f3:e6 VCVTDQ2PD Vx,Wh avx
      f2:e6 VCVTPD2DQ Vdq,Wx avx
      66:e7/m VMOVNTDQ Mx,Vx avx
      vint e8 VPSUBSB
      vint e9 VPSUBSW
      vint ea VPMINSW
      vint eb VPOR
      vint ec VPADDSB
      vint ed VPADDSW
      vint ee VPMAXSW
      vint ef VPXOR
      f2:f0/m VLDDQU Vx,Mx avx
      vint f1 VPSLLW Vx,Hx,Wdq
      vint f2 VPSLLD Vx,Hx,Wdq
      vint f3 VPSLLQ Vx,Hx,Wdq
      vint f4 VPMULUDQ
      vint f5 VPMADDWD
      vint f6 VPSADBW
      66:f7/r VMASKMOVDQU Vdq,Udq l0 avx
      vint f8 VPSUBB
      vint f9 VPSUBW
      vint fa VPSUBD
      vint fb VPSUBQ
      vint fc VPADDB
      vint fd VPADDW
      vint fe VPADDD
      """;

  static final String ROWS_38 =
      """
      vint 00 VPSHUFB
      vint 01 VPHADDW
      vint 02 VPHADDD
      vint 03 VPHADDSW
      vint 04 VPMADDUBSW
      vint 05 VPHSUBW
      vint 06 VPHSUBD
      vint 07 VPHSUBSW
      vint 08 VPSIGNB
      vint 09 VPSIGNW
      vint 0a VPSIGND
      vint 0b VPMULHRSW
      66:0c VPERMILPS Vx,Hx,Wx w0 avx
      66:0d VPERMILPD Vx,Hx,Wx w0 avx
      66:0e VTESTPS Vx,Wx w0 avx
      66:0f VTESTPD Vx,Wx w0 avx
      66:13 VCVTPH2PS Vx,Wh w0 f16c
      66:16 VPERMPS Vx,Hx,Wx w0 l1 avx2
      66:17 VPTEST Vx,Wx avx
      66:18/m VBROADCASTSS Vx,Md w0 avx
      66:18/r VBROADCASTSS Vx,Udq w0 avx2
      66:19/m VBROADCASTSD Vx,Mq w0 l1 avx
      66:19/r VBROADCASTSD Vx,Udq w0 l1 avx2
      66:1a/m VBROADCASTF128 Vx,Mdq w0 l1 avx
      vint 1c VPABSB Vx,Wx
      vint 1d VPABSW Vx,Wx
      vint 1e VPABSD Vx,Wx
      vint 20 VPMOVSXBW Vx,Wh
      vint 21 VPMOVSXBD Vx,We4
      vint 22 VPMOVSXBQ Vx,We8
      vint 23 VPMOVSXWD Vx,Wh
      vint 24 VPMOVSXWQ Vx,We4
      vint 25 VPMOVSXDQ Vx,Wh
      vint 28 VPMULDQ
      vint 29 VPCMPEQQ
      66:2a/m VMOVNTDQA Vx,Mx l0 avx
      66:2a/m VMOVNTDQA Vx,Mx l1 avx2
      vint 2b VPACKUSDW
      66:2c/m VMASKMOVPS Vx,Hx,Mx w0 avx
      66:2d/m VMASKMOVPD Vx,Hx,Mx w0 avx
      66:2e/m VMASKMOVPS Mx,Hx,Vx w0 avx
      66:2f/m VMASKMOVPD Mx,Hx,Vx w0 avx
      vint 30 VPMOVZXBW Vx,Wh
      vint 31 VPMOVZXBD Vx,We4
      vint 32 VPMOVZXBQ Vx,We8
      vint 33 VPMOVZXWD Vx,Wh
      vint 34 VPMOVZXWQ Vx,We4
      vint 35 VPMOVZXDQ Vx,Wh
      66:36 VPERMD Vx,Hx,Wx w0 l1 avx2
      vint 37 VPCMPGTQ
      vint 38 VPMINSB
      vint 39 VPMINSD
      vint 3a VPMINUW
      vint 3b VPMINUD
      vint 3c VPMAXSB
      vint 3d VPMAXSD
      vint 3e VPMAXUW
      vint 3f VPMAXUD
      vint 40 VPMULLD
      66:41 VPHMINPOSUW Vdq,Wdq l0 avx
      66:45 VPSRLVD Vx,Hx,Wx w0 avx2
      66:45 VPSRLVQ Vx,Hx,Wx w1 avx2
      66:46 VPSRAVD Vx,Hx,Wx w0 avx2
      66:47 VPSLLVD Vx,Hx,Wx w0 avx2
      66:47 VPSLLVQ Vx,Hx,Wx w1 avx2
      66:58 VPBROADCASTD Vx,Wd w0 avx2
      66:59 VPBROADCASTQ Vx,Wq w0 avx2
      66:5a/m VBROADCASTI128 Vx,Mdq w0 l1 avx2
      66:78 VPBROADCASTB Vx,Wb w0 avx2
      66:79 VPBROADCASTW Vx,Ww w0 avx2
      66:8c/m VPMASKMOVD Vx,Hx,Mx w0 avx2
      66:8c/m VPMASKMOVQ Vx,Hx,Mx w1 avx2
      66:8e/m VPMASKMOVD Mx,Hx,Vx w0 avx2
      66:8e/m VPMASKMOVQ Mx,Hx,Vx w1 avx2
      66:90/m VPGATHERDD Vx,Xd,Hx w0 avx2
      66:90/m VPGATHERDQ Vx,Yq,Hx w1 avx2
      66:91/m VPGATHERQD Vdq,Xd,Hdq w0 avx2
      66:91/m VPGATHERQQ Vx,Xq,Hx w1 avx2
      66:92/m VGATHERDPS Vx,Xd,Hx w0 avx2
      66:92/m VGATHERDPD Vx,Yq,Hx w1 avx2
      66:93/m VGATHERQPS Vdq,Xd,Hdq w0 avx2
      66:93/m VGATHERQPD Vx,Xq,Hx w1 avx2
      fma 96 VFMADDSUB132
      fma 97 VFMSUBADD132
      fma 98 VFMADD132
      fma 99 VFMADD132 scalar
      fma 9a VFMSUB132
      fma 9b VFMSUB132 scalar
      fma 9c VFNMADD132
      fma 9d VFNMADD132 scalar
      fma 9e VFNMSUB132
      fma 9f VFNMSUB132 scalar
      fma a6 VFMADDSUB213
      fma a7 VFMSUBADD213
      fma a8 VFMADD213
      fma a9 VFMADD213 scalar
      fma aa VFMSUB213
      fma ab VFMSUB213 scalar
      fma ac VFNMADD213
      fma ad VFNMADD213 scalar
      fma ae VFNMSUB213
      fma af VFNMSUB213 scalar
      fma b6 VFMADDSUB231
      fma b7 VFMSUBADD231
      fma b8 VFMADD231
      fma b9 VFMADD231 scalar
      fma ba VFMSUB231
      fma bb VFMSUB231 scalar
      fma bc VFNMADD231
      fma bd VFNMADD231 scalar
      fma be VFNMSUB231
      fma bf VFNMSUB231 scalar
      66:cf VGF2P8MULB Vx,Hx,Wx w0 gfni
      66:db VAESIMC Vdq,Wdq l0 aes
      66:dc VAESENC Vx,Hx,Wx l0 aes
      66:dc VAESENC Vx,Hx,Wx l1 vaes
      66:dd VAESENCLAST Vx,Hx,Wx l0 aes
      66:dd VAESENCLAST Vx,Hx,Wx l1 vaes
      66:de VAESDEC Vx,Hx,Wx l0 aes
      66:de VAESDEC Vx,Hx,Wx l1 vaes
      66:df VAESDECLAST Vx,Hx,Wx l0 aes
      66:df VAESDECLAST Vx,Hx,Wx l1 vaes
      np:f2 ANDN Gy,By,Ey l0 bmi1
      np:f3/1 BLSR By,Ey l0 bmi1
      np:f3/2 BLSMSK By,Ey l0 bmi1
      np:f3/3 BLSI By,Ey l0 bmi1
      np:f5 BZHI Gy,Ey,By l0 bmi2
      f3:f5 PEXT Gy,By,Ey l0 bmi2
      f2:f5 PDEP Gy,By,Ey l0 bmi2
      f2:f6 MULX Gy,By,Ey l0 bmi2
      np:f7 BEXTR Gy,Ey,By l0 bmi1
      66:f7 SHLX Gy,Ey,By l0 bmi2
      f3:f7 SARX Gy,Ey,By l0 bmi2
      f2:f7 SHRX Gy,Ey,By l0 bmi2
      """;

  static final String ROWS_3A =
      """
      66:00 VPERMQ Vx,Wx,Ib w1 l1 avx2
      66:01 VPERMPD Vx,Wx,Ib w1 l1 avx2
      66:02 VPBLENDD Vx,Hx,Wx,Ib w0 avx2
      66:04 VPERMILPS Vx,Wx,Ib w0 avx
      66:05 VPERMILPD Vx,Wx,Ib w0 avx
      66:06 VPERM2F128 Vx,Hx,Wx,Ib w0 l1 avx
      66:08 VROUNDPS Vx,Wx,Ib avx
      66:09 VROUNDPD Vx,Wx,Ib avx
      66:0a VROUNDSS Vdq,Hdq,Wd,Ib avx
      66:0b VROUNDSD Vdq,Hdq,Wq,Ib avx
      66:0c VBLENDPS Vx,Hx,Wx,Ib avx
      66:0d VBLENDPD Vx,Hx,Wx,Ib avx
      vint 0e VPBLENDW Vx,Hx,Wx,Ib
      vint 0f VPALIGNR Vx,Hx,Wx,Ib
      66:14 VPEXTRB Edb,Vdq,Ib l0 avx
      66:15 VPEXTRW Edw,Vdq,Ib l0 avx
      66:16 VPEXTRD Ed,Vdq,Ib d l0 avx
      66:16 VPEXTRQ Eq,Vdq,Ib q l0 avx
      66:17 VEXTRACTPS Ed,Vdq,Ib l0 avx
      66:18 VINSERTF128 Vx,Hx,Wdq,Ib w0 l1 avx
      66:19 VEXTRACTF128 Wdq,Vx,Ib w0 l1 avx
      66:1d VCVTPS2PH Wh,Vx,Ib w0 f16c
      66:20 VPINSRB Vdq,Hdq,Edb,Ib l0 avx
      66:21 VINSERTPS Vdq,Hdq,Wd,Ib l0 avx
      66:22 VPINSRD Vdq,Hdq,Ed,Ib d l0 avx
      66:22 VPINSRQ Vdq,Hdq,Eq,Ib q l0 avx
      66:38 VINSERTI128 Vx,Hx,Wdq,Ib w0 l1 avx2
      66:39 VEXTRACTI128 Wdq,Vx,Ib w0 l1 avx2
      66:40 VDPPS Vx,Hx,Wx,Ib avx
      66:41 VDPPD Vdq,Hdq,Wdq,Ib l0 avx
      vint 42 VMPSADBW Vx,Hx,Wx,Ib
      66:44 VPCLMULQDQ Vx,Hx,Wx,Ib l0 pclmulqdq
      66:44 VPCLMULQDQ Vx,Hx,Wx,Ib l1 vpclmulqdq
      66:46 VPERM2I128 Vx,Hx,Wx,Ib w0 l1 avx2
      66:4a VBLENDVPS Vx,Hx,Wx,Lx w0 avx
      66:4b VBLENDVPD Vx,Hx,Wx,Lx w0 avx
      66:4c VPBLENDVB Vx,Hx,Wx,Lx w0 l0 avx
      66:4c VPBLENDVB Vx,Hx,Wx,Lx w0 l1 avx2
      66:60 VPCMPESTRM Vdq,Wdq,Ib l0 avx
      66:61 VPCMPESTRI Vdq,Wdq,Ib l0 avx
      66:62 VPCMPISTRM Vdq,Wdq,Ib l0 avx
      66:63 VPCMPISTRI Vdq,Wdq,Ib l0 avx
      66:ce VGF2P8AFFINEQB Vx,Hx,Wx,Ib w1 gfni
      66:cf VGF2P8AFFINEINVQB Vx,Hx,Wx,Ib w1 gfni
      66:df VAESKEYGENASSIST Vdq,Wdq,Ib l0 aes
      f2:f0 RORX Gy,Ey,Ib l0 bmi2
      """;
}
