package org.quern.x86.vmx;

import org.quern.x86.decode.Decoder;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;

/**
 * The length of the instruction at RIP, for VM exits by an access to memory: hardware gives it, and
 * VMMs use it for accesses to the APIC and EPT misconfigurations.
 */
final class InstructionLength {
  private final byte[] bytes = new byte[Decoder.MAX_LENGTH];
  private Decoder decoder;
  private int size;

  /** Returns 0 where the code cannot be read. */
  int at(Cpu c) {
    if (size != c.codeSize) {
      size = c.codeSize;
      decoder = new Decoder(size);
    }
    long la = c.longMode ? c.rip : c.rip + c.seg[Reg.CS].base & 0xffffffffL;
    int got = 0;
    long page = -1;
    while (got < bytes.length) {
      long at = c.longMode ? la + got : la + got & 0xffffffffL;
      page = page == -1 || (at & 0xfff) == 0 ? c.mmu.walker.probe(at) : page + 1;
      if (page == -1) {
        break;
      }
      bytes[got++] = (byte) c.mmu.readPhysical(page, 1);
    }
    Insn i = decoder.decode(bytes, 0, got);
    return i.mnemonic == Mnemonic.TRUNCATED ? 0 : i.length;
  }
}
