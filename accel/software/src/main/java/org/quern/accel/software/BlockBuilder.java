package org.quern.accel.software;

import org.quern.x86.decode.Decoder;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;

/** Decodes guest code into linked ops. One for each processor; pages are shared. */
final class BlockBuilder {
  /** Instructions decoded ahead at most. */
  private static final int RUN = 64;

  private static final int INSN_MAX = 15;

  private final Core core;
  private final Decoder[] decoders = new Decoder[CodeMode.values().length];
  private final byte[] bytes = new byte[2 * INSN_MAX];

  /** The ops of the run being decoded, not yet seen by other processors. */
  private final Op[] run = new Op[RUN];

  private boolean endsRun;

  BlockBuilder(Core core) {
    this.core = core;
    for (CodeMode mode : CodeMode.values()) {
      decoders[mode.ordinal()] = new Decoder(mode.codeSize, core.cpu.model.generation());
    }
  }

  /** The op at an offset of a page, decoded if needed. */
  Op opAt(CodePage page, int offset) {
    if (offset >= 4096) {
      return new PseudoOps.Continue(offset);
    }
    Op op = page.ops[offset];
    return op != null ? op : build(page, offset);
  }

  /** As {@link #opAt} for a place that branches lead to: where translation may set in. */
  Op entryAt(CodePage page, int offset) {
    Op op = opAt(page, offset);
    boolean possible = core.tiering().translates() && page.mode.translated() && offset < 4096;
    if (!possible || op instanceof EntryOp || op instanceof PseudoOps.CrossPageFirst) {
      return op;
    }
    Op entry = new EntryOp(op, page, core.tiering().compactAfter());
    page.publish(offset, entry);
    return entry;
  }

  /**
   * Decodes the straight run that starts at {@code start} and returns its first op. Other
   * processors see the run when all of it is linked.
   */
  Op build(CodePage page, int start) {
    synchronized (page) {
      int decoded = 0;
      Op before = null;
      int offset = start;
      boolean open = true;
      while (open && decoded < RUN) {
        Op op = offset >= 4096 ? new PseudoOps.Continue(offset) : page.ops[offset];
        if (op != null) {
          open = false;
        } else {
          op = decodeOp(page, offset);
          open = !endsRun;
          run[decoded++] = op;
        }
        if (before != null) {
          before.next = op;
        }
        before = op;
        offset = op.end;
      }
      if (decoded == 0) {
        return before; // another processor was faster
      }
      if (open) {
        before.next = new PseudoOps.Link(before, page, offset);
      }
      for (int n = decoded - 1; n >= 0; n--) {
        page.publish(run[n].offset, run[n]);
      }
      return run[0];
    }
  }

  /** Decodes one instruction; says in {@link #endsRun} whether the run goes on behind it. */
  private Op decodeOp(CodePage page, int offset) {
    int available = Math.min(INSN_MAX, 4096 - offset);
    page.cover(offset, offset + available);
    HostMemory.read(page.host + offset, bytes, 0, available);
    Insn insn = decode(page.mode, available);
    if (insn.mnemonic == Mnemonic.TRUNCATED) {
      endsRun = true;
      return new PseudoOps.CrossPageFirst(page, offset);
    }
    endsRun = insn.endsBlock;
    return OpFactory.create(core.cpu, insn, page.mode, page, offset);
  }

  private Insn decode(CodeMode mode, int available) {
    return decoders[mode.ordinal()].decode(bytes, 0, available);
  }

  /** Decodes an instruction that starts in {@code first} and ends on the page behind it. */
  Op crossing(Cpu c, CodePage first, int offset, long rip) {
    int inFirst = 4096 - offset;
    CodePage second = core.pageAt(c, rip + inFirst & core.ripMask());
    if (second == null) {
      return uncachedAt(c, first, offset, rip);
    }
    second.cover(0, INSN_MAX);
    HostMemory.read(first.host + offset, bytes, 0, inFirst);
    HostMemory.read(second.host, bytes, inFirst, INSN_MAX - inFirst);
    Insn insn = decode(first.mode, INSN_MAX);
    Op inner = OpFactory.create(c, insn, first.mode, first, offset);
    inner.next = new PseudoOps.Continue(inner.end);
    Op op = new PseudoOps.CrossPage(inner, first, second);
    first.publish(offset, op);
    return op;
  }

  /** An instruction that is read anew each time it runs. */
  Op uncached(Cpu c, long rip) {
    return uncachedAt(c, null, 0, rip);
  }

  private Op uncachedAt(Cpu c, CodePage first, int offset, long rip) {
    long limit = c.longMode ? -1 : c.seg[Reg.CS].limit & 0xffffffffL;
    int n = 0;
    Insn insn;
    do {
      long at = rip + n & core.ripMask();
      if (!c.longMode && at > limit) {
        throw c.gp(0);
      }
      long la = c.longMode ? at : at + core.csBase() & 0xffffffffL;
      bytes[n] = (byte) c.mmu.readPhysical(c.mmu.fetchAddress(la), 1);
      n++;
      insn = decode(core.mode(), n);
    } while (insn.mnemonic == Mnemonic.TRUNCATED && n < INSN_MAX);
    Op op = OpFactory.create(c, insn, core.mode(), null, offset);
    op.next = new PseudoOps.Continue(op.end);
    return op;
  }
}
