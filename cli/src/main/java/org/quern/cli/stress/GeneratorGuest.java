package org.quern.cli.stress;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.quern.machine.mem.GuestRam;
import org.quern.x86.asm.Assembler;
import org.quern.x86.asm.Assembly;
import org.quern.x86.mem.HostMemory;

/** The guest of {@code generator.asm}: its image, and what it says in its memory. */
public final class GeneratorGuest {
  private static final long LOAD_ADDRESS = 0x10_0000;

  /** RAM it needs, in bytes. */
  static final long RAM_BYTES = 16L << 20;

  /** Its exit port is an isa-debug-exit of this size. */
  static final int EXIT_PORT = 0xf4;

  static final int EXIT_PORT_SIZE = 4;

  private final Assembly assembly;
  private final int calls;

  /**
   * Assembles the guest.
   *
   * @param calls how often it calls each function it has made, at least 1
   */
  public GeneratorGuest(int calls) {
    this.assembly = Assembler.assemble(source(), 32, LOAD_ADDRESS);
    this.calls = calls;
  }

  /** A multiboot kernel. */
  public byte[] image() {
    byte[] image = assembly.bytes();
    int at = (int) (assembly.symbol("calls") - LOAD_ADDRESS);
    for (int n = 0; n < 4; n++) {
      image[at + n] = (byte) (calls >> 8 * n);
    }
    return image;
  }

  /** How often it has rewritten all of its functions. */
  long generations(GuestRam ram) {
    return read(ram, "GENERATIONS");
  }

  /** Functions made, called and found right. */
  long functions(GuestRam ram) {
    return read(ram, "FUNCTIONS");
  }

  /** Whether a function gave a wrong result. */
  boolean wrong(GuestRam ram) {
    return read(ram, "WRONG") != 0;
  }

  private long read(GuestRam ram, String symbol) {
    return HostMemory.getLong(ram.lowHost() + assembly.symbol(symbol));
  }

  private static String source() {
    try (InputStream in = GeneratorGuest.class.getResourceAsStream("generator.asm")) {
      if (in == null) {
        throw new IllegalStateException("no generator.asm on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("generator.asm cannot be read", e);
    }
  }
}
