package org.quern.bench.jmh;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.quern.bench.program.BenchProgram;
import org.quern.x86.decode.Decoder;
import org.quern.x86.decode.Insn;

/**
 * How long it takes to decode an instruction of 64-bit code. Cold code costs at least this much, so
 * it says whether decoding ahead, or keeping decoded code longer, is worth anything.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class DecodeBenchmark {
  private static final int PROGRAM_OFFSET = 0x1000;
  private static final int CODE_BYTES = 256;

  private final Decoder decoder = new Decoder(64);
  private byte[] code;
  private int[] starts;
  private int next;

  /** The beginning of a program of each kind, instruction by instruction. */
  @Setup
  public void collect() {
    code = BenchProgram.SHA256.image(1, 1);
    List<Integer> list = new ArrayList<>();
    for (int at = PROGRAM_OFFSET; at < PROGRAM_OFFSET + CODE_BYTES; ) {
      list.add(at);
      at += decoder.decode(code, at, Decoder.MAX_LENGTH).length;
    }
    starts = list.stream().mapToInt(Integer::intValue).toArray();
  }

  @Benchmark
  public Insn decodeOne() {
    next = next + 1 == starts.length ? 0 : next + 1;
    return decoder.decode(code, starts[next], Decoder.MAX_LENGTH);
  }
}
