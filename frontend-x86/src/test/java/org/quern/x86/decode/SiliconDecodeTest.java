package org.quern.x86.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.x86.state.CpuFeature;

/**
 * Which encodings of the maps 0F, 0F 38 and 0F 3A are defined in 64-bit and 32-bit code, legacy and
 * VEX, for combinations of prefixes, REX.W, VEX.W, L, pp and vvvv, memory and register operands: as
 * recorded from a processor in {@code silicon-defined.txt}. Where ours is different, {@link
 * #explained} says why.
 */
class SiliconDecodeTest {
  /** Combinations of prefixes, in the order they were tried. */
  private static final int[][] PREFIXES = {
    {},
    {0x66},
    {0xf3},
    {0xf2},
    {0x66, 0xf3},
    {0x66, 0xf2},
    {0xf2, 0xf3},
    {0xf3, 0xf2},
    {0xf0},
    {0xf3, 0x66},
    {0x67},
    {0xf0, 0x66}
  };

  private static final int LOCK_FIRST = 8;
  private static final int LOCK_SECOND = 11;

  private static Map<String, BigInteger> recording() throws IOException {
    Map<String, BigInteger> rows = new HashMap<>();
    try (InputStream in = SiliconDecodeTest.class.getResourceAsStream("silicon-defined.txt")) {
      for (String line :
          new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList()) {
        if (!line.startsWith("#")) {
          String[] part = line.split(" ");
          rows.put(part[0] + " " + part[1], new BigInteger(part[2], 16));
        }
      }
    }
    return rows;
  }

  /** ModRM bytes that were tried: [rax] and rcx with each value of reg. */
  private static int modrm(int n) {
    return n < 8 ? n << 3 : 0xc1 + (n - 8 << 3);
  }

  /** Could not be tried: jumps, system calls, changes of FS, GS and stack; groups 7 and 15. */
  private static boolean leftOut(int map, int op, int modrm, int prefix) {
    if (map != 1) {
      return false;
    }
    boolean f3 = Arrays.stream(PREFIXES[prefix]).anyMatch(p -> p == 0xf3);
    return switch (op) {
      case 0x05, 0x07, 0x34, 0x35, 0xa0, 0xa1, 0xa8, 0xa9, 0xb2, 0xb4, 0xb5 -> true;
      case 0x01 -> modrm >= 0xc0;
      case 0xae -> f3 && modrm >= 0xc0;
      default -> op >= 0x80 && op < 0x90;
    };
  }

  /** Differences that are meant. */
  private static boolean explained(int map, int op, int modrm, int prefix, Mnemonic ours) {
    boolean lock = prefix == LOCK_FIRST || prefix == LOCK_SECOND;
    return map == 1
        && switch (op) {
          // Intel: a reserved NOP. AMD: undefined.
          case 0x0d -> ours == Mnemonic.NOP && modrm >= 0xc0;
          // Undefined outside system management mode.
          case 0xaa -> ours == Mnemonic.RSM;
          // AMD: another way to CR8 (APM vol. 3, MOV CRn), and VERW, which microcode has changed.
          case 0x20, 0x22, 0x00 -> lock && ours == Mnemonic.INVALID;
          default -> false;
        };
  }

  /** Instructions on mask registers: AVX-512. */
  private static boolean mask(int map, int op) {
    return map == 1
        ? (op >= 0x41 && op <= 0x4b) || (op >= 0x90 && op <= 0x93) || op == 0x98 || op == 0x99
        : map == 3 && op >= 0x30 && op <= 0x33;
  }

  /** The mnemonic, INVALID also for what no such processor has. */
  private static Mnemonic decode(Decoder decoder, int... code) {
    byte[] bytes = new byte[Decoder.MAX_LENGTH];
    Arrays.fill(bytes, (byte) 0xcc);
    for (int n = 0; n < code.length; n++) {
      bytes[n] = (byte) code[n];
    }
    Insn i = decoder.decode(bytes, 0, bytes.length);
    boolean undefined =
        switch (i.mnemonic) {
          case UD0, UD1, UD2 -> true;
          default -> i.form.feature() == CpuFeature.VMX || i.form.feature() == CpuFeature.MONITOR;
        };
    return undefined ? Mnemonic.INVALID : i.mnemonic;
  }

