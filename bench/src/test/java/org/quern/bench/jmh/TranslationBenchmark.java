package org.quern.bench.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.quern.bench.program.BenchProgram;
import org.quern.translator.CodeSource;
import org.quern.translator.Form;
import org.quern.translator.Hints;
import org.quern.translator.Region;
import org.quern.translator.Translator;
import org.quern.x86.asm.Assembly;
import org.quern.x86.decode.Decoder;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;

/**
 * How long it takes to translate a region and to define its class, decoding included and HotSpot's
 * own compilation not: what an entry must save before translating it was worth it. {@code ./quern
 * jmh} puts our classes on the boot class path as the command does; without that, verification is
 * most of the time.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 1)
public class TranslationBenchmark {
  private static final int PAGE = 4096;

  /** An entry of a program. */
  public enum Entry {
    FIB(BenchProgram.FIB, "fib"),
    QUICKSORT(BenchProgram.QUICKSORT, "sort"),
    SIEVE(BenchProgram.SIEVE, "work"),
    SHA256(BenchProgram.SHA256, "compress");

    final BenchProgram program;
    final String label;

    Entry(BenchProgram program, String label) {
      this.program = program;
      this.label = label;
    }
  }

  @Param public Entry entry;

  @Param public Form form;

  private final Decoder decoder = new Decoder(64);
  private CodeSource code;
  private int offset;

  @Setup
  public void prepare() {
    Assembly assembly = entry.program.assembly();
    long address = assembly.symbol(entry.label);
    byte[] image = assembly.bytes();
    int page = (int) (address - assembly.origin()) & -PAGE;
    offset = (int) address & PAGE - 1;
    code =
        at -> {
          Insn i = decoder.decode(image, page + at, Math.min(Decoder.MAX_LENGTH, PAGE - at));
          return i.mnemonic == Mnemonic.TRUNCATED ? null : i;
        };
    if (translate() == null) {
      throw new IllegalStateException("nothing to translate at " + entry.label);
    }
  }

  @Benchmark
  public Region translate() {
    return Translator.translate(code, offset, form, false, Hints.NONE);
  }
}
