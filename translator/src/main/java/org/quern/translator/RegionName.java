package org.quern.translator;

/**
 * Names of regions, by which they show in profilers and in HotSpot's own reports. The class of a
 * region is {@code org.quern.translator.Guest_} and the name.
 */
public final class RegionName {
  /** Longer symbols are cut; the offset behind them is kept. */
  private static final int MAX_NAME = 100;

  private RegionName() {}

  /** The name of code at a place like {@code symbol+0x12}. */
  public static String of(String place) {
    String s = place.replaceAll("[^A-Za-z0-9_$]", "_");
    int offset = s.lastIndexOf("_0x");
    if (s.length() <= MAX_NAME || offset < 0) {
      return s.substring(0, Math.min(MAX_NAME, s.length()));
    }
    String tail = s.substring(offset);
    return s.substring(0, Math.max(0, MAX_NAME - tail.length())) + tail;
  }

  /** The name of code without a symbol. */
  public static String of(long physicalPage, int offset) {
    return String.format("p%x_%03x", physicalPage, offset);
  }

  /** The binary name of the class. */
  static String className(String name) {
    return "org/quern/translator/Guest_" + name;
  }
}
