package org.quern.cli.options;

import java.util.Optional;

/**
 * Guest time that counts instructions. Source: qemu(1), {@code -icount}.
 *
 * @param shift an instruction takes 2<sup>shift</sup> nanoseconds, 0 to {@value #MAX_SHIFT}
 * @param sleep while the processor halts, time passes as the host's does; otherwise it jumps
 */
public record Icount(int shift, boolean sleep) {
  /** QEMU's limit: an instruction of a microsecond. */
  static final int MAX_SHIFT = 10;

  static Icount parse(String text) throws OptionException {
    SubOptions sub = new SubOptions("-icount", text, "shift");
    String shift = sub.take("shift");
    boolean sleep = sub.takeSwitch("sleep", true);
    boolean align = sub.takeSwitch("align", false);
    sub.refuseRest("shift, sleep and align");
    if (shift == null || shift.equals("auto")) {
      throw new OptionException(
          "-icount "
              + text
              + ": time that adapts to the host is not supported; give shift=0 to shift="
              + MAX_SHIFT);
    }
    if (align) {
      throw new OptionException(
          "-icount align=on: slowing the guest down to the host's time is not supported");
    }
    return new Icount((int) Sizes.integer("-icount shift", shift, MAX_SHIFT), sleep);
  }

  /** Checks what else the machine shall be. */
  static void check(Optional<Icount> icount, int cpus) throws OptionException {
    if (icount.isPresent() && cpus > 1) {
      throw new OptionException("-icount: only a machine of one processor can count instructions");
    }
  }
}
