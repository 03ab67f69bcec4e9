package org.quern.tests.conformance;

import org.quern.accel.api.CpuState;
import org.quern.accel.api.VmExit;

/**
 * How a program ended.
 *
 * @param kind HLT, SHUTDOWN or what else came
 * @param message the exit's message, or null
 * @param state registers at the end
 * @param bus memory and port writes
 */
public record GuestResult(VmExit.Kind kind, String message, CpuState state, TestBus bus) {
  public long reg(int r) {
    return state.gpr[r];
  }

  /** The vector in whose handler the program ended, or -1 if it ended by its own HLT. */
  public int vector() {
    long at = state.rip - 1 - GuestMachine.HANDLERS;
    return at >= 0 && at < 256 * 16 && at % 16 == 0 ? (int) (at / 16) : -1;
  }

  /** The {@code n}th 8-byte slot above the final stack pointer. */
  public long stack64(int n) {
    return bus.read64(state.gpr[4] + 8L * n);
  }

  /** The {@code n}th 4-byte slot above the final stack pointer. */
  public long stack32(int n) {
    return bus.read64(state.gpr[4] + 4L * n) & 0xffffffffL;
  }
}
