package org.quern.accel.software;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import org.quern.translator.Form;
import org.quern.translator.Hints;
import org.quern.translator.Region;
import org.quern.translator.Translator;
import org.quern.x86.state.Cpu;

/** Translates what has become hot, for all processors of a virtual machine. Thread-safe. */
final class TranslationQueue implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("org.quern.accel.software");

  private final Tiering tiering;
  private final ExecutorService thread;
  private final LongAdder translations = new LongAdder();

  TranslationQueue(Tiering tiering) {
    this.tiering = tiering;
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

  /** Regions translated so far. */
  long translations() {
    return translations.sum();
  }

  /**
   * Translates the code at an offset of a page, now or soon, and makes it known to the page.
   *
   * @param hints of an earlier translation
   * @param cpu a processor; only its model counts
   */
  void request(CodePage page, int offset, Form form, Hints hints, Cpu cpu) {
    if (thread == null) {
      translate(page, offset, form, hints, cpu);
    } else if (!thread.isShutdown()) {
      thread.execute(() -> translateSafely(page, offset, form, hints, cpu));
    }
  }

  private void translateSafely(CodePage page, int offset, Form form, Hints hints, Cpu cpu) {
    try {
      translate(page, offset, form, hints, cpu);
    } catch (RuntimeException | LinkageError e) {
      // The guest goes on in the interpreter; the bug must not be silent.
      LOG.log(System.Logger.Level.ERROR, "translation failed at offset " + offset, e);
    }
  }

  private void translate(CodePage page, int offset, Form form, Hints hints, Cpu cpu) {
    if (!page.valid) {
      return;
    }
    // At a threshold of 1 nothing has run yet.
    boolean selective = form == Form.FAST && tiering.compactAfter() > 1;
    Region region =
        Translator.translate(
            new PageSource(page, cpu, selective), offset, form, tiering.counted(), hints);
    if (region != null) {
      translations.increment();
      page.install(region, form);
    }
  }

  @Override
  public void close() {
    if (thread != null) {
      thread.shutdownNow();
    }
  }
}
