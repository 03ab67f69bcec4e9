package org.quern.x86.mem;

import jdk.internal.misc.Unsafe;
import jdk.internal.vm.annotation.ForceInline;

/**
 * Raw host memory: the one audited place where Quern leaves Java's memory safety.
 *
 * <p>Why unsafe: a dependent guest load with its TLB check costs 6.9 ns through Unsafe; VarHandle
 * and MemorySegment match that only in C2 and are 2 to 8 times slower in HotSpot's interpreter and
 * C1 (FACTS 9). Why {@code jdk.internal.misc}: {@code sun.misc.Unsafe} warns from JDK 24 on and has
 * no byte and short compare-and-set.
 *
 * <p>Why it stays in bounds: addresses come only from {@link #allocate}d areas (and the page that
 * the kernel shares for a virtual processor of KVM) through a TLB entry or a bus mapping of a whole
 * page, and every access is checked by its caller to stay inside that page (the TLB compare
 * includes the last byte).
 */
public final class HostMemory {
  private static final Unsafe U = Unsafe.getUnsafe();

  /** Bytes of a guest page, and the alignment of {@link #allocate}. */
  public static final int PAGE_SIZE = 4096;

  /**
   * Above this size malloc maps fresh zero pages, which stay untouched until the guest uses them.
   */
  private static final long FRESH_MAPPING_BYTES = 64L << 20;

  /** Where the elements of a byte array start; a constant to the compilers. */
  private static final long BYTES = byteArrayBase();

  private HostMemory() {}

  /**
   * Read by name because its type is int up to JDK 21 and long later, so code compiled against one
   * does not link with the other.
   */
  private static long byteArrayBase() {
    try {
      return ((Number) Unsafe.class.getField("ARRAY_BYTE_BASE_OFFSET").get(null)).longValue();
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * Allocates a zeroed, page-aligned area that lives until the process ends.
   *
   * @param bytes size, a positive multiple of {@link #PAGE_SIZE}
   * @return host address
   * @throws OutOfMemoryError if the host has not that much address space
   */
  public static long allocate(long bytes) {
    if (bytes <= 0 || bytes % PAGE_SIZE != 0) {
      throw new IllegalArgumentException("not a whole number of pages: " + bytes);
    }
    long raw = U.allocateMemory(bytes + PAGE_SIZE);
    long aligned = (raw + PAGE_SIZE - 1) & -PAGE_SIZE;
    if (bytes < FRESH_MAPPING_BYTES) {
      U.setMemory(aligned, bytes, (byte) 0);
    }
    return aligned;
  }

  @ForceInline
  public static byte getByte(long a) {
    return U.getByte(a);
  }

  @ForceInline
  public static short getShort(long a) {
    return U.getShort(a);
  }

  @ForceInline
  public static int getInt(long a) {
    return U.getInt(a);
  }

  @ForceInline
  public static long getLong(long a) {
    return U.getLong(a);
  }

  @ForceInline
  public static void putByte(long a, byte v) {
    U.putByte(a, v);
  }

  @ForceInline
  public static void putShort(long a, short v) {
    U.putShort(a, v);
  }

  @ForceInline
  public static void putInt(long a, int v) {
    U.putInt(a, v);
  }

  @ForceInline
  public static void putLong(long a, long v) {
    U.putLong(a, v);
  }

  /** Atomic compare-and-set of a byte; works at any address. */
  public static boolean compareAndSetByte(long a, byte expected, byte v) {
    return U.compareAndSetByte(null, a, expected, v);
  }

  /** Atomic compare-and-set; {@code a} must be 2-byte aligned. */
  public static boolean compareAndSetShort(long a, short expected, short v) {
    return U.compareAndSetShort(null, a, expected, v);
  }

  /** Atomic compare-and-set; {@code a} must be 4-byte aligned. */
  public static boolean compareAndSetInt(long a, int expected, int v) {
    return U.compareAndSetInt(null, a, expected, v);
  }

  /** Atomic compare-and-set; {@code a} must be 8-byte aligned. */
  public static boolean compareAndSetLong(long a, long expected, long v) {
    return U.compareAndSetLong(null, a, expected, v);
  }

  /** Orders all earlier loads and stores before all later ones (MFENCE, locked instructions). */
  public static void fullFence() {
    U.fullFence();
  }

  /** Copies bytes forward or backward as if through a buffer. */
  public static void copy(long from, long to, long bytes) {
    U.copyMemory(from, to, bytes);
  }

  public static void fill(long a, long bytes, byte value) {
    U.setMemory(a, bytes, value);
  }

  /** Copies from host memory into an array. */
  public static void read(long from, byte[] to, int offset, int length) {
    java.util.Objects.checkFromIndexSize(offset, length, to.length);
    U.copyMemory(null, from, to, BYTES + offset, length);
  }

  /** Copies from an array into host memory. */
  public static void write(byte[] from, int offset, int length, long to) {
    java.util.Objects.checkFromIndexSize(offset, length, from.length);
    U.copyMemory(from, BYTES + offset, null, to, length);
  }
}
