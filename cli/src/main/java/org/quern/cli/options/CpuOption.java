package org.quern.cli.options;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuModel;

/** Reads {@code -cpu max,+feature,-feature,feature=off}. */
final class CpuOption {
  private CpuOption() {}

  static CpuModel parse(String text) throws OptionException {
    // "+x" and "-x" are not of the key=value kind; give them that form first.
    List<String> words = new ArrayList<>();
    for (String word : text.split(",", -1)) {
      if (word.startsWith("+")) {
        words.add(word.substring(1) + "=on");
      } else if (word.startsWith("-")) {
        words.add(word.substring(1) + "=off");
      } else {
        words.add(word);
      }
    }
    SubOptions sub = new SubOptions("-cpu", String.join(",", words), "model");
    String name = sub.take("model");
    if (!"max".equals(name)) {
      throw new OptionException(
          "-cpu "
              + text
              + ": no such model; the one there is is max, changed as in max,-pcid or max,pcid=off");
    }
    CpuModel max = CpuModel.max();
    EnumSet<CpuFeature> features = EnumSet.copyOf(max.features());
    for (Map.Entry<String, String> e : sub.rest().entrySet()) {
      change(features, max, e.getKey(), e.getValue());
    }
    return new CpuModel(
        max.name(),
        max.vendor(),
        max.family(),
        max.model(),
        max.stepping(),
        max.brand(),
        features,
        max.physicalBits());
  }

  /** The text of {@code -cpu help}. */
  static String help() {
    Set<CpuFeature> features = CpuModel.max().features();
    return "Models:\n  max    everything that is implemented\n\nFeatures of max (take away with -cpu max,-NAME):\n  "
        + features.stream().map(f -> f.flag).sorted().collect(Collectors.joining(" "))
        + "\n";
  }

  private static void change(Set<CpuFeature> to, CpuModel max, String flag, String value)
      throws OptionException {
    CpuFeature feature = null;
    for (CpuFeature f : CpuFeature.values()) {
      if (f.flag.equals(flag) || f.flag.equals(flag.replace('_', '-'))) {
        feature = f;
      }
    }
    if (feature == null) {
      throw new OptionException(
          "-cpu: " + flag + " is not a CPU feature; -cpu help lists what there is");
    }
    switch (value) {
      case "on" -> {
        if (!max.has(feature)) {
          throw new OptionException("-cpu: the feature " + flag + " is not implemented");
        }
        to.add(feature);
      }
      case "off" -> to.remove(feature);
      default ->
          throw new OptionException(
              "-cpu " + flag + "=" + value + ": not a switch; write on or off");
    }
  }
}
