package org.quern.accel.software;

import org.quern.translator.Form;
import org.quern.translator.Hints;
import org.quern.translator.Region;
import org.quern.x86.state.Cpu;

/**
 * Stands before an instruction that branches lead to: counts how often it is reached and, once it
 * is hot, runs the translated region that can be entered there.
 */
final class EntryOp extends Op {
  final Op inner;
  private final CodePage page;
  private final int compactAfter;

  /** How often the interpreter has come here. */
  private int count;

  /** Instructions that ran in the compact region from here. */
  private long heat;

  private boolean requested;

  /** What is known before the first translation. */
  private Hints first = Hints.NONE;

  private volatile RegionEntry translated;

  EntryOp(Op inner, CodePage page, int compactAfter) {
    this.inner = inner;
    this.page = page;
    this.compactAfter = compactAfter;
    this.offset = inner.offset;
    this.end = inner.end;
    this.stack = inner.stack;
    this.translated = page.regionAt(offset);
  }

  /** Code for this entry has been translated; any thread. */
  void install(RegionEntry entry) {
    RegionEntry now = translated;
    if (now == null || now.index() != 0 || entry.index() == 0) {
      translated = entry;
    }
  }

  /**
   * A branch leads here: the op to run next. As long as there is nothing to decide that is the
   * instruction itself, which saves the interpreter the way through {@link #exec}.
   */
  Op reached() {
    int n = count + 1;
    if (translated == null && n < compactAfter) {
      count = n;
      return inner;
    }
    return this;
  }

  @Override
  Op exec(Cpu c, Core k) {
    RegionEntry t = translated;
    if (c.mmu.watching()) {
      return inner.exec(c, k);
    }
    if (t == null) {
      if (++count == compactAfter) {
        boolean fast = k.tiering().fastAfter() == 0;
        request(c, k, fast ? Form.FAST : Form.COMPACT, first);
      }
      return inner.exec(c, k);
    }
    long base = k.codeBase - t.distance() & k.ripMask();
    if (t.guard() != null && !t.guard().holds(k, base)) {
      unguarded(t);
      return inner.exec(c, k);
    }
    long before = c.translated;
    k.enterRegion(page);
    long rip = t.region().run(c, base, t.index());
    k.leaveRegion();
    if (rip == Region.REFUSED) {
      return inner.exec(c, k);
    }
    k.uncounted++;
    if (rip == Region.FAR) {
      return k.jumpFar(c);
    }
    if (t.form() == Form.COMPACT) {
      heat += c.translated - before;
      warm(c, k, rip);
    } else if (c.missed >= 0) {
      return missed(c, k, t.region(), rip);
    }
    return k.jumpToEntry(c, rip);
  }

  private void request(Cpu c, Core k, Form form, Hints hints) {
    NearbyPages nearby =
        form == Form.FAST && !hints.confined() ? k.nearby(k.codeBase) : NearbyPages.NONE;
    k.queue()
        .request(new TranslationRequest(page, offset, k.codeBase + offset, form, hints, nearby, c));
  }

  /** The region has code of other pages, which do not lie as they did. */
  private void unguarded(RegionEntry t) {
    boolean stale = t.guard().stale();
    if (stale || t.guard().givenUp()) {
      page.uninstall(offset, t);
      translated = null;
      requested = false;
      count = 0;
      first = stale ? first : Hints.CONFINED;
    }
  }

  /** A compact region ran. */
  private void warm(Cpu c, Core k, long rip) {
    if (heat > k.tiering().fastAfter() && !requested) {
      requested = true;
      request(c, k, Form.FAST, first);
    }
    if (c.exitFrom >= 0) {
      long target = rip - k.codeBase;
      if (target == (int) target) {
        page.recordTarget(c.exitFrom, (int) target);
      }
      c.exitFrom = -1;
    }
  }

  /** A fast region was left before an instruction, which the interpreter then executes. */
  private Op missed(Cpu c, Core k, Region region, long rip) {
    k.misses++;
    Hints better = region.missed(c);
    c.missed = -1;
    if (better != null) {
      request(c, k, Form.FAST, better);
    }
    Op op = k.jump(c, rip);
    return op instanceof EntryOp entry ? entry.inner : op;
  }
}
