package org.quern.x86.bus;

import java.nio.ByteBuffer;
import java.security.SecureRandom;

/** Random bits of the host, fetched in blocks. Not thread-safe. */
final class HostEntropy implements EntropySource {
  private static final int BLOCK_BYTES = 512;

  private final ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES).limit(0);

  /** Made when a guest first asks: its providers take milliseconds to load. */
  private SecureRandom random;

  @Override
  public long next() {
    if (!block.hasRemaining()) {
      refill();
    }
    return block.getLong();
  }

  private void refill() {
    if (random == null) {
      random = new SecureRandom();
    }
    random.nextBytes(block.array());
    block.clear();
  }
}
