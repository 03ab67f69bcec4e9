package org.quern.x86.mmu;

import org.quern.x86.state.Cpu;

/**
 * Stops every other processor of the machine for a few accesses: how split locks, locked MMIO and
 * 16-byte compare-and-exchange stay atomic. Provided by the engine.
 */
public interface ExclusiveSection {
  /** Returns when {@code c} is the only processor executing guest code. Not reentrant. */
  void enter(Cpu c);

  void leave(Cpu c);

  /** For a single processor: nothing to stop. */
  ExclusiveSection NONE =
      new ExclusiveSection() {
        @Override
        public void enter(Cpu c) {}

        @Override
        public void leave(Cpu c) {}
      };
}
