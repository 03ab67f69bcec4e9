package org.quern.x86.semantics;

/**
 * The SHA extensions on 128-bit values held as two longs of {@code v}, from index {@code d} on.
 * Sources: FIPS 180-4; SDM vol. 2C, SHA1RNDS4 and its neighbours.
 */
public final class Sha {
  private static final int[] SHA1_CONSTANTS = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};

  private Sha() {}

  private static int high(long v) {
    return (int) (v >>> 32);
  }

  private static long pair(int low, int high) {
    return low & 0xffffffffL | (long) high << 32;
  }

  private static int choose(int x, int y, int z) {
    return x & y ^ ~x & z;
  }

  private static int majority(int x, int y, int z) {
    return x & y ^ x & z ^ y & z;
  }

  // ---- SHA-1: the state is A, B, C, D from the top doubleword down

  /**
   * SHA1RNDS4: four rounds.
   *
   * @param lo words 2 and 3 (W2 in the upper doubleword)
   * @param hi words 0 and 1 with E added to word 0
   * @param function 0 to 3: rounds 0 to 19, 20 to 39, 40 to 59, 60 to 79
   */
  public static void sha1Rounds(long[] v, int d, long lo, long hi, int function) {
    int a = high(v[d + 1]);
    int b = (int) v[d + 1];
    int c = high(v[d]);
    int dd = (int) v[d];
    int k = SHA1_CONSTANTS[function];
    int carried = 0; // E is part of the first word
    for (int n = 0; n < 4; n++) {
      int w =
          switch (n) {
            case 0 -> high(hi);
            case 1 -> (int) hi;
            case 2 -> high(lo);
            default -> (int) lo;
          };
      int f =
          switch (function) {
            case 0 -> choose(b, c, dd);
            case 2 -> majority(b, c, dd);
            default -> b ^ c ^ dd;
          };
      int t = f + Integer.rotateLeft(a, 5) + w + carried + k;
      carried = dd;
      dd = c;
      c = Integer.rotateLeft(b, 30);
      b = a;
      a = t;
    }
    v[d] = pair(dd, c);
    v[d + 1] = pair(b, a);
  }

  /** SHA1NEXTE: E of four rounds on, from A now, added to the first word of the source. */
  public static void sha1NextE(long[] v, int d, long lo, long hi) {
    int e = Integer.rotateLeft(high(v[d + 1]), 30);
    v[d] = lo;
    v[d + 1] = pair((int) hi, high(hi) + e);
  }

  /** SHA1MSG1: the first half of the message schedule. */
  public static void sha1Message1(long[] v, int d, long lo, long hi) {
    long low = v[d];
    v[d + 1] ^= low;
    v[d] = low ^ hi;
  }

  /** SHA1MSG2: the second half. */
  public static void sha1Message2(long[] v, int d, long lo, long hi) {
    int w16 = Integer.rotateLeft(high(v[d + 1]) ^ (int) hi, 1);
    int w17 = Integer.rotateLeft((int) v[d + 1] ^ high(lo), 1);
    int w18 = Integer.rotateLeft(high(v[d]) ^ (int) lo, 1);
    int w19 = Integer.rotateLeft((int) v[d] ^ w16, 1);
    v[d] = pair(w19, w18);
    v[d + 1] = pair(w17, w16);
  }

  // ---- SHA-256

  private static int sigma0(int x) {
    return Integer.rotateRight(x, 7) ^ Integer.rotateRight(x, 18) ^ x >>> 3;
  }

  private static int sigma1(int x) {
    return Integer.rotateRight(x, 17) ^ Integer.rotateRight(x, 19) ^ x >>> 10;
  }

  /**
   * SHA256RNDS2: two rounds. The destination holds C, D, G, H, the source A, B, E, F from the top
   * down; the result is A, B, E, F.
   *
   * @param wk two words, each with its constant added
   */
  public static void sha256Rounds(long[] v, int d, long lo, long hi, long wk) {
    int a = high(hi);
    int b = (int) hi;
    int e = high(lo);
    int f = (int) lo;
    int c = high(v[d + 1]);
    int dd = (int) v[d + 1];
    int g = high(v[d]);
    int h = (int) v[d];
    for (int n = 0; n < 2; n++) {
      int s1 = Integer.rotateRight(e, 6) ^ Integer.rotateRight(e, 11) ^ Integer.rotateRight(e, 25);
      int s0 = Integer.rotateRight(a, 2) ^ Integer.rotateRight(a, 13) ^ Integer.rotateRight(a, 22);
      int t = choose(e, f, g) + s1 + (n == 0 ? (int) wk : high(wk)) + h;
      h = g;
      g = f;
      f = e;
      e = t + dd;
      dd = c;
      int next = t + majority(a, b, c) + s0;
      c = b;
      b = a;
      a = next;
    }
    v[d] = pair(f, e);
    v[d + 1] = pair(b, a);
  }

  /** SHA256MSG1: the first part of the message schedule. */
  public static void sha256Message1(long[] v, int d, long lo, long hi) {
    int w1 = high(v[d]);
    int w2 = (int) v[d + 1];
    int w3 = high(v[d + 1]);
    v[d] = pair((int) v[d] + sigma0(w1), w1 + sigma0(w2));
    v[d + 1] = pair(w2 + sigma0(w3), w3 + sigma0((int) lo));
  }

  /** SHA256MSG2: the second part. */
  public static void sha256Message2(long[] v, int d, long lo, long hi) {
    int w16 = (int) v[d] + sigma1((int) hi);
    int w17 = high(v[d]) + sigma1(high(hi));
    int w18 = (int) v[d + 1] + sigma1(w16);
    int w19 = high(v[d + 1]) + sigma1(w17);
    v[d] = pair(w16, w17);
    v[d + 1] = pair(w18, w19);
  }
}
