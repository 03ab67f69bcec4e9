package org.quern.cli.holes;

import org.quern.accel.api.CpuState;
import org.quern.x86.state.Reg;

/**
 * What the real processor pushed when it came to the monitor.
 *
 * @param vector of the exception or interrupt
 * @param error its error code; 0 if it has none
 * @param rip where the guest was
 * @param cs its selectors and flags there
 * @param flags likewise
 * @param rsp likewise
 * @param ss likewise
 */
record Trap(int vector, int error, int rip, int cs, int flags, int rsp, int ss) {
  /** Vectors with an error code. Source: SDM vol. 3A, table 6-1. */
  private static final int WITH_ERROR = 1 << 8 | 0x1f << 10 | 1 << 17 | 1 << 21;

  /** Reads the frame of a processor that has stopped in one of the monitor's handlers. */
  static Trap take(CpuState s, Memory m) {
    int vector = ((int) s.rip - Layout.MONITOR_HANDLERS) / Layout.HANDLER_BYTES;
    int at = (int) s.gpr[Reg.RSP];
    int error = 0;
    if (vector < 32 && (WITH_ERROR >>> vector & 1) != 0) {
      error = m.read32(at);
      at += 4;
    }
    return new Trap(
        vector,
        error,
        m.read32(at),
        m.read16(at + 4),
        m.read32(at + 8),
        m.read32(at + 12),
        m.read16(at + 16));
  }
}
