/*
 * Runs MMX and SSE instructions, up to SSE4 and AES, on the real processor and prints what they
 * did, for SimdOracleTest. Linux, x86-64.
 *
 *   gcc -O1 -o /tmp/simd-oracle simd-oracle.c
 *   /tmp/simd-oracle digest 128 > ../resources/org/quern/x86/semantics/simd-oracle.txt
 *   /tmp/simd-oracle full 20000 addpd    # one line a case, to look into a difference
 *
 * Operands are not printed: SimdOracleTest draws the same ones from the same generator (SplitMix64,
 * seeded by a hash of the instruction's name). Each instruction has the registers xmm0/mm0/rax as
 * destination and xmm1/mm1/rcx as source; each eighth case uses number 0 for both. Encodings end in
 * the ModRM byte c1, except those with an immediate. RCPPS and RSQRTPS are left out: their results
 * are the implementation's own.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

/* name, encoding, operand class: f binary32 lanes, d binary64 lanes, b integers, s shift count */
static const struct { const char *name, *code; char class; } OPS[] = {
#define PS_PD_SS_SD(n, o) {n "ps", "0f" o "c1", 'f'}, {n "pd", "660f" o "c1", 'd'}, \
    {n "ss", "f30f" o "c1", 'f'}, {n "sd", "f20f" o "c1", 'd'}
#define MMX_XMM(n, o) {n ".m", "0f" o "c1", 'b'}, {n, "660f" o "c1", 'b'}
#define SHIFT(n, o, oi, sub) {n ".m", "0f" o "c1", 's'}, {n, "660f" o "c1", 's'}, \
    {n "i.m", "0f" oi sub "05", 'b'}, {n "i", "660f" oi sub "05", 'b'}, \
    {n "j", "660f" oi sub "41", 'b'}
#define CMP(n, i) {n "ps", "0fc2c1" i, 'f'}, {n "pd", "660fc2c1" i, 'd'}, \
    {n "ss", "f30fc2c1" i, 'f'}, {n "sd", "f20fc2c1" i, 'd'}
  PS_PD_SS_SD("sqrt", "51"), PS_PD_SS_SD("add", "58"), PS_PD_SS_SD("mul", "59"),
  PS_PD_SS_SD("sub", "5c"), PS_PD_SS_SD("min", "5d"), PS_PD_SS_SD("div", "5e"),
  PS_PD_SS_SD("max", "5f"),
  CMP("cmpeq", "00"), CMP("cmplt", "01"), CMP("cmple", "02"), CMP("cmpunord", "03"),
  CMP("cmpneq", "04"), CMP("cmpnlt", "05"), CMP("cmpnle", "06"), CMP("cmpord", "07"),
  {"ucomiss", "0f2ec1", 'f'}, {"ucomisd", "660f2ec1", 'd'},
  {"comiss", "0f2fc1", 'f'}, {"comisd", "660f2fc1", 'd'},
  {"cvtpi2ps", "0f2ac1", 'b'}, {"cvtpi2pd", "660f2ac1", 'b'},
  {"cvtsi2ss", "f30f2ac1", 'b'}, {"cvtsi2sd", "f20f2ac1", 'b'},
  {"cvtsi2ss64", "f3480f2ac1", 'b'}, {"cvtsi2sd64", "f2480f2ac1", 'b'},
  {"cvttps2pi", "0f2cc1", 'f'}, {"cvttpd2pi", "660f2cc1", 'd'},
  {"cvttss2si", "f30f2cc1", 'f'}, {"cvttsd2si", "f20f2cc1", 'd'},
  {"cvttss2si64", "f3480f2cc1", 'f'}, {"cvttsd2si64", "f2480f2cc1", 'd'},
  {"cvtps2pi", "0f2dc1", 'f'}, {"cvtpd2pi", "660f2dc1", 'd'},
  {"cvtss2si", "f30f2dc1", 'f'}, {"cvtsd2si", "f20f2dc1", 'd'},
  {"cvtss2si64", "f3480f2dc1", 'f'}, {"cvtsd2si64", "f2480f2dc1", 'd'},
  {"cvtps2pd", "0f5ac1", 'f'}, {"cvtpd2ps", "660f5ac1", 'd'},
  {"cvtss2sd", "f30f5ac1", 'f'}, {"cvtsd2ss", "f20f5ac1", 'd'},
  {"cvtdq2ps", "0f5bc1", 'b'}, {"cvtps2dq", "660f5bc1", 'f'}, {"cvttps2dq", "f30f5bc1", 'f'},
  {"cvttpd2dq", "660fe6c1", 'd'}, {"cvtpd2dq", "f20fe6c1", 'd'}, {"cvtdq2pd", "f30fe6c1", 'b'},
  MMX_XMM("punpcklbw", "60"), MMX_XMM("punpcklwd", "61"), MMX_XMM("punpckldq", "62"),
  MMX_XMM("packsswb", "63"), MMX_XMM("pcmpgtb", "64"), MMX_XMM("pcmpgtw", "65"),
  MMX_XMM("pcmpgtd", "66"), MMX_XMM("packuswb", "67"), MMX_XMM("punpckhbw", "68"),
  MMX_XMM("punpckhwd", "69"), MMX_XMM("punpckhdq", "6a"), MMX_XMM("packssdw", "6b"),
  {"punpcklqdq", "660f6cc1", 'b'}, {"punpckhqdq", "660f6dc1", 'b'},
  MMX_XMM("pcmpeqb", "74"), MMX_XMM("pcmpeqw", "75"), MMX_XMM("pcmpeqd", "76"),
  MMX_XMM("paddq", "d4"), MMX_XMM("pmullw", "d5"), MMX_XMM("pmovmskb", "d7"),
  MMX_XMM("psubusb", "d8"), MMX_XMM("psubusw", "d9"), MMX_XMM("pminub", "da"),
  MMX_XMM("pand", "db"), MMX_XMM("paddusb", "dc"), MMX_XMM("paddusw", "dd"),
  MMX_XMM("pmaxub", "de"), MMX_XMM("pandn", "df"), MMX_XMM("pavgb", "e0"),
  MMX_XMM("pavgw", "e3"), MMX_XMM("pmulhuw", "e4"), MMX_XMM("pmulhw", "e5"),
  MMX_XMM("psubsb", "e8"), MMX_XMM("psubsw", "e9"), MMX_XMM("pminsw", "ea"),
  MMX_XMM("por", "eb"), MMX_XMM("paddsb", "ec"), MMX_XMM("paddsw", "ed"),
  MMX_XMM("pmaxsw", "ee"), MMX_XMM("pxor", "ef"), MMX_XMM("pmuludq", "f4"),
  MMX_XMM("pmaddwd", "f5"), MMX_XMM("psadbw", "f6"), MMX_XMM("psubb", "f8"),
  MMX_XMM("psubw", "f9"), MMX_XMM("psubd", "fa"), MMX_XMM("psubq", "fb"),
  MMX_XMM("paddb", "fc"), MMX_XMM("paddw", "fd"), MMX_XMM("paddd", "fe"),
  SHIFT("psrlw", "d1", "71", "d0"), SHIFT("psraw", "e1", "71", "e0"),
  SHIFT("psllw", "f1", "71", "f0"), SHIFT("psrld", "d2", "72", "d0"),
  SHIFT("psrad", "e2", "72", "e0"), SHIFT("pslld", "f2", "72", "f0"),
  SHIFT("psrlq", "d3", "73", "d0"), SHIFT("psllq", "f3", "73", "f0"),
  {"psrldq5", "660f73d805", 'b'}, {"psrldq8", "660f73d808", 'b'}, {"psrldq13", "660f73d80d", 'b'},
  {"psrldq16", "660f73d810", 'b'}, {"pslldq5", "660f73f805", 'b'}, {"pslldq8", "660f73f808", 'b'},
  {"pslldq13", "660f73f80d", 'b'}, {"pslldq16", "660f73f810", 'b'},
  {"pshufw", "0f70c16c", 'b'}, {"pshufd", "660f70c16c", 'b'}, {"pshufd2", "660f70c19b", 'b'},
  {"pshufhw", "f30f70c16c", 'b'}, {"pshuflw", "f20f70c19b", 'b'},
  {"pinsrw.m", "0fc4c106", 'b'}, {"pinsrw", "660fc4c106", 'b'},
  {"pextrw.m", "0fc5c106", 'b'}, {"pextrw", "660fc5c106", 'b'},
  {"shufps", "0fc6c16c", 'b'}, {"shufps2", "0fc6c1b1", 'b'},
  {"shufpd", "660fc6c101", 'b'}, {"shufpd2", "660fc6c102", 'b'},
  {"unpcklps", "0f14c1", 'b'}, {"unpcklpd", "660f14c1", 'b'},
  {"unpckhps", "0f15c1", 'b'}, {"unpckhpd", "660f15c1", 'b'},
  {"andps", "0f54c1", 'b'}, {"andnpd", "660f55c1", 'b'}, {"orps", "0f56c1", 'b'},
  {"xorpd", "660f57c1", 'b'},
  {"movmskps", "0f50c1", 'b'}, {"movmskpd", "660f50c1", 'b'},
  {"movups", "0f10c1", 'b'}, {"movss", "f30f10c1", 'b'}, {"movsd", "f20f10c1", 'b'},
  {"movhlps", "0f12c1", 'b'}, {"movlhps", "0f16c1", 'b'}, {"movaps", "0f28c1", 'b'},
  {"movdqa", "660f6fc1", 'b'}, {"movdqu", "f30f6fc1", 'b'}, {"movq.m", "0f6fc1", 'b'},
  {"movd.m", "0f6ec1", 'b'}, {"movd", "660f6ec1", 'b'}, {"movd.m64", "480f6ec1", 'b'},
  {"movd64", "66480f6ec1", 'b'}, {"movq", "f30f7ec1", 'b'},
  {"movq2dq", "f30fd6c1", 'b'}, {"movdq2q", "f20fd6c1", 'b'},
  /* SSSE3 */
  MMX_XMM("pshufb", "3800"), MMX_XMM("phaddw", "3801"), MMX_XMM("phaddd", "3802"),
  MMX_XMM("phaddsw", "3803"), MMX_XMM("pmaddubsw", "3804"), MMX_XMM("phsubw", "3805"),
  MMX_XMM("phsubd", "3806"), MMX_XMM("phsubsw", "3807"), MMX_XMM("psignb", "3808"),
  MMX_XMM("psignw", "3809"), MMX_XMM("psignd", "380a"), MMX_XMM("pmulhrsw", "380b"),
  MMX_XMM("pabsb", "381c"), MMX_XMM("pabsw", "381d"), MMX_XMM("pabsd", "381e"),
  {"palignr5.m", "0f3a0fc105", 'b'}, {"palignr8.m", "0f3a0fc108", 'b'},
  {"palignr11.m", "0f3a0fc10b", 'b'}, {"palignr16.m", "0f3a0fc110", 'b'},
  {"palignr0", "660f3a0fc100", 'b'}, {"palignr5", "660f3a0fc105", 'b'},
  {"palignr8", "660f3a0fc108", 'b'}, {"palignr13", "660f3a0fc10d", 'b'},
  {"palignr16", "660f3a0fc110", 'b'}, {"palignr21", "660f3a0fc115", 'b'},
  {"palignr24", "660f3a0fc118", 'b'}, {"palignr29", "660f3a0fc11d", 'b'},
  {"palignr32", "660f3a0fc120", 'b'}, {"palignr255", "660f3a0fc1ff", 'b'},
  /* SSE4.1: the mask of the variable blends is their destination */
  {"pblendvb", "660f3810c1", 'b'}, {"blendvps", "660f3814c1", 'b'}, {"blendvpd", "660f3815c1", 'b'},
  {"ptest", "660f3817c1", 'b'},
  {"pmovsxbw", "660f3820c1", 'b'}, {"pmovsxbd", "660f3821c1", 'b'}, {"pmovsxbq", "660f3822c1", 'b'},
  {"pmovsxwd", "660f3823c1", 'b'}, {"pmovsxwq", "660f3824c1", 'b'}, {"pmovsxdq", "660f3825c1", 'b'},
  {"pmuldq", "660f3828c1", 'b'}, {"pcmpeqq", "660f3829c1", 'b'}, {"packusdw", "660f382bc1", 'b'},
  {"pmovzxbw", "660f3830c1", 'b'}, {"pmovzxbd", "660f3831c1", 'b'}, {"pmovzxbq", "660f3832c1", 'b'},
  {"pmovzxwd", "660f3833c1", 'b'}, {"pmovzxwq", "660f3834c1", 'b'}, {"pmovzxdq", "660f3835c1", 'b'},
  {"pcmpgtq", "660f3837c1", 'b'}, {"pminsb", "660f3838c1", 'b'}, {"pminsd", "660f3839c1", 'b'},
  {"pminuw", "660f383ac1", 'b'}, {"pminud", "660f383bc1", 'b'}, {"pmaxsb", "660f383cc1", 'b'},
  {"pmaxsd", "660f383dc1", 'b'}, {"pmaxuw", "660f383ec1", 'b'}, {"pmaxud", "660f383fc1", 'b'},
  {"pmulld", "660f3840c1", 'b'}, {"phminposuw", "660f3841c1", 'b'},
  {"blendps", "660f3a0cc10a", 'b'}, {"blendps5", "660f3a0cc105", 'b'},
  {"blendpd", "660f3a0dc101", 'b'}, {"blendpd2", "660f3a0dc102", 'b'},
  {"pblendw", "660f3a0ec12d", 'b'}, {"pblendw2", "660f3a0ec1d2", 'b'},
  {"pextrb", "660f3a14c105", 'b'}, {"pextrb15", "660f3a14c1ff", 'b'},
  {"pextrw4", "660f3a15c103", 'b'}, {"pextrd", "660f3a16c103", 'b'},
  {"pextrq", "66480f3a16c101", 'b'}, {"pextrq0", "66480f3a16c1fe", 'b'},
  {"extractps", "660f3a17c102", 'b'},
  {"pinsrb", "660f3a20c10a", 'b'}, {"pinsrd", "660f3a22c101", 'b'}, {"pinsrd2", "660f3a22c1fe", 'b'},
  {"pinsrq", "66480f3a22c100", 'b'}, {"pinsrq1", "66480f3a22c1ff", 'b'},
  {"insertps", "660f3a21c192", 'b'}, {"insertps2", "660f3a21c169", 'b'},
  {"insertps3", "660f3a21c1f4", 'b'},
  {"mpsadbw0", "660f3a42c100", 'b'}, {"mpsadbw5", "660f3a42c105", 'b'},
  {"mpsadbw2", "660f3a42c1fa", 'b'}, {"mpsadbw7", "660f3a42c107", 'b'},
  {"movddup", "f20f12c1", 'b'}, {"movsldup", "f30f12c1", 'b'}, {"movshdup", "f30f16c1", 'b'},
  /* SSE4A */
  {"extrq", "660f79c1", 'b'}, {"extrqi", "660f78c01523", 'b'}, {"extrqi0", "660f78c00011", 'b'},
  {"extrqi2", "660f78c03f3f", 'b'},
  {"insertq", "f20f79c1", 'b'}, {"insertqi", "f20f78c11523", 'b'}, {"insertqi0", "f20f78c10000", 'b'},
  {"insertqi2", "f20f78c13f3f", 'b'},
  /* SSE3 and SSE4.1, floating point */
#define ROUND(n, i) {"roundps" n, "660f3a08c1" i, 'f'}, {"roundpd" n, "660f3a09c1" i, 'd'}, \
    {"roundss" n, "660f3a0ac1" i, 'f'}, {"roundsd" n, "660f3a0bc1" i, 'd'}
  {"addsubpd", "660fd0c1", 'd'}, {"addsubps", "f20fd0c1", 'f'},
  {"haddpd", "660f7cc1", 'd'}, {"haddps", "f20f7cc1", 'f'},
  {"hsubpd", "660f7dc1", 'd'}, {"hsubps", "f20f7dc1", 'f'},
  {"dpps", "660f3a40c1ff", 'f'}, {"dpps2", "660f3a40c175", 'f'}, {"dpps3", "660f3a40c12a", 'f'},
  {"dpps4", "660f3a40c1b2", 'f'},
  {"dpps0", "660f3a40c10f", 'f'}, {"dppd", "660f3a41c133", 'd'}, {"dppd2", "660f3a41c112", 'd'},
  {"dppd3", "660f3a41c1e1", 'd'},
  ROUND("0", "00"), ROUND("1", "01"), ROUND("2", "02"), ROUND("3", "03"),
  ROUND("4", "04"), ROUND("8", "08"), ROUND("9", "09"), ROUND("10", "0a"),
  ROUND("11", "0b"), ROUND("15", "ff"),
  /* AES-NI, PCLMULQDQ, SHA, GFNI */
  {"aesimc", "660f38dbc1", 'b'}, {"aesenc", "660f38dcc1", 'b'}, {"aesenclast", "660f38ddc1", 'b'},
  {"aesdec", "660f38dec1", 'b'}, {"aesdeclast", "660f38dfc1", 'b'},
  {"aeskeygenassist", "660f3adfc11b", 'b'}, {"aeskeygenassist2", "660f3adfc1f0", 'b'},
  {"pclmulqdq0", "660f3a44c100", 'b'}, {"pclmulqdq1", "660f3a44c101", 'b'},
  {"pclmulqdq2", "660f3a44c110", 'b'}, {"pclmulqdq3", "660f3a44c1ff", 'b'},
  {"sha1nexte", "0f38c8c1", 'b'}, {"sha1msg1", "0f38c9c1", 'b'}, {"sha1msg2", "0f38cac1", 'b'},
  {"sha256rnds2", "0f38cbc1", 'b'}, {"sha256msg1", "0f38ccc1", 'b'},
  {"sha256msg2", "0f38cdc1", 'b'},
  {"sha1rnds4.0", "0f3accc100", 'b'}, {"sha1rnds4.1", "0f3accc101", 'b'},
  {"sha1rnds4.2", "0f3accc102", 'b'}, {"sha1rnds4.3", "0f3accc1ff", 'b'},
  {"gf2p8mulb", "660f38cfc1", 'b'}, {"gf2p8affineqb", "660f3acec15c", 'b'},
  {"gf2p8affineinvqb", "660f3acfc15c", 'b'},
};

