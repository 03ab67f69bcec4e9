package org.quern.machine.run;

import org.quern.accel.api.Vcpu;
import org.quern.accel.api.VmExit;

/** How a processor and guest time go on together. Called by the processor's thread. */
public interface Pace {
  /** Runs the processor as {@link Vcpu#run} does, or only for a while. */
  VmExit run(Vcpu cpu);

  /**
   * The processor has halted.
   *
   * @return nanoseconds after which its thread shall call {@link #waited} at the latest, 0 for at
   *     once; {@link Long#MAX_VALUE} if only a pin can wake the processor
   */
  long halted(Vcpu cpu);

  /** The thread has waited so many nanoseconds of the host's time. */
  void waited(long nanos);

  /** Time follows the host: the processor runs until something happens. */
  Pace HOST =
      new Pace() {
        @Override
        public VmExit run(Vcpu cpu) {
          return cpu.run();
        }

        @Override
        public long halted(Vcpu cpu) {
          return Long.MAX_VALUE;
        }

        @Override
        public void waited(long nanos) {}
      };
}
