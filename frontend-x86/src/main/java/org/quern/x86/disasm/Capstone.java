package org.quern.x86.disasm;

/**
 * Disassembly by the Capstone library of the host ({@code libcapstone4} on Debian). Whether it is
 * there says {@link #probe}.
 */
public final class Capstone implements Disassembler {
  private static final String BAD = "(bad)";

  /**
   * Whether Capstone can be used.
   *
   * @param reason why not, in a sentence; empty if it can
   */
  public record Probe(boolean available, String reason) {}

  /** Tried once, when first asked. */
  private static final class Host {
    static final Probe PROBE = tryIt();

    private static Probe tryIt() {
      try {
        capstone.Capstone c =
            new capstone.Capstone(capstone.Capstone.CS_ARCH_X86, capstone.Capstone.CS_MODE_64);
        boolean works = c.disasm(new byte[] {(byte) 0x90}, 0, 1).length == 1;
        return works
            ? new Probe(true, "")
            : new Probe(false, "libcapstone of this host does not disassemble x86");
      } catch (LinkageError e) {
        return new Probe(false, "libcapstone is not installed (" + e.getMessage() + ")");
      } catch (RuntimeException e) {
        return new Probe(false, "libcapstone does not work here (" + e.getMessage() + ")");
      }
    }
  }

  private final capstone.Capstone handle;

  /**
   * @param codeSize 16, 32 or 64
   * @throws IllegalStateException if {@link #probe} says that it is not available
   */
  public Capstone(int codeSize) {
    if (!probe().available()) {
      throw new IllegalStateException(probe().reason());
    }
    int mode =
        switch (codeSize) {
          case 16 -> capstone.Capstone.CS_MODE_16;
          case 32 -> capstone.Capstone.CS_MODE_32;
          default -> capstone.Capstone.CS_MODE_64;
        };
    this.handle = new capstone.Capstone(capstone.Capstone.CS_ARCH_X86, mode);
  }

  /** Whether the library is there and works. */
  public static Probe probe() {
    return Host.PROBE;
  }

  @Override
  public Text at(byte[] code, int offset, int available, long address) {
    int end = offset + Math.min(available, 15);
    byte[] bytes = java.util.Arrays.copyOfRange(code, offset, end);
    capstone.Capstone.CsInsn[] found = handle.disasm(bytes, address, 1);
    if (found.length == 0) {
      return new Text(1, BAD, "");
    }
    return new Text(found[0].size, found[0].mnemonic, found[0].opStr);
  }
}
