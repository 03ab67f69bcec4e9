package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;

/** Every operation of {@link Alu} at every width against {@link FlagModel}. */
class AluTest {
  private static final int SEED = 1;

  private final Cpu c = TestCpu.long64().c;
  private final FlagModel m = new FlagModel();

  /** The operations with their two implementations under test and what the model says. */
  private enum Op {
    ADD,
    ADC,
    SUB,
    SBB,
    CMP,
    AND,
    OR,
    XOR,
    TEST,
    INC,
    DEC,
    NEG
  }

  private void model(Op op, int bits, long a, long b, int before) {
    boolean cf = (before & RFlags.CF) != 0;
    switch (op) {
      case ADD -> m.add(bits, a, b, false, false);
      case ADC -> m.add(bits, a, b, cf, false);
      case SUB, CMP -> m.add(bits, a, b, false, true);
      case SBB -> m.add(bits, a, b, cf, true);
      case AND, TEST -> m.logic(bits, a & b);
      case OR -> m.logic(bits, a | b);
      case XOR -> m.logic(bits, a ^ b);
      case INC -> m.add(bits, a, 1, false, false);
      case DEC -> m.add(bits, a, 1, false, true);
      case NEG -> m.add(bits, 0, a, false, true);
    }
    if (op == Op.INC || op == Op.DEC) {
      m.set(RFlags.CF, cf);
    }
    if (op == Op.CMP || op == Op.TEST) {
      m.result = FlagModel.truncate(a, bits);
    }
  }

  private long byWidth(Op op, int bits, long a, long b) {
    return switch (op) {
      case ADD -> Alu.add(c, bits, a, b);
      case ADC -> Alu.adc(c, bits, a, b);
      case SUB -> Alu.sub(c, bits, a, b);
      case SBB -> Alu.sbb(c, bits, a, b);
      case CMP -> {
        Alu.cmp(c, bits, a, b);
        yield FlagModel.truncate(a, bits);
      }
      case AND -> Alu.and(c, bits, a, b);
      case OR -> Alu.or(c, bits, a, b);
      case XOR -> Alu.xor(c, bits, a, b);
      case TEST -> {
        Alu.test(c, bits, a, b);
        yield FlagModel.truncate(a, bits);
      }
      case INC -> Alu.inc(c, bits, a);
      case DEC -> Alu.dec(c, bits, a);
      case NEG -> Alu.neg(c, bits, a);
    };
  }

  /** The forms of one width that no switch by width reaches. */
  private long direct(Op op, int bits, long a, long b) {
    int x = (int) a;
    int y = (int) b;
    switch (op) {
      case CMP -> {
        switch (bits) {
          case 8 -> Alu.cmp8(c, x, y);
          case 16 -> Alu.cmp16(c, x, y);
          case 32 -> Alu.cmp32(c, x, y);
          default -> Alu.cmp64(c, a, b);
        }
        return FlagModel.truncate(a, bits);
      }
      case TEST -> {
        switch (bits) {
          case 8 -> Alu.test8(c, x, y);
          case 16 -> Alu.test16(c, x, y);
          case 32 -> Alu.test32(c, x, y);
          default -> Alu.test64(c, a, b);
        }
        return FlagModel.truncate(a, bits);
      }
      case AND -> {
        return switch (bits) {
          case 8 -> Alu.and8(c, x, y);
          case 16 -> Alu.and16(c, x, y);
          case 32 -> Alu.and32(c, x, y) & 0xffffffffL;
          default -> Alu.and64(c, a, b);
        };
      }
      case OR -> {
        return switch (bits) {
          case 8 -> Alu.or8(c, x, y);
          case 16 -> Alu.or16(c, x, y);
          case 32 -> Alu.or32(c, x, y) & 0xffffffffL;
          default -> Alu.or64(c, a, b);
        };
      }
      case XOR -> {
        return switch (bits) {
          case 8 -> Alu.xor8(c, x, y);
          case 16 -> Alu.xor16(c, x, y);
          case 32 -> Alu.xor32(c, x, y) & 0xffffffffL;
          default -> Alu.xor64(c, a, b);
        };
      }
      case NEG -> {
        return switch (bits) {
          case 8 -> Alu.neg8(c, x);
          case 16 -> Alu.neg16(c, x);
          case 32 -> Alu.neg32(c, x) & 0xffffffffL;
          default -> Alu.neg64(c, a);
        };
      }
      case ADD, ADC, SUB, SBB, INC, DEC -> {
        return byWidth(op, bits, a, b);
      }
    }
    throw new AssertionError(op);
  }

  @ParameterizedTest(name = "{0}: result and six flags at all widths")
  @EnumSource
  void agreesWithTheModel(Op op) {
    long[] values = FlagModel.values(SEED, 60);
    for (int bits : FlagModel.WIDTHS) {
      for (long a : values) {
        for (long b : values) {
          for (int before : new int[] {0, RFlags.CF, RFlags.STATUS}) {
            model(op, bits, a, b, before);
            c.setStatusFlags(before);
            check(op, bits, a, b, byWidth(op, bits, a, b));
            c.setStatusFlags(before);
            check(op, bits, a, b, direct(op, bits, a, b));
          }
        }
      }
    }
  }

  private void check(Op op, int bits, long a, long b, long result) {
    if (result != m.result || c.statusFlags() != m.flags) {
      throw new AssertionError(
          String.format(
              "%s %d bits %x, %x: %x flags %x, expected %x flags %x (seed %d)",
              op, bits, a, b, result, c.statusFlags(), m.result, m.flags, SEED));
    }
  }

  @Test
  @DisplayName("8- and 16-bit forms ignore what is above their operands")
  void ignoresUpperBits() {
    assertThat(Alu.add8(c, 0x7fffff01, 0xffffff02)).isEqualTo(3);
    assertThat(c.statusFlags()).isEqualTo(RFlags.PF);
    assertThat(Alu.sub16(c, 0xabcd0001, 0x00010002)).isEqualTo(0xffff);
    assertThat(c.statusFlags()).isEqualTo(RFlags.CF | RFlags.SF | RFlags.AF | RFlags.PF);
  }

  @Test
  @DisplayName("status flags survive a round trip through setStatusFlags in all 64 combinations")
  void everyCombination() {
    for (int k = 0; k < 64; k++) {
      int f = k & 1 | (k & 2) << 1 | (k & 4) << 2 | (k & 0x18) << 3 | (k & 0x20) << 6;
      c.setStatusFlags(f);
      assertThat(c.statusFlags()).isEqualTo(f);
      for (int cc = 0; cc < 16; cc++) {
        assertThat(Cond.test(c, cc)).as("flags %x, condition %d", f, cc).isEqualTo(holds(f, cc));
      }
    }
  }

  /** Conditions by the definition of SDM vol. 1, appendix B. */
  private static boolean holds(int f, int cc) {
    boolean of = (f & RFlags.OF) != 0;
    boolean sf = (f & RFlags.SF) != 0;
    boolean zf = (f & RFlags.ZF) != 0;
    boolean cf = (f & RFlags.CF) != 0;
    boolean even =
        switch (cc >> 1) {
          case 0 -> of;
          case 1 -> cf;
          case 2 -> zf;
          case 3 -> cf || zf;
          case 4 -> sf;
          case 5 -> (f & RFlags.PF) != 0;
          case 6 -> sf != of;
          default -> zf || sf != of;
        };
    return even != ((cc & 1) != 0);
  }
}
