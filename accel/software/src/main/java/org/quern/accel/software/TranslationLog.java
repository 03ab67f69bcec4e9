package org.quern.accel.software;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.quern.translator.Translation;
import org.quern.x86.disasm.Disassembler;

/** Writes what {@code -d in_asm,op,out_asm} asks for, a block of lines for each region. */
public final class TranslationLog implements TranslationListener {
  /** What is written. */
  public enum Item {
    /** The guest's code. */
    IN_ASM,
    /** The region as the translator sees it. */
    OP,
    /** The bytecode. */
    OUT_ASM
  }

  private final Set<Item> items;
  private final LongFunction<String> symbols;
  private final Consumer<String> out;

  /**
   * A log.
   *
   * @param symbols see {@link Observation#symbols}
   * @param out gets whole blocks, each with line ends, from any thread that translates
   */
  public TranslationLog(Set<Item> items, LongFunction<String> symbols, Consumer<String> out) {
    this.items = Set.copyOf(items);
    this.symbols = symbols;
    this.out = out;
  }

  @Override
  public synchronized void translated(Event e) {
    Translation t = e.translation();
    StringBuilder s = new StringBuilder(head(e));
    if (items.contains(Item.IN_ASM)) {
      s.append(String.format("IN:%n"));
      t.spans().forEach(span -> guestCode(s, e, span));
    }
    if (items.contains(Item.OP)) {
      s.append(String.format("OP:%n%s", t.listing()));
    }
    if (items.contains(Item.OUT_ASM)) {
      s.append(String.format("OUT:%n%s", t.bytecode()));
    }
    out.accept(s.append(System.lineSeparator()).toString());
  }

  private String head(Event e) {
    Translation t = e.translation();
    String symbol = symbols.apply(e.rip());
    String form = t.form().name().toLowerCase(Locale.ROOT);
    return String.format(
            "region %016x%s, page %x offset %03x, %s: %s",
            e.rip(),
            symbol == null ? "" : " <" + symbol + ">",
            e.physicalPage(),
            e.offset(),
            form,
            t.outcome())
        + (t.region() == null ? "" : size(t))
        + String.format(Locale.ROOT, ", %.1f us%n", e.nanoseconds() / 1e3);
  }

  private static String size(Translation t) {
    return String.format(
        ", %d instructions, %d bytes of bytecode", t.instructions(), t.bytecodeBytes());
  }

  /** Lists a piece without a gap, with the symbol of its start above it. */
  private void guestCode(StringBuilder s, Event e, Translation.Span span) {
    long rip = e.rip() - e.offset() + span.offset();
    String symbol = symbols.apply(rip);
    if (symbol != null) {
      s.append(String.format("<%s>:%n", symbol));
    }
    List<String> lines =
        Disassembler.of(e.translation().codeSize())
            .listing(e.code().apply(span), 0, span.bytes(), rip, Integer.MAX_VALUE)
            .lines()
            .toList();
    lines.forEach(l -> s.append(String.format("%s%n", l)));
  }
}
