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
      Op op = k.builder.crossing(c, first, offset, k.codeBase + offset);
      stack = op.stack; // a fault is looked up here
      return op.exec(c, k);
    }
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
      boolean read = known != null && known != this;
      Op op = read ? known : k.builder.crossing(c, first, offset, k.codeBase + offset);
      stack = op.stack; // a fault is looked up here
      return op.exec(c, k);
    }
  }
}
