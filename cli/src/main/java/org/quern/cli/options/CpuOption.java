package org.quern.cli.options;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.NamedModels;

/** Reads {@code -cpu max,+feature,-feature,feature=off,vendor=...,phys-bits=N}. */
final class CpuOption {
  /** Widths of a physical address that page tables can have. */
  private static final int MIN_BITS = 32;

  private static final int MAX_BITS = 52;

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
    CpuModel model =
        NamedModels.find(name == null ? "" : name)
            .orElseThrow(
                () -> new OptionException("-cpu " + text + ": no such model yet; see -cpu help"));
    String vendor = sub.take("vendor");
    if (vendor != null && !vendor.matches("[ -~]{12}")) {
      throw new OptionException("-cpu vendor=" + vendor + ": must be 12 ASCII characters");
    }
    // As under QEMU's translator: the width is the model's, whatever the host's is.
    sub.takeSwitch("host-phys-bits", false);
    String bits = sub.take("phys-bits");
    int physicalBits =
        bits == null ? model.physicalBits() : (int) Sizes.integer("-cpu phys-bits", bits, MAX_BITS);
    if (physicalBits < MIN_BITS) {
      throw new OptionException(
          "-cpu phys-bits=" + bits + ": must be " + MIN_BITS + " to " + MAX_BITS);
    }
    Set<CpuFeature> features = EnumSet.copyOf(model.features());
    for (Map.Entry<String, String> e : sub.rest().entrySet()) {
      change(features, CpuModel.max(), e.getKey(), e.getValue());
    }
    return new CpuModel(
        model.name(),
        vendor == null ? model.vendor() : vendor,
        model.family(),
        model.model(),
        model.stepping(),
        model.brand(),
        features,
        physicalBits);
  }

  /** The text of {@code -cpu help}. */
  static String help() {
    Set<CpuFeature> features = CpuModel.max().features();
    return "Models:\n  "
        + NamedModels.all().stream().map(CpuModel::name).collect(Collectors.joining(" "))
        + "\n\nFeatures of max, which is everything that is implemented (-cpu max,-NAME takes one away,\n"
        + "-cpu qemu64,+NAME adds one):\n  "
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
