package org.quern.firmware;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What the user wants booted.
 *
 * @param kernel the file of {@code -kernel}
 * @param initrd the argument of {@code -initrd}: a file; for multiboot kernels a comma-separated
 *     list of modules, each a file with optional arguments after a blank
 * @param append the argument of {@code -append}, empty if not given
 * @param entry how to enter a Linux kernel
 * @param rngSeed bytes for the guest's random number generator, empty for none (a deterministic
 *     boot)
 */
public record BootRequest(
    Path kernel, Optional<String> initrd, String append, EntryMode entry, byte[] rngSeed) {
  public BootRequest {
    rngSeed = rngSeed.clone();
  }

  /** A request with the default entry and no seed. */
  public static BootRequest of(Path kernel, Optional<String> initrd, String append) {
    return new BootRequest(kernel, initrd, append, EntryMode.AUTO, new byte[0]);
  }

  @Override
  public byte[] rngSeed() {
    return rngSeed.clone();
  }
}
