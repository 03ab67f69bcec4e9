package org.quern.bench.program;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.quern.x86.asm.Assembler;
import org.quern.x86.asm.Assembly;

/**
 * The guest programs that {@code quern bench} runs: multiboot 1 kernels in 64-bit mode with paging,
 * assembled from the sources beside this class.
 *
 * <p>A program repeats the same work and tells of its progress by the bytes of {@link
 * BenchProtocol} on the debug console. A repetition is a number of passes; the number of passes in
 * a program's row makes one take some 0.3 to 0.5 s under QEMU TCG. Those that use nothing else of
 * the processor than applications do run in ring 3.
 */
public enum BenchProgram {
  FIB("fib", "recursive Fibonacci numbers: calls and returns", 160, Ring.USER, 0),
  SIEVE("sieve", "sieve of Eratosthenes over 390 KiB", 120, Ring.USER, 0),
  CRC32("crc32", "CRC-32 by table over 64 KiB", 1000, Ring.USER, 0),
  SHA256("sha256", "SHA-256 of 4 KiB messages", 4500, Ring.USER, 0),
  QUICKSORT("quicksort", "sorting 16384 random numbers", 160, Ring.USER, 0),
  BYTECODE("bytecode", "a bytecode interpreter with one indirect jump", 32, Ring.USER, 0),
  COPY("copy", "copying 96 KiB byte by byte", 600, Ring.USER, 0),
  CHASE("chase", "following a shuffled linked list in 1 MiB", 800, Ring.USER, 0),
  MATMUL("matmul", "96x96 matrix product in SSE2 doubles", 35, Ring.USER, 0),
  SYSCALL("syscall", "ring 3 calling ring 0 by SYSCALL and SYSRET", 220, Ring.KERNEL, 0),
  PAGES("pages", "functions that call each other over page borders", 150, Ring.USER, 0),
  TLB("tlb", "loads from 2560 pages without locality", 800, Ring.USER, 0),
  PRIVILEGED("privileged", "control registers, MSRs, TLB entries", 40, Ring.KERNEL, 9000),
  PIO("pio", "port I/O", 20, Ring.USER, 3000),
  MMIO("mmio", "registers of the I/O APIC", 20, Ring.USER, 2000),
  CPUID("cpuid", "CPUID", 30, Ring.USER, 1000),
  IPI("ipi", "HLT and an interrupt to oneself", 20, Ring.KERNEL, 500);

  /** Where a program's work runs. */
  private enum Ring {
    KERNEL,
    USER
  }

  private static final long LOAD_ADDRESS = 0x10_0000;

  private final String label;
  private final String description;
  private final int passes;
  private final Ring ring;
  private final int operations;

  BenchProgram(String label, String description, int passes, Ring ring, int operations) {
    this.label = label;
    this.description = description;
    this.passes = passes;
    this.ring = ring;
    this.operations = operations;
  }

  /** The name on the command line. */
  public String label() {
    return label;
  }

  /** What it does, in a few words. */
  public String description() {
    return description;
  }

  /** Passes in a repetition of the benchmark proper. */
  public int passes() {
    return passes;
  }

  /**
   * Operations in a pass, for a program that does one thing over and over whose cost is of
   * interest; 0 for any other.
   */
  public int operations() {
    return operations;
  }

  /** The program of that name. */
  public static Optional<BenchProgram> of(String label) {
    return Arrays.stream(values()).filter(p -> p.label.equals(label)).findFirst();
  }

  /** All names, in order, separated by commas. */
  public static String labels() {
    return Arrays.stream(values()).map(BenchProgram::label).collect(Collectors.joining(", "));
  }

  /**
   * Assembles the program.
   *
   * @param repetitions how often it does its work, at least 1
   * @param passes how much work that is, at least 1
   * @return the kernel image
   */
  public byte[] image(int repetitions, int passes) {
    if (repetitions < 1 || passes < 1) {
      throw new IllegalArgumentException("a program does its work at least once");
    }
    Assembly assembly = assembly();
    byte[] image = assembly.bytes();
    poke(image, assembly.symbol("repetitions"), repetitions);
    poke(image, assembly.symbol("passes"), passes);
    poke(image, assembly.symbol("ring3"), ring == Ring.USER ? 1 : 0);
    return image;
  }

  /** The program with its symbols; it does one repetition of one pass. */
  public Assembly assembly() {
    String source = source("runtime") + source(label) + "\nimage_end:\n";
    return Assembler.assemble(source, 32, LOAD_ADDRESS);
  }

  private static void poke(byte[] image, long address, int value) {
    int at = (int) (address - LOAD_ADDRESS);
    for (int n = 0; n < 4; n++) {
      image[at + n] = (byte) (value >> 8 * n);
    }
  }

  private static String source(String name) {
    try (InputStream in = BenchProgram.class.getResourceAsStream(name + ".asm")) {
      if (in == null) {
        throw new IllegalStateException("no source " + name + ".asm on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("the source " + name + ".asm cannot be read", e);
    }
  }
}
