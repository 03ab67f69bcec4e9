package org.quern.accel.software;

import org.quern.x86.state.Cpu;

/**
 * One pre-decoded guest instruction (or a pseudo-instruction that finds the next one), linked to
 * its successor. Independent of the linear address it runs at: addresses come from {@link
 * Core#codeBase}. Shared by all processors; only links change after construction.
 *
 * <p>Ops are small, so that more of them stay in the caches of the host: in code that runs a few
 * thousand times, as most of a boot is, fetching them takes much of the time. So their fields are
 * no wider than what they hold.
 */
abstract class Op {
  /** Offset of the instruction in its 4 KiB page. */
  short offset;

  /** Offset of the instruction behind it; may be past the page. */
  short end;

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
