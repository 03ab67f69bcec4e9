package org.quern.accel.kvm;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;

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
  static final int EAGAIN = 11;

  // Numbers of system calls: asm/unistd_64.h
  static final long SYS_GETTID = 186;
  static final long SYS_TGKILL = 234;

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

  /** A system call by number, for those that older C libraries have no function for. */
  static native long syscall(long number, long a, long b, long c);

  static native int getpid();

  /** Sets what a signal does: {@code handler} is the address of a C function of one int. */
  static native Pointer signal(int number, Pointer handler);

  /** Address of a function of the C library. */
  static Pointer function(String name) {
    return NativeLibrary.getInstance("c").getFunction(name);
  }

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
