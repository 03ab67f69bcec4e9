/*
 * Runs x87 instructions on the real processor and prints what they did, for
 * X87InstructionsTest. Linux, x86-64.
 *
 *   gcc -O1 -o /tmp/x87-instructions x87-instructions.c
 *   /tmp/x87-instructions digest 200 > ../resources/org/quern/x86/semantics/x87-instructions.txt
 *   /tmp/x87-instructions values 150 > ../resources/org/quern/x86/semantics/x87-transcendental.txt
 *   /tmp/x87-instructions raw 1000000 fadd     # records of 104 bytes: struct out below
 *
 * Operands are not printed: X87Cases draws the same ones from the same generator (SplitMix64,
 * seeded by a hash of the instruction's name). Memory operands are at [rsi]. "digest" covers the
 * instructions whose results are defined to the bit, "values" the transcendental ones.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

typedef uint64_t u64;
typedef uint32_t u32;
typedef uint16_t u16;

/* name, encoding, operand class: r registers, f m32, d m64, e m80, i integer, b BCD memory;
   n registers near 1, t transcendental (near 1 too) */
static const struct { const char *name, *code; char class; } OPS[] = {
#define ARITH(n, sub, rm, ri) {n, "d8" rm, 'r'}, {n "-i", "dc" ri, 'r'}, {n "p", "de" ri, 'r'}, \
    {n "-m32", "d8" sub, 'f'}, {n "-m64", "dc" sub, 'd'}, {n "-i32", "da" sub, 'i'}, \
    {n "-i16", "de" sub, 'i'}
  ARITH("fadd", "06", "c1", "c1"), ARITH("fmul", "0e", "c9", "c9"),
  ARITH("fsub", "26", "e1", "e1"), ARITH("fsubr", "2e", "e9", "e9"),
  ARITH("fdiv", "36", "f1", "f1"), ARITH("fdivr", "3e", "f9", "f9"),
  {"fadd-0", "d8c0", 'r'}, {"fmul-0", "d8c8", 'r'}, {"faddp-0", "dec0", 'r'},
  {"fcom", "d8d1", 'r'}, {"fcomp", "d8d9", 'r'}, {"fcompp", "ded9", 'r'},
  {"fcom-m32", "d816", 'f'}, {"fcom-m64", "dc16", 'd'},
  {"fcomp-m32", "d81e", 'f'}, {"fcomp-m64", "dc1e", 'd'},
  {"ficom-i32", "da16", 'i'}, {"ficom-i16", "de16", 'i'},
  {"ficomp-i32", "da1e", 'i'}, {"ficomp-i16", "de1e", 'i'},
  {"fucom", "dde1", 'r'}, {"fucomp", "dde9", 'r'}, {"fucompp", "dae9", 'r'},
  {"fcomi", "dbf1", 'r'}, {"fcomip", "dff1", 'r'},
  {"fucomi", "dbe9", 'r'}, {"fucomip", "dfe9", 'r'},
  {"ftst", "d9e4", 'r'}, {"fxam", "d9e5", 'r'}, {"fchs", "d9e0", 'r'}, {"fabs", "d9e1", 'r'},
  {"fld-m32", "d906", 'f'}, {"fld-m64", "dd06", 'd'}, {"fld-m80", "db2e", 'e'},
  {"fild-i16", "df06", 'i'}, {"fild-i32", "db06", 'i'}, {"fild-i64", "df2e", 'i'},
  {"fbld", "df26", 'b'}, {"fld", "d9c1", 'r'}, {"fld-0", "d9c0", 'r'},
  {"fst-m32", "d916", 'f'}, {"fst-m64", "dd16", 'd'},
  {"fstp-m32", "d91e", 'f'}, {"fstp-m64", "dd1e", 'd'}, {"fstp-m80", "db3e", 'e'},
  {"fist-i16", "df16", 'n'}, {"fist-i32", "db16", 'n'},
  {"fistp-i16", "df1e", 'n'}, {"fistp-i32", "db1e", 'n'}, {"fistp-i64", "df3e", 'n'},
  {"fisttp-i16", "df0e", 'n'}, {"fisttp-i32", "db0e", 'n'}, {"fisttp-i64", "dd0e", 'n'},
  {"fbstp", "df36", 'n'}, {"fst", "ddd1", 'r'}, {"fstp", "ddd9", 'r'}, {"fstp-0", "ddd8", 'r'},
  {"fst-7", "ddd7", 'r'}, {"fxch", "d9c9", 'r'}, {"fxch-7", "d9cf", 'r'},
  {"fstp-d9", "d9d9", 'r'}, {"fstp-df", "dfd1", 'r'}, {"ffree", "ddc1", 'r'},
  {"ffreep", "dfc1", 'r'}, {"fincstp", "d9f7", 'r'}, {"fdecstp", "d9f6", 'r'},
  {"fnop", "d9d0", 'r'}, {"fnclex", "dbe2", 'r'}, {"fnstsw", "dfe0", 'r'}, {"fnstcw", "d93e", 'i'},
  {"fcmovb", "dac1", 'r'}, {"fcmove", "dac9", 'r'}, {"fcmovbe", "dad1", 'r'},
  {"fcmovu", "dad9", 'r'}, {"fcmovnb", "dbc1", 'r'}, {"fcmovne", "dbc9", 'r'},
  {"fcmovnbe", "dbd1", 'r'}, {"fcmovnu", "dbd9", 'r'},
  {"fld1", "d9e8", 'r'}, {"fldl2t", "d9e9", 'r'}, {"fldl2e", "d9ea", 'r'},
  {"fldpi", "d9eb", 'r'}, {"fldlg2", "d9ec", 'r'}, {"fldln2", "d9ed", 'r'}, {"fldz", "d9ee", 'r'},
  {"fsqrt", "d9fa", 'r'}, {"frndint", "d9fc", 'r'}, {"frndint-n", "d9fc", 'n'},
  {"fscale", "d9fd", 'r'}, {"fscale-n", "d9fd", 'n'}, {"fxtract", "d9f4", 'r'},
  {"fprem", "d9f8", 'r'}, {"fprem-n", "d9f8", 'n'}, {"fprem1", "d9f5", 'r'},
  {"fprem1-n", "d9f5", 'n'},
  {"f2xm1", "d9f0", 't'}, {"fyl2x", "d9f1", 't'}, {"fptan", "d9f2", 't'}, {"fpatan", "d9f3", 't'},
  {"fyl2xp1", "d9f9", 't'}, {"fsincos", "d9fb", 't'}, {"fsin", "d9fe", 't'}, {"fcos", "d9ff", 't'},
};

