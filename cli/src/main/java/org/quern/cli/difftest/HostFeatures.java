package org.quern.cli.difftest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.quern.cli.CliException;
import org.quern.x86.state.CpuFeature;

/**
 * What the processor of this host has, as Linux lists it. Not what KVM says a guest may be told:
 * user code executes whatever the processor has.
 */
final class HostFeatures {
  private static final Path CPUINFO = Path.of("/proc/cpuinfo");

  private final Set<String> flags = new HashSet<>();

  /** The first processor's name. */
  final String name;

  private HostFeatures(String cpuinfo) {
    String model = "unknown processor";
    for (String line : cpuinfo.split("\n", -1)) {
      int colon = line.indexOf(':');
      if (colon >= 0 && line.startsWith("flags")) {
        flags.addAll(Arrays.asList(line.substring(colon + 1).trim().split(" ", -1)));
        break;
      }
      if (colon >= 0 && line.startsWith("model name")) {
        model = line.substring(colon + 1).trim();
      }
    }
    name = model;
  }

  static HostFeatures read() throws CliException {
    try {
      return new HostFeatures(Files.readString(CPUINFO, StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new CliException("cannot read " + CPUINFO + ": " + e.getMessage(), e);
    }
  }

  boolean has(CpuFeature f) {
    String linux = f == CpuFeature.SSE3 ? "pni" : f.flag.replace('.', '_').replace('-', '_');
    return flags.contains(linux);
  }
}