  private static int[] legacy(int map, int op, int modrm, int prefix, int w) {
    List<Integer> code = new ArrayList<>();
    for (int p : PREFIXES[prefix]) {
      code.add(p);
    }
    if (w != 0) {
      code.add(0x48);
    }
    code.add(0x0f);
    if (map > 1) {
      code.add(map == 2 ? 0x38 : 0x3a);
    }
    code.add(op);
    code.add(modrm);
    return code.stream().mapToInt(v -> v).toArray();
  }

  @ParameterizedTest(name = "{0}-bit code, map {1}")
  @CsvSource({"64, 1", "64, 2", "64, 3", "32, 1", "32, 2", "32, 3"})
  void legacyMap(int codeSize, int map) throws IOException {
    Map<String, BigInteger> recording = recording();
    Decoder decoder = new Decoder(codeSize);
    List<String> wrong = new ArrayList<>();
    for (int op = 0; op < 256; op++) {
      BigInteger defined = recording.getOrDefault(key(codeSize, "", map, op), BigInteger.ZERO);
      for (int n = 0; n < PREFIXES.length * 32; n++) {
        int prefix = n >> 5;
        int modrm = modrm(n >> 1 & 15);
        boolean escape = map == 1 && (op == 0x38 || op == 0x3a);
        boolean rex = codeSize == 32 && (n & 1) != 0;
        if (escape || rex || leftOut(map, op, modrm, prefix)) {
          continue;
        }
        int[] code = legacy(map, op, modrm, prefix, n & 1);
        Mnemonic ours = decode(decoder, code);
        if (defined.testBit(n) == (ours == Mnemonic.INVALID)
            && !explained(map, op, modrm, prefix, ours)) {
          wrong.add(hex(code) + " is " + ours);
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @ParameterizedTest(name = "{0}-bit code, VEX map {1}")
  @CsvSource({"64, 1", "64, 2", "64, 3", "32, 1", "32, 2", "32, 3"})
  void vexMap(int codeSize, int map) throws IOException {
    Map<String, BigInteger> recording = recording();
    Decoder decoder = new Decoder(codeSize);
    List<String> wrong = new ArrayList<>();
    for (int op = 0; op < 256; op++) {
      BigInteger defined = recording.getOrDefault(key(codeSize, "vex", map, op), BigInteger.ZERO);
      if (mask(map, op)) {
        continue;
      }
      for (int n = 0; n < 512; n++) {
        int bits = n >> 5;
        int vvvv = (n & 1) == 0 ? 15 : 13;
        int third = (bits & 8) << 4 | vvvv << 3 | bits & 7;
        int[] code = {0xc4, 0xe0 | map, third, op, modrm(n >> 1 & 15)};
        Mnemonic ours = decode(decoder, code);
        // VPERMQ and VPERMPD with W=0 are undefined in the manuals; a Zen 4 ignores W.
        boolean known = map == 3 && op < 2 && (bits & 8) == 0 && ours == Mnemonic.INVALID;
        // SDM vol. 2B, PEXTRQ and PINSRQ: outside 64-bit mode W is ignored; a Zen 4 wants 0.
        known |= codeSize == 32 && map == 3 && (op == 0x16 || op == 0x22) && (bits & 8) != 0;
        if (defined.testBit(n) == (ours == Mnemonic.INVALID) && !known) {
          wrong.add(hex(code) + " is " + ours);
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  private static String key(int codeSize, String kind, int map, int op) {
    return String.format("%s%s%d %02x", codeSize == 32 ? "32:" : "", kind, map, op);
  }

  private static String hex(int[] code) {
    StringBuilder s = new StringBuilder();
    for (int v : code) {
      s.append(String.format("%02x", v));
    }
    return s.toString();
  }
}
