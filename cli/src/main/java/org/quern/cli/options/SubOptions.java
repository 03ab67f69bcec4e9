package org.quern.cli.options;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * QEMU's {@code value,key=value,flag} syntax: a doubled comma stands for a comma, a bare first word
 * is the value of an implied key, any other bare word means {@code word=on}. The reader takes what
 * it knows and then calls {@link #refuseRest}, so that nothing is ignored.
 */
final class SubOptions {
  private final String option;
  private final Map<String, String> values = new LinkedHashMap<>();

  /**
   * Splits a value.
   *
   * @param option what to blame, e.g. {@code -smp}
   * @param impliedKey the key of a bare first word; null if there is none
   */
  SubOptions(String option, String text, String impliedKey) throws OptionException {
    this.option = option;
    boolean first = true;
    int i = 0;
    while (i <= text.length()) {
      StringBuilder word = new StringBuilder();
      while (i < text.length()) {
        char c = text.charAt(i);
        if (c == ',') {
          if (i + 1 < text.length() && text.charAt(i + 1) == ',') {
            i++;
          } else {
            break;
          }
        }
        word.append(c);
        i++;
      }
      i++;
      put(word.toString(), first ? impliedKey : null, text);
      first = false;
    }
  }

  private void put(String word, String impliedKey, String text) throws OptionException {
    int equals = word.indexOf('=');
    if (word.isEmpty() || equals == 0) {
      throw new OptionException(
          option + " " + text + ": an empty part between commas; a comma itself is written ,,");
    }
    if (equals > 0) {
      values.put(word.substring(0, equals), word.substring(equals + 1));
    } else if (impliedKey != null) {
      values.put(impliedKey, word);
    } else {
      values.put(word, "on");
    }
  }

  /** Removes and returns the value of a key; null if it was not given. */
  String take(String key) {
    return values.remove(key);
  }

  /** Removes and returns an {@code on}/{@code off} value. */
  boolean takeSwitch(String key, boolean absent) throws OptionException {
    String v = take(key);
    if (v == null) {
      return absent;
    }
    return switch (v) {
      case "on", "yes", "true", "y" -> true;
      case "off", "no", "false", "n" -> false;
      default ->
          throw new OptionException(
              option + " " + key + "=" + v + ": not a switch; write on or off");
    };
  }

  /** What is left, in the order given. */
  Map<String, String> rest() {
    return values;
  }

  /**
   * Fails if anything was not taken.
   *
   * @param known what would have been right, for the message
   */
  void refuseRest(String known) throws OptionException {
    if (!values.isEmpty()) {
      Map.Entry<String, String> first = values.entrySet().iterator().next();
      throw new OptionException(
          option
              + " "
              + first.getKey()
              + "="
              + first.getValue()
              + ": no such property, or not supported yet; known are "
              + known);
    }
  }
}
