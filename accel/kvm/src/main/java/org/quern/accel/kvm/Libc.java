package org.quern.accel.kvm;

import com.sun.jna.Native;

/**
 * The few system calls KVM needs, bound directly: no allocation and no reflection in a call. A
 * result of -1 is a failure, whose reason {@link #error} tells.
 */
final class Libc {
  static final int O_RDWR = 2;
  static final int O_CLOEXEC = 0x80000;
  static final int PROT_READ_WRITE = 3;
  static final int MAP_SHARED = 1;
  static final int EINTR = 4;
  static final int E2BIG = 7;

  static {
    Native.register(Libc.class, "c");
  }

  private Libc() {}

  static native int open(String path, int flags);

  static native int close(int fd);

  /** {@code ioctl} with a number or an address. */
  static native int ioctl(int fd, long request, long argument);

  static native long mmap(long address, long length, int protection, int flags, int fd, long at);

  static native int munmap(long address, long length);

  private static native String strerror(int number);

  /** Number of the last failure on this thread. */
  static int errno() {
    return Native.getLastError();
  }

  /** What the last failure on this thread was, in words. */
  static String error() {
    return strerror(errno());
  }
}
