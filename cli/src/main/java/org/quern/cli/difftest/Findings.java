package org.quern.cli.difftest;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.quern.x86.decode.InsnForm;
import org.quern.x86.disasm.TableDisassembler;

/** What a run has found so far. Thread-safe. */
final class Findings {
  private static final int KEPT = 3;

  /** Differences of one row under one engine. */
  private static final class Entry {
    long count;
    final List<String> examples = new ArrayList<>();
  }

  private final Map<String, Entry> differences = new TreeMap<>();
  private final Map<InsnForm, Long> casesByForm = new java.util.HashMap<>();
  private final Map<String, Long> nanos = new TreeMap<>();
  private long cases;
  private long differing;

  synchronized void time(String what, long ns) {
    nanos.merge(what, ns, Long::sum);
  }

  synchronized void count(Batch b) {
    cases += b.cases;
    for (int n = 0; n < b.blocks; n++) {
      casesByForm.merge(
          b.samples[n].insn().form, (long) b.firstCase[n + 1] - b.firstCase[n], Long::sum);
    }
  }

  synchronized void difference(
      Engine e, Batch b, int block, int testCase, long before, List<String> what) {
    differing++;
    String key = b.samples[block].insn().form + " under " + e.name();
    Entry entry = differences.computeIfAbsent(key, k -> new Entry());
    entry.count++;
    if (entry.examples.size() < KEPT) {
      byte[] bytes = b.samples[block].bytes();
      long at = Layout.slot(block) + Layout.SLOT_ENTRY;
      String asm = new TableDisassembler(64).at(bytes, 0, bytes.length, at).toString();
      entry.examples.add(
          String.format("case %d: %s   %s%n", testCase, asm, hex(bytes))
              + "      "
              + String.join("\n      ", what.subList(0, Math.min(8, what.size())))
              + inputs(before + Layout.caseAt(testCase)));
    }
  }

  private static String inputs(long at) {
    StringBuilder s = new StringBuilder("\n      in:");
    s.append(String.format(" rflags=%x", org.quern.x86.mem.HostMemory.getLong(at)));
    for (int r = 0; r < 16; r++) {
      s.append(
          String.format(
              " %s=%x",
              CaseText.GPR[r], org.quern.x86.mem.HostMemory.getLong(at + Layout.inGpr(r))));
    }
    return s.toString();
  }

  private static String hex(byte[] bytes) {
    StringBuilder s = new StringBuilder();
    for (byte x : bytes) {
      s.append(String.format("%02x", x));
    }
    return s.toString();
  }

  synchronized long cases() {
    return cases;
  }

  synchronized long differing() {
    return differing;
  }

  synchronized String report() {
    StringBuilder s = new StringBuilder();
    for (Map.Entry<String, Entry> e : differences.entrySet()) {
      s.append(String.format("%s: %d cases%n", e.getKey(), e.getValue().count));
      for (String x : e.getValue().examples) {
        s.append("    ").append(x).append('\n');
      }
    }
    s.append(
        String.format(
            "%d cases of %d instruction forms, %d differences in %d forms%n",
            cases, casesByForm.size(), differing, differences.size()));
    for (Map.Entry<String, Long> e : nanos.entrySet()) {
      s.append(
          String.format(
              "  %-12s %8.2f s  %,10.0f cases/s%n",
              e.getKey(), e.getValue() / 1e9, cases / (e.getValue() / 1e9)));
    }
    return s.toString();
  }
}
