package org.quern.cli.lockstep;

import java.util.List;
import java.util.Set;
import org.quern.cli.CliException;
import org.quern.cli.linux.LinuxImages;
import org.quern.cli.options.Preset;

/** {@code quern lockstep}. */
public final class LockstepVerb {
  private static final Set<String> HELP = Set.of("help", "-h", "-help", "--help");

  private LockstepVerb() {}

  /**
   * Runs the command.
   *
   * @return exit code of the process: 0 without a difference, else 1
   */
  public static int run(List<String> words) throws CliException {
    if (words.size() == 1 && HELP.contains(words.get(0))) {
      System.out.print(LockstepOptions.HELP);
      return 0;
    }
    Preset preset = Preset.NONE;
    if (words.stream().noneMatch(LockstepOptions.GUEST::contains)) {
      LinuxImages.Images images =
          new LinuxImages(LinuxImages.defaultCache(), step -> System.err.println("quern: " + step))
              .get();
      preset = Preset.linux(images.kernel().toString(), images.initrd().toString());
    }
    return new Lockstep(LockstepOptions.parse(words, preset), System.out).run();
  }
}
