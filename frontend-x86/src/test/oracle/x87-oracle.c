/*
 * Runs x87 arithmetic on the real processor and prints what it did, for SoftFloatX87Test. Linux,
 * x86-64.
 *
 *   gcc -O1 -o /tmp/x87-oracle x87-oracle.c
 *   /tmp/x87-oracle digest 300 > ../resources/org/quern/x86/semantics/fp/x87-oracle.txt
 *   /tmp/x87-oracle full 20000 fadd    # one line a case
 *
 * ST0 and ST1 (or ST0 and memory) come from a generator that SoftFloatX87Test has too, with every
 * rounding and precision control and any set of unmasked exceptions. FNSAVE reads the outcome without
 * taking the pending exception.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

typedef uint64_t u64;
typedef uint32_t u32;

/* name, encoding; memory operands are at [rdi] */
static const struct { const char *name, *code; } OPS[] = {
  {"fadd", "d8c1"}, {"fmul", "d8c9"}, {"fsub", "d8e1"}, {"fdiv", "d8f1"}, {"fsqrt", "d9fa"},
  {"frndint", "d9fc"}, {"fcom", "d8d1"}, {"fucom", "dde1"}, {"fld32", "d907"}, {"fld64", "dd07"},
  {"fst32", "d917"}, {"fst64", "dd17"}, {"fist16", "df17"}, {"fist32", "db17"},
  {"fistp64", "df3f"}, {"fild64", "df2f"},
};

static u64 state;

static u64 next(void) {
  u64 z = state += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

struct f80 { u64 significand; u32 sign_exponent; };

static struct f80 draw(void) {
  static const u32 exponents[] = {0, 0, 1, 0x3fff, 0x3ffe, 0x4000, 0x7ffe, 0x7fff,
                                  0x3f81, 0x3f80, 0x3c01, 0x3c00, 0x407e, 0x43fe, 0x403e, 0x401e};
  u64 how = next(), v = next();
  u32 sign = how >> 60 & 1 ? 0x8000 : 0, n = how >> 8 & 63, e;
  switch (how & 3) {
    case 0: e = exponents[how >> 16 & 15]; break;
    case 1: e = 0x3fff - 32 + n; break;
    case 2: e = 0x3fff - 16480 + (how >> 20 & 0x7fff); break;
    default: e = exponents[how >> 16 & 15] + (how >> 24 & 7) - 3; break;
  }
  e &= 0x7fff;
  switch (how >> 4 & 3) {
    case 0: v &= ~0ull << n; break;
    case 1: v |= ~0ull >> 1 >> n; break;
    case 2: v = how >> 30 & 1 ? v & 0xc000000000000001 : v & 0xffffff8000000000; break;
    default: break;
  }
  if (e == 0 ? (how >> 40 & 7) != 0 : (how >> 40 & 15) == 0) v &= ~(1ull << 63);
  else v |= 1ull << 63;
  if (e == 0 && (how >> 44 & 3) == 0) v = 0;
  return (struct f80){v, sign | e};
}

static u32 draw_control(void) {
  static const u32 precision[] = {0, 2, 3, 3};
  u64 v = next();
  u32 cw = 0x40 | (v & 3) << 10 | precision[v >> 2 & 3] << 8;
  return cw | ((v >> 8 & 3) == 0 ? v >> 16 & 0x3f : 0x3f);
}

struct regs {
  u64 memory;
  struct { u64 significand; uint16_t sign_exponent, pad[3]; } in[2];
  u32 control, pad;
  unsigned char save[112];
};

extern char template_start[], template_insn[], template_end[];
__asm__(
    ".text\n"
    "template_start:\n"
    "fninit\n fldt 24(%rdi)\n fldt 8(%rdi)\n fldcw 40(%rdi)\n"
    "template_insn:\n .fill 2, 1, 0x90\n"
    "fnsave 48(%rdi)\n ret\n"
    "template_end:\n");

int main(int argc, char **argv) {
  int full = argc > 1 && strcmp(argv[1], "full") == 0;
  int cases = argc > 2 ? atoi(argv[2]) : 300;
  char *code = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memcpy(code, template_start, template_end - template_start);
  for (unsigned op = 0; op < sizeof OPS / sizeof *OPS; op++) {
    if (argc > 3 && strcmp(argv[3], OPS[op].name)) continue;
    unsigned a, b;
    sscanf(OPS[op].code, "%2x%2x", &a, &b);
    code[template_insn - template_start] = a;
    code[template_insn - template_start + 1] = b;
    __builtin___clear_cache(code, code + 4096);
    state = 0;
    for (const char *p = OPS[op].name; *p; p++) state = state * 31 + *p;
    printf("%s%s", OPS[op].name, full ? "\n" : " ");
    for (int i = 0; i < cases; i++) {
      struct regs r = {0};
      struct f80 x = draw(), y = draw();
      r.in[0].significand = x.significand, r.in[0].sign_exponent = x.sign_exponent;
      r.in[1].significand = y.significand, r.in[1].sign_exponent = y.sign_exponent;
      r.memory = next();
      /* Memory operands of loads: often denormal or special. */
      u64 special = next();
      if ((special & 3) == 0) r.memory &= ~0x7ff000007f800000;
      if ((special & 3) == 1) r.memory |= 0x7ff000007f800000;
      r.control = draw_control();
      ((void (*)(struct regs *))code)(&r);
      u64 significand, memory = r.memory;
      uint16_t status, sign_exponent;
      memcpy(&status, r.save + 4, 2);
      memcpy(&significand, r.save + 28, 8);
      memcpy(&sign_exponent, r.save + 36, 2);
      status &= 0x477f & ~0x40;
      u64 out[] = {significand, sign_exponent, memory, status};
      if (full) {
        printf("%016llx %04x %016llx %04x\n", (long long)significand, sign_exponent,
               (long long)memory, status);
      } else {
        u64 h = 0;
        for (int k = 0; k < 4; k++) h = (h ^ out[k]) * 0x9e3779b97f4a7c15, h ^= h >> 29;
        printf("%03x", (unsigned)(h >> 52));
      }
    }
    if (!full) printf("\n");
  }
  return 0;
}
