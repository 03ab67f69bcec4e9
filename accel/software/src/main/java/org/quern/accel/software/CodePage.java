package org.quern.accel.software;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The ops decoded from one physical page in one {@link CodeMode}. Dropped as a whole when a store
 * hits a 64-byte granule that holds code.
 */
final class CodePage {
  static final int GRANULE_SHIFT = 6;

  private static final VarHandle OPS = MethodHandles.arrayElementVarHandle(Op[].class);

  final long physical;
  final CodeMode mode;

  /** Host address of the page's bytes. */
  final long host;

  /** By offset of the first byte. Written by {@link #publish} only. */
  final Op[] ops = new Op[4096];

  /** One bit for each granule that holds bytes of a decoded instruction. */
  volatile long granules;

  /** Whether every store to the page has been told to the cache since before the first decoding. */
  volatile boolean guarded;

  /** False once dropped; never becomes true again. */
  volatile boolean valid = true;

  /** Stores that hit the page but no code; many of them say that the page is data by now. */
  int misses;

  /** Where indirect jumps led to, by their offset. */
  private final ConcurrentHashMap<Integer, TargetProfile> profiles = new ConcurrentHashMap<>();

  /** Translated code by the offset it can be entered at. */
  private final ConcurrentHashMap<Integer, RegionEntry> regions = new ConcurrentHashMap<>();

  private final AtomicInteger regionCount = new AtomicInteger();

  CodePage(long physical, CodeMode mode, long host) {
    this.physical = physical;
    this.mode = mode;
    this.host = host;
  }

  /**
   * Makes an op visible to all processors, which read {@link #ops} without a lock: the op and the
   * ops linked behind it must be complete.
   */
  void publish(int offset, Op op) {
    OPS.setRelease(ops, offset, op);
  }

  /** Marks the bytes from {@code start} up to (not including) {@code end} as code. */
  synchronized void cover(int start, int end) {
    granules |= mask(start, Math.min(end, 4096) - start);
  }

  /** What is known of the indirect jump at an offset, or null. */
  TargetProfile profile(int offset) {
    return profiles.get(offset);
  }

  /** An indirect jump at an offset has led to another, which may lie in another page. */
  void recordTarget(int jump, int target) {
    profiles.computeIfAbsent(jump, o -> new TargetProfile()).record(target);
  }

  /** Translated code that can be entered at an offset, or null. */
  RegionEntry regionAt(int offset) {
    return regions.get(offset);
  }

  /** Regions that begin in the page. */
  int regionCount() {
    return regionCount.get();
  }

  /** A region was translated that begins in the page. */
  void countRegion() {
    regionCount.incrementAndGet();
  }

  /** Makes translated code known at an offset it can be entered at; any thread. */
  void install(int offset, RegionEntry entry) {
    // What was made for an entry is better for it than what merely has it.
    RegionEntry now =
        regions.merge(offset, entry, (old, e) -> e.index() == 0 || old.index() != 0 ? e : old);
    if (now.equals(entry) && ops[offset] instanceof EntryOp op) {
      op.install(entry);
    }
  }

  /** Translated code is of no use any more at an offset; any thread. */
  void uninstall(int offset, RegionEntry entry) {
    regions.remove(offset, entry);
  }

  /** Granule bits of {@code size} bytes at {@code offset}. */
  static long mask(int offset, int size) {
    int first = offset >> GRANULE_SHIFT;
    int last = Math.min(63, offset + size - 1 >> GRANULE_SHIFT);
    return -1L << first & -1L >>> 63 - last;
  }
}
