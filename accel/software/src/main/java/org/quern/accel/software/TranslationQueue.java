package org.quern.accel.software;

import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.quern.translator.Form;
import org.quern.translator.Hints;
import org.quern.translator.RegionName;
import org.quern.translator.Translation;
import org.quern.translator.Translator;
import org.quern.x86.state.Cpu;

/** Translates what has become hot, for all processors of a virtual machine. Thread-safe. */
final class TranslationQueue implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("org.quern.accel.software");

  private final Tiering tiering;
  private final ExecutorService thread;
  private final Observation observation;
  private final TranslationCounters counters = new TranslationCounters();

  TranslationQueue(Tiering tiering) {
    this(tiering, Observation.NONE);
  }

  TranslationQueue(Tiering tiering, Observation observation) {
    this.tiering = tiering;
    this.observation = observation;
    this.thread =
        tiering.background()
            ? Executors.newSingleThreadExecutor(
                r -> {
                  Thread t = new Thread(r, "quern translator");
                  t.setDaemon(true);
                  return t;
                })
            : null;
  }

  Tiering tiering() {
    return tiering;
  }

  TranslationCounters counters() {
    return counters;
  }

  /**
   * Translates the code at an offset of a page, now or soon, and makes it known to the page.
   *
   * @param rip of the place, for its name
   * @param hints of an earlier translation
   * @param cpu a processor; only its model counts
   */
  void request(CodePage page, int offset, long rip, Form form, Hints hints, Cpu cpu) {
    if (thread == null) {
      translate(page, offset, rip, form, hints, cpu);
    } else if (!thread.isShutdown()) {
      thread.execute(() -> translateSafely(page, offset, rip, form, hints, cpu));
    }
  }

  private void translateSafely(
      CodePage page, int offset, long rip, Form form, Hints hints, Cpu cpu) {
    try {
      translate(page, offset, rip, form, hints, cpu);
    } catch (RuntimeException | LinkageError e) {
      // The guest goes on in the interpreter; the bug must not be silent.
      LOG.log(System.Logger.Level.ERROR, "translation failed at offset " + offset, e);
    }
  }

  private void translate(CodePage page, int offset, long rip, Form form, Hints hints, Cpu cpu) {
    if (!page.valid) {
      return;
    }
    long start = System.nanoTime();
    FlightEvents.Attempt attempt = FlightEvents.translating();
    // At a threshold of 1 nothing has run yet.
    boolean selective = form == Form.FAST && tiering.compactAfter() > 1;
    PageSource source = new PageSource(page, cpu, selective, observation.listener() != null);
    String name = name(page, offset, rip);
    Translation t = Translator.translate(source, offset, form, tiering.counted(), hints, name);
    attempt.end(t, name, page.physical, offset);
    long nanos = System.nanoTime() - start;
    if (t.region() != null) {
      RegionEntry old = page.regionAt(offset);
      page.install(t.region(), form);
      if (old == null || old.form() != form) {
        FlightEvents.tierChanged(name, page.physical, offset, tier(old), tier(form));
      }
    }
    counters.add(t, nanos);
    if (observation.listener() != null) {
      observation
          .listener()
          .translated(
              new TranslationListener.Event(
                  t, page.physical, rip, offset, source.codeRead(), nanos));
    }
  }

  private String name(CodePage page, int offset, long rip) {
    String symbol = observation.symbols().apply(rip);
    return symbol == null ? RegionName.of(page.physical, offset) : RegionName.of(symbol);
  }

  private static String tier(RegionEntry entry) {
    return entry == null ? "interpreter" : tier(entry.form());
  }

  private static String tier(Form form) {
    return form.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public void close() {
    if (thread != null) {
      thread.shutdownNow();
    }
  }
}
