package org.quern.x86.mmu;

/** Told of each flush of a TLB, on the thread of its processor: for measuring, not for policy. */
@FunctionalInterface
public interface FlushListener {
  /** How much was flushed. */
  enum Kind {
    /** Everything: CR0, CR4, a remapped board, a reset. */
    ALL,
    /** All but global entries: MOV to CR3. */
    NON_GLOBAL,
    /** One page: INVLPG. */
    PAGE
  }

  /** Does nothing. */
  FlushListener NONE = (kind, la) -> {};

  /**
   * A flush has been made.
   *
   * @param la linear address in the page if it was one page, else 0
   */
  void flushed(Kind kind, long la);
}
