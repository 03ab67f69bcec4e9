package org.quern.tests.bench;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32;
import org.quern.bench.program.BenchProgram;

/**
 * What the benchmark programs compute, once more in Java: by the JDK's own sorting, hashing and
 * checksums where it has them.
 */
final class ExpectedChecksum {
  private ExpectedChecksum() {}

  /** Checksum of one repetition. */
  static long of(BenchProgram program, int passes) {
    long sum = 0;
    for (int pass = 0; pass < passes; pass++) {
      sum = Long.rotateLeft(sum, 1) + pass(program, pass);
    }
    return sum;
  }

  private static long pass(BenchProgram program, int pass) {
    return switch (program) {
      case FIB -> (pass & 1) == 0 ? 46368 : 75025; // the 24th and the 25th Fibonacci number
      case SIEVE -> sieve();
      case CRC32 -> crc32(pass);
      case SHA256 -> sha256(pass);
      case QUICKSORT -> quicksort(pass);
      case BYTECODE -> collatz(pass);
      case COPY -> copy(pass);
      case CHASE -> chase(pass);
      case MATMUL -> matmul(pass);
      case SYSCALL -> syscall(pass);
      case PAGES -> pages(pass);
      case TLB -> tlb(pass);
      case PRIVILEGED -> privileged(pass);
      case PIO -> readBack(pass, 0xff);
      case MMIO -> readBack(pass, 0x3f);
      case CPUID -> pass + 3000;
      case IPI -> pass + 500;
    };
  }

  private static long tlb(int pass) {
    long sum = 0;
    int page = pass & 1023;
    for (int n = 0; n < 65536; n++) {
      sum += page + 1;
      page = (page + 1601) % 2560;
    }
    return sum;
  }

  private static long privileged(int pass) {
    long sum = pass;
    for (int n = 0; n < 1000; n++) {
      sum += 0x200000; // CR3
      sum += sum & 0xffff; // the MSR
      sum += 1; // CR0.PE
    }
    return sum;
  }

  /** What comes back from a register with these bits. */
  private static long readBack(int pass, int mask) {
    long sum = 0;
    for (int n = 1000; n > 0; n--) {
      sum += n + pass & mask;
    }
    return sum;
  }

  private static long sieve() {
    long count = 0;
    long sum = 0;
    for (int n = 2; n < 400_000; n++) {
      int d = 2;
      while (d * d <= n && n % d != 0) {
        d++;
      }
      if (d * d > n) {
        count++;
        sum += n;
      }
    }
    return (count << 40) + sum;
  }

  /** The pseudo-random bytes that several programs work on. */
  private static byte[] bytes(int length) {
    byte[] b = new byte[length];
    int x = 1;
    for (int n = 0; n < length; n++) {
      x = x * 1103515245 + 12345;
      b[n] = (byte) (x >> 16);
    }
    return b;
  }

  private static long crc32(int pass) {
    byte[] b = bytes(65536);
    b[0] = (byte) pass;
    CRC32 crc = new CRC32();
    crc.update(b);
    return crc.getValue();
  }

  private static long sha256(int pass) {
    byte[] b = bytes(4087);
    b[0] = (byte) pass;
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(b);
      long sum = 0;
      for (int n = 0; n < 32; n += 8) {
        long word = 0;
        for (int i = 0; i < 8; i++) {
          word = word << 8 | digest[n + i] & 0xff;
        }
        sum += word;
      }
      return sum;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static long quicksort(int pass) {
    long[] a = new long[16384];
    long x = pass + 1L;
    for (int n = 0; n < a.length; n++) {
      x = x * 6364136223846793005L + 1442695040888963407L;
      a[n] = x;
    }
    Arrays.sort(a);
    long sum = 0;
    for (long v : a) {
      sum = sum * 31 + v;
    }
    return sum;
  }

  private static long collatz(int pass) {
    long steps = pass;
    for (int n = 1; n < 1000; n++) {
      for (long x = n; x != 1; x = (x & 1) == 0 ? x >> 1 : 3 * x + 1) {
        steps++;
      }
    }
    return steps;
  }

  private static long copy(int pass) {
    byte[] b = bytes(0x18000 + 8);
    long sum = 0;
    for (int n = 0; n < 0x18000; n += 64) {
      long word = 0;
      for (int i = 7; i >= 0; i--) {
        word = word << 8 | b[n + i + (pass & 7)] & 0xff;
      }
      sum = Long.rotateLeft(sum, 1) + word;
    }
    return sum;
  }

  private static long chase(int pass) {
    int nodes = 16384;
    List<Integer> order = new ArrayList<>();
    for (int n = 0; n < nodes; n++) {
      order.add(n);
    }
    int x = 1;
    for (int n = nodes - 1; n > 0; n--) {
      x = x * 1103515245 + 12345;
      Collections.swap(order, n, (x >>> 8) % n);
    }
    long sum = 0;
    int at = 0;
    for (int step = 0; step < 32768 + pass; step++) {
      sum += at * 0x12345679L;
      at = order.get(at);
    }
    return sum + 0x400000 + 64L * at;
  }

  private static long matmul(int pass) {
    int n = 96;
    double[] a = new double[n * n];
    double[] b = new double[n * n];
    for (int i = 0; i < n * n; i++) {
      a[i] = (31 * i % 97 - 48) / 7.0;
      b[i] = (37 * i % 101 - 50) / 11.0;
    }
    a[0] = pass;
    long sum = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double c = 0;
        for (int k = 0; k < n; k++) {
          c += a[i * n + k] * b[k * n + j];
        }
        sum = Long.rotateLeft(sum, 1) + Double.doubleToRawLongBits(c);
      }
    }
    return sum;
  }

  private static long syscall(int pass) {
    long v = pass;
    for (int n = 10000; n > 0; n--) {
      v = (n & 1) == 0 ? v + n : Long.rotateLeft(v, 5) ^ n;
    }
    return v;
  }

  private static long pages(int pass) {
    int[] ad = {pass, 0};
    for (int round = 10000; round > 0; round--) {
      ad[1] = round;
      mix(ad);
      mix(ad);
      ad[0] += ad[1];
    }
    return Integer.toUnsignedLong(ad[0]);
  }

  private static void mix(int[] ad) {
    int before = ad[1];
    ad[0] = Integer.rotateLeft(ad[0], 3);
    scramble(ad);
    ad[0] ^= before;
    if ((ad[0] & 1) != 0) {
      scramble(ad);
    }
  }

  private static void scramble(int[] ad) {
    ad[0] *= 0x9e3779b1;
    ad[1] += ad[0] * 2 + 5;
    ad[0] ^= ad[0] >>> 15;
  }
}
