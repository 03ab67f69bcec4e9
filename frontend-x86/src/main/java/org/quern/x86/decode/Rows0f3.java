package org.quern.x86.decode;

/** Rows of the three-byte maps 0F 38 and 0F 3A, legacy prefixes. Source: SDM vol. 2D, A-4, A-5. */
final class Rows0f3 {
  private Rows0f3() {}

  static final String ROWS_38 =
      """
      mmx 00 PSHUFB ssse3
      mmx 01 PHADDW ssse3
      mmx 02 PHADDD ssse3
      mmx 03 PHADDSW ssse3
      mmx 04 PMADDUBSW ssse3
      mmx 05 PHSUBW ssse3
      mmx 06 PHSUBD ssse3
      mmx 07 PHSUBSW ssse3
      mmx 08 PSIGNB ssse3
      mmx 09 PSIGNW ssse3
      mmx 0a PSIGND ssse3
      mmx 0b PMULHRSW ssse3
      66:10 PBLENDVB Vx,Wx,XMM0 sse4_1
      66:14 BLENDVPS Vx,Wx,XMM0 sse4_1
      66:15 BLENDVPD Vx,Wx,XMM0 sse4_1
      66:17 PTEST Vx,Wx sse4_1
      mmx 1c PABSB ssse3
      mmx 1d PABSW ssse3
      mmx 1e PABSD ssse3
      66:20 PMOVSXBW Vx,Wq sse4_1
      66:21 PMOVSXBD Vx,Wd sse4_1
      66:22 PMOVSXBQ Vx,Ww sse4_1
      66:23 PMOVSXWD Vx,Wq sse4_1
      66:24 PMOVSXWQ Vx,Wd sse4_1
      66:25 PMOVSXDQ Vx,Wq sse4_1
      66:28 PMULDQ Vx,Wx sse4_1
      66:29 PCMPEQQ Vx,Wx sse4_1
      66:2a/m MOVNTDQA Vx,Mx sse4_1
      66:2b PACKUSDW Vx,Wx sse4_1
      66:30 PMOVZXBW Vx,Wq sse4_1
      66:31 PMOVZXBD Vx,Wd sse4_1
      66:32 PMOVZXBQ Vx,Ww sse4_1
      66:33 PMOVZXWD Vx,Wq sse4_1
      66:34 PMOVZXWQ Vx,Wd sse4_1
      66:35 PMOVZXDQ Vx,Wq sse4_1
      66:37 PCMPGTQ Vx,Wx sse4_2
      66:38 PMINSB Vx,Wx sse4_1
      66:39 PMINSD Vx,Wx sse4_1
      66:3a PMINUW Vx,Wx sse4_1
      66:3b PMINUD Vx,Wx sse4_1
      66:3c PMAXSB Vx,Wx sse4_1
      66:3d PMAXSD Vx,Wx sse4_1
      66:3e PMAXUW Vx,Wx sse4_1
      66:3f PMAXUD Vx,Wx sse4_1
      66:40 PMULLD Vx,Wx sse4_1
      66:41 PHMINPOSUW Vx,Wx sse4_1
      66:80/m INVEPT Gn,Mdq f64 vmx cpl0
      66:81/m INVVPID Gn,Mdq f64 vmx cpl0
      66:82/m INVPCID Gn,Mdq f64 invpcid cpl0
      np:c8 SHA1NEXTE Vx,Wx sha
      np:c9 SHA1MSG1 Vx,Wx sha
      np:ca SHA1MSG2 Vx,Wx sha
      np:cb SHA256RNDS2 Vx,Wx,XMM0 sha
      np:cc SHA256MSG1 Vx,Wx sha
      np:cd SHA256MSG2 Vx,Wx sha
      66:cf GF2P8MULB Vx,Wx gfni
      66:db AESIMC Vx,Wx aes
      66:dc AESENC Vx,Wx aes
      66:dd AESENCLAST Vx,Wx aes
      66:de AESDEC Vx,Wx aes
      66:df AESDECLAST Vx,Wx aes
      nf:f0/m MOVBE Gv,Mv movbe
      nf:f1/m MOVBE Mv,Gv movbe
      f2:f0 CRC32 Gy,Eb sse4_2
      f2:f1 CRC32 Gy,Ev sse4_2
      66:f6 ADCX Gy,Ey adx
      f3:f6 ADOX Gy,Ey adx
      """;

  static final String ROWS_3A =
      """
      66:08 ROUNDPS Vx,Wx,Ib sse4_1
      66:09 ROUNDPD Vx,Wx,Ib sse4_1
      66:0a ROUNDSS Vx,Wd,Ib sse4_1
      66:0b ROUNDSD Vx,Wq,Ib sse4_1
      66:0c BLENDPS Vx,Wx,Ib sse4_1
      66:0d BLENDPD Vx,Wx,Ib sse4_1
      66:0e PBLENDW Vx,Wx,Ib sse4_1
      np:0f PALIGNR Pq,Qq,Ib ssse3
      66:0f PALIGNR Vx,Wx,Ib ssse3
      66:14 PEXTRB Edb,Vx,Ib sse4_1
      66:15 PEXTRW Edw,Vx,Ib sse4_1
      66:16 PEXTRD Ed,Vx,Ib d sse4_1
      66:16 PEXTRQ Eq,Vx,Ib q sse4_1
      66:17 EXTRACTPS Ed,Vx,Ib sse4_1
      66:20 PINSRB Vx,Edb,Ib sse4_1
      66:21 INSERTPS Vx,Wd,Ib sse4_1
      66:22 PINSRD Vx,Ed,Ib d sse4_1
      66:22 PINSRQ Vx,Eq,Ib q sse4_1
      66:40 DPPS Vx,Wx,Ib sse4_1
      66:41 DPPD Vx,Wx,Ib sse4_1
      66:42 MPSADBW Vx,Wx,Ib sse4_1
      66:44 PCLMULQDQ Vx,Wx,Ib pclmulqdq
      66:60 PCMPESTRM Vx,Wx,Ib sse4_2
      66:61 PCMPESTRI Vx,Wx,Ib sse4_2
      66:62 PCMPISTRM Vx,Wx,Ib sse4_2
      66:63 PCMPISTRI Vx,Wx,Ib sse4_2
      np:cc SHA1RNDS4 Vx,Wx,Ib sha
      66:ce GF2P8AFFINEQB Vx,Wx,Ib gfni
      66:cf GF2P8AFFINEINVQB Vx,Wx,Ib gfni
      66:df AESKEYGENASSIST Vx,Wx,Ib aes
      """;
}
