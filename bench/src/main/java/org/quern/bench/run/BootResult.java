package org.quern.bench.run;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * What all accelerators measured of a boot.
 *
 * @param samples by accelerator, in the order of the command line; only those that succeeded
 * @param failures sentences about what went wrong; empty if all is well
 */
public record BootResult(Map<String, List<BootSample>> samples, List<String> failures) {
  public BootResult {
    samples = new LinkedHashMap<>(samples);
    failures = List.copyOf(failures);
  }

  /** The accelerators that have a figure. */
  public Set<String> names() {
    return samples.keySet();
  }

  /** From the start of the process to {@code /init}, the median. */
  public double initMs(String name) {
    return Median.of(samples.get(name).stream().map(BootSample::initMs).toList());
  }

  /** From the start of the process to its end, the median. */
  public double endMs(String name) {
    return Median.of(samples.get(name).stream().map(BootSample::endMs).toList());
  }

  /** Resident memory at its highest in any run, in KiB. */
  public long peakRssKib(String name) {
    return samples.get(name).stream().mapToLong(s -> s.usage().peakRssKib()).max().orElse(0);
  }

  /** Time on processors until the end, the median. */
  public double cpuMs(String name) {
    return Median.of(samples.get(name).stream().map(s -> s.usage().cpuMs()).toList());
  }

  /** Wall time to {@code /init} in units of another accelerator's; empty without one of that. */
  public OptionalDouble times(String name, String reference) {
    return names().contains(name) && names().contains(reference)
        ? OptionalDouble.of(initMs(name) / initMs(reference))
        : OptionalDouble.empty();
  }
}
