package org.quern.x86.fault;

/**
 * An x86 exception raised by guest code, on its way to the engine that will deliver it.
 *
 * <p>Each processor owns one instance and rethrows it, so raising a fault allocates nothing. It has
 * no stack trace. The engine that catches it restores RIP to the start of the faulting instruction
 * unless {@link #trap} says that the instruction has completed.
 */
public final class GuestFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Vector, 0 to 31. */
  public int vector;

  /** Error code; meaningful if {@link Vector#hasErrorCode} of the vector. */
  public int errorCode;

  /** Faulting linear address; meaningful for #PF, where delivery loads it into CR2. */
  public long cr2;

  /** True if RIP already names the next instruction (#BP, #OF, trap-class #DB). */
  public boolean trap;

  /**
   * True for a #GP(0) that the MMU raised for a non-canonical address; the engine turns it into
   * #SS(0) where the access went through SS.
   */
  public boolean nonCanonical;

  public GuestFault() {
    super(null, null, false, false);
  }

  /** Fills in a fault without an error code, or with error code 0. */
  public GuestFault set(int vector) {
    return set(vector, 0);
  }

  /** Fills in a fault-class exception. */
  public GuestFault set(int vector, int errorCode) {
    this.vector = vector;
    this.errorCode = errorCode;
    this.trap = false;
    this.nonCanonical = false;
    return this;
  }

  /** Fills in a page fault. Error code bits: SDM vol. 3A, figure 4-12. */
  public GuestFault setPageFault(long linear, int errorCode) {
    set(Vector.PF, errorCode);
    this.cr2 = linear;
    return this;
  }

  /** Fills in a #GP(0) for a non-canonical address. */
  public GuestFault setNonCanonical() {
    set(Vector.GP, 0);
    this.nonCanonical = true;
    return this;
  }

  @Override
  public String getMessage() {
    return String.format("#%d(%x) cr2=%x", vector, errorCode, cr2);
  }
}
