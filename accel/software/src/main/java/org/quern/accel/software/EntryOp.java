package org.quern.accel.software;

import org.quern.translator.Region;
import org.quern.x86.state.Cpu;

/**
 * Stands before an instruction that branches lead to: counts how often it is reached and, once it
 * is hot, runs the translated region that starts there.
 */
final class EntryOp extends Op {
  final Op inner;
  private final CodePage page;
  private int count;
  private Region region;

  EntryOp(Op inner, CodePage page) {
    this.inner = inner;
    this.page = page;
    this.offset = inner.offset;
    this.end = inner.end;
    this.stack = inner.stack;
  }

  @Override
  Op exec(Cpu c, Core k) {
    Region r = region;
    if (r == null) {
      if (++count == k.translateAfter()) {
        region = k.builder.translate(page, offset);
      }
      return inner.exec(c, k);
    }
    k.enterRegion(page);
    long rip = r.run(c, k.codeBase);
    k.leaveRegion();
    // Not if the region faults: an op that does not return is not counted either.
    k.uncounted++;
    return k.jump(c, rip);
  }
}
