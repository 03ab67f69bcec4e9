package org.quern.accel.software;

import org.quern.translator.CodeSource;
import org.quern.x86.decode.Decoder;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.Cpu;

/** The code of a page as the translator reads it. Not thread-safe; one for each translation. */
final class PageSource implements CodeSource {
  private static final int INSN_MAX = 15;

  private final CodePage page;
  private final Cpu cpu;

  /** Whether code is left out that never ran. */
  private final boolean selective;

  private final Decoder decoder;
  private final byte[] bytes = new byte[INSN_MAX];

  /** The page as it was read; null if nobody wants to know. */
  private final byte[] read;

  /**
   * A source.
   *
   * @param keep whether {@link #codeRead} will be asked for
   */
  PageSource(CodePage page, Cpu cpu, boolean selective, boolean keep) {
    this.read = keep ? new byte[4096] : null;
    this.page = page;
    this.cpu = cpu;
    this.selective = selective;
    this.decoder = new Decoder(page.mode.codeSize);
  }

  @Override
  public Insn at(int offset) {
    int available = Math.min(INSN_MAX, 4096 - offset);
    // First marked, then read: a store in between is seen by one or the other.
    page.cover(offset, offset + available);
    HostMemory.read(page.host + offset, bytes, 0, available);
    if (read != null) {
      System.arraycopy(bytes, 0, read, offset, available);
    }
    Insn insn = decoder.decode(bytes, 0, available);
    boolean known = insn.mnemonic != Mnemonic.TRUNCATED && OpFactory.available(cpu, insn);
    return known ? insn : null;
  }

  @Override
  public int codeSize() {
    return page.mode.codeSize;
  }

  /** The page as far as it was read; zero elsewhere. */
  byte[] codeRead() {
    return read;
  }

  @Override
  public boolean reached(int offset) {
    return !selective || page.ops[offset] != null;
  }

  @Override
  public int[] targets(int offset) {
    TargetProfile profile = page.profile(offset);
    return profile == null ? new int[0] : profile.offsets();
  }
}
