package org.quern.machine.io;

/**
 * Counts what the guest asked of nobody, for reports: not an error, but often the first hint at a
 * missing device. Counts of bytes for ports, of accesses for memory. Under the machine lock.
 */
public final class UnassignedAccesses {
  private long portReads;
  private long portWrites;
  private long memoryReads;
  private long memoryWrites;
  private int lastPort = -1;
  private long lastAddress = -1;

  public void portRead(int port) {
    portReads++;
    lastPort = port;
  }

  public void portWrite(int port) {
    portWrites++;
    lastPort = port;
  }

  public void memoryRead(long physical) {
    memoryReads++;
    lastAddress = physical;
  }

  public void memoryWrite(long physical) {
    memoryWrites++;
    lastAddress = physical;
  }

  public long portReads() {
    return portReads;
  }

  public long portWrites() {
    return portWrites;
  }

  public long memoryReads() {
    return memoryReads;
  }

  public long memoryWrites() {
    return memoryWrites;
  }

  /** The port of the last such access, or -1. */
  public int lastPort() {
    return lastPort;
  }

  /** The address of the last such access, or -1. */
  public long lastAddress() {
    return lastAddress;
  }
}
