package org.quern.cli.difftest;

import java.util.List;
import org.quern.cli.CliException;
import org.quern.x86.fault.Vector;
import org.quern.x86.mem.HostMemory;

/** Runs one case by itself, to confirm a difference and to reduce it. */
final class Single {
  private final Engine silicon;
  private final Comparison comparison;

  Single(Engine silicon, Comparison comparison) {
    this.silicon = silicon;
    this.comparison = comparison;
  }

  /** Differences of a case under one of our engines; the real processor's results are kept. */
  List<String> differences(TestVector v, Engine engine) throws CliException {
    run(v, silicon);
    v.keep(silicon.ram());
    run(v, engine);
    return compare(v, silicon.ram(), engine.ram(), comparison);
  }

  /** Runs it so often that an engine that translates at the first execution has done so. */
  static void run(TestVector v, Engine e) throws CliException {
    e.codeWritten();
    for (int n = 0; n < e.runs(); n++) {
      v.load(e.ram());
      e.run();
    }
  }

  /**
   * Whether the host's KVM makes something else of a #GP in user code: tried with an instruction
   * whose operand has to be aligned, and that the kernel's emulator does not know.
   */
  static boolean emulatesGp(Engine silicon) throws CliException {
    String mulps = String.format("code 0f5900\nplace 0 0\nin rax %x\n", Layout.CASES + 1);
    TestVector v = VectorText.read("asm mulps xmm0, [rax]\n" + mulps + "in rflags 202\n");
    run(v, silicon);
    return HostMemory.getLong(v.caseIn(silicon.ram()) + Layout.OUT_EXIT)
        != Layout.FAULT + Vector.GP;
  }

  static List<String> compare(TestVector v, long expected, long actual, Comparison comparison) {
    return comparison.differences(v.codeSlot(), v.caseIn(expected), v.caseIn(actual));
  }

  /**
   * Sets to zero, or to what is usual, whatever the difference does not need.
   *
   * @return a case with the same kind of difference, results included
   */
  TestVector reduce(TestVector original, Engine engine) throws CliException {
    TestVector v = original.copy();
    String kind = kind(differences(v, engine));
    byte[] usual = VectorText.initial();
    tryAll(v, engine, kind, v.vectors, usual, 0, v.vectors.length);
    for (CaseText.VectorField f : CaseText.ALL_FIELDS) {
      tryAll(v, engine, kind, v.vectors, usual, f.at(), f.bytes());
    }
    for (int n = 512; n < Layout.VECTOR_BYTES; n += 16) {
      tryAll(v, engine, kind, v.vectors, usual, n, 16);
    }
    byte[] zero = new byte[Layout.CASE_BYTES];
    zero[0] = 2;
    zero[1] = 2;
    for (int n = 0; n < Layout.VECTORS_IN; n += 8) {
      tryAll(v, engine, kind, v.in, zero, n, 8);
    }
    tryAll(v, engine, kind, v.in, zero, Layout.WINDOW, 8);
    pieces(v, engine, kind, v.in, zero, Layout.DATA, Layout.CASE_BYTES);
    differences(v, engine);
    return v;
  }

  /** What must stay the same while a case is reduced: how it ends, or else the first field. */
  private static String kind(List<String> differences) {
    if (differences.isEmpty()) {
      return "";
    }
    String first = differences.get(0);
    return first.startsWith("ends by") ? first : first.substring(0, first.indexOf(' '));
  }

  private void pieces(TestVector v, Engine e, String kind, byte[] of, byte[] by, int from, int to)
      throws CliException {
    for (int size : new int[] {to - from, 64, 8}) {
      for (int n = from; n + size <= to; n += size) {
        tryAll(v, e, kind, of, by, n, size);
      }
    }
  }

  private void tryAll(TestVector v, Engine e, String kind, byte[] of, byte[] by, int at, int bytes)
      throws CliException {
    if (java.util.Arrays.equals(of, at, at + bytes, by, at, at + bytes)) {
      return;
    }
    byte[] saved = java.util.Arrays.copyOfRange(of, at, at + bytes);
    System.arraycopy(by, at, of, at, bytes);
    if (!kind(differences(v, e)).equals(kind)) {
      System.arraycopy(saved, 0, of, at, bytes);
    }
  }
}
