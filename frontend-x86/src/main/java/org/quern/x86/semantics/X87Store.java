package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.semantics.fp.Format;
import org.quern.x86.semantics.fp.FpFlags;
import org.quern.x86.semantics.fp.SoftFloat;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Fpu;

/**
 * x87 stores: to memory as real, integer or BCD, and to registers. An unmasked exception other than
 * precision stores and pops nothing. Source: SDM vol. 1, 8.5; vol. 2A, FST, FIST, FISTTP, FBSTP.
 */
public final class X87Store {
  /** Largest magnitude of 18 decimal digits. */
  private static final long BCD_MAX = 999_999_999_999_999_999L;

  // The BCD indefinite: SDM vol. 1, table 4-4.
  private static final long BCD_INDEFINITE_LOW = 0xc000000000000000L;
  private static final int BCD_INDEFINITE_HIGH = 0xffff;

  /** FSTP as D9 D8+i, undocumented, only pops an empty register. */
  private static final int ALIAS = 0xd9;

  private static final int STOPS = FpFlags.ALL & ~FpFlags.PE;

  private X87Store() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case FST -> (c, i) -> fst(c, i, false);
      case FSTP -> (c, i) -> fst(c, i, true);
      case FIST -> (c, i) -> integer(c, i, false, false);
      case FISTP -> (c, i) -> integer(c, i, false, true);
      case FISTTP -> (c, i) -> integer(c, i, true, true);
      case FBSTP -> X87Store::fbstp;
      default -> null;
    };
  }

  private static void fst(Cpu c, Insn i, boolean pop) {
    if (!i.op0.isMem()) {
      register(c, i, pop);
    } else if (i.op0.size() == 80) {
      extended(c, i);
    } else {
      real(c, i, pop);
    }
  }

  private static void register(Cpu c, Insn i, boolean pop) {
    X87Access.enter(c);
    X87Access.note(c, i);
    Fpu f = c.fpu;
    boolean empty = X87Access.empty(f, 0);
    if (empty && i.opcode == ALIAS) {
      X87Access.complete(c, 0, false);
    } else if (empty) {
      if (!X87Access.underflow(c)) {
        return;
      }
      X87Access.setIndefinite(f, i.op0.reg());
    } else {
      X87Access.complete(c, 0, false);
      X87Access.set(f, i.op0.reg(), f.signExponent[f.top], f.significand[f.top]);
    }
    if (pop) {
      X87Access.pop(f);
    }
  }

  /** FSTP m80: the register as it is. */
  private static void extended(Cpu c, Insn i) {
    X87Access.enter(c);
    Fpu f = c.fpu;
    if (!X87Access.empty(f, 0)) {
      write80(c, i, f.significand[f.top], f.signExponent[f.top], 0);
      finish(c, i, 0, false, true);
    } else {
      int flags = FpFlags.IE | X87Access.SF;
      write80(c, i, X87Access.INDEFINITE, X87Access.INDEFINITE_SE, flags);
      finish(c, i, flags, false, true);
    }
  }

  private static void real(Cpu c, Insn i, boolean pop) {
    SoftFloat s = X87Access.enter(c);
    int flags = FpFlags.IE | X87Access.SF;
    boolean up = false;
    if (X87Access.empty(c.fpu, 0)) {
      s.r.setIndefinite();
    } else {
      X87Access.load(c.fpu, 0, s.a);
      s.convertForStore(i.op0.size() == 32 ? Format.BINARY32 : Format.BINARY64);
      flags = s.flags;
      up = s.roundedUp;
    }
    write(c, i, i.op0.size() == 32 ? s.r.to32() : s.r.to64(), flags);
    finish(c, i, flags, up, pop);
  }

  private static void integer(Cpu c, Insn i, boolean truncate, boolean pop) {
    SoftFloat s = X87Access.enter(c);
    int bits = i.op0.size();
    int flags = FpFlags.IE | X87Access.SF;
    long v = -1L << bits - 1;
    boolean up = false;
    if (!X87Access.empty(c.fpu, 0)) {
      X87Access.load(c.fpu, 0, s.a);
      v = s.toInteger(bits, truncate ? FpFlags.TO_ZERO : s.rounding);
      flags = s.flags;
      up = s.roundedUp;
    }
    write(c, i, v, flags);
    finish(c, i, flags, up, pop);
  }

  private static void fbstp(Cpu c, Insn i) {
    SoftFloat s = X87Access.enter(c);
    int flags = FpFlags.IE | X87Access.SF;
    boolean up = false;
    long v = Long.MIN_VALUE;
    if (!X87Access.empty(c.fpu, 0)) {
      X87Access.load(c.fpu, 0, s.a);
      v = Math.abs(s.toInteger(64, s.rounding));
      flags = s.flags;
      up = s.roundedUp;
    }
    long low = BCD_INDEFINITE_LOW;
    int high = BCD_INDEFINITE_HIGH;
    if (v < 0 || v > BCD_MAX) {
      flags = flags & X87Access.SF | FpFlags.IE;
      up = false;
    } else {
      low = bcd(v % 10_000_000_000_000_000L);
      high = (int) bcd(v / 10_000_000_000_000_000L) | (s.a.negative ? 0x8000 : 0);
    }
    write80(c, i, low, high, flags);
    finish(c, i, flags, up, true);
  }

  private static long bcd(long v) {
    long r = 0;
    for (int shift = 0; v != 0; shift += 4) {
      r |= v % 10 << shift;
      v /= 10;
    }
    return r;
  }

  /** Where exceptions forbid the store, memory is checked all the same: so does silicon. */
  private static void write(Cpu c, Insn i, long v, int flags) {
    int bytes = i.op0.size() >> 3;
    long la = Operands.writeAddress(c, i, bytes);
    if (stores(c, flags)) {
      c.mmu.write(la, bytes, v);
    } else {
      c.mmu.probeWrite(la, bytes);
    }
  }

  private static void write80(Cpu c, Insn i, long low, int high, int flags) {
    long la = Operands.writeAddress(c, i, 10);
    long upper = SimdAccess.plus(c, la, 8);
    c.mmu.probeWrite(la, 8);
    c.mmu.probeWrite(upper, 2);
    if (stores(c, flags)) {
      c.mmu.write64(la, low);
      c.mmu.write16(upper, high);
    }
  }

  /** Whether an instruction with these exceptions stores its result. */
  private static boolean stores(Cpu c, int flags) {
    return (flags & ~c.fpu.control & STOPS) == 0;
  }

  /** After the store, which may have faulted: status and pop. */
  private static void finish(Cpu c, Insn i, int flags, boolean up, boolean pop) {
    X87Access.noteMemory(c, i);
    X87Access.complete(c, flags, up);
    if (pop && stores(c, flags)) {
      X87Access.pop(c.fpu);
    }
  }
}
