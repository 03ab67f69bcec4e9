/*
 * Runs VEX-encoded vector instructions on the real processor and prints what they did, for
 * VexOracleTest. Linux, x86-64 with AVX2, FMA, F16C, VAES, VPCLMULQDQ and GFNI.
 *
 *   gcc -O1 -o /tmp/vex-oracle vex-oracle.c
 *   F=../resources/org/quern/x86/semantics/vex-oracle.txt
 *   /tmp/vex-oracle 24 < $F > /tmp/new && mv /tmp/new $F
 *   grep vaddpd $F | /tmp/vex-oracle full 20000    # one line a case, to look into a difference
 *
 * Input and output lines are: name, encoding, operand class, digests (left out in the input of a
 * new line). Classes: f binary32 lanes, d binary64 lanes, b integers, s shift count in ymm2, x and
 * q small indices in ymm2 (doublewords, quadwords). Instructions use ymm0 (destination), ymm1,
 * ymm2, ymm3, rax and memory at rsi, which is not aligned. VRCPPS and VRSQRTPS are left out: their
 * results are the implementation's own.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "operands.h"

#define MEMORY 8

struct regs {
  u64 ymm[4][4], rax, rsi;
  u32 mxcsr, pad;
  u64 flags;
};

extern char template_start[], template_insn[], template_after[], template_end[];
__asm__(
    ".text\n"
    "template_start:\n"
    "vmovdqu (%rdi), %ymm0\n vmovdqu 32(%rdi), %ymm1\n"
    "vmovdqu 64(%rdi), %ymm2\n vmovdqu 96(%rdi), %ymm3\n"
    "mov 128(%rdi), %rax\n mov 136(%rdi), %rsi\n"
    "ldmxcsr 144(%rdi)\n push $0\n popf\n"
    "template_insn:\n .fill 16, 1, 0x90\n"
    "template_after:\n"
    "stmxcsr 144(%rdi)\n mov %rax, 128(%rdi)\n pushf\n pop 152(%rdi)\n"
    "vmovdqu %ymm0, (%rdi)\n vmovdqu %ymm1, 32(%rdi)\n"
    "vmovdqu %ymm2, 64(%rdi)\n vmovdqu %ymm3, 96(%rdi)\n vzeroupper\n"
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
  int full = argc > 2, cases = atoi(argv[argc - 1]);
  code = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memcpy(code, template_start, template_end - template_start);
  struct sigaction action = {.sa_sigaction = on_fpe, .sa_flags = SA_SIGINFO};
  sigaction(SIGFPE, &action, 0);
  static char room[128] __attribute__((aligned(64)));
  char *memory = room + 1;
  char line[4096], name[64], hex[32], class;
  while (fgets(line, sizeof line, stdin) && sscanf(line, "%63s %31s %c", name, hex, &class) == 3) {
    unsigned char *insn = (unsigned char *)code + (template_insn - template_start);
    memset(insn, 0x90, 16);
    for (int i = 0; hex[2 * i]; i++) {
      unsigned byte;
      sscanf(hex + 2 * i, "%2x", &byte);
      insn[i] = byte;
    }
    __builtin___clear_cache(code, code + 4096);
    state = 0;
    for (const char *p = name; *p; p++) state = state * 31 + *p;
    printf("%s %s %c%s", name, hex, class, full ? "\n" : " ");
    for (int i = 0; i < cases; i++) {
      struct regs r = {0};
      u64 lanes[MEMORY];
      for (int k = 0; k < 16; k++) r.ymm[k >> 2][k & 3] = draw_lane(class);
      for (int k = 0; k < MEMORY; k++) lanes[k] = draw_lane(class);
      r.rax = draw_integer();
      r.rsi = (u64)memory;
      if (class == 's') r.ymm[2][0] = draw_count();
      for (int k = 0; k < 4; k++) {
        if (class == 'x') r.ymm[2][k] &= 0x700000007;
        if (class == 'q') r.ymm[2][k] &= 7;
      }
      r.mxcsr = draw_mxcsr();
      memcpy(memory, lanes, sizeof lanes);
      trapped = 0;
      ((void (*)(struct regs *))code)(&r);
      memcpy(lanes, memory, sizeof lanes);
      u64 out[16 + MEMORY + 4], h = 0;
      memcpy(out, r.ymm, sizeof r.ymm);
      memcpy(out + 16, lanes, sizeof lanes);
      out[16 + MEMORY] = r.rax;
      out[17 + MEMORY] = r.flags & 0x8d5;
      out[18 + MEMORY] = r.mxcsr;
      out[19 + MEMORY] = trapped;
      for (unsigned k = 0; k < sizeof out / sizeof *out; k++) {
        if (full) printf("%llx ", (long long)out[k]);
        h = (h ^ out[k]) * 0x9e3779b97f4a7c15, h ^= h >> 29;
      }
      printf(full ? "\n" : "%03x", (unsigned)(h >> 52));
    }
    if (!full) printf("\n");
  }
  return 0;
}
