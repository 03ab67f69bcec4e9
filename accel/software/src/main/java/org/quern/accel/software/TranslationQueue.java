package org.quern.accel.software;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.quern.translator.Form;
import org.quern.translator.Region;
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
  private final HostCodeRoom room = new HostCodeRoom();

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

  /** Translates code, now or soon, and makes it known to its pages. */
  void request(TranslationRequest r) {
    if (thread == null) {
      translate(r);
    } else if (!thread.isShutdown()) {
      thread.execute(() -> translateSafely(r));
    }
  }

  private void translateSafely(TranslationRequest r) {
    try {
      translate(r);
    } catch (RuntimeException | LinkageError e) {
      // The guest goes on in the interpreter; the bug must not be silent.
      LOG.log(System.Logger.Level.ERROR, "translation failed at offset " + r.offset(), e);
    }
  }

  private void translate(TranslationRequest r) {
    CodePage page = r.page();
    int offset = r.offset();
    Form form = r.form();
    if (!page.valid || !room.left()) {
      return;
    }
    long start = System.nanoTime();
    FlightEvents.Attempt attempt = FlightEvents.translating();
    // At a threshold of 1 nothing has run yet.
    boolean selective = form == Form.FAST && tiering.compactAfter() > 1;
    boolean watched = observation.listener() != null;
    PageSource source = new PageSource(page, r.nearby(), r.cpu(), selective, watched);
    String name = name(page, offset, r.rip());
    Translation t = Translator.translate(source, offset, form, tiering.counted(), r.hints(), name);
    attempt.end(t, name, page.physical, offset);
    long nanos = System.nanoTime() - start;
    if (t.region() != null) {
      RegionEntry old = page.regionAt(offset);
      if (thread != null) {
        t.region().warmUp();
      }
      install(t.region(), form, source, r.cpu());
      if (old == null || old.form() != form) {
        FlightEvents.tierChanged(name, page.physical, offset, tier(old), tier(form));
      }
    }
    counters.add(t, nanos);
    if (watched) {
      observation
          .listener()
          .translated(
              new TranslationListener.Event(
                  t, page.physical, r.rip(), offset, source::code, nanos));
    }
  }

  /** Makes a region known at all its entries. */
  private static void install(Region region, Form form, PageSource source, Cpu cpu) {
    Map<Integer, CodePage> pages = source.pages();
    RegionGuard guard = null;
    if (pages.size() > 1) {
      int[] distances = pages.keySet().stream().mapToInt(Integer::intValue).toArray();
      CodePage[] all = pages.values().toArray(CodePage[]::new);
      guard = new RegionGuard(distances, all, cpu.model.processors());
    }
    pages.get(0).countRegion();
    int[] entries = region.entries();
    for (int n = 0; n < entries.length; n++) {
      int distance = entries[n] & -4096;
      RegionEntry entry = new RegionEntry(region, n, form, distance, guard);
      pages.get(distance).install(entries[n] & 4095, entry);
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
