package org.quern.cli.suite.kvmunit;

import java.util.List;

/**
 * One section of {@code unittests.cfg}: a kernel and how to start it.
 *
 * @param name of the section
 * @param file the kernel's file
 * @param smp number of processors
 * @param arguments of the kernel, as a shell would read them; may be empty
 * @param parameters for QEMU, as a shell would read them; may be empty
 * @param groups the groups it belongs to
 * @param arch the one architecture it is built for; empty for any
 * @param accel the one accelerator it is for; empty for any
 * @param checks conditions of the form {@code FILE=CONTENT} that the host must meet
 * @param timeoutSeconds how long it may take; 0 if it does not say
 */
record UnitTest(
    String name,
    String file,
    String smp,
    String arguments,
    String parameters,
    List<String> groups,
    String arch,
    String accel,
    List<String> checks,
    int timeoutSeconds) {
  UnitTest {
    groups = List.copyOf(groups);
    checks = List.copyOf(checks);
  }

  /** The first group, to sort it in a report. */
  String group() {
    return groups.stream().filter(g -> !g.equals("nodefault")).findFirst().orElse("other");
  }

  /** Whether it is left out unless asked for. */
  boolean manual() {
    return groups.contains("nodefault");
  }
}
