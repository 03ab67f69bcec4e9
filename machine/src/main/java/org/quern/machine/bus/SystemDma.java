package org.quern.machine.bus;

import java.util.Arrays;
import java.util.Objects;
import org.quern.machine.core.DmaSpace;
import org.quern.machine.mem.PhysicalMap;
import org.quern.x86.mem.HostMemory;

/**
 * Physical memory as bus masters and loaders see it: RAM and ROM, page by page through the memory
 * map, so no guest address can reach anything else. Device windows are not reachable by DMA: they
 * read as ones and swallow writes.
 *
 * <p>Threading: any thread; the guest's own races on its RAM are its own.
 */
public final class SystemDma implements DmaSpace {
  private final PhysicalMap memory;
  private volatile WriteListener listener = (physical, bytes) -> {};

  /** Learns of guest RAM written from outside the processors. */
  @FunctionalInterface
  public interface WriteListener {
    void memoryWritten(long physical, long bytes);
  }

  public SystemDma(PhysicalMap memory) {
    this.memory = memory;
  }

  /** Sets who is told of each write from now on; replaces the one before. */
  public void onWrite(WriteListener newListener) {
    listener = newListener;
  }

  @Override
  public void read(long physical, byte[] to, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, to.length);
    int done = 0;
    while (done < length) {
      long at = physical + done;
      int piece = pieceAt(at, length - done);
      long host = memory.readPage(at);
      if (host != 0) {
        HostMemory.read(host + (at & 0xfff), to, offset + done, piece);
      } else {
        Arrays.fill(to, offset + done, offset + done + piece, (byte) 0xff);
      }
      done += piece;
    }
  }

  @Override
  public void write(long physical, byte[] from, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, from.length);
    boolean written = false;
    int done = 0;
    while (done < length) {
      long at = physical + done;
      int piece = pieceAt(at, length - done);
      long host = memory.writePage(at);
      if (host != 0) {
        HostMemory.write(from, offset + done, piece, host + (at & 0xfff));
        written = true;
      }
      done += piece;
    }
    if (written) {
      listener.memoryWritten(physical, length);
    }
  }

  /** Bytes up to the end of the page, at most {@code left}. */
  private static int pieceAt(long physical, int left) {
    return Math.min(left, HostMemory.PAGE_SIZE - (int) (physical & 0xfff));
  }
}
