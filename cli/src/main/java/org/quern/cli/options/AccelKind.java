package org.quern.cli.options;

/** Accelerators that exist, by their name after {@code -accel}. */
public enum AccelKind {
  /** The pre-decoded interpreter of the software core. */
  INTERP("interp"),

  /** The same core, which also translates hot code to JVM bytecode. */
  JIT("jit"),

  /** The host's processor, through its KVM. */
  KVM("kvm"),

  /** A VMM in Java on the modelled VMX of the software core. */
  VTX("vtx");

  private final String label;

  AccelKind(String label) {
    this.label = label;
  }

  /** The name on the command line. */
  public String label() {
    return label;
  }

  /**
   * Finds an accelerator. {@code tcg}, QEMU's own translator, stands for the best one that needs
   * nothing of the host, so that scripts written for QEMU run as they are.
   */
  static AccelKind parse(String option, String name) throws OptionException {
    if (name.equals("tcg")) {
      return JIT;
    }
    for (AccelKind kind : values()) {
      if (kind.label.equals(name)) {
        return kind;
      }
    }
    throw new OptionException(
        option + " " + name + ": no such accelerator; known are interp, jit, vtx and kvm");
  }
}
