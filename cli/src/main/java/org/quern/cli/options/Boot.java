package org.quern.cli.options;

import java.nio.file.Path;
import java.util.Optional;

/** What the machine starts. */
public sealed interface Boot {
  /**
   * A kernel image, loaded directly.
   *
   * @param initrd its initial RAM disk, or its modules
   * @param append its command line
   */
  record Kernel(Path kernel, Optional<Path> initrd, String append) implements Boot {}

  /** The guest that is built into Quern. */
  record Demo() implements Boot {}
}
