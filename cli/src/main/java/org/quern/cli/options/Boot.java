package org.quern.cli.options;

import java.nio.file.Path;
import java.util.Optional;
import org.quern.firmware.EntryMode;

/** What the machine starts. */
public sealed interface Boot {
  /**
   * A kernel image, loaded directly.
   *
   * @param initrd its initial RAM disk; for multiboot kernels a list of modules
   * @param append its command line
   * @param entry how a Linux kernel is entered
   */
  record Kernel(Path kernel, Optional<String> initrd, String append, EntryMode entry)
      implements Boot {}

  /** Firmware in the BIOS ROM, started at the reset vector. */
  record Bios(Path image) implements Boot {}

  /** The guest that is built into Quern. */
  record Demo() implements Boot {}
}
