package org.quern.x86.tables;

import org.quern.x86.FakeMachine;
import org.quern.x86.fault.GuestFault;
import org.quern.x86.fault.Vector;
import org.quern.x86.semantics.EventProbe;

/** Ways to enter a handler through the IDT: SDM vol. 3A, 6.4 and 6.12.1.2 (DPL of the gate). */
enum Event {
  INT_N("cd 42", 0x42),
  INT3("cc", Vector.BP),
  /** OF must be set. */
  INTO("ce", Vector.OF),
  INT1("f1", Vector.DB),
  EXTERNAL("", 0x43),
  /** An exception with an error code. */
  EXCEPTION("", Vector.GP);

  /** The error code that {@link #EXCEPTION} has. */
  static final int ERROR = 0xabcc;

  final String code;
  final int vector;

  Event(String code, int vector) {
    this.code = code;
    this.vector = vector;
  }

  boolean exists(Rig.Env env) {
    return this != INTO || env != Rig.Env.LONG64;
  }

  /** Guarded by the gate's DPL. */
  boolean software() {
    return this == INT_N || this == INT3 || this == INTO;
  }

  /** Bit 0 of error codes while it is delivered. */
  int ext() {
    return software() ? 0 : 1;
  }

  boolean pushesError() {
    return this == EXCEPTION;
  }

  /** Length of the instruction that raises it, 0 for those from elsewhere. */
  int length() {
    return this == INT_N ? 2 : code.isEmpty() ? 0 : 1;
  }

  void prepare(Rig r) {
    if (!code.isEmpty()) {
      r.code(code);
    }
  }

  /** Raises it; "-" or the fault of its delivery. */
  String raise(Rig r) {
    try {
      if (code.isEmpty()) {
        EventProbe.hardware(r.c, vector, ERROR);
      } else {
        r.m.stepRaw();
      }
      return "-";
    } catch (GuestFault f) {
      return FakeMachine.describe(f);
    }
  }
}
