/* Operands of the oracles: keep in step with DrawnOperands.java. */
#include <stdint.h>

typedef uint64_t u64;
typedef uint32_t u32;

static u64 state;

static u64 next(void) {
  u64 z = state += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

static const u64 EDGES[] = {
  0, 0x8000000000000000, 1, 0x000fffffffffffff, 0x0010000000000000, 0x3ff0000000000000,
  0xbff0000000000000, 0x3ff0000000000001, 0x3fefffffffffffff, 0x3fe0000000000000,
  0x4000000000000000, 0x7fefffffffffffff, 0xffefffffffffffff, 0x7ff0000000000000,
  0xfff0000000000000, 0x7ff8000000000000, 0xfff8000000000123, 0x7ff0000000000001,
  0xfff7fffffffff000, 0x41dfffffffc00000, 0x41dfffffffe00000, 0xc1e0000000000000,
  0xc1e0000000100000, 0x43e0000000000000, 0xc3e0000000000000, 0x43dfffffffffffff,
  0x380fffffffffffff, 0x3690000000000000, 0x3690000000000001, 0x47efffffe0000000,
  0x47effffff0000000, 0x3ff8000000000000,
};

static u64 draw64(void) {
  u64 how = next(), v = next();
  unsigned n = how >> 8 & 63;
  switch (how & 7) {
    case 0: return EDGES[n & 31];
    case 1: return (v & 0x800fffffffffffff) | (u64)(1020 + (n & 7)) << 52;
    case 2: return (v & 0xfff0000000000000) | (v & 0x000fffffffffffff & ~0ull << n);
    case 3: return (v & 0x800fffffffffffff) | (u64)(n & 3) << 52;
    case 4: return (v & 0x800fffffffffffff) | (u64)(2044 + (n & 3)) << 52;
    case 5: return (v & 0x8000000000000000) | (u64)(1023 + n) << 52 | (v & 0x000fffffffffffff & ~0ull << (51 - n < 52u ? 51 - n : 0));
    case 6: return (v & 0x800fffffffffffff) | (u64)(890 + n) << 52;
    default: return v;
  }
}

static u32 draw32(void) {
  u64 how = next(), v = next();
  unsigned n = how >> 8 & 31;
  u32 w = v;
  switch (how & 7) {
    case 0: {
      u64 e = EDGES[n];
      unsigned x = e >> 52 & 0x7ff;
      x = x == 0x7ff ? 0xff : x < 897 ? 0 : x > 1150 ? 0xfe : x - 896;
      return (u32)(e >> 63) << 31 | x << 23 | (e >> 29 & 0x7fffff) | (e & 1);
    }
    case 1: return (w & 0x807fffff) | (124 + (n & 7)) << 23;
    case 2: return (w & 0xff800000) | (w & 0x7fffff & ~0u << (n < 23 ? n : 22));
    case 3: return (w & 0x807fffff) | (n & 3) << 23;
    case 4: return (w & 0x807fffff) | (252 + (n & 3)) << 23;
    case 5: return (w & 0x80000000) | (127 + n) << 23 | (w & 0x7fffff & ~0u << (n < 22 ? 22 - n : 0));
    case 6: return (w & 0x807fffff) | (62 + n * 2) << 23;
    default: return w;
  }
}

static u64 draw_integer(void) {
  static const unsigned char bytes[] = {0, 1, 0x7f, 0x80, 0x81, 0xff, 0xfe, 0x40};
  u64 how = next(), v = next(), r = 0;
  switch (how & 3) {
    case 0:
      for (int i = 0; i < 64; i += 8) r |= (u64)bytes[v >> i & 7] << i;
      return r;
    case 1: return (u64)((int64_t)v >> (how >> 8 & 63));
    default: return v;
  }
}

static u64 draw_lane(char class) {
  if (class == 'd') return draw64();
  if (class == 'f') {
    u64 low = draw32();
    return low | (u64)draw32() << 32;
  }
  return draw_integer();
}

static u64 draw_count(void) {
  u64 how = next();
  return how >> 60 == 0 ? next() : (how & 63) + (how >> 8 & 7);
}

static u32 draw_mxcsr(void) {
  u64 v = next();
  u32 m = (u32)(v & 3) << 13 | 0x1f80;
  if ((v >> 8 & 3) == 0) m |= 0x40;
  if ((v >> 10 & 3) == 0) m |= 0x8000;
  if ((v >> 12 & 3) == 0) m &= ~0x1f80u | (u32)(v >> 16 & 0x3f) << 7;
  if ((v >> 14 & 3) == 0) m |= v >> 24 & 0x3f;
  return m;
}
