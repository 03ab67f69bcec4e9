package org.quern.cli.options;

import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What {@code -d} can report, with QEMU's names where QEMU has them. */
public enum LogItem {
  STATS("stats", "instructions, time, rate and translation, when the machine ends"),
  IN_ASM("in_asm", "guest code of each region that -accel jit translates"),
  OP("op", "its entries, blocks, memory accesses, and whether it fits"),
  OUT_ASM("out_asm", "its JVM bytecode"),
  EXITS("exits", "each VM exit of -accel vtx"),
  POST("post", "POST codes: ports 0x80, 0x84, 0x190, 0x300, 0x680, or -machine post-port=PORT"),
  UNIMP("unimp", "accesses to ports and addresses without a device, when the machine ends");

  private final String label;
  private final String help;

  LogItem(String label, String help) {
    this.label = label;
    this.help = help;
  }

  /** Whether it tells of translation, which only an accelerator that translates does. */
  boolean ofTranslation() {
    return this == IN_ASM || this == OP || this == OUT_ASM;
  }

  /** The word on the command line. */
  String label() {
    return label;
  }

  static Set<LogItem> parse(String text) throws OptionException {
    EnumSet<LogItem> items = EnumSet.noneOf(LogItem.class);
    for (String word : text.split(",", -1)) {
      items.add(
          Stream.of(values())
              .filter(i -> i.label.equals(word))
              .findFirst()
              .orElseThrow(
                  () ->
                      new OptionException(
                          "-d "
                              + word
                              + ": no such item, or not supported yet; known are "
                              + known())));
    }
    return items;
  }

  /** The text of {@code -d help}. */
  static String help() {
    return Stream.of(values())
        .map(i -> String.format("%-12s %s%n", i.label, i.help))
        .collect(Collectors.joining());
  }

  private static String known() {
    return Stream.of(values()).map(i -> i.label).collect(Collectors.joining(", "));
  }
}
