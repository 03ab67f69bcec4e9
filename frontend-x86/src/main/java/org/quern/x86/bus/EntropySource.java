package org.quern.x86.bus;

/** Random bits for RDRAND and RDSEED. */
@FunctionalInterface
public interface EntropySource {
  /** The next 64 bits. */
  long next();

  /** Random bits of the host, cryptographically strong; for one thread. */
  static EntropySource host() {
    return new HostEntropy();
  }
}
