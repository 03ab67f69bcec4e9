package org.quern.cli.suite.moo;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * {@code metadata.json} of a set of cases: which flags an instruction leaves undefined. Source:
 * SingleStepTests/8086 and /80286, README.
 */
final class MooMetadata {
  static final MooMetadata NONE = new MooMetadata(Map.of());

  private static final String NAME = "metadata.json";

  /** Masks by opcode, with its group as in file names: {@code 00}, {@code F6.7}. */
  private final Map<String, Integer> masks;

  private MooMetadata(Map<String, Integer> masks) {
    this.masks = masks;
  }

  /** The metadata in a folder or, as the 8086 set has it, in one beside it. */
  static MooMetadata near(Path folder) throws IOException {
    Path here = folder.resolve(NAME);
    if (Files.exists(here)) {
      return read(here);
    }
    Path above = folder.toAbsolutePath().getParent();
    if (above != null) {
      List<Path> beside;
      try (Stream<Path> all = Files.list(above)) {
        beside = all.map(p -> p.resolve(NAME)).filter(Files::exists).sorted().toList();
      }
      if (!beside.isEmpty()) {
        return read(beside.get(0));
      }
    }
    return NONE;
  }

  private static MooMetadata read(Path file) throws IOException {
    return parse(Files.readString(file));
  }

  static MooMetadata parse(String json) throws IOException {
    Map<String, Integer> masks = new HashMap<>();
    try (JsonParser p = new JsonFactory().createParser(json)) {
      while (p.nextToken() != null) {
        if (p.currentToken() == JsonToken.VALUE_NUMBER_INT
            && p.currentName().equals("flags-mask")) {
          masks.put(opcode(p.getParsingContext().pathAsPointer().toString()), p.getIntValue());
        }
      }
    }
    return new MooMetadata(masks);
  }

  /** {@code /opcodes/F6/reg/7/flags-mask} is about F6.7. */
  private static String opcode(String pointer) {
    String[] steps = pointer.split("/");
    String name = steps[2];
    return steps.length > 5 ? name + "." + steps[4] : name;
  }

  /**
   * Status flags that an opcode leaves defined.
   *
   * @param opcode as in a file's name
   */
  int flags(String opcode) {
    return masks.getOrDefault(opcode.toUpperCase(Locale.ROOT), 0xffff);
  }
}
