package org.quern.x86.mmu;

/**
 * Who wants to know about stores into physical pages that hold decoded or translated code. A store
 * to such a page never hits the TLB's write tag, so it always comes by here.
 */
public interface CodeTracker {
  /** Whether the 4 KiB page at {@code physicalPage} holds code. */
  boolean hasCode(long physicalPage);

  /** Called after a store of {@code size} bytes that stays inside one page with code. */
  void stored(long physical, int size);

  /** Tracks nothing. */
  CodeTracker NONE =
      new CodeTracker() {
        @Override
        public boolean hasCode(long physicalPage) {
          return false;
        }

        @Override
        public void stored(long physical, int size) {}
      };
}
