package org.quern.accel.kvm;

import com.sun.jna.Pointer;
import org.quern.accel.api.AcceleratorException;

/**
 * Gets a processor out of KVM_RUN from another thread.
 *
 * <p>A flag in the shared page ({@code immediate_exit}) makes the next KVM_RUN return at once; a
 * signal ends one that is under way. Neither is enough: the flag is looked at on entry only, and a
 * signal that comes just before the entry is gone by then. So the processor first says {@link
 * #arm}, then looks at its requests, then enters; others first put their request, then call {@link
 * #kick}. Either the processor sees the request, or the kick sees it armed and sets the flag before
 * it sends the signal.
 *
 * <p>The signal's handler is {@code abs} of the C library, which does nothing: no Java code ever
 * runs in a signal handler, and a signal that comes late, or to a thread that has taken over the
 * number of one that ended, does no harm. Source: api.rst, 5 (immediate_exit).
 */
final class KvmKick {
  /** A real-time signal that neither the JVM nor the C library uses. */
  private static final int SIGNAL = 40;

  private static final long SIG_ERR = -1;
  private static volatile boolean handled;

  private final KvmRun run;
  private volatile boolean armed;
  private Thread thread;
  private volatile long threadId;

  KvmKick(KvmRun run) {
    this.run = run;
  }

  /** Makes the signal harmless in this process. */
  static synchronized void handleSignal() throws AcceleratorException {
    if (!handled) {
      Pointer old = Libc.signal(SIGNAL, Libc.function("abs"));
      if (Pointer.nativeValue(old) == SIG_ERR) {
        throw new AcceleratorException("cannot handle the signal that KVM needs: " + Libc.error());
      }
      handled = true;
    }
  }

  /** The calling thread is the one that runs the processor from now on. */
  void bind() {
    Thread now = Thread.currentThread();
    if (now != thread) {
      thread = now;
      threadId = Libc.syscall(Libc.SYS_GETTID, 0, 0, 0);
    }
  }

  /** About to look at requests and to enter the guest. Own thread. */
  void arm() {
    run.immediateExit(false);
    armed = true;
  }

  /** Out of the guest. Own thread. */
  void disarm() {
    armed = false;
  }

  /** Ends the current or coming run, if there is one. After the request; any thread. */
  void kick() {
    if (armed) {
      run.immediateExit(true);
      Libc.syscall(Libc.SYS_TGKILL, Libc.getpid(), threadId, SIGNAL);
    }
  }
}
