package org.quern.cli.bench;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.quern.bench.run.Contender;
import org.quern.cli.CliException;

/** The commands that run a machine: Quern as this process was started, and QEMU. */
public final class Commands {
  private static final String QEMU = "qemu-system-x86_64";

  private Commands() {}

  /** QEMU, if it is on the path. */
  public static Optional<Path> qemu() {
    String path = System.getenv("PATH");
    return path == null
        ? Optional.empty()
        : Arrays.stream(path.split(File.pathSeparator))
            .filter(p -> !p.isEmpty())
            .map(p -> Path.of(p, QEMU))
            .filter(Files::isExecutable)
            .findFirst();
  }

  /**
   * One of our accelerators.
   *
   * @param main class with the main method
   */
  public static Contender quern(String accelerator, Class<?> main) throws CliException {
    List<String> command = new ArrayList<>();
    command.add(
        ProcessHandle.current()
            .info()
            .command()
            .orElseThrow(() -> new CliException("bench: the host does not tell how java is run")));
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of("-accel", accelerator));
    boolean interpreter = accelerator.equals(Contender.INTERP);
    return new Contender(accelerator, command, interpreter, interpreter);
  }

  /** QEMU's translator. */
  public static Contender tcg(Path qemu) {
    return new Contender(
        Contender.TCG, List.of(qemu.toString(), "-accel", Contender.TCG), false, false);
  }
}
