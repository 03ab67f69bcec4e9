package org.quern.accel.kvm;

import org.quern.accel.api.CpuState;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.Fpu;

/**
 * Between {@link CpuState} and {@code struct kvm_xsave}, which is an XSAVE image in the standard
 * format, and {@code struct kvm_xcrs}. Source: SDM vol. 1, 13.4.
 */
final class KvmVectors {
  private static final int TAGS = 4;
  private static final int OPCODE = 6;
  private static final int INSTRUCTION = 8;
  private static final int DATA = 16;
  private static final int MXCSR = 24;
  private static final int STACK = 32;
  private static final int XMM = 160;
  private static final int STATE_BV = 512;
  private static final int YMM_HIGH = 576;
  private static final int X87_SSE = 3;
  private static final int AVX = 4;
  private static final int PKRU = 1 << 9;
  private static final int STATE_LEAF = 0xd;

  /** Components whose state the kernel takes. */
  private final int components;

  /** Where PKRU is in the image; it differs between Intel's processors and AMD's. */
  private final int pkru;

  /**
   * @param supported what KVM supports: tells components and where they are
   */
  KvmVectors(KvmCpuid supported) {
    components = X87_SSE | supported.word(STATE_LEAF, 0, 'a') & (AVX | PKRU);
    pkru = supported.word(STATE_LEAF, 9, 'b');
  }

  static void putXcr0(CpuState from, long to) {
    HostMemory.fill(to, KvmAbi.XCRS_ENTRIES + 16, (byte) 0);
    HostMemory.putInt(to, 1);
    HostMemory.putLong(to + KvmAbi.XCRS_ENTRIES + KvmAbi.XCR_VALUE, from.xcr0);
  }

  static void getXcr0(long from, CpuState to) {
    to.xcr0 = HostMemory.getLong(from + KvmAbi.XCRS_ENTRIES + KvmAbi.XCR_VALUE);
  }

  void put(CpuState from, long to) {
    HostMemory.fill(to, KvmAbi.XSAVE_BYTES, (byte) 0);
    Fpu f = from.fpu;
    HostMemory.putShort(to, (short) f.control);
    HostMemory.putShort(to + 2, (short) (f.status | f.top << 11));
    int present = 0;
    for (int r = 0; r < 8; r++) {
      present |= (f.tag >> 2 * r & 3) != 3 ? 1 << r : 0;
    }
    HostMemory.putByte(to + TAGS, (byte) present);
    HostMemory.putShort(to + OPCODE, (short) f.opcode);
    HostMemory.putLong(to + INSTRUCTION, f.ip);
    HostMemory.putLong(to + DATA, f.dp);
    HostMemory.putInt(to + MXCSR, from.mxcsr);
    for (int i = 0; i < 8; i++) {
      int r = f.top + i & 7;
      HostMemory.putLong(to + STACK + 16L * i, f.significand[r]);
      HostMemory.putShort(to + STACK + 16L * i + 8, (short) f.signExponent[r]);
    }
    for (int i = 0; i < 16; i++) {
      HostMemory.putLong(to + XMM + 16L * i, from.vec[4 * i]);
      HostMemory.putLong(to + XMM + 16L * i + 8, from.vec[4 * i + 1]);
      HostMemory.putLong(to + YMM_HIGH + 16L * i, from.vec[4 * i + 2]);
      HostMemory.putLong(to + YMM_HIGH + 16L * i + 8, from.vec[4 * i + 3]);
    }
    if ((components & PKRU) != 0) {
      HostMemory.putInt(to + pkru, from.pkru);
    }
    // Not only what XCR0 enables: XMM registers, say, are there without it.
    HostMemory.putLong(to + STATE_BV, components);
  }

  /** A component that is in its initial state has no meaningful bytes in the image. */
  void get(long from, CpuState to) {
    long present = HostMemory.getLong(from + STATE_BV);
    boolean avx = (present & AVX) != 0;
    boolean sse = (present & 2) != 0;
    for (int i = 0; i < 16; i++) {
      to.vec[4 * i] = sse ? HostMemory.getLong(from + XMM + 16L * i) : 0;
      to.vec[4 * i + 1] = sse ? HostMemory.getLong(from + XMM + 16L * i + 8) : 0;
      to.vec[4 * i + 2] = avx ? HostMemory.getLong(from + YMM_HIGH + 16L * i) : 0;
      to.vec[4 * i + 3] = avx ? HostMemory.getLong(from + YMM_HIGH + 16L * i + 8) : 0;
    }
    to.mxcsr = HostMemory.getInt(from + MXCSR);
    to.pkru = (present & components & PKRU) != 0 ? HostMemory.getInt(from + pkru) : 0;
    Fpu f = to.fpu;
    f.init();
    if ((present & 1) == 0) {
      return;
    }
    f.control = HostMemory.getShort(from) & 0xffff;
    int status = HostMemory.getShort(from + 2) & 0xffff;
    f.top = status >> 11 & 7;
    f.status = status & ~(7 << 11);
    f.opcode = HostMemory.getShort(from + OPCODE) & 0x7ff;
    f.ip = HostMemory.getLong(from + INSTRUCTION);
    f.dp = HostMemory.getLong(from + DATA);
    int tags = HostMemory.getByte(from + TAGS) & 0xff;
    f.tag = 0;
    for (int i = 0; i < 8; i++) {
      int r = f.top + i & 7;
      f.significand[r] = HostMemory.getLong(from + STACK + 16L * i);
      f.signExponent[r] = HostMemory.getShort(from + STACK + 16L * i + 8) & 0xffff;
      boolean full = (tags >> r & 1) != 0;
      f.tag |= (full ? tagOf(f.significand[r], f.signExponent[r]) : 3) << 2 * r;
    }
  }

  /** The two tag bits that the image does not hold: SDM vol. 1, 8.1.7. */
  private static int tagOf(long significand, int signExponent) {
    int exponent = signExponent & 0x7fff;
    if (exponent == 0 && significand == 0) {
      return 1;
    }
    return exponent == 0 || exponent == 0x7fff || significand >= 0 ? 2 : 0;
  }
}
