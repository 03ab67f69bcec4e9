/**
 * Architectural state of one x86 logical processor: registers, hidden segment parts, flags, control
 * registers and MSRs. Data only; behaviour lives in {@code semantics} and {@code mmu}. Start with
 * {@link org.quern.x86.state.Cpu}.
 */
package org.quern.x86.state;
