package org.quern.cli.options;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.NamedModels;

/**
 * Reads {@code -cpu MODEL,+feature,-feature,feature=off,...} with QEMU's properties vendor, family,
 * model, stepping, model-id, level, xlevel, phys-bits, check and enforce.
 *
 * @param model what the guest gets: nothing in it that is not implemented
 * @param warnings what was asked for and is not implemented, as sentences
 */
record CpuOption(CpuModel model, List<String> warnings) {
  /** Widths of a physical address that page tables can have. */
  private static final int MIN_BITS = 32;

  private static final int MAX_BITS = 52;

  /**
   * Reads the option.
   *
   * @param accel what the warnings name as that which lacks a feature
   */
  static CpuOption parse(String text, AccelKind accel) throws OptionException {
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
    CpuModel named = model(text, sub.take("model"), accel);
    boolean enforce = sub.takeSwitch("enforce", false);
    boolean check = sub.takeSwitch("check", true) || enforce;
    CpuModel identity = withIdentity(named, sub);
    Map<String, Boolean> vmx = vmxProperties(sub);
    Set<CpuFeature> asked = switched(sub, "on");
    CpuModel wanted = withFeatures(identity, asked, switched(sub, "off"));
    List<String> warnings = new ArrayList<>();
    for (CpuFeature f : asked) {
      if (!reportable(wanted, f)) {
        warnings.add(
            "This feature depends on other features that were not requested: " + f.place());
      }
    }
    wanted = withFeatures(wanted, Set.of(), unreportable(wanted));
    for (CpuFeature f : NamedModels.missing(wanted)) {
      warnings.add(accel.label() + " doesn't support requested feature: " + f.place());
    }
    for (Map.Entry<String, Boolean> e : vmx.entrySet()) {
      String warning = VmxProperties.set(wanted, e.getKey(), e.getValue(), accel.label());
      if (warning != null) {
        warnings.add(warning);
      }
    }
    if (enforce && !warnings.isEmpty()) {
      throw new OptionException("-cpu " + text + ": " + String.join("; ", warnings));
    }
    return new CpuOption(NamedModels.usable(wanted), check ? warnings : List.of());
  }

  private static CpuModel model(String text, String name, AccelKind accel) throws OptionException {
    boolean host = name != null && name.equals("host");
    if (host && accel != AccelKind.KVM) {
      throw new OptionException(
          "-cpu host: the host's processor shows through with -accel kvm only; use -cpu max");
    }
    // Under KVM the model max is what the host has of what there is a name for.
    String wanted = host ? "max" : name == null ? "" : name;
    List<String> known = NamedModels.entries().stream().map(NamedModels.Entry::name).toList();
    return NamedModels.find(wanted)
        .orElseThrow(
            () ->
                new OptionException(
                    "-cpu " + text + ": no such model" + hint(Nearest.of(wanted, known))));
  }

  private static String hint(String near) {
    return near == null ? "; see -cpu help" : "; did you mean " + near + "?";
  }

  /** How the processor introduces itself. */
  private static CpuModel withIdentity(CpuModel m, SubOptions sub) throws OptionException {
    String vendor = sub.take("vendor");
    if (vendor != null && !vendor.matches("[ -~]{12}")) {
      throw new OptionException("-cpu vendor=" + vendor + ": must be 12 ASCII characters");
    }
    String brand = sub.take("model-id");
    if (brand != null && !brand.matches("[ -~]{0,48}")) {
      throw new OptionException("-cpu model-id=" + brand + ": must be 48 ASCII characters at most");
    }
    // As under QEMU's translator: the width is the model's, whatever the host's is.
    sub.takeSwitch("host-phys-bits", false);
    int physicalBits = number(sub, "phys-bits", m.physicalBits(), MAX_BITS);
    if (physicalBits < MIN_BITS) {
      throw new OptionException(
          "-cpu phys-bits=" + physicalBits + ": must be " + MIN_BITS + " to " + MAX_BITS);
    }
    return new CpuModel(
        m.name(),
        vendor == null ? m.vendor() : vendor,
        number(sub, "family", m.family(), 0xff + 0xf),
        number(sub, "model", m.model(), 0xff),
        number(sub, "stepping", m.stepping(), 0xf),
        brand == null ? m.brand() : brand,
        m.features(),
        physicalBits,
        m.processors(),
        number(sub, "level", m.minLevel(), 0xff),
        number(sub, "xlevel", m.minExtended(), -1));
  }

