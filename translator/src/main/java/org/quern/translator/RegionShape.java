package org.quern.translator;

import org.quern.x86.state.Reg;

/** What a region's frame depends on. */
final class RegionShape {
  /** Registers the region reads or writes; only these have locals. */
  int used = 1 << Reg.RSP;

  /** Registers the region writes; these are stored back at exits. */
  int written = 1 << Reg.RSP;

  /** Halves of XMM registers it reads or writes, bit {@code 2 * r + half}. */
  int halvesUsed;

  /** Halves it writes, among those. */
  int halvesWritten;

  /** Halves that double arithmetic changes: their locals are doubles, to stay in XMM registers. */
  int halvesDouble;

  /** Entries that are refused while SSE is off, bits by index; see {@link SseChecks}. */
  long sseEntries;

  /** See {@link Windows}. */
  int windows;

  int groups;

  /** Whether accesses go through windows; then a window must be there at the entry. */
  boolean windowed;

  /** Instructions after which a loop leaves, so that somebody may look how hot it is; 0: never. */
  int slice;

  /** Whether instructions are counted. */
  boolean counted;

  /** Bits of addresses, of RIP and of the stack pointer: 64, or 32 in flat 32-bit code. */
  int width = 64;
}
