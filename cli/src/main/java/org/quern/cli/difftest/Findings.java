package org.quern.cli.difftest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.quern.accel.api.TranslationCounts;
import org.quern.cli.CliException;
import org.quern.x86.decode.InsnForm;
import org.quern.x86.disasm.TableDisassembler;

/** What a run has found so far. Thread-safe. */
final class Findings {
  /** Reduced examples of one row under one engine. */
  private static final int KEPT = 3;

  /** Suspects of one row under one engine that are looked at. */
  private static final int LOOKED_AT = 200;

  private static final int SHOWN = 8;

  /** Differences shown of those that vanish when the case runs alone. */
  private static final int FLEETING = 20;

  /** Differences of one row under one engine. */
  private static final class Entry {
    long count;
    int suspects;
    final List<String> examples = new ArrayList<>();
  }

  private final Path corpus;
  private final String origin;
  private final Map<String, Entry> entries = new TreeMap<>();
  private final Map<InsnForm, Long> casesByForm = new HashMap<>();
  private final Map<String, Long> nanos = new TreeMap<>();
  private final Map<String, Long> regions = new TreeMap<>();
  private final Map<String, Long> leftToInterpreter = new TreeMap<>();
  private long cases;
  private long differing;
  private long unconfirmed;
  private final List<String> fleeting = new ArrayList<>();

  /**
   * @param corpus where reduced differences are saved, or null
   * @param origin what the files say of where they come from
   */
  Findings(Path corpus, String origin) {
    this.corpus = corpus;
    this.origin = origin;
  }

  synchronized void time(String what, long ns) {
    nanos.merge(what, ns, Long::sum);
  }

  /** What an engine has translated in all. */
  synchronized void translated(Engine e) {
    TranslationCounts c = e.translations();
    if (c != null) {
      regions.merge(e.name(), c.compact() + c.fast(), Long::sum);
      leftToInterpreter.merge(e.name(), c.interpreted(), Long::sum);
    }
  }

  synchronized void count(Batch b) {
    cases += b.cases;
    for (int n = 0; n < b.blocks; n++) {
      casesByForm.merge(
          b.slots[n].insn.form, (long) b.firstCase[n + 1] - b.firstCase[n], Long::sum);
    }
  }

  private Entry entry(CodeSlot slot, Engine e) {
    return entries.computeIfAbsent(slot.insn.form + " under " + e.name(), k -> new Entry());
  }

  /** Whether another suspect of this row is worth the time. */
  synchronized boolean wants(CodeSlot slot, Engine e) {
    return entry(slot, e).suspects++ < LOOKED_AT;
  }

  /** Whether another example of this row is kept. */
  synchronized boolean keeps(TestVector v, Engine e) {
    return entry(v.codeSlot(), e).examples.size() < KEPT;
  }

  /** A case differed in its batch, but not by itself: it depends on what ran before it. */
  synchronized void unconfirmed(TestVector v, Engine e, String difference) {
    unconfirmed++;
    if (fleeting.size() < FLEETING) {
      long at = Layout.slot(v.slot) + Layout.SLOT_ENTRY;
      String asm = new TableDisassembler(64).at(v.code, 0, v.code.length, at).toString();
      fleeting.add(asm + " under " + e.name() + ": " + difference);
    }
  }

  synchronized void difference(Engine e, TestVector v, List<String> what) throws CliException {
    differing++;
    Entry entry = entry(v.codeSlot(), e);
    entry.count++;
    if (entry.examples.size() < KEPT) {
      String text = VectorText.write(v, origin);
      entry.examples.add(
          text + "=> " + String.join("\n=> ", what.subList(0, Math.min(SHOWN, what.size()))));
      save(v, text);
    }
  }

  private void save(TestVector v, String text) throws CliException {
    if (corpus == null) {
      return;
    }
    String name = v.codeSlot().insn.mnemonic.name().toLowerCase(java.util.Locale.ROOT);
    Path file = corpus.resolve(String.format("%s-%08x.txt", name, text.hashCode()));
    try {
      Files.createDirectories(corpus);
      Files.writeString(file, text, StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new CliException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  synchronized long cases() {
    return cases;
  }

  synchronized long differing() {
    return differing;
  }

  synchronized String report() {
    StringBuilder s = new StringBuilder();
    int forms = 0;
    for (Map.Entry<String, Entry> e : entries.entrySet()) {
      if (e.getValue().count == 0) {
        continue;
      }
      forms++;
      s.append(String.format("%s: %d cases%n", e.getKey(), e.getValue().count));
      for (String x : e.getValue().examples) {
        s.append("    ").append(x.replace("\n", "\n    ")).append("\n\n");
      }
    }
    fleeting.forEach(f -> s.append("only in its batch: ").append(f).append('\n'));
    s.append(
        String.format(
            "%,d cases of %d instruction forms: %d differences in %d forms"
                + " (%d more vanished when run alone)%n",
            cases, casesByForm.size(), differing, forms, unconfirmed));
    for (Map.Entry<String, Long> e : nanos.entrySet()) {
      s.append(
          String.format(
              "  %-12s %8.2f s of CPU time  %,10.0f cases/s%n",
              e.getKey(), e.getValue() / 1e9, cases / (e.getValue() / 1e9)));
    }
    for (Map.Entry<String, Long> e : regions.entrySet()) {
      s.append(
          String.format(
              "  %-12s %,d regions, %,d entries left to the interpreter%n",
              e.getKey(), e.getValue(), leftToInterpreter.get(e.getKey())));
    }
    return s.toString();
  }
}
