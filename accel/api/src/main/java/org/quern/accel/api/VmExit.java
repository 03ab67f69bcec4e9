package org.quern.accel.api;

/** Why {@link Vcpu#run} returned. Mutable and reused: read it before the next run. */
public final class VmExit {
  /** The closed set of reasons. */
  public enum Kind {
    /** {@link Vcpu#kick} was called. */
    KICKED,
    /** HLT (or wait-for-SIPI, or shutdown state) with nothing to wake the processor. */
    HLT,
    /** Triple fault: the machine resets or stops. */
    SHUTDOWN,
    /** A debugger's breakpoint or single step. */
    DEBUG,
    /** The accelerator met something it cannot continue from; {@link #message} says what. */
    INTERNAL_ERROR
  }

  public Kind kind;

  /**
   * A sentence for {@link Kind#INTERNAL_ERROR} and {@link Kind#SHUTDOWN}. For {@link Kind#HLT} why
   * no maskable interrupt can wake the processor, or null if one can. Null otherwise.
   */
  public String message;

  public VmExit set(Kind kind, String message) {
    this.kind = kind;
    this.message = message;
    return this;
  }
}
