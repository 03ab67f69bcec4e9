package org.quern.translator;

import org.quern.x86.state.Cpu;

/**
 * Translated guest code: a piece of the control flow of one page, entered at one instruction.
 * Subclasses are generated. Independent of the linear address and, like decoded ops, shared by all
 * processors.
 *
 * <p>A caller must not assume that {@link Cpu#rip} or the status flags' form are as the interpreter
 * would have left them, only that all architectural state is right on return and on a fault.
 */
public abstract class Region {
  /**
   * Executes until control leaves the region or a request is pending.
   *
   * @param base RIP of offset 0 of the page the region lies in
   * @return RIP of the instruction to go on at
   * @throws org.quern.x86.fault.GuestFault with {@link Cpu#rip} at the faulting instruction
   */
  public abstract long run(Cpu c, long base);
}
