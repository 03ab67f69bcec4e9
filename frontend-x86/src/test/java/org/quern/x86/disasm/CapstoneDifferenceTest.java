package org.quern.x86.disasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.quern.x86.decode.Decoder;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;

/**
 * Our decoder beside Capstone: length, name and operands of enumerated and random encodings in all
 * three code sizes. What differs must be explained by a line of {@code capstone-differences.txt},
 * and each line there must explain something.
 *
 * <p>Most of Capstone's peculiarities concern prefixes that do not stand in the usual order or have
 * no effect. Those are not waved through: Capstone is asked again about the same instruction in its
 * usual spelling, and has to agree then.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CapstoneDifferenceTest {
  private static final long ADDRESS = 0x1000;
  private static final int[] MODES = {16, 32, 64};

  private record Rule(String name, Pattern pattern) {}

  private boolean slow;
  private final List<Rule> rules = new ArrayList<>();
  private final Map<String, Integer> used = new LinkedHashMap<>();
  private final Map<String, String> unexplained = new LinkedHashMap<>();
  private final Map<Integer, Capstone> capstone = new LinkedHashMap<>();
  private final Map<Integer, TableDisassembler> table = new LinkedHashMap<>();
  private final Map<Integer, Decoder> decoder = new LinkedHashMap<>();

  @BeforeAll
  void open() throws IOException {
    Capstone.Probe probe = Capstone.probe();
    if (!probe.available()) {
      System.out.println("CapstoneDifferenceTest skipped: " + probe.reason());
    }
    assumeTrue(probe.available(), probe.reason());
    for (int mode : MODES) {
      capstone.put(mode, new Capstone(mode));
      table.put(mode, new TableDisassembler(mode));
      decoder.put(mode, new Decoder(mode));
    }
    try (InputStream in = getClass().getResourceAsStream("capstone-differences.txt");
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isBlank() && !line.startsWith("#")) {
          String[] field = line.split("\t+", -1);
          assertThat(field).as("name, pattern, reason: %s", line).hasSize(3);
          rules.add(new Rule(field[0], Pattern.compile(field[1])));
          used.put(field[0], 0);
        }
      }
    }
  }

  @AfterAll
  void eachExplanationIsNeeded() {
    assertThat(unexplained.values())
        .as("unexplained differences (%d)", unexplained.size())
        .isEmpty();
    used.keySet().removeIf(name -> name.startsWith("rare-") && !slow);
    if (!capstone.isEmpty()) {
      assertThat(used).as("explanations and their uses").doesNotContainValue(0);
    }
  }

  @Test
  void enumeratedOpcodes() {
    // Every opcode of every map, under every mandatory prefix.
    Random random = new Random(7);
    for (int mode : MODES) {
      for (int map = 0; map < 7; map++) {
        for (int opcode = 0; opcode < 256; opcode++) {
          for (int prefix = 0; prefix < 4; prefix++) {
            compare(mode, encoding(random, mode, map, opcode, prefix, -1));
          }
        }
      }
    }
  }

  @Test
  void enumeratedGroups() {
    // Every ModRM.reg of every opcode of the first two maps, with memory and with a register.
    Random random = new Random(6);
    for (int mode : MODES) {
      for (int map = 0; map < 2; map++) {
        for (int opcode = 0; opcode < 256; opcode++) {
          for (int reg = 0; reg < 8; reg++) {
            compare(
                mode, encoding(random, mode, map, opcode, 0, reg << 3 | random.nextInt(3) << 6));
            compare(mode, encoding(random, mode, map, opcode, 0, 0xc0 | reg << 3));
            compare(
                mode, encoding(random, mode, map, opcode, 0, 0xc1 + random.nextInt(7) | reg << 3));
          }
        }
      }
    }
  }

  @Test
  @Tag("slow")
  void enumeratedModrm() {
    slow = true;
    Random random = new Random(8);
    for (int mode : MODES) {
      for (int map = 0; map < 7; map++) {
        for (int opcode = 0; opcode < 256; opcode++) {
          for (int prefix = 0; prefix < 4; prefix++) {
            for (int modrm = 0; modrm < 256; modrm += 1 + random.nextInt(40)) {
              compare(mode, encoding(random, mode, map, opcode, prefix, modrm));
            }
          }
        }
      }
    }
  }

  @Test
  void randomEncodings() {
    Random random = new Random(9);
    for (int mode : MODES) {
      for (int n = 0; n < 15_000; n++) {
        compare(mode, randomEncoding(random, mode));
      }
    }
  }

  // ---- making encodings

  private static byte[] encoding(
      Random random, int mode, int map, int opcode, int prefix, int modrm) {
    byte[] b = new byte[24];
    random.nextBytes(b);
    int at = 0;
    int mandatory = new int[] {0, 0x66, 0xf3, 0xf2}[prefix];
    if (map < 4) {
      if (mandatory != 0) {
        b[at++] = (byte) mandatory;
      }
      if (mode == 64 && random.nextInt(3) == 0) {
        b[at++] = (byte) (0x40 | random.nextInt(16));
      }
      if (map > 0) {
        b[at++] = 0x0f;
      }
      if (map > 1) {
        b[at++] = (byte) (map == 2 ? 0x38 : 0x3a);
      }
    } else {
      int high = mode == 64 ? random.nextInt(8) << 5 : 0xe0;
      b[at++] = (byte) 0xc4;
      b[at++] = (byte) (high | (map - 3));
      int vvvv = random.nextInt(3) != 0 ? 15 : 8 | random.nextInt(8);
      b[at++] = (byte) (random.nextInt(2) << 7 | vvvv << 3 | random.nextInt(2) << 2 | prefix);
    }
    b[at++] = (byte) opcode;
    if (modrm >= 0) {
      b[at] = (byte) modrm;
    }
    return b;
  }

  private static byte[] randomEncoding(Random random, int mode) {
    int[] some = {0x66, 0x67, 0xf2, 0xf3, 0x2e, 0x64, 0xf0, 0x36};
    byte[] code =
        encoding(random, mode, random.nextInt(7), random.nextInt(256), random.nextInt(4), -1);
    byte[] b = new byte[24];
    int count = random.nextInt(3);
    for (int n = 0; n < count; n++) {
      b[n] = (byte) some[random.nextInt(some.length)];
    }
    System.arraycopy(code, 0, b, count, b.length - count);
    return b;
  }

  // ---- comparing

  private void compare(int mode, byte[] code) {
    Insn ours = decoder.get(mode).decode(code, 0, 15);
    Disassembler.Text theirs = capstone.get(mode).at(code, 0, 15, ADDRESS);
    if (same(mode, ours, theirs, ours.length)
        || explainedByPrefixes(mode, code, ours, theirs, false)
        || explainedByRule(mode, code, ours, theirs)
        || explainedByPrefixes(mode, code, ours, theirs, true)) {
      return;
    }
    String key = mode + " " + ours.form + " / " + theirs.mnemonic();
    unexplained.putIfAbsent(key, describe(mode, code, ours, theirs));
  }

  private boolean explainedByRule(int mode, byte[] code, Insn ours, Disassembler.Text theirs) {
    String what = describe(mode, code, ours, theirs);
    for (Rule rule : rules) {
      if (rule.pattern.matcher(what).find()) {
        return use(rule.name);
      }
    }
    return false;
  }

  private static boolean bad(Disassembler.Text t) {
    return t.mnemonic().equals("(bad)");
  }

  private static boolean invalid(Insn i) {
    return i.mnemonic.ordinal() <= Mnemonic.TRUNCATED.ordinal();
  }

  private boolean same(int mode, Insn ours, Disassembler.Text theirs, int length) {
    if (invalid(ours) || bad(theirs)) {
      return invalid(ours) && bad(theirs);
    }
    return theirs.length() == length
        && canonical(mode, ours).equals(CanonicalText.of(theirs, ours, mode));
  }

  private String canonical(int mode, Insn i) {
    return CanonicalText.of(table.get(mode).text(i, ADDRESS), i, mode);
  }

  private boolean use(String name) {
    assertThat(used).containsKey(name);
    used.merge(name, 1, Integer::sum);
    return true;
  }

  private boolean explainedByPrefixes(
      int mode, byte[] code, Insn ours, Disassembler.Text theirs, boolean byRule) {
    Prefixes p = Prefixes.of(code, mode == 64);
    if (invalid(ours)) {
      return !bad(theirs) && !byRule && undefinedByPrefix(mode, p);
    }
    byte[] plain = p.canonical(ours, mode == 64);
    int cut = ours.length - (code.length - plain.length);
    if (!Arrays.equals(plain, code) && agrees(mode, plain, ours, cut, byRule)) {
      return use("prefix-order");
    }
    if (mode == 16 && ours.form.vector()) {
      byte[] wide = Prefixes.from16to32(plain, ours.form.mandatory66());
      if (agrees(32, wide, ours, ours.length + wide.length - code.length, byRule)) {
        return use("sixteen-bit-mandatory-66");
      }
    }
    return false;
  }

  /** Whether the bytes are an instruction without one of their prefixes. */
  private boolean undefinedByPrefix(int mode, Prefixes p) {
    Decoder d = decoder.get(mode);
    if (p.has(0xf0) && !invalid(d.decode(p.without(0xf0), 0, 14))) {
      return use("lock-undefined");
    }
    if ((p.has(0xf2) || p.has(0xf3)) && !invalid(d.decode(p.without(0xf0, 0xf2, 0xf3), 0, 13))) {
      return use("mandatory-prefix-void");
    }
    return p.has(0x66)
        && !invalid(d.decode(p.without(0x66, 0xf0, 0xf2, 0xf3), 0, 12))
        && use("mandatory-prefix-void");
  }

  /** Whether another spelling of {@code ours} is the same row to us and the same to Capstone. */
  private boolean agrees(int mode, byte[] code, Insn ours, int length, boolean byRule) {
    Insn again = decoder.get(mode).decode(code, 0, code.length);
    if (again.form != ours.form || again.length != length) {
      return false;
    }
    Disassembler.Text theirs = capstone.get(mode).at(code, 0, 15, ADDRESS);
    return byRule ? explainedByRule(mode, code, again, theirs) : same(mode, again, theirs, length);
  }

  private String describe(int mode, byte[] code, Insn ours, Disassembler.Text theirs) {
    int length = Math.max(ours.length, theirs.length());
    return String.format(
        "%d %s | %s | %s | %d %s | %d %s",
        mode,
        HexFormat.of().formatHex(code, 0, Math.min(15, length)),
        ours.form,
        kind(mode, ours, theirs),
        ours.length,
        invalid(ours) ? "(bad)" : canonical(mode, ours),
        theirs.length(),
        bad(theirs) ? "(bad)" : CanonicalText.of(theirs, ours, mode));
  }

  private String kind(int mode, Insn ours, Disassembler.Text theirs) {
    if (invalid(ours)) {
      return "ours-bad";
    }
    if (bad(theirs)) {
      return "capstone-bad";
    }
    if (ours.length != theirs.length()) {
      return "length";
    }
    String a = canonical(mode, ours);
    String b = CanonicalText.of(theirs, ours, mode);
    return a.split("\\|", 2)[0].equals(b.split("\\|", 2)[0]) ? "operands" : "name";
  }
}
