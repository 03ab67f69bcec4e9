package org.quern.x86.state;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The models by name. Those of {@link ModelTable} list all features of the processor they are named
 * after, implemented or not: {@link #missing} tells which are not, {@link #usable} drops them.
 */
public final class NamedModels {
  private static final String[] LINES = ModelTable.ROWS.split("\n", -1);
  private static final int NO_CPUID = -1;

  /** A name and what is said about it. */
  public record Entry(String name, String description) {}

  private NamedModels() {}

  /**
   * Every name {@link #find} knows and its description, in the order of the table: a family's own
   * name, its versions, then other names.
   */
  public static List<Entry> entries() {
    List<Entry> all = new ArrayList<>();
    for (String line : LINES) {
      int arrow = line.indexOf(" -> ");
      if (arrow > 0) {
        all.add(
            new Entry(line.substring(0, arrow), "(alias of " + line.substring(arrow + 4) + ")"));
      } else if (line.indexOf('|') > 0) {
        String[] part = line.split("\\|", -1);
        String name = part[0].trim();
        String family = familyOf(name);
        if (lineOf(family + "-v1").startsWith(name)) {
          all.add(new Entry(family, "(alias of " + name + ")"));
        }
        all.add(new Entry(name, part[3].trim()));
      }
    }
    all.add(new Entry("base", "base CPU model type with no features enabled"));
    all.add(new Entry("max", "every feature that is implemented (the default)"));
    return all;
  }

  private static String familyOf(String versioned) {
    return versioned.substring(0, versioned.lastIndexOf("-v"));
  }

  /** Names of families, one for each processor: {@code Haswell}, not {@code Haswell-v2}. */
  public static List<String> families() {
    List<String> names = new ArrayList<>();
    for (String line : LINES) {
      if (line.indexOf("-v1 | ") > 0) {
        names.add(familyOf(line.substring(0, line.indexOf(' '))));
      }
    }
    return names;
  }

  /** The model of that name, with all the features it should have. */
  public static Optional<CpuModel> find(String name) {
    return switch (name) {
      case "max" -> Optional.of(CpuModel.max());
      case "base" ->
          Optional.of(new CpuModel(name, CpuModel.INTEL, 6, 6, 3, "", Set.of(), 32, 1, 0, 0));
      default -> {
        String row = resolve(name);
        yield row == null ? Optional.empty() : Optional.of(parse(name, row));
      }
    };
  }

  /** The name of the row that a name stands for; null if there is none. */
  private static String resolve(String name) {
    for (String line : LINES) {
      if (line.startsWith(name + " -> ")) {
        return line.substring(name.length() + 4);
      }
    }
    if (!lineOf(name).isEmpty()) {
      return name;
    }
    return lineOf(name + "-v1").isEmpty() ? null : name + "-v1";
  }

  private static String lineOf(String row) {
    int at = indexOf(row);
    return at < 0 ? "" : LINES[at];
  }

  private static int indexOf(String row) {
    for (int n = 0; n < LINES.length; n++) {
      if (LINES[n].startsWith(row + " | ")) {
        return n;
      }
    }
    return -1;
  }

  private static CpuModel parse(String name, String row) {
    String[] part = lineOf(row).split("\\|", -1);
    String[] identity = part[1].trim().split("[ ,]");
    String[] leaves = part[2].trim().split(",");
    int note = part[3].indexOf(" [");
    String brand = (note < 0 ? part[3] : part[3].substring(0, note)).trim();
    Set<CpuFeature> features = featuresOf(row);
    int level = leaves[0].equals("-") ? NO_CPUID : Integer.parseInt(leaves[0], 16);
    if (level >= 0) {
      features.add(CpuFeature.HYPERVISOR);
    }
    int extended = Integer.parseInt(leaves[1], 16);
    return new CpuModel(
        name,
        vendor(identity[0]),
        Integer.parseInt(identity[1]),
        Integer.parseInt(identity[2]),
        Integer.parseInt(identity[3]),
        brand,
        features,
        physicalBits(features),
        1,
        level,
        extended == 0 ? 0 : 0x80000000 | extended);
  }

  private static String vendor(String shortName) {
    return switch (shortName) {
      case "AMD" -> CpuModel.AMD;
      case "Hygon" -> CpuModel.HYGON;
      default -> CpuModel.INTEL;
    };
  }

  /** Width of a physical address where nothing else is said, as under QEMU's translator. */
  private static int physicalBits(Set<CpuFeature> features) {
    if (features.contains(CpuFeature.LM)) {
      return 40;
    }
    return features.contains(CpuFeature.PSE36) ? 36 : 32;
  }

  private static Set<CpuFeature> featuresOf(String row) {
    Set<CpuFeature> set = EnumSet.noneOf(CpuFeature.class);
    for (int n = indexOf(row) + 1; n < LINES.length && LINES[n].startsWith(" "); n++) {
      for (String word : LINES[n].trim().split(" ")) {
        switch (word.charAt(0)) {
          case '=' -> set.addAll(featuresOf(word.substring(1)));
          case '+' -> set.add(feature(word.substring(1)));
          case '-' -> set.remove(feature(word.substring(1)));
          default -> set.add(feature(word));
        }
      }
    }
    return set;
  }

  private static CpuFeature feature(String flag) {
    return CpuFeature.find(flag).orElseThrow(() -> new IllegalStateException("no feature " + flag));
  }

  /** What a model should have and nothing implements, in the order of CPUID. */
  public static Set<CpuFeature> missing(CpuModel model) {
    Set<CpuFeature> set = EnumSet.noneOf(CpuFeature.class);
    set.addAll(model.features());
    set.removeAll(CpuModel.implemented());
    return set;
  }

  /** The same model without what nothing implements. */
  public static CpuModel usable(CpuModel model) {
    Set<CpuFeature> set = EnumSet.noneOf(CpuFeature.class);
    set.addAll(model.features());
    set.retainAll(CpuModel.implemented());
    return model.withFeatures(set);
  }
}
