package org.quern.bench.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.quern.accel.api.AcceleratorException;
import org.quern.accel.api.CpuState;
import org.quern.accel.api.Vcpu;
import org.quern.accel.api.VmExit;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;
import org.quern.x86.asm.Assembler;

/**
 * How long the interpreter takes for an instruction of a loop of eight: the price of going from op
 * to op, without and with memory accesses, and with branches that are not taken.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class DispatchBenchmark {
  private static final long CODE = 0x8000;
  private static final int ITERATIONS = 10_000;
  private static final int LOOP = 8;

  /** Six instructions; a decrement and a jump follow. */
  public enum Body {
    REGISTERS(
        "add eax, edx; xor edx, eax; mov esi, eax; and esi, 255; lea rdi, [rsi + rax]; inc edx"),
    MEMORY(
        "mov eax, [rbx]; add eax, edx; mov [rbx + 8], eax; movzx edx, byte [rbx + 4];"
            + " add [rbx + 16], eax; mov rsi, [rbx + 16]"),
    BRANCHES("cmp eax, 1; je end; test edx, edx; js end; cmp esi, 7; ja end");

    final String source;

    Body(String source) {
      this.source = source.replace(';', '\n');
    }
  }

  @Param public Body body;

  private final CpuState start = PagedRam.state(CODE);
  private Vcpu vcpu;

  @Setup
  public void prepare() throws AcceleratorException {
    PagedRam ram = new PagedRam();
    String source =
        "mov ebx, %d%n mov ecx, %d%n xor eax, eax%n xor edx, edx%n xor esi, esi%n"
            + "again:%n%s%n dec ecx%n jnz again%n end:%n cli%n hlt%n";
    ram.write(
        CODE,
        Assembler.assemble(String.format(source, PagedRam.DATA, ITERATIONS, body.source), 64, CODE)
            .bytes());
    vcpu = new SoftwareAccelerator(Tiering.INTERPRET).createVm(ram.vmConfig()).vcpu(0);
  }

  @Benchmark
  @OperationsPerInvocation(ITERATIONS * LOOP)
  public VmExit.Kind instruction() {
    vcpu.state(start);
    VmExit exit = vcpu.run();
    if (exit.kind != VmExit.Kind.HLT) {
      throw new IllegalStateException("the loop ended by " + exit.kind + " " + exit.message);
    }
    return exit.kind;
  }
}
