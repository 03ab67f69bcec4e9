package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;

/**
 * Instructions against what a real processor did with the same operands, undefined flags included:
 * the recordings are {@code silicon-flags.txt}, {@code silicon-bits.txt}, {@code silicon-bcd.txt}
 * and {@code silicon-strings.txt}.
 */
class SiliconTest {
  private static List<String[]> recording(String name) throws IOException {
    try (InputStream in = SiliconTest.class.getResourceAsStream(name)) {
      List<String[]> rows = new ArrayList<>();
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
        if (!line.startsWith("#")) {
          rows.add(line.split(" "));
        }
      }
      return rows;
    }
  }

  static Stream<String> operations() throws IOException {
    return recording("silicon-flags.txt").stream().map(r -> r[0]).distinct();
  }

  static Stream<String> extensions() throws IOException {
    return recording("silicon-bits.txt").stream().map(r -> r[0]).distinct();
  }

  static Stream<String> decimalOperations() throws IOException {
    return recording("silicon-bcd.txt").stream().map(r -> r[0]).distinct();
  }

  private static long hex(String s) {
    return Long.parseUnsignedLong(s, 16);
  }

  /** The instruction with RAX (RBX for CMPXCHG) as destination, RBX (RDX) as source. */
  private static String encoding(String operation, int bits) {
    String prefix = bits == 16 ? "66" : bits == 64 ? "48" : "";
    String wide = bits == 8 ? "0" : "1";
    String code =
        switch (operation) {
          case "adc" -> "1" + wide + "d8";
          case "sbb" -> (bits == 8 ? "18" : "19") + "d8";
          case "inc" -> (bits == 8 ? "fe" : "ff") + "c0";
          case "dec" -> (bits == 8 ? "fe" : "ff") + "c8";
          case "mul1" -> (bits == 8 ? "f6" : "f7") + "e3";
          case "imul1" -> (bits == 8 ? "f6" : "f7") + "eb";
          case "div" -> (bits == 8 ? "f6" : "f7") + "f3";
          case "idiv" -> (bits == 8 ? "f6" : "f7") + "fb";
          case "imul2" -> "0fafc3";
          case "rol" -> (bits == 8 ? "d2" : "d3") + "c0";
          case "ror" -> (bits == 8 ? "d2" : "d3") + "c8";
          case "rcl" -> (bits == 8 ? "d2" : "d3") + "d0";
          case "rcr" -> (bits == 8 ? "d2" : "d3") + "d8";
          case "shl" -> (bits == 8 ? "d2" : "d3") + "e0";
          case "shr" -> (bits == 8 ? "d2" : "d3") + "e8";
          case "sar" -> (bits == 8 ? "d2" : "d3") + "f8";
          case "shld" -> "0fa5d8";
          case "shrd" -> "0fadd8";
          case "bsf" -> "0fbcc3";
          case "bsr" -> "0fbdc3";
          case "bt" -> "0fa3d8";
          case "bts" -> "0fabd8";
          case "btr" -> "0fb3d8";
          case "btc" -> "0fbbd8";
          case "cmpxchg" -> "0fb" + wide + "d3";
          default -> throw new IllegalArgumentException(operation);
        };
    return prefix + code;
  }

  @ParameterizedTest(name = "{0}: registers and flags as recorded")
  @MethodSource("operations")
  void asRecorded(String operation) throws IOException {
    TestCpu t = TestCpu.long64();
    for (String[] r : recording("silicon-flags.txt")) {
      if (!r[0].equals(operation)) {
        continue;
      }
      t.c.gpr[Reg.RAX] = hex(r[2]);
      t.c.gpr[Reg.RBX] = hex(r[3]);
      t.c.gpr[Reg.RDX] = hex(r[4]);
      t.c.gpr[Reg.RCX] = hex(r[5]);
      t.c.setStatusFlags((int) hex(r[6]));
      String fault = t.exec(encoding(operation, Integer.parseInt(r[1])));
      String found =
          String.format(
              "%s%x %x %x %x",
              fault, t.c.gpr[Reg.RAX], t.c.gpr[Reg.RBX], t.c.gpr[Reg.RDX], t.c.statusFlags());
      assertThat(found)
          .as(String.join(" ", r))
          .isEqualTo(String.join(" ", r[7], r[8], r[9], r[10]));
    }
  }

  @ParameterizedTest(name = "{0}: AX and flags as recorded")
  @MethodSource("decimalOperations")
  void decimalAsRecorded(String operation) throws IOException {
    TestCpu t = TestCpu.protected32();
    for (String[] r : recording("silicon-bcd.txt")) {
      if (!r[0].equals(operation)) {
        continue;
      }
      t.c.gpr[Reg.RAX] = hex(r[2]);
      t.c.setStatusFlags((int) hex(r[3]));
      String code =
          switch (operation) {
            case "daa" -> "27";
            case "das" -> "2f";
            case "aaa" -> "37";
            case "aas" -> "3f";
            case "aam" -> String.format("d4%02x", hex(r[1]));
            case "aad" -> String.format("d5%02x", hex(r[1]));
            case "salc" -> "d6";
            default -> throw new IllegalArgumentException(operation);
          };
      String fault = t.exec(code);
      String found = String.format("%s%x %x", fault, t.c.gpr[Reg.RAX], t.c.statusFlags());
      assertThat(found).as(String.join(" ", r)).isEqualTo(r[4] + " " + r[5]);
    }
  }

  @ParameterizedTest(name = "{0}: registers and flags as recorded")
  @MethodSource("extensions")
  void extensionAsRecorded(String operation) throws IOException {
    TestCpu t = TestCpu.long64();
    for (String[] r : recording("silicon-bits.txt")) {
      if (!r[0].equals(operation)) {
        continue;
      }
      t.c.gpr[Reg.RAX] = hex(r[2]);
      t.c.gpr[Reg.RBX] = hex(r[3]);
      t.c.gpr[Reg.RDX] = hex(r[4]);
      t.c.gpr[Reg.RCX] = hex(r[5]);
      t.c.setStatusFlags((int) hex(r[6]));
      String fault = t.exec(r[1]);
      String found =
          String.format(
              "%s%x %x %x %x",
              fault, t.c.gpr[Reg.RAX], t.c.gpr[Reg.RBX], t.c.gpr[Reg.RDX], t.c.statusFlags());
      assertThat(found)
          .as(String.join(" ", r))
          .isEqualTo(String.join(" ", r[7], r[8], r[9], r[10]));
    }
  }

  @Test
  @DisplayName("pcmpestrm, pcmpestri, pcmpistrm, pcmpistri: results and flags as recorded")
  void stringsAsRecorded() throws IOException {
    TestCpu t = TestCpu.long64();
    t.c.cr4 |= Cr.CR4_OSFXSR;
    for (String[] r : recording("silicon-strings.txt")) {
      t.c.vec[4] = hex(r[3]);
      t.c.vec[5] = hex(r[4]);
      t.c.vec[8] = hex(r[5]);
      t.c.vec[9] = hex(r[6]);
      t.c.gpr[Reg.RAX] = hex(r[7]);
      t.c.gpr[Reg.RDX] = hex(r[8]);
      t.c.gpr[Reg.RCX] = hex(r[9]);
      t.c.vec[0] = hex(r[10]);
      t.c.vec[1] = hex(r[11]);
      String wide = r[1].equals("1") ? "48" : "";
      String fault = t.exec(String.format("66%s0f3a%sca%02x", wide, r[0], hex(r[2])));
      String found =
          String.format(
              "%s%x %x %x %x", fault, t.c.vec[0], t.c.vec[1], t.c.gpr[Reg.RCX], t.c.statusFlags());
      assertThat(found)
          .as(String.join(" ", r))
          .isEqualTo(String.join(" ", r[12], r[13], r[14], r[15]));
    }
  }
}
