package org.quern.x86.semantics;

import java.util.Arrays;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Fpu;

/**
 * The legacy region of extended state: FXSAVE, FXRSTOR, LDMXCSR and STMXCSR, and the parts of that
 * region for {@link Xsave}. Sources: SDM vol. 1, 10.5 (FXSAVE area); vol. 2A, table 3-43 (layout).
 */
public final class ExtendedState {
  /** MXCSR bits that may be set; also MXCSR_MASK. */
  public static final int MXCSR_MASK = 0xffff;

  public static final int MXCSR_DEFAULT = 0x1f80;

  // Offsets in the legacy region
  private static final int FCW = 0;
  private static final int FSW = 2;
  private static final int FTW = 4;
  private static final int FOP = 6;
  private static final int FIP = 8;
  private static final int FCS = 12;
  private static final int FDP = 16;
  private static final int FDS = 20;
  static final int MXCSR = 24;
  private static final int MASK = 28;
  private static final int ST0 = 32;
  private static final int XMM0 = 160;

  private ExtendedState() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case FXSAVE -> ExtendedState::fxsave;
      case FXRSTOR -> ExtendedState::fxrstor;
      case LDMXCSR, VLDMXCSR -> ExtendedState::ldmxcsr;
      case STMXCSR, VSTMXCSR -> ExtendedState::stmxcsr;
      default -> null;
    };
  }

  // ---- MXCSR

  private static void ldmxcsr(Cpu c, Insn i) {
    VexOperands.checkEither(c, i);
    c.mxcsr = checkedMxcsr(c, (int) SimdAccess.readMem(c, i, 4));
  }

  private static void stmxcsr(Cpu c, Insn i) {
    VexOperands.checkEither(c, i);
    c.mmu.write32(Operands.writeAddress(c, i, 4), c.mxcsr);
  }

  static int checkedMxcsr(Cpu c, int v) {
    if ((v & ~MXCSR_MASK) != 0) {
      throw c.gp(0);
    }
    return v;
  }

  // ---- FXSAVE, FXRSTOR

  private static void fxsave(Cpu c, Insn i) {
    checkFxsr(c);
    long la = Operands.writeAddress(c, i, StateComponents.LEGACY_BYTES);
    checkAligned(c, la, 16);
    probeWrite(c, la, StateComponents.LEGACY_BYTES);
    saveX87(c, la, i.opSize == 64);
    saveMxcsr(c, la);
    saveXmm(c, la);
  }

  private static void fxrstor(Cpu c, Insn i) {
    checkFxsr(c);
    long la = Operands.readAddress(c, i, StateComponents.LEGACY_BYTES);
    checkAligned(c, la, 16);
    probeRead(c, la, StateComponents.LEGACY_BYTES);
    int mxcsr = checkedMxcsr(c, c.mmu.read32(la + MXCSR));
    loadX87(c, la, i.opSize == 64);
    loadXmm(c, la);
    c.mxcsr = mxcsr;
  }

  private static void checkFxsr(Cpu c) {
    if ((c.cr0 & (Cr.CR0_EM | Cr.CR0_TS)) != 0) {
      throw (c.cr0 & Cr.CR0_EM) != 0 ? c.ud() : c.nm();
    }
  }

  // ---- x87 part of the legacy region

  static void saveX87(Cpu c, long la, boolean wide) {
    Fpu f = c.fpu;
    c.mmu.write16(la + FCW, f.control);
    c.mmu.write16(la + FSW, f.status & ~0x3800 | f.top << 11);
    c.mmu.write16(la + FTW, abridged(f.tag));
    c.mmu.write16(la + FOP, f.opcode);
    if (wide) {
      c.mmu.write64(la + FIP, f.ip);
      c.mmu.write64(la + FDP, f.dp);
    } else {
      c.mmu.write32(la + FIP, (int) f.ip);
      c.mmu.write32(la + FCS, f.cs);
      c.mmu.write32(la + FDP, (int) f.dp);
      c.mmu.write32(la + FDS, f.ds);
    }
    for (int n = 0; n < 8; n++) {
      int r = f.top + n & 7;
      long a = la + ST0 + 16L * n;
      c.mmu.write64(a, f.significand[r]);
      c.mmu.write64(a + 8, f.signExponent[r]);
    }
  }

  static void loadX87(Cpu c, long la, boolean wide) {
    Fpu f = c.fpu;
    // Bit 6 always reads as 1; 7 and 13 to 15 as 0.
    f.control = c.mmu.read16(la + FCW) & 0x1f7f | 0x40;
    int status = c.mmu.read16(la + FSW);
    f.top = status >> 11 & 7;
    f.status = summarize(status & ~0x3800, f.control);
    f.opcode = c.mmu.read16(la + FOP) & 0x7ff;
    if (wide) {
      f.ip = c.mmu.read64(la + FIP);
      f.dp = c.mmu.read64(la + FDP);
      f.cs = 0;
      f.ds = 0;
    } else {
      f.ip = c.mmu.read32(la + FIP) & 0xffffffffL;
      f.cs = c.mmu.read16(la + FCS);
      f.dp = c.mmu.read32(la + FDP) & 0xffffffffL;
      f.ds = c.mmu.read16(la + FDS);
    }
    for (int n = 0; n < 8; n++) {
      int r = f.top + n & 7;
      long a = la + ST0 + 16L * n;
      f.significand[r] = c.mmu.read64(a);
      f.signExponent[r] = c.mmu.read16(a + 8);
    }
    f.tag = fullTag(f, c.mmu.read8(la + FTW));
  }

  static void clearX87(Fpu f) {
    f.init();
    Arrays.fill(f.significand, 0);
    Arrays.fill(f.signExponent, 0);
  }

  /** ES and B follow the unmasked exceptions whatever the image says. */
  private static int summarize(int status, int control) {
    boolean pending = (status & ~control & 0x3f) != 0;
    return pending ? status | 0x8080 : status & ~0x8080;
  }

  /** One bit a register: 1 where the tag is not empty. */
  static int abridged(int tag) {
    int r = 0;
    for (int n = 0; n < 8; n++) {
      if ((tag >> 2 * n & 3) != 3) {
        r |= 1 << n;
      }
    }
    return r;
  }

  /** The two-bit tags that belong to the contents of the registers marked in {@code abridged}. */
  static int fullTag(Fpu f, int abridged) {
    int tag = 0;
    for (int n = 0; n < 8; n++) {
      int t = (abridged >> n & 1) == 0 ? 3 : tagOf(f.signExponent[n], f.significand[n]);
      tag |= t << 2 * n;
    }
    return tag;
  }

  /** Tag of a value: 0 valid, 1 zero, 2 special. Source: SDM vol. 1, 8.1.7. */
  static int tagOf(int signExponent, long significand) {
    int exponent = signExponent & 0x7fff;
    if (exponent == 0 && significand == 0) {
      return 1;
    }
    return exponent == 0 || exponent == 0x7fff || significand >= 0 ? 2 : 0;
  }

  // ---- SSE part of the legacy region

  static void saveMxcsr(Cpu c, long la) {
    c.mmu.write32(la + MXCSR, c.mxcsr);
    c.mmu.write32(la + MASK, MXCSR_MASK);
  }

  static void saveXmm(Cpu c, long la) {
    int count = c.longMode ? 16 : 8;
    for (int r = 0; r < count; r++) {
      long a = la + XMM0 + 16L * r;
      c.mmu.write64(a, c.vec[r * 4]);
      c.mmu.write64(a + 8, c.vec[r * 4 + 1]);
    }
  }

  static void loadXmm(Cpu c, long la) {
    int count = c.longMode ? 16 : 8;
    for (int r = 0; r < count; r++) {
      long a = la + XMM0 + 16L * r;
      c.vec[r * 4] = c.mmu.read64(a);
      c.vec[r * 4 + 1] = c.mmu.read64(a + 8);
    }
  }

  static void clearXmm(Cpu c) {
    int count = c.longMode ? 16 : 8;
    for (int r = 0; r < count; r++) {
      c.vec[r * 4] = 0;
      c.vec[r * 4 + 1] = 0;
    }
  }

  // ---- memory checks, all before the first effect

  private static void checkAligned(Cpu c, long la, int alignment) {
    if ((la & alignment - 1) != 0) {
      throw c.gp(0);
    }
  }

  /** The area spans two pages at most: probe its first and last 16 bytes. */
  private static void probeWrite(Cpu c, long la, int bytes) {
    c.mmu.probeWrite(la, 16);
    c.mmu.probeWrite(la + bytes - 16, 16);
  }

  static void probeRead(Cpu c, long la, int bytes) {
    c.mmu.probeRead(la, 16);
    c.mmu.probeRead(la + bytes - 16, 16);
  }
}
