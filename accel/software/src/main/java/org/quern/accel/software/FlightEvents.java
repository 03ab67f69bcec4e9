package org.quern.accel.software;

import jdk.jfr.FlightRecorder;
import org.quern.translator.Translation;
import org.quern.x86.mmu.FlushListener;

/**
 * Events for the JDK's Flight Recorder, by name {@code quern.*}. As long as nobody has started a
 * recording they cost a test of a flag, and next to none of the recorder's classes is loaded; in a
 * Java runtime without the module jdk.jfr there are none.
 */
final class FlightEvents {
  private static final boolean PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  /** Why a page of code was dropped. */
  enum Cause {
    STORE("a store hit code"),
    DATA("so many stores beside code that it counts as data"),
    OUTSIDE("a device or the host wrote"),
    REMAP("the memory map changed");

    final String text;

    Cause(String text) {
      this.text = text;
    }
  }

  /** A translation under way. */
  interface Attempt {
    /** It has ended, with a region or without. */
    void end(Translation t, String name, long page, int offset);
  }

  private static final Attempt UNSEEN = (t, name, page, offset) -> {};

  private FlightEvents() {}

  static Attempt translating() {
    return awake() ? RecordedEvents.translating() : UNSEEN;
  }

  /** Whether there may be a recording; once one has been started, for good. */
  private static boolean awake() {
    return PRESENT && FlightRecorder.isInitialized();
  }

  /**
   * A place is run in another way from now on.
   *
   * @param from in words, as {@code to}
   */
  static void tierChanged(String name, long page, int offset, String from, String to) {
    if (awake()) {
      RecordedEvents.tierChanged(name, page, offset, from, to);
    }
  }

  /** All code of a page was dropped, and its regions with it. */
  static void invalidated(long page, int regions, Cause cause) {
    if (awake()) {
      RecordedEvents.invalidated(page, regions, cause);
    }
  }

  static void flushed(int cpu, FlushListener.Kind kind, long la) {
    if (awake()) {
      RecordedEvents.flushed(cpu, kind, la);
    }
  }
}