static u64 state;

static u64 draw(void) {
  u64 z = state += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

#define TOP 0x8000000000000000
static const struct { u16 se; u64 sig; } EDGES[32] = {
  {0, 0}, {0x8000, 0}, {0x3fff, TOP}, {0xbfff, TOP}, {0x3fff, TOP | 1}, {0x3ffe, -1},
  {0x4000, TOP}, {0xc000, 0xc000000000000000}, {0, 1}, {0x8000, 0x7fffffffffffffff}, {0, TOP},
  {0x8000, TOP | 1}, {1, TOP}, {0x8001, TOP}, {0x7ffe, -1}, {0xfffe, -1}, {0x7fff, TOP},
  {0xffff, TOP}, {0x7fff, 0}, {0x7fff, 0x4000000000000000}, {0xffff, 0xc000000000000000},
  {0x7fff, 0xc000000000000001}, {0x7fff, TOP | 1}, {0xffff, 0xbfffffffffffffff},
  {0x4000, 0x4000000000000000}, {0xc03e, TOP}, {0x403e, TOP}, {0x401e, 0xffffffff80000000},
  {0x3ffe, TOP}, {0x4000, 0xc90fdaa22168c235}, {0x3fff, 0xc90fdaa22168c235},
  {0xbfff, 0xc90fdaa22168c234},
};

struct reg { u16 se; u64 sig; };

static struct reg draw_reg(int near) {
  u64 how = draw(), v = draw(), w = draw();
  int n = how >> 8 & 63;
  u16 sign = w & 0x8000;
  switch (how & 7) {
    case 0: return (struct reg){EDGES[n & 31].se, EDGES[n & 31].sig};
    case 1: return (struct reg){sign | (0x3ffb + (n & 7)), v | TOP};
    case 2: return near ? (struct reg){sign | (0x3ff0 + (n & 31)), (v & -1ull << n) | TOP}
                        : (struct reg){w, (v & -1ull << n) | TOP};
    case 3: return (struct reg){sign | (n & 3), near ? v | TOP : v};
    case 4: return near ? (struct reg){sign | (0x3fc0 + n), v | TOP}
                        : (struct reg){sign | (0x7ffc + (n & 3)), v | TOP};
    case 5: return (struct reg){sign | (0x3fff + n),
                                (v & -1ull << (n < 62 ? 62 - n : 0)) | TOP};
    case 6: return (struct reg){sign | (0x3fff - 40 + n), v | TOP};
    default: return near ? (struct reg){sign | (0x3ff8 + (n & 7)), (v & -1ull << 56) | TOP}
                         : (struct reg){w, v};
  }
}

static u64 draw_double(void) {
  u64 how = draw(), v = draw();
  int n = how >> 8 & 63;
  u64 sign_fraction = 0x800fffffffffffff, fraction = 0xfffffffffffff;
  switch (how & 7) {
    case 0: return (v & TOP) | (n & 1 ? 0x7ff0000000000000 : 0);
    case 1: return (v & sign_fraction) | (u64)(1020 + (n & 7)) << 52;
    case 2: return (v & ~fraction) | (v & fraction & -1ull << n);
    case 3: return (v & sign_fraction) | (u64)(n & 3) << 52;
    case 4: return (v & sign_fraction) | (u64)(2044 + (n & 3)) << 52;
    case 5: return (v & TOP) | (u64)(1023 + n) << 52;
    default: return v;
  }
}

static u32 draw_float(void) {
  u64 how = draw();
  u32 w = draw();
  int n = how >> 8 & 31;
  switch (how & 7) {
    case 0: return (w & 0x80000000) | (n & 1 ? 0x7f800000 : 0);
    case 1: return (w & 0x807fffff) | (124 + (n & 7)) << 23;
    case 2: return (w & 0xff800000) | (w & 0x7fffff & -1u << (n < 22 ? n : 22));
    case 3: return (w & 0x807fffff) | (n & 3) << 23;
    case 4: return (w & 0x807fffff) | (252 + (n & 3)) << 23;
    case 5: return (w & 0x80000000) | (127 + n) << 23;
    default: return w;
  }
}

static u64 draw_integer(void) {
  u64 how = draw(), v = draw();
  switch (how & 3) {
    case 0: return (int64_t)v >> (how >> 8 & 63);
    case 1: return TOP >> (how >> 8 & 63);
    default: return (how >> 8 & 7) == 0 ? 0 : v;
  }
}

struct in {
  u16 cw, sw, tw, flags;
  struct reg st[8];
  u64 mem[2];
};

struct out {
  u16 sw, tw, fop, flags;
  unsigned char st[80];
  u64 mem[2];
};

static struct in draw_case(char class) {
  static const int PRECISION[] = {3, 3, 3, 2, 0, 3, 2, 1};
  struct in r;
  u64 v = draw();
  int masks = (v >> 8 & 3) != 0 ? 0x3f : v >> 16 & 0x3f;
  r.cw = 0x40 | (v & 3) << 10 | PRECISION[v >> 2 & 7] << 8 | masks;
  int top = v >> 24 & 7;
  r.sw = top << 11 | (v >> 32 & 7) << 8 | (v >> 35 & 1) << 14;
  if ((v >> 36 & 3) == 0) r.sw |= (v >> 40 & 0x3f & masks) | (v >> 46 & 1) << 6;
  r.tw = 0;
  if ((v >> 48 & 15) == 0) r.tw |= 3 << 2 * top;
  if ((v >> 52 & 15) == 0) r.tw |= 3 << 2 * ((top + 1) & 7);
  if ((v >> 56 & 7) != 0) r.tw |= 3 << 2 * ((top + 7) & 7);
  int near = class == 'n' || class == 't';
  r.st[0] = draw_reg(near);
  r.st[1] = draw_reg(near);
  for (int k = 2; k < 8; k++) r.st[k] = (struct reg){0x4000 + k, TOP | (u64)k << 32};
  r.mem[0] = draw();
  r.mem[1] = draw();
  switch (class) {
    case 'f': r.mem[0] = draw_float() | r.mem[1] << 32; break;
    case 'd': r.mem[0] = draw_double(); break;
    case 'e': {
      struct reg e = draw_reg(0);
      r.mem[0] = e.sig;
      r.mem[1] = e.se | r.mem[1] << 16;
      break;
    }
    case 'i': r.mem[0] = draw_integer(); break;
    case 'b': {
      u64 how = draw();
      if ((how & 7) == 0) break;
      int digits = how >> 8 & 31;
      u64 m[2] = {0, 0};
      for (int k = 0; k < 18 && k < digits; k++) {
        m[k >> 4] |= (r.mem[k >> 4] >> 4 * (k & 15) & 15) % 10 << 4 * (k & 15);
      }
      r.mem[0] = m[0];
      r.mem[1] = m[1] | (r.mem[1] & 0x8000) | (r.mem[1] & ~0xffffull);
      break;
    }
  }
  r.flags = (draw() & 0x8d5) | 2;
  return r;
}

static unsigned char *code;

static void assemble(const char *hex) {
  unsigned char *p = code;
  static const unsigned char before[] = {0x51, 0x9d, 0xdd, 0x27}; /* push rcx; popfq; frstor [rdi] */
  /* fnsave [rdx]; pushfq; pop rcx; mov [r8],rcx; mov [r8+8],rax; ret */
  static const unsigned char after[] = {0xdd, 0x32, 0x9c, 0x59, 0x49, 0x89, 0x08,
                                        0x49, 0x89, 0x40, 0x08, 0xc3};
  memcpy(p, before, sizeof before), p += sizeof before;
  for (; *hex; hex += 2) {
    unsigned byte;
    sscanf(hex, "%2x", &byte);
    *p++ = byte;
  }
  memcpy(p, after, sizeof after);
  __builtin___clear_cache((char *)code, (char *)code + 4096);
}

static struct out run(const struct in *in) {
  unsigned char image[112] = {0}, saved[112];
  u64 mem[2] = {in->mem[0], in->mem[1]};
  u64 flags[2];
  memcpy(image, &in->cw, 2);
  memcpy(image + 4, &in->sw, 2);
  memcpy(image + 8, &in->tw, 2);
  for (int k = 0; k < 8; k++) {
    memcpy(image + 28 + 10 * k, &in->st[k].sig, 8);
    memcpy(image + 36 + 10 * k, &in->st[k].se, 2);
  }
  unsigned char *rdi = image, *rdx = saved;
  u64 *rsi = mem, rcx = in->flags | 0x202, rax = 0;
  register u64 *r8 __asm__("r8") = flags;
  register unsigned char *r9 __asm__("r9") = code;
  __asm__ volatile("sub $256, %%rsp; call *%%r9; add $256, %%rsp"
                   : "+a"(rax), "+c"(rcx), "+D"(rdi), "+S"(rsi), "+d"(rdx), "+r"(r8), "+r"(r9)
                   :
                   : "memory", "cc", "r10", "r11");
  __asm__ volatile("fninit");
  struct out o;
  memcpy(&o.sw, saved + 4, 2);
  memcpy(&o.tw, saved + 8, 2);
  memcpy(&o.fop, saved + 18, 2);
  o.flags = flags[0] & 0x8d5;
  memcpy(o.st, saved + 28, 80);
  o.mem[0] = mem[0];
  o.mem[1] = mem[1] ^ flags[1];
  return o;
}

static unsigned digest(const struct out *o) {
  u64 h = 0;
#define MIX(v) h = (h ^ (v)) * 0x9e3779b97f4a7c15, h ^= h >> 29
  MIX((u64)o->sw | (u64)o->tw << 16 | (u64)o->flags << 32);
  for (int k = 0; k < 8; k++) {
    u64 sig = 0;
    u16 se = 0;
    memcpy(&sig, o->st + 10 * k, 8);
    memcpy(&se, o->st + 10 * k + 8, 2);
    MIX(sig);
    MIX(se);
  }
  MIX(o->mem[0]);
  MIX(o->mem[1]);
  return h >> 52;
}

static void print_values(const struct out *o) {
  printf(" %04x", o->sw);
  for (int k = 0; k < 2; k++) {
    u64 sig;
    u16 se;
    memcpy(&sig, o->st + 10 * k, 8);
    memcpy(&se, o->st + 10 * k + 8, 2);
    printf(":%04x:%llx", se, (long long)sig);
  }
}

int main(int argc, char **argv) {
  const char *mode = argc > 1 ? argv[1] : "digest";
  int cases = argc > 2 ? atoi(argv[2]) : 200;
  code = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (unsigned op = 0; op < sizeof OPS / sizeof *OPS; op++) {
    char class = OPS[op].class;
    if (argc > 3 && strcmp(argv[3], OPS[op].name)) continue;
    if (strcmp(mode, "digest") == 0 && class == 't') continue;
    if (strcmp(mode, "values") == 0 && class != 't') continue;
    if (strcmp(mode, "list") == 0) {
      printf("%s %s %c\n", OPS[op].name, OPS[op].code, class);
      continue;
    }
    assemble(OPS[op].code);
    state = 0;
    for (const char *p = OPS[op].name; *p; p++) state = state * 31 + *p;
    if (*mode != 'r') printf("%s %s %c", OPS[op].name, OPS[op].code, class);
    if (*mode == 'd') printf(" ");
    for (int i = 0; i < cases; i++) {
      struct in in = draw_case(class);
      struct out out = run(&in);
      if (*mode == 'r') {
        fwrite(&out, sizeof out, 1, stdout);
      } else if (*mode == 'd') {
        printf("%03x", digest(&out));
      } else {
        print_values(&out);
      }
    }
    if (*mode != 'r') printf("\n");
  }
  return 0;
}
