package org.quern.x86.mmu;

import org.quern.x86.state.Cpu;

/** Placeholder to compile; replaced by engine. */
final class ExclusiveLock {
  static final ExclusiveLock INSTANCE = new ExclusiveLock();

  private final java.util.concurrent.locks.ReentrantLock lock =
      new java.util.concurrent.locks.ReentrantLock();

  void enter(Cpu c) {
    lock.lock();
  }

  void leave(Cpu c) {
    lock.unlock();
  }
}
