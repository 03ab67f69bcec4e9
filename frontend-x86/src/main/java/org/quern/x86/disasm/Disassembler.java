package org.quern.x86.disasm;

/** Turns guest bytes into Intel-syntax text. Never throws on guest bytes; not thread-safe. */
public interface Disassembler {
  /**
   * One instruction as text.
   *
   * @param length bytes, at least 1; of an undefined encoding as many as were looked at
   * @param mnemonic with prefixes, {@code (bad)} for an undefined encoding
   * @param operands separated by a comma and a blank; empty if there are none
   */
  record Text(int length, String mnemonic, String operands) {
    @Override
    public String toString() {
      return operands.isEmpty() ? mnemonic : mnemonic + " " + operands;
    }
  }

  /**
   * The instruction at {@code code[offset]}.
   *
   * @param available bytes that may be looked at
   * @param address of the instruction in its code segment, for the targets of branches
   */
  Text at(byte[] code, int offset, int available, long address);

  /**
   * A listing of up to {@code count} instructions, one a line: address, bytes, text. Ends early
   * where the bytes do.
   */
  default String listing(byte[] code, int offset, int available, long address, int count) {
    StringBuilder s = new StringBuilder();
    int at = 0;
    for (int n = 0; n < count && at < available; n++) {
      Text t = at(code, offset + at, available - at, address + at);
      int length = Math.min(t.length, available - at);
      StringBuilder bytes = new StringBuilder();
      for (int k = 0; k < length; k++) {
        bytes.append(String.format("%02x ", code[offset + at + k]));
      }
      s.append(String.format("%016x  %-30s %s%n", address + at, bytes, t));
      at += length;
    }
    return s.toString();
  }

  /** Capstone if the host has it, else our own. */
  static Disassembler of(int codeSize) {
    Capstone.Probe probe = Capstone.probe();
    return probe.available() ? new Capstone(codeSize) : new TableDisassembler(codeSize);
  }
}
