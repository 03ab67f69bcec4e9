package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/**
 * Decimal adjustment of AL and AX. Source: SDM vol. 2A, AAA to AAS, DAA, DAS.
 *
 * <p>What it leaves undefined is as an AMD Zen 4 does it: OF of DAA and DAS tells that the sign of
 * AL changed in the direction of the adjustment; AAA and AAS set flags as the 16-bit addition they
 * are made of, before AL loses its upper digit; AAD sets them as its byte addition does.
 */
public final class Bcd {
  private Bcd() {}

  static Handler of(Mnemonic m) {
    return switch (m) {
      case DAA -> (c, i) -> daa(c);
      case DAS -> (c, i) -> das(c);
      case AAA -> (c, i) -> aaa(c);
      case AAS -> (c, i) -> aas(c);
      case AAM -> Bcd::aam;
      case AAD -> Bcd::aad;
      default -> null;
    };
  }

  public static void daa(Cpu c) {
    int al = c.gpr8(Reg.RAX);
    boolean low = (al & 0xf) > 9 || c.af();
    boolean high = al > 0x99 || c.cf();
    int r = al + (low ? 6 : 0) + (high ? 0x60 : 0) & 0xff;
    c.setGpr8(Reg.RAX, r);
    adjusted(c, r, low, high, (~al & r & 0x80) != 0);
  }

  public static void das(Cpu c) {
    int al = c.gpr8(Reg.RAX);
    boolean low = (al & 0xf) > 9 || c.af();
    boolean high = al > 0x99 || c.cf();
    // Unlike DAA, a borrow of the low digit alone already sets CF.
    boolean borrow = low && al < 6;
    int r = al - (low ? 6 : 0) - (high ? 0x60 : 0) & 0xff;
    c.setGpr8(Reg.RAX, r);
    adjusted(c, r, low, high || borrow, (al & ~r & 0x80) != 0);
  }

  private static void adjusted(Cpu c, int al, boolean af, boolean cf, boolean of) {
    Alu.logicFlags(c, (byte) al);
    c.ccAux = (af ? 8 : 0) | (cf ? 3L << 62 : 0) ^ (of ? 1L << 62 : 0);
  }

  public static void aaa(Cpu c) {
    boolean adjust = c.gpr8(Reg.RAX) % 16 > 9 || c.af();
    int ax = Alu.add16(c, c.gpr16(Reg.RAX), adjust ? 0x106 : 0);
    unpacked(c, ax, adjust);
  }

  public static void aas(Cpu c) {
    boolean adjust = c.gpr8(Reg.RAX) % 16 > 9 || c.af();
    int ax = Alu.sub16(c, c.gpr16(Reg.RAX), adjust ? 0x106 : 0);
    unpacked(c, ax, adjust);
  }

  private static void unpacked(Cpu c, int ax, boolean adjust) {
    c.setGpr16(Reg.RAX, ax & 0xff0f);
    int flags = c.statusFlags() & ~(RFlags.CF | RFlags.AF);
    c.setStatusFlags(adjust ? flags | RFlags.CF | RFlags.AF : flags);
  }

  private static void aam(Cpu c, Insn i) {
    aam(c, (int) i.imm & 0xff);
  }

  /** AAM: splits AL into digits of base {@code base}; #DE if that is 0. */
  public static void aam(Cpu c, int base) {
    if (base == 0) {
      throw c.raise(Vector.DE);
    }
    int al = c.gpr8(Reg.RAX);
    c.setGpr16(Reg.RAX, al / base << 8 | al % base);
    Alu.logicFlags(c, (byte) (al % base));
  }

  private static void aad(Cpu c, Insn i) {
    aad(c, (int) i.imm & 0xff);
  }

  /** AAD: joins the digits AH and AL of base {@code base} in AL; AH becomes 0. */
  public static void aad(Cpu c, int base) {
    int al = Alu.add8(c, c.gpr8(Reg.RAX), c.gpr8h(Reg.RAX) * base & 0xff);
    c.setGpr16(Reg.RAX, al);
  }
}
