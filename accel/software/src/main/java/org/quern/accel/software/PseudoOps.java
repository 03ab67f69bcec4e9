package org.quern.accel.software;

import org.quern.x86.state.Cpu;

/** Ops that are not guest instructions: they find the next one. */
final class PseudoOps {
  private PseudoOps() {}

  /** Marker: executing it completes no guest instruction. */
  abstract static class Pseudo extends Op {}

  /** Finds the op at {@link Core#codeBase}; the faults of fetching it belong to that address. */
  static final class Fetch extends Pseudo {
    @Override
    Op exec(Cpu c, Core k) {
      Op op = k.find(c, k.codeBase);
      k.uncounted++; // not if the fetch faults: an op that does not return is not counted
      return op;
    }
  }

  /** Goes on behind the end of a page. */
  static final class Continue extends Pseudo {
    Continue(int offset) {
      this.offset = (short) offset;
      this.end = (short) offset;
    }

    @Override
    Op exec(Cpu c, Core k) {
      k.uncounted++;
      return k.jump(c, k.codeBase + offset & k.ripMask());
    }
  }

  /** Stands behind the last decoded instruction of a run; decodes on when it is reached. */
  static final class Link extends Pseudo {
    private final Op before;
    private final CodePage page;

    Link(Op before, CodePage page, int offset) {
      this.before = before;
      this.page = page;
      this.offset = (short) offset;
      this.end = (short) offset;
    }

    @Override
    Op exec(Cpu c, Core k) {
      k.uncounted++;
      Op op = k.builder.opAt(page, offset);
      before.next = op;
      return op;
    }
  }

  /**
   * An instruction that spans two pages; checks that the second is still the one it was read from.
   */
  static final class CrossPage extends Op {
    private final Op inner;
    private final CodePage first;
    private final CodePage second;

    CrossPage(Op inner, CodePage first, CodePage second) {
      this.inner = inner;
      this.first = first;
      this.second = second;
      this.offset = inner.offset;
      this.end = inner.end;
      this.stack = inner.stack;
    }

    @Override
    Op exec(Cpu c, Core k) {
      CodePage now = k.pageAt(c, k.codeBase + 4096 & k.ripMask());
      if (now == second && second.valid) {
        return inner.exec(c, k);
      }
      return readNow(c, k, this, first);
    }
  }

  /**
   * Reads an instruction that spans two pages and executes it, whether or not the second page is
   * still good: another processor may have dropped it, and this one hears of it after the
   * instruction.
   *
   * @param at what stands for the instruction; a fault is looked up there
   */
  private static Op readNow(Cpu c, Core k, Op at, CodePage first) {
    Op op = k.builder.crossing(c, first, at.offset, k.codeBase + at.offset);
    at.stack = op.stack;
    return op instanceof CrossPage crossing ? crossing.inner.exec(c, k) : op.exec(c, k);
  }

  /**
   * Placeholder of an instruction that spans two pages and had not been read yet when the one
   * before it was linked.
   */
  static final class CrossPageFirst extends Op {
    private final CodePage first;

    CrossPageFirst(CodePage first, int offset) {
      this.first = first;
      this.offset = (short) offset;
      this.end = (short) offset;
    }

    @Override
    Op exec(Cpu c, Core k) {
      Op known = first.ops[offset];
      if (known == null || known == this) {
        return readNow(c, k, this, first);
      }
      stack = known.stack; // a fault is looked up here
      return known.exec(c, k);
    }
  }
}
