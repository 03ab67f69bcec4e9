package org.quern.accel.software;

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
   * @param code the page as the translator has read it; bytes it did not look at are zero
   * @param nanoseconds it took
   */
  record Event(
      Translation translation,
      long physicalPage,
      long rip,
      int offset,
      byte[] code,
      long nanoseconds) {}

  /** A translation was made, or was not worth it. */
  void translated(Event event);
}