#include "operands.h"

/* ---- execution */

struct regs {
  u64 xmm[2][2], mm[2], rcx, rax;
  u32 mxcsr, mxcsr_out;
  u64 pad, xmm_out[2], mm_out, rax_out, flags;
};

extern char template_start[], template_insn[], template_after[], template_end[];
__asm__(
    ".text\n"
    "template_start:\n"
    "movdqu (%rdi), %xmm0\n movdqu 16(%rdi), %xmm1\n"
    "movq 32(%rdi), %mm0\n movq 40(%rdi), %mm1\n"
    "mov 48(%rdi), %rcx\n mov 56(%rdi), %rax\n"
    "ldmxcsr 64(%rdi)\n push $0\n popf\n"
    "template_insn:\n .fill 16, 1, 0x90\n"
    "template_after:\n"
    "stmxcsr 68(%rdi)\n movdqu %xmm0, 80(%rdi)\n movq %mm0, 96(%rdi)\n"
    "mov %rax, 104(%rdi)\n pushf\n pop 112(%rdi)\n emms\n"
    "push $0x1f80\n ldmxcsr (%rsp)\n pop %rdx\n ret\n"
    "template_end:\n");

static char *code;
static int trapped;

static void on_fpe(int sig, siginfo_t *info, void *context) {
  (void)sig, (void)info;
  trapped = 1;
  ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] =
      (greg_t)(code + (template_after - template_start));
}

