package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.mmu.Mmu;
import org.quern.x86.semantics.fp.FpFlags;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Fpu;

/**
 * FNSTENV, FLDENV, FNSAVE and FRSTOR in the four layouts of the environment: 16 and 32 bits, with
 * selectors (protected mode) or linear addresses (real and virtual-8086 mode). Source: SDM vol. 1,
 * figures 8-9 to 8-12.
 */
public final class X87Environment {
  private static final int BYTES_16 = 14;
  private static final int BYTES_32 = 28;
  private static final int REGISTER = 10;
  private static final int REGISTERS = 8 * REGISTER;

  /** What the unused upper half of a 32-bit slot holds. */
  private static final int RESERVED = 0xffff0000;

  private static final int OPCODE = 0x7ff;

  private X87Environment() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case FNSTENV -> X87Environment::fnstenv;
      case FLDENV -> X87Environment::fldenv;
      case FNSAVE -> X87Environment::fnsave;
      case FRSTOR -> X87Environment::frstor;
      default -> null;
    };
  }

  private static void fnstenv(Cpu c, Insn i) {
    X87Control.checkAvailable(c);
    int bytes = environmentBytes(i);
    long la = Operands.writeAddress(c, i, bytes);
    probeWrite(c, i, la, bytes);
    store(c, i, la);
    // All exceptions become masked, so none is pending.
    c.fpu.control |= FpFlags.ALL;
    X87Control.summarize(c);
  }

  private static void fldenv(Cpu c, Insn i) {
    X87Control.checkAvailable(c);
    X87Control.checkPending(c);
    int bytes = environmentBytes(i);
    long la = Operands.readAddress(c, i, bytes);
    probeRead(c, i, la, bytes);
    load(c, i, la);
  }

  private static void fnsave(Cpu c, Insn i) {
    X87Control.checkAvailable(c);
    int header = environmentBytes(i);
    long la = Operands.writeAddress(c, i, header + REGISTERS);
    probeWrite(c, i, la, header + REGISTERS);
    store(c, i, la);
    Fpu f = c.fpu;
    for (int st = 0; st < 8; st++) {
      int r = f.top + st & 7;
      int to = header + REGISTER * st;
      // By words: with alignment checking, that is all a register needs.
      for (int k = 0; k < 4; k++) {
        c.mmu.write16(at(c, la, to + 2 * k), (int) (f.significand[r] >>> 16 * k));
      }
      c.mmu.write16(at(c, la, to + 8), f.signExponent[r]);
    }
    f.init();
  }

  private static void frstor(Cpu c, Insn i) {
    X87Control.checkAvailable(c);
    X87Control.checkPending(c);
    int header = environmentBytes(i);
    long la = Operands.readAddress(c, i, header + REGISTERS);
    probeRead(c, i, la, header + REGISTERS);
    load(c, i, la);
    Fpu f = c.fpu;
    for (int st = 0; st < 8; st++) {
      int r = f.top + st & 7;
      int from = header + REGISTER * st;
      long significand = 0;
      for (int k = 0; k < 4; k++) {
        significand |= (long) c.mmu.read16(at(c, la, from + 2 * k)) << 16 * k;
      }
      f.significand[r] = significand;
      f.signExponent[r] = c.mmu.read16(at(c, la, from + 8));
    }
  }

  private static int environmentBytes(Insn i) {
    return i.opSize == 16 ? BYTES_16 : BYTES_32;
  }

  /** Raises what writing the area, which spans two pages at most, would raise. */
  private static void probeWrite(Cpu c, Insn i, long la, int bytes) {
    c.mmu.probeWrite(la, i.opSize == 16 ? 2 : 4);
    long page = at(c, la, bytes - 1) & Mmu.PAGE_MASK;
    if (page != (la & Mmu.PAGE_MASK)) {
      c.mmu.probeWrite(page, 1);
    }
  }

  private static void probeRead(Cpu c, Insn i, long la, int bytes) {
    c.mmu.probeRead(la, i.opSize == 16 ? 2 : 4);
    long page = at(c, la, bytes - 1) & Mmu.PAGE_MASK;
    if (page != (la & Mmu.PAGE_MASK)) {
      c.mmu.probeRead(page, 1);
    }
  }

  private static long at(Cpu c, long la, int offset) {
    return SimdAccess.plus(c, la, offset);
  }

  // ---- storing

  private static void store(Cpu c, Insn i, long la) {
    Fpu f = c.fpu;
    int tag = ExtendedState.fullTag(f, ExtendedState.abridged(f.tag));
    boolean selectors = c.protectedMode;
    long ip = selectors ? f.ip : linear(f.cs, f.ip);
    long dp = selectors ? f.dp : linear(f.ds, f.dp);
    if (i.opSize == 16) {
      int upperIp = selectors ? f.cs : (int) (ip >>> 4) & 0xf000 | f.opcode;
      int upperDp = selectors ? f.ds : (int) (dp >>> 4) & 0xf000;
      c.mmu.write16(la, f.control);
      c.mmu.write16(at(c, la, 2), X87Control.statusWord(c));
      c.mmu.write16(at(c, la, 4), tag);
      c.mmu.write16(at(c, la, 6), (int) ip);
      c.mmu.write16(at(c, la, 8), upperIp);
      c.mmu.write16(at(c, la, 10), (int) dp);
      c.mmu.write16(at(c, la, 12), upperDp);
      return;
    }
    c.mmu.write32(la, RESERVED | f.control);
    c.mmu.write32(at(c, la, 4), RESERVED | X87Control.statusWord(c));
    c.mmu.write32(at(c, la, 8), RESERVED | tag);
    if (selectors) {
      c.mmu.write32(at(c, la, 12), (int) ip);
      c.mmu.write32(at(c, la, 16), f.opcode << 16 | f.cs);
      c.mmu.write32(at(c, la, 20), (int) dp);
      c.mmu.write32(at(c, la, 24), RESERVED | f.ds);
    } else {
      c.mmu.write32(at(c, la, 12), RESERVED | (int) ip);
      c.mmu.write32(at(c, la, 16), (int) (ip >>> 4) & 0xffff000 | f.opcode);
      c.mmu.write32(at(c, la, 20), RESERVED | (int) dp);
      c.mmu.write32(at(c, la, 24), (int) (dp >>> 4) & 0xffff000);
    }
  }

  private static long linear(int selector, long offset) {
    return ((long) selector << 4) + offset;
  }

  // ---- loading

  private static void load(Cpu c, Insn i, long la) {
    if (i.opSize == 16) {
      load16(c, la);
    } else {
      load32(c, la);
    }
    X87Control.summarize(c);
  }

  private static void load16(Cpu c, long la) {
    Fpu f = c.fpu;
    words(c, c.mmu.read16(la), c.mmu.read16(at(c, la, 2)), c.mmu.read16(at(c, la, 4)));
    int ip = c.mmu.read16(at(c, la, 6));
    int upperIp = c.mmu.read16(at(c, la, 8));
    int dp = c.mmu.read16(at(c, la, 10));
    int upperDp = c.mmu.read16(at(c, la, 12));
    if (c.protectedMode) {
      pointers(f, ip, upperIp, dp, upperDp);
    } else {
      pointers(f, ip | (upperIp & 0xf000) << 4, 0, dp | (upperDp & 0xf000) << 4, 0);
      f.opcode = upperIp & OPCODE;
    }
  }

  private static void load32(Cpu c, long la) {
    Fpu f = c.fpu;
    words(c, c.mmu.read16(la), c.mmu.read16(at(c, la, 4)), c.mmu.read16(at(c, la, 8)));
    int ip = c.mmu.read32(at(c, la, 12));
    int upperIp = c.mmu.read32(at(c, la, 16));
    int dp = c.mmu.read32(at(c, la, 20));
    int upperDp = c.mmu.read32(at(c, la, 24));
    if (c.protectedMode) {
      pointers(f, ip, upperIp & 0xffff, dp, upperDp & 0xffff);
      f.opcode = upperIp >>> 16 & OPCODE;
    } else {
      int ipHigh = (upperIp & 0xffff000) << 4;
      pointers(f, ip & 0xffff | ipHigh, 0, dp & 0xffff | (upperDp & 0xffff000) << 4, 0);
      f.opcode = upperIp & OPCODE;
    }
  }

  private static void words(Cpu c, int control, int status, int tag) {
    Fpu f = c.fpu;
    f.top = status >> 11 & 7;
    f.status = status & ~X87Control.TOP;
    f.tag = tag;
    X87Control.setControl(c, control);
  }

  private static void pointers(Fpu f, int ip, int cs, int dp, int ds) {
    f.ip = ip & 0xffffffffL;
    f.cs = cs;
    f.dp = dp & 0xffffffffL;
    f.ds = ds;
  }
}
