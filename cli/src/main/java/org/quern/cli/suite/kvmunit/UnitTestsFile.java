package org.quern.cli.suite.kvmunit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads {@code x86/unittests.cfg}. Source: kvm-unit-tests, docs/unittests.txt.
 *
 * <p>Known gap: a value in triple quotes over several lines, which no x86 test has.
 */
final class UnitTestsFile {
  private static final Pattern SECTION = Pattern.compile("\\[(.*)]");
  private static final Pattern VALUE = Pattern.compile("(\\w+) *= *(.*)");
  private static final Pattern SECONDS = Pattern.compile("(\\d+)s?");

  private UnitTestsFile() {}

  static List<UnitTest> read(Path file) throws IOException {
    return parse(Files.readAllLines(file));
  }

  static List<UnitTest> parse(List<String> lines) {
    List<UnitTest> tests = new ArrayList<>();
    String name = null;
    Map<String, String> values = new HashMap<>();
    for (String line : lines) {
      Matcher section = SECTION.matcher(line);
      Matcher value = VALUE.matcher(line);
      if (section.matches()) {
        add(tests, name, values);
        name = section.group(1);
        values.clear();
      } else if (value.matches()) {
        // The two names mean the same.
        String key = value.group(1).equals("qemu_params") ? "extra_params" : value.group(1);
        values.put(key, value.group(2).strip());
      }
    }
    add(tests, name, values);
    return tests;
  }

  private static void add(List<UnitTest> to, String name, Map<String, String> v) {
    if (name == null) {
      return;
    }
    Matcher seconds = SECONDS.matcher(v.getOrDefault("timeout", ""));
    to.add(
        new UnitTest(
            name,
            v.getOrDefault("file", ""),
            v.getOrDefault("smp", "1"),
            v.getOrDefault("test_args", ""),
            v.getOrDefault("extra_params", ""),
            words(v.getOrDefault("groups", "")),
            v.getOrDefault("arch", ""),
            v.getOrDefault("accel", ""),
            words(v.getOrDefault("check", "")),
            seconds.matches() ? Integer.parseInt(seconds.group(1)) : 0));
  }

  private static List<String> words(String text) {
    return text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
  }
}
