package org.quern.cli;

import java.util.List;
import org.quern.cli.linux.ImageException;
import org.quern.cli.linux.LinuxImages;
import org.quern.cli.options.Preset;

/**
 * {@code quern linux}: boots Debian's stock kernel to a shell. With {@code --prepare} it only makes
 * sure that kernel and initramfs are in the cache and prints their paths, one a line.
 */
final class LinuxVerb {
  private LinuxVerb() {}

  static int run(List<String> words) throws CliException {
    LinuxImages images =
        new LinuxImages(LinuxImages.defaultCache(), step -> System.err.println("quern: " + step));
    if (words.contains("--prepare")) {
      if (words.size() > 1) {
        throw new CliException("quern linux --prepare takes no other options");
      }
      LinuxImages.Images files = images.get();
      System.out.println(files.kernel() + "\n" + files.initrd());
      return 0;
    }
    LinuxImages.Images files;
    try {
      files = images.get();
    } catch (ImageException e) {
      if (!e.unavailable()) {
        throw e;
      }
      System.err.println("quern: " + e.getMessage());
      System.err.println("quern: no Linux kernel is to be had, starting the built-in demo instead");
      return Main.machine(words, Preset.DEMO);
    }
    return Main.machine(words, Preset.linux(files.kernel().toString(), files.initrd().toString()));
  }
}
