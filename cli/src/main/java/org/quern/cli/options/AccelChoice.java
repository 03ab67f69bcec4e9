package org.quern.cli.options;

import java.util.ArrayList;
import java.util.List;
import org.quern.accel.kvm.IrqChip;
import org.quern.accel.vtx.VtxOptions;

/**
 * An accelerator with its properties, as one {@code -accel} option names it.
 *
 * @param translateAfter executions after which code is translated; 0: as the accelerator likes
 * @param vtx choices of the VMM of vtx
 * @param irqChip where KVM's interrupt controllers are
 */
public record AccelChoice(AccelKind kind, int translateAfter, VtxOptions vtx, IrqChip irqChip) {
  static final String HELP =
      """
      Accelerators:
        jit       interprets pre-decoded code, and translates what is hot to JVM bytecode (default);
                  threshold=N: after N executions, at once to the fast form
        interp    interprets only
        vtx       a VMM on modelled VT-x; its guests' code is translated as under jit;
                  ept=off: shadow page tables; fpu=lazy: FPU state is switched when it is used;
                  unrestricted=off: real mode is emulated;
                  ple_gap=N,ple_window=N: a loop of PAUSE exits (off with ple_gap=0, the default);
                  threshold=N as above
        kvm       the host's processor, through its KVM (Linux on x86-64);
                  kernel_irqchip=off|split|on: where interrupt controllers are (default off)
      Several -accel options, or -machine accel=kvm:tcg, are tried in order.
      """;

  /** An accelerator as it is without properties. */
  static AccelChoice of(AccelKind kind) {
    return new AccelChoice(kind, 0, VtxOptions.DEFAULT, IrqChip.OFF);
  }

  /** What stands behind {@code -accel}. */
  static AccelChoice parse(String text) throws OptionException {
    SubOptions sub = new SubOptions("-accel", text, "accel");
    String name = sub.take("accel");
    AccelKind kind = AccelKind.parse("-accel", name == null ? text : name);
    AccelChoice choice = of(kind);
    switch (kind) {
      case JIT -> {
        choice = choice.withThreshold(sub);
        sub.refuseRest("threshold");
      }
      case VTX -> {
        choice = choice.withThreshold(sub).with(VtxProperties.take(sub));
        sub.refuseRest(VtxProperties.KNOWN + ", threshold");
      }
      case KVM -> {
        choice = choice.withIrqChip("-accel kvm", sub.take("kernel_irqchip"));
        sub.refuseRest("kernel_irqchip");
      }
      case INTERP -> sub.refuseRest("no properties of interp");
    }
    return choice;
  }

  /** QEMU's list of accelerators to try, separated by colons. */
  static List<AccelChoice> parseList(String option, String names) throws OptionException {
    List<AccelChoice> all = new ArrayList<>();
    for (String name : names.split(":", -1)) {
      all.add(of(AccelKind.parse(option, name)));
    }
    return all;
  }

  /**
   * The same with another place for KVM's interrupt controllers.
   *
   * @param value on, off or split; null leaves it
   */
  AccelChoice withIrqChip(String option, String value) throws OptionException {
    if (value == null) {
      return this;
    }
    IrqChip chip =
        switch (value) {
          case "on" -> IrqChip.ON;
          case "off" -> IrqChip.OFF;
          case "split" -> IrqChip.SPLIT;
          default ->
              throw new OptionException(
                  option + " kernel_irqchip=" + value + ": must be on, off or split");
        };
    return new AccelChoice(kind, translateAfter, vtx, chip);
  }

  private AccelChoice with(VtxOptions choices) {
    return new AccelChoice(kind, translateAfter, choices, irqChip);
  }

  private AccelChoice withThreshold(SubOptions sub) throws OptionException {
    String threshold = sub.take("threshold");
    return threshold == null ? this : new AccelChoice(kind, executions(threshold), vtx, irqChip);
  }

  private int executions(String text) throws OptionException {
    try {
      int n = Integer.parseInt(text);
      if (n >= 1) {
        return n;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new OptionException(
        "-accel " + kind.label() + ",threshold=" + text + ": a number from 1 up is needed");
  }
}
