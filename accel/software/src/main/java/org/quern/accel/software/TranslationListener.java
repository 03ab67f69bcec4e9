package org.quern.accel.software;

import java.util.function.Function;
import org.quern.translator.Translation;

/** Told of each attempt to translate, successful or not, on the thread that translates. */
@FunctionalInterface
public interface TranslationListener {
  /**
   * What was translated.
   *
   * @param translation its texts cost time when they are asked for
   * @param physicalPage address of the page
   * @param rip of the entry, as the processor had it that asked for the translation
   * @param offset of the entry in the page
   * @param code the bytes of a piece of the region's code, as the translator has read them
   * @param nanoseconds it took
   */
  record Event(
      Translation translation,
      long physicalPage,
      long rip,
      int offset,
      Function<Translation.Span, byte[]> code,
      long nanoseconds) {}

  /** A translation was made, or was not worth it. */
  void translated(Event event);
}