  private static int number(SubOptions sub, String key, int absent, int max)
      throws OptionException {
    String text = sub.take(key);
    if (text == null) {
      return absent;
    }
    return (int) Sizes.integer("-cpu " + key, text, Integer.toUnsignedLong(max));
  }

  /** Takes what {@link VmxProperties} knows, and whether it is switched on. */
  private static Map<String, Boolean> vmxProperties(SubOptions sub) throws OptionException {
    Map<String, Boolean> found = new LinkedHashMap<>();
    for (String name : List.copyOf(sub.rest().keySet())) {
      if (VmxProperties.known(name)) {
        found.put(name, sub.takeSwitch(name, false));
      }
    }
    return found;
  }

  /** The features that are switched this way. */
  private static Set<CpuFeature> switched(SubOptions sub, String way) throws OptionException {
    Set<CpuFeature> features = EnumSet.noneOf(CpuFeature.class);
    for (Map.Entry<String, String> e : sub.rest().entrySet()) {
      CpuFeature feature = feature(e.getKey());
      if (!e.getValue().equals("on") && !e.getValue().equals("off")) {
        throw new OptionException(
            "-cpu " + e.getKey() + "=" + e.getValue() + ": not a switch; write on or off");
      }
      if (e.getValue().equals(way)) {
        features.add(feature);
      }
    }
    return features;
  }

  private static CpuModel withFeatures(CpuModel m, Set<CpuFeature> on, Set<CpuFeature> off) {
    Set<CpuFeature> features = EnumSet.noneOf(CpuFeature.class);
    features.addAll(m.features());
    features.addAll(on);
    features.removeAll(off);
    return m.withFeatures(features);
  }

  /** Whether the leaf or MSR exists that would report a feature. */
  private static boolean reportable(CpuModel m, CpuFeature f) {
    return f.needs() == null || m.has(f.needs());
  }

  private static Set<CpuFeature> unreportable(CpuModel m) {
    return m.features().stream().filter(f -> !reportable(m, f)).collect(Collectors.toSet());
  }

  private static CpuFeature feature(String flag) throws OptionException {
    List<String> known = Arrays.stream(CpuFeature.values()).map(f -> f.flag).toList();
    return CpuFeature.find(flag)
        .orElseThrow(
            () ->
                new OptionException(
                    "-cpu: " + flag + " is not a CPU feature" + hint(Nearest.of(flag, known))));
  }

  /** The text of {@code -cpu help}, arranged as QEMU does it. */
  static String help() {
    StringBuilder s = new StringBuilder("Available CPUs:\n");
    for (NamedModels.Entry e : NamedModels.entries()) {
      s.append(String.format("x86 %-20s  %s", e.name(), e.description()).stripTrailing());
      s.append('\n');
    }
    s.append("\nRecognized CPUID flags (those with a * are not implemented):\n");
    Set<CpuFeature> implemented = CpuModel.implemented();
    String flags =
        Arrays.stream(CpuFeature.values())
            .map(f -> implemented.contains(f) ? f.flag : f.flag + "*")
            .sorted()
            .collect(Collectors.joining(" "));
    return s.append(wrapped(flags)).toString();
  }

  private static String wrapped(String words) {
    StringBuilder s = new StringBuilder();
    int column = 0;
    for (String word : words.split(" ")) {
      if (column + word.length() > 75) {
        s.append('\n');
        column = 0;
      }
      s.append(column == 0 ? "  " : " ").append(word);
      column += word.length() + (column == 0 ? 2 : 1);
    }
    return s.append('\n').toString();
  }
}
