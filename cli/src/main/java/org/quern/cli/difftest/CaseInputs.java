package org.quern.cli.difftest;

import java.util.SplittableRandom;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Operand;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.Reg;

/**
 * Registers and flags of a case: random, but so that memory operands, implied ones too, lie where
 * the case may look, and that branches go where something waits.
 */
final class CaseInputs {
  /** Distance of the usual operand from the begin of a case's data: room for both directions. */
  private static final int MIDDLE = 384;

  private final long ram;
  private final SplittableRandom random;
  private final VectorPool vectors;
  private final long[] gpr = new long[Reg.ZERO + 1];

  /** See {@link SpecialWindow}; 0 as long as no operand lies in the special pages. */
  private long window;

  CaseInputs(long ram, SplittableRandom random, VectorPool vectors) {
    this.ram = ram;
    this.random = random;
    this.vectors = vectors;
  }

  void write(CodeSlot slot, int testCase) {
    long at = ram + Layout.caseAt(testCase);
    long data = Layout.caseAt(testCase) + Layout.DATA;
    window = 0;
    for (int r = 0; r < 16; r++) {
      gpr[r] = GprValues.value(random);
    }
    gpr[Reg.RSP] = data + MIDDLE + 8L * random.nextInt(8) + (oneIn(16) ? random.nextInt(8) : 0);
    if (oneIn(40)) {
      gpr[Reg.RSP] = stack(8);
    }
    Insn i = slot.insn;
    implied(slot, data);
    boolean fixed = CodeSlot.fixedAddress(i);
    if (i.hasMem() && !fixed && i.form.vectorIndex() == 0) {
      int bytes = operandBytes(i);
      boolean onStack = i.base == Reg.RSP;
      if (onStack && i.index != Reg.ZERO) {
        gpr[i.index] = random.nextInt(256) - 128L;
      }
      solve(i, !oneIn(20) ? usual(data) : onStack ? stack(bytes) : special(bytes));
      long target = EffectiveAddress.of(i, gpr, 0);
      if (inRam(target)) {
        operand(slot, ram + target);
      }
    } else if (i.form.vectorIndex() != 0 && i.base != Reg.ZERO && i.base != Reg.RIP) {
      // The indexes are small numbers in the registers of this case: see VectorPool.
      long target =
          oneIn(20) && i.base != Reg.RSP ? special(8) : data + MIDDLE + random.nextInt(64);
      gpr[i.base] = target - EffectiveAddress.segmentBase(i) - i.disp;
    } else if (fixed) {
      long offset = EffectiveAddress.of(i, gpr, slot.next()) - slot.fixedMemory();
      operand(slot, at + Layout.FIXED_COPY + offset);
    }
    HostMemory.putLong(at + Layout.FIXED_AT, slot.fixedMemory());
    HostMemory.putLong(at + Layout.SELF, Layout.caseAt(testCase));
    HostMemory.putLong(at + Layout.WINDOW, window);
    HostMemory.putLong(at + Layout.IN_RFLAGS, GprValues.flags(random));
    for (int r = 0; r < 16; r++) {
      HostMemory.putLong(at + Layout.inGpr(r), gpr[r]);
    }
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  private static boolean inRam(long a) {
    return a >= Layout.CASES && a < Layout.RAM_BYTES - 64;
  }

  /** An address in the data of a case, more often aligned than not. */
  private long usual(long data) {
    long a = data + MIDDLE;
    return switch (random.nextInt(4)) {
      case 0 -> a + random.nextInt(64);
      case 1 -> a + 16L * random.nextInt(4);
      default -> a + 64L * random.nextInt(2);
    };
  }

  /** An address at which an access may fault. */
  private long special(int bytes) {
    long edge = Layout.SPECIAL + 0x1000L * (1 + random.nextInt(Layout.SPECIAL_PAGES - 1));
    return switch (random.nextInt(10)) {
      case 0 -> (1L << 47) - random.nextInt(bytes + 2);
      case 1 -> random.nextLong() >>> 1 | 1L << 62;
      case 2 -> random.nextInt(0x1000);
      case 3 -> Layout.RAM_BYTES + (random.nextInt() >>> 4);
      case 4 -> {
        long a = Layout.SPECIAL + (random.nextInt(Layout.SPECIAL_PAGES * 0x1000) & -64L);
        keep(SpecialWindow.at(a, random));
        yield a;
      }
      default -> {
        keep(SpecialWindow.besideEdge(edge, random));
        yield edge - random.nextInt(bytes + 2);
      }
    };
  }

  private void keep(long at) {
    if (at != 0) {
      window = at;
    }
  }

  /**
   * The same for RSP: always canonical, because KVM of the PVM kind goes astray when it has to
   * resume user code otherwise.
   */
  private long stack(int bytes) {
    long a = special(bytes);
    while (a >>> 47 != 0) {
      a = special(bytes);
    }
    return a;
  }

  private static int operandBytes(Insn i) {
    for (int n = 0; n < i.operandCount; n++) {
      if (i.operand(n).isMem() && i.operand(n).size() > 0) {
        return i.operand(n).size() >> 3;
      }
    }
    return 64;
  }

  // ---- addresses

  /** Chooses the registers of the address so that it comes out as wanted. */
  private void solve(Insn i, long target) {
    long rest = target - EffectiveAddress.segmentBase(i) - i.disp;
    if (i.base != Reg.ZERO && i.base == i.index) {
      long factor = 1 + (1L << i.scale);
      gpr[i.base] = i.scale == 0 ? rest >> 1 : rest * inverse(factor);
    } else if (i.base != Reg.ZERO) {
      if (i.index != Reg.ZERO && i.index != Reg.RSP && oneIn(2)) {
        gpr[i.index] = random.nextInt(256) - 128L;
      }
      gpr[i.base] = rest - (gpr[i.index] << i.scale);
    } else {
      gpr[i.index] = rest >> i.scale;
    }
    if (i.addrSize == 32) {
      // The upper half of the registers does not take part.
      int r = i.base != Reg.ZERO ? i.base : i.index;
      long upper = r == Reg.RSP ? 0 : random.nextLong() << 32;
      gpr[r] = gpr[r] & 0xffffffffL | upper;
    }
  }

  /** Inverse of an odd number modulo 2<sup>64</sup>, by Newton's iteration. */
  private static long inverse(long odd) {
    long x = odd;
    for (int n = 0; n < 6; n++) {
      x *= 2 - odd * x;
    }
    return x;
  }

  // ---- by instruction

  /** Gives registers that an instruction uses without naming them something sensible. */
  private void implied(CodeSlot slot, long data) {
    Insn i = slot.insn;
    switch (i.mnemonic) {
      case MOVS, CMPS, SCAS, LODS, STOS -> {
        gpr[Reg.RSI] = stringAddress(data) - EffectiveAddress.segmentBase(i);
        gpr[Reg.RDI] = stringAddress(data);
        gpr[Reg.RCX] = oneIn(3) ? 0 : random.nextInt(24);
        if (i.addrSize == 32) {
          gpr[Reg.RSI] = gpr[Reg.RSI] & 0xffffffffL | random.nextLong() << 32;
          gpr[Reg.RDI] = gpr[Reg.RDI] & 0xffffffffL | random.nextLong() << 32;
          gpr[Reg.RCX] |= random.nextLong() << 32;
        }
      }
      case CLZERO ->
          gpr[Reg.RAX] = (oneIn(16) ? special(64) : usual(data)) - EffectiveAddress.segmentBase(i);
      case XLAT -> gpr[Reg.RBX] = usual(data) - 128 - EffectiveAddress.segmentBase(i);
      case MASKMOVQ, MASKMOVDQU, VMASKMOVDQU ->
          gpr[Reg.RDI] = (oneIn(16) ? special(16) : usual(data)) - EffectiveAddress.segmentBase(i);
      case LEAVE, ENTER ->
          gpr[Reg.RBP] = oneIn(16) ? special(8) : data + MIDDLE + random.nextInt(64);
      case LOOP, LOOPE, LOOPNE, JCXZ -> {
        if (oneIn(2)) {
          gpr[Reg.RCX] = random.nextInt(3) | (oneIn(2) ? random.nextLong() << 32 : 0);
        }
      }
      case BT, BTS, BTR, BTC -> {
        if (i.op0.isMem() && i.op1.kind() == Operand.Kind.GPR) {
          gpr[i.op1.reg()] = random.nextInt(1024) - 512L;
        }
      }
      case JMP, CALL -> {
        if (i.op0.kind() == Operand.Kind.GPR) {
          gpr[i.op0.reg()] = slot.pad(random.nextInt(Layout.SLOT_PADS.length));
        }
      }
      case RET -> {
        if (inRam(gpr[Reg.RSP])) {
          HostMemory.putLong(ram + gpr[Reg.RSP], slot.pad(random.nextInt(Layout.SLOT_PADS.length)));
        }
      }
      default -> {}
    }
  }

  private long stringAddress(long data) {
    return oneIn(24) ? special(8) : usual(data) + random.nextInt(16) - 8;
  }

  /** Gives the memory operand, at a host address, of some instructions a value that fits them. */
  private void operand(CodeSlot slot, long target) {
    switch (slot.insn.mnemonic) {
      case JMP, CALL ->
          HostMemory.putLong(target, slot.pad(random.nextInt(Layout.SLOT_PADS.length)));
      case LDMXCSR, VLDMXCSR -> {
        if (!oneIn(8)) {
          HostMemory.putInt(target, random.nextInt() & 0xffff);
        }
      }
      case FLD -> {
        if (slot.insn.op0.size() == 80) {
          vectors.extended(target);
        }
      }
      case FBLD -> {
        long digits = 0;
        for (int n = 0; n < 16; n++) {
          digits = digits << 4 | random.nextInt(10);
        }
        HostMemory.putLong(target, digits >>> 4 * random.nextInt(16));
        HostMemory.putShort(target + 8, (short) (random.nextInt(2) << 15 | random.nextInt(10)));
      }
      default -> {}
    }
  }
}