int main(int argc, char **argv) {
  int full = argc > 1 && strcmp(argv[1], "full") == 0;
  int cases = argc > 2 ? atoi(argv[2]) : 128;
  code = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memcpy(code, template_start, template_end - template_start);
  struct sigaction action = {.sa_sigaction = on_fpe, .sa_flags = SA_SIGINFO};
  sigaction(SIGFPE, &action, 0);
  for (unsigned op = 0; op < sizeof OPS / sizeof *OPS; op++) {
    if (argc > 3 && strcmp(argv[3], OPS[op].name)) continue;
    unsigned char *insn = (unsigned char *)code + (template_insn - template_start);
    memset(insn, 0x90, 16);
    int n = strlen(OPS[op].code) / 2, modrm = -1;
    for (int i = 0; i < n; i++) {
      unsigned byte;
      sscanf(OPS[op].code + 2 * i, "%2x", &byte);
      insn[i] = byte;
      if (byte == 0xc1 && i > 1) modrm = i;
    }
    state = 0;
    for (const char *p = OPS[op].name; *p; p++) state = state * 31 + *p;
    printf("%s %s %c%s", OPS[op].name, OPS[op].code, OPS[op].class, full ? "\n" : " ");
    for (int i = 0; i < cases; i++) {
      struct regs r = {0};
      char class = OPS[op].class;
      for (int k = 0; k < 4; k++) r.xmm[k >> 1][k & 1] = draw_lane(class);
      for (int k = 0; k < 2; k++) r.mm[k] = draw_integer();
      r.rcx = draw_integer();
      r.rax = draw_integer();
      if (class == 's') r.xmm[1][0] = r.mm[1] = draw_count();
      r.mxcsr = draw_mxcsr();
      if (modrm > 0) insn[modrm] = (i & 7) == 7 ? 0xc0 : 0xc1;
      __builtin___clear_cache(code, code + 4096);
      trapped = 0;
      ((void (*)(struct regs *))code)(&r);
      u64 out[] = {r.xmm_out[0], r.xmm_out[1], r.mm_out, r.rax_out, r.flags & 0x8d5,
                   r.mxcsr_out, trapped};
      if (full) {
        printf("%016llx %016llx %016llx %016llx %03x %04x %d\n", (long long)out[0],
               (long long)out[1], (long long)out[2], (long long)out[3], (unsigned)out[4],
               (unsigned)out[5], trapped);
      } else {
        u64 h = 0;
        for (int k = 0; k < 7; k++) h = (h ^ out[k]) * 0x9e3779b97f4a7c15, h ^= h >> 29;
        printf("%03x", (unsigned)(h >> 52));
      }
    }
    if (!full) printf("\n");
  }
  return 0;
}
