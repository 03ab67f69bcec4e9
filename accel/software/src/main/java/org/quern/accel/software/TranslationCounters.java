package org.quern.accel.software;

import java.util.concurrent.atomic.LongAdder;
import org.quern.accel.api.TranslationCounts;
import org.quern.translator.Form;
import org.quern.translator.Translation;

/** Counts what translation does, for all processors of a virtual machine. Thread-safe. */
final class TranslationCounters {
  private final LongAdder compact = new LongAdder();
  private final LongAdder fast = new LongAdder();
  private final LongAdder halved = new LongAdder();
  private final LongAdder interpreted = new LongAdder();
  private final LongAdder nanoseconds = new LongAdder();
  private final LongAdder bytecodeBytes = new LongAdder();

  void add(Translation t, long nanos) {
    nanoseconds.add(nanos);
    if (t.region() == null) {
      interpreted.increment();
      return;
    }
    (t.form() == Form.FAST ? fast : compact).increment();
    bytecodeBytes.add(t.bytecodeBytes());
    if (t.halved()) {
      halved.increment();
    }
  }

  /** Regions translated so far. */
  long regions() {
    return compact.sum() + fast.sum();
  }

  TranslationCounts counts(long invalidated, long misses) {
    return new TranslationCounts(
        compact.sum(),
        fast.sum(),
        halved.sum(),
        interpreted.sum(),
        nanoseconds.sum(),
        bytecodeBytes.sum(),
        invalidated,
        misses);
  }
}
