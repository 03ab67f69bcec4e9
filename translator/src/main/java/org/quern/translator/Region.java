package org.quern.translator;

import org.quern.x86.state.Cpu;

/**
 * Translated guest code: a piece of the control flow of one page, entered at one of a few
 * instructions. Subclasses are generated. Independent of the linear address and, like decoded ops,
 * shared by all processors.
 *
 * <p>A caller must not assume that {@link Cpu#rip} or the status flags' form are as the interpreter
 * would have left them, only that all architectural state is right on return and on a fault.
 */
public abstract class Region {
  /** Result of {@link #run} if nothing was executed. Not canonical, so never a RIP. */
  public static final long REFUSED = 1L << 62;

  /** Offsets of the instructions it can be entered at; the first is what it was made for. */
  int[] entries;

  /** Offsets in the page of the instructions the region can be entered at. */
  public final int[] entries() {
    return entries.clone();
  }

  /**
   * Executes until control leaves the region or a request is pending.
   *
   * @param base RIP of offset 0 of the page the region lies in
   * @param entry index into {@link #entries}
   * @return RIP of the instruction to go on at, or {@link #REFUSED}
   * @throws org.quern.x86.fault.GuestFault with {@link Cpu#rip} at the faulting instruction
   */
  public abstract long run(Cpu c, long base, int entry);
}
