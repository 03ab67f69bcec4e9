package org.quern.accel.software;

import org.quern.x86.state.Cpu;

/**
 * One pre-decoded guest instruction (or a pseudo-instruction that finds the next one), linked to
 * its successor. Independent of the linear address it runs at: addresses come from {@link
 * Core#codeBase}. Shared by all processors; only links change after construction.
 */
abstract class Op {
  /** Offset of the instruction in its 4 KiB page. */
  int offset;

  /** Offset of the instruction behind it; may be past the page. */
  int end;

  /** The op behind this one, for those that fall through. */
  Op next;

  /** The access goes through SS, so that a non-canonical address is #SS and not #GP. */
  boolean stack;

  /**
   * Executes and returns the op to run next. A fault leaves by exception with all guest state as
   * before, except that RIP is stale: the engine computes it from {@link #offset}.
   */
  abstract Op exec(Cpu c, Core k);
}
