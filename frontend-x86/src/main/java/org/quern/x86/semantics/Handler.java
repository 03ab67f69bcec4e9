package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.state.Cpu;

/** Executes one decoded instruction. See the package documentation for the contract. */
@FunctionalInterface
public interface Handler {
  void exec(Cpu c, Insn i);
}
