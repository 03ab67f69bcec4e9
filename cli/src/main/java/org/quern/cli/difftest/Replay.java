package org.quern.cli.difftest;

import java.util.List;
import org.quern.cli.CliException;
import org.quern.x86.mem.HostMemory;

/** Runs saved cases on one of our engines, and compares with what the real processor has left. */
public final class Replay implements AutoCloseable {
  private final Engine engine;
  private final Comparison comparison = new Comparison(false);

  /** The expected case. */
  private final long expected = HostMemory.allocate(HostMemory.PAGE_SIZE);

  private Replay(Engine engine) {
    this.engine = engine;
  }

  /**
   * A replay on one of our engines.
   *
   * @param engine {@code interp}, {@code jit-compact} or {@code jit-fast}
   */
  public static Replay on(String engine) {
    GuestImage image = new GuestImage(true);
    return new Replay(
        new SoftwareEngine(engine, DifftestOptions.tiering(engine), TestedModel.of(), image));
  }

  /** A replay on the processor of this host. */
  static Replay onSilicon() throws CliException {
    return new Replay(new Silicon(new GuestImage(true)));
  }

  /**
   * Runs a case.
   *
   * @param text the file
   * @return the differences, one a line; empty if there are none
   * @throws CliException if the file is not one of ours
   */
  public List<String> run(String text) throws CliException {
    TestVector v = VectorText.read(text);
    Single.run(v, engine);
    HostMemory.write(v.out, 0, v.out.length, expected);
    return comparison.differences(v.codeSlot(), expected, v.caseIn(engine.ram()));
  }

  /** The same case with the results of this engine. */
  String record(String text) throws CliException {
    TestVector v = VectorText.read(text);
    Single.run(v, engine);
    v.keep(engine.ram());
    String comment = text.startsWith("# ") ? text.substring(2, text.indexOf('\n')) : "by hand";
    return VectorText.write(v, comment);
  }

  String engineName() {
    return engine.name();
  }

  @Override
  public void close() {
    engine.close();
  }
}
