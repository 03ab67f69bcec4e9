package org.quern.accel.software;

import java.util.Map;
import java.util.TreeMap;
import org.quern.translator.CodeSource;
import org.quern.translator.Translation;
import org.quern.x86.decode.Decoder;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.Cpu;

/**
 * The code of a page, and of those around it, as the translator reads it. Not thread-safe; one for
 * each translation.
 */
final class PageSource implements CodeSource {
  private static final int INSN_MAX = 15;

  /** Pages of a region at most: each is looked up when mappings have changed. */
  private static final int PAGES_MAX = 8;

  private final NearbyPages nearby;
  private final Cpu cpu;

  /** Whether code is left out that never ran. */
  private final boolean selective;

  private final Decoder decoder;
  private final byte[] bytes = new byte[INSN_MAX];

  /** The pages in use, by distance. */
  private final Map<Integer, CodePage> pages = new TreeMap<>();

  /** The pages as they were read, by distance; null if nobody wants to know. */
  private final Map<Integer, byte[]> read;

  /**
   * A source.
   *
   * @param page where offsets 0 to 4095 are
   * @param keep whether {@link #code} will be asked for
   */
  PageSource(CodePage page, NearbyPages nearby, Cpu cpu, boolean selective, boolean keep) {
    this.nearby = nearby;
    this.read = keep ? new TreeMap<>() : null;
    this.cpu = cpu;
    this.selective = selective;
    this.decoder = new Decoder(page.mode.codeSize);
    pages.put(0, page);
  }

  /** The page with an offset, taken into use; null if there is none to be had. */
  private CodePage use(int offset) {
    int distance = offset & -4096;
    CodePage page = pages.get(distance);
    if (page == null && pages.size() < PAGES_MAX) {
      page = nearby.at(distance);
      if (page != null) {
        pages.put(distance, page);
      }
    }
    return page;
  }

  @Override
  public Insn at(int offset) {
    CodePage page = use(offset);
    if (page == null) {
      return null;
    }
    int first = Math.min(INSN_MAX, 4096 - (offset & 4095));
    readCode(page, offset, 0, first);
    Insn insn = decoder.decode(bytes, 0, first);
    if (insn.mnemonic == Mnemonic.TRUNCATED && first < INSN_MAX) {
      CodePage second = use(offset + first);
      if (second == null) {
        return null;
      }
      readCode(second, offset + first, first, INSN_MAX - first);
      insn = decoder.decode(bytes, 0, INSN_MAX);
    }
    boolean known = insn.mnemonic != Mnemonic.TRUNCATED && OpFactory.available(cpu, insn);
    return known ? insn : null;
  }

  @Override
  public int codeSize() {
    return pages.get(0).mode.codeSize;
  }

  private void readCode(CodePage page, int offset, int to, int count) {
    int start = offset & 4095;
    // First marked, then read: a store in between is seen by one or the other.
    page.cover(start, start + count);
    HostMemory.read(page.host + start, bytes, to, count);
    if (read != null) {
      byte[] kept = read.computeIfAbsent(offset & -4096, d -> new byte[4096]);
      System.arraycopy(bytes, to, kept, start, count);
    }
  }

  /** The bytes of a piece of code, as they were read. */
  byte[] code(Translation.Span span) {
    byte[] code = new byte[span.bytes()];
    for (int n = 0; n < code.length; n++) {
      int at = span.offset() + n;
      code[n] = read.get(at & -4096)[at & 4095];
    }
    return code;
  }

  /** The pages in use, by their distance from the first. */
  Map<Integer, CodePage> pages() {
    return pages;
  }

  @Override
  public boolean reached(int offset) {
    CodePage page = use(offset);
    return page != null && (!selective || page.ops[offset & 4095] != null);
  }

  @Override
  public int[] targets(int offset) {
    TargetProfile profile = use(offset).profile(offset & 4095);
    int distance = offset & -4096;
    return profile == null
        ? new int[0]
        : profile.offsets().map(target -> target + distance).toArray();
  }
}
