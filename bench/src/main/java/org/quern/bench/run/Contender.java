package org.quern.bench.run;

import java.util.ArrayList;
import java.util.List;

/**
 * One accelerator to measure.
 *
 * @param name as in tables
 * @param command the program with the options that choose the accelerator; it understands QEMU's
 * @param slow an interpreter: it does a quarter of the repetitions, and needs no more because
 *     nothing warms up but the JVM
 * @param counts {@code -d stats} makes it tell how many instructions it has executed
 */
public record Contender(String name, List<String> command, boolean slow, boolean counts) {
  /** QEMU's translator, which the others are compared with. */
  public static final String TCG = "tcg";

  /** A VMM on modelled VT-x. */
  public static final String VTX = "vtx";

  /** The host's own processor, which is there on some hosts only. */
  public static final String KVM = "kvm";

  /** Our interpreter, likewise. */
  public static final String INTERP = "interp";

  public Contender {
    command = List.copyOf(command);
  }

  /** How many repetitions it does where others do {@code n}. */
  int repetitions(int n) {
    return slow ? (n + 3) / 4 : n;
  }

  /** Whether guests are left by exits that {@code -d stats} counts. */
  boolean exits() {
    return name.equals(VTX) || name.equals(KVM);
  }

  /** The same, told to report what {@code -d stats} reports. */
  Contender reporting() {
    return new Contender(name, command, slow, true);
  }

  /** The whole command line of a machine. */
  List<String> machine(List<String> options) {
    List<String> all = new ArrayList<>(command);
    all.addAll(options);
    if (counts) {
      all.addAll(List.of("-d", "stats"));
    }
    return all;
  }
}
