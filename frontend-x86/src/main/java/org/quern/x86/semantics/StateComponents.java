package org.quern.x86.semantics;

import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Fpu;

/**
 * The state components of the XSAVE feature set: which a model has, where each lies in an XSAVE
 * area, and whether it differs from its initial configuration. Components are bits of XCR0. Source:
 * SDM vol. 1, 13.1 to 13.6.
 */
public final class StateComponents {
  public static final long X87 = 1;
  public static final long SSE = 1 << 1;

  /** Upper halves of YMM0 to YMM15. */
  public static final long AVX = 1 << 2;

  public static final long PKRU = 1 << 9;

  /** Bytes of the legacy region. */
  static final int LEGACY_BYTES = 512;

  /** Bytes of the legacy region and the header. */
  static final int BASE_BYTES = 576;

  private static final int AVX_NUMBER = 2;
  private static final int PKRU_NUMBER = 9;
  private static final int LAST_NUMBER = PKRU_NUMBER;

  private StateComponents() {}

  /** The user components of a model: what XCR0 may hold. */
  static long user(CpuModel m) {
    long v = X87;
    v |= m.has(CpuFeature.SSE) ? SSE : 0;
    v |= m.has(CpuFeature.AVX) ? AVX : 0;
    v |= m.has(CpuFeature.PKU) ? PKRU : 0;
    return v;
  }

  /** The supervisor components of a model: what IA32_XSS may hold. Nothing that has one exists. */
  static long supervisor() {
    return 0;
  }

  /** Bytes of component {@code n}; 0 if there is no such component in the extended region. */
  static int size(int n) {
    return switch (n) {
      case AVX_NUMBER -> 256;
      case PKRU_NUMBER -> 8;
      default -> 0;
    };
  }

  /** Where component {@code n} of the extended region starts in the standard format. */
  static int standardOffset(int n) {
    return n == AVX_NUMBER ? BASE_BYTES : 2688;
  }

  /** Where component {@code n} starts in the compacted format with these components. */
  static int compactedOffset(int n, long format) {
    int at = BASE_BYTES;
    for (int k = 2; k < n; k++) {
      at += (format >>> k & 1) != 0 ? size(k) : 0;
    }
    return at;
  }

  /** Bytes of an area in the standard format that holds these components. */
  static int standardSize(long components) {
    for (int n = LAST_NUMBER; n > 1; n--) {
      if ((components >>> n & 1) != 0) {
        return standardOffset(n) + size(n);
      }
    }
    return BASE_BYTES;
  }

  /** Bytes of an area in the compacted format that holds these components. */
  static int compactedSize(long components) {
    return compactedOffset(LAST_NUMBER + 1, components);
  }

  // ---- XINUSE: SDM vol. 1, 13.6

  /** The components that are not in their initial configuration; MXCSR does not count. */
  static long inUse(Cpu c) {
    long v = x87InUse(c.fpu) ? X87 : 0;
    v |= lanesInUse(c.vec, 0) ? SSE : 0;
    v |= lanesInUse(c.vec, 2) ? AVX : 0;
    v |= c.pkru != 0 ? PKRU : 0;
    return v;
  }

  private static boolean x87InUse(Fpu f) {
    long v = f.control ^ 0x37f | f.status | f.top | f.tag ^ 0xffff | f.opcode | f.cs | f.ds;
    v |= f.ip | f.dp;
    for (int n = 0; n < 8; n++) {
      v |= f.significand[n] | f.signExponent[n];
    }
    return v != 0;
  }

  /** Whether lane {@code lane} or the one above it is not zero in some vector register. */
  private static boolean lanesInUse(long[] vec, int lane) {
    long v = 0;
    for (int at = lane; at < 4 * 16; at += 4) {
      v |= vec[at] | vec[at + 1];
    }
    return v != 0;
  }
}
