package org.quern.cli.suite.moo;

import java.util.ArrayList;
import java.util.List;
import org.quern.accel.api.CpuState;
import org.quern.x86.state.Reg;

/** Compares what a machine did with what the real processor did. */
final class MooCheck {
  /** Differences that are told of a case. */
  private static final int MOST = 6;

  private static final int FLAGS_WORD = 0x7fd5;
  private static final int FLAGS_WORD_16 = 0xfd5;

  private final MooCase c;
  private final CpuState s;
  private final MooMachine m;
  private final List<String> found = new ArrayList<>();

  private MooCheck(MooCase c, CpuState s, MooMachine m) {
    this.c = c;
    this.s = s;
    this.m = m;
  }

  /**
   * Compares.
   *
   * @param flagsMask status flags that the instruction leaves defined
   * @param bits32 whether the case is of a 32-bit processor
   * @return the differences as text; null if there are none
   */
  static String difference(MooCase c, CpuState s, MooMachine m, int flagsMask, boolean bits32) {
    MooCheck check = new MooCheck(c, s, m);
    check.registers(flagsMask & (bits32 ? FLAGS_WORD : FLAGS_WORD_16), bits32 ? -1 : 0xffff);
    check.memory(flagsMask);
    return check.found.isEmpty() ? null : String.join("; ", check.found);
  }

  private void add(String what, int ours, int theirs) {
    if (found.size() < MOST) {
      found.add(String.format("%s is %x, must be %x", what, ours, theirs));
    }
  }

  private void registers(int flags, int width) {
    register(MooReg.EAX, s.gpr[Reg.RAX], width);
    register(MooReg.EBX, s.gpr[Reg.RBX], width);
    register(MooReg.ECX, s.gpr[Reg.RCX], width);
    register(MooReg.EDX, s.gpr[Reg.RDX], width);
    register(MooReg.ESI, s.gpr[Reg.RSI], width);
    register(MooReg.EDI, s.gpr[Reg.RDI], width);
    register(MooReg.EBP, s.gpr[Reg.RBP], width);
    register(MooReg.ESP, s.gpr[Reg.RSP], width);
    register(MooReg.CS, s.seg[Reg.CS].selector, 0xffff);
    register(MooReg.SS, s.seg[Reg.SS].selector, 0xffff);
    register(MooReg.DS, s.seg[Reg.DS].selector, 0xffff);
    register(MooReg.ES, s.seg[Reg.ES].selector, 0xffff);
    if (width == -1) {
      register(MooReg.FS, s.seg[Reg.FS].selector, 0xffff);
      register(MooReg.GS, s.seg[Reg.GS].selector, 0xffff);
    }
    // Our HLT is one instruction more than the case has.
    register(MooReg.EIP, m.planted() >= 0 ? s.rip - 1 : s.rip, width == -1 ? -1 : 0xffff);
    register(MooReg.EFLAGS, s.rflags, flags);
  }

  private void register(MooReg r, long ours, int relevant) {
    int mask = relevant & c.mask()[r.ordinal()];
    int theirs = c.initial().after(r, c.result());
    if (((int) ours ^ theirs) != 0 && (((int) ours ^ theirs) & mask) != 0) {
      add(r.label(), (int) ours & mask, theirs & mask);
    }
  }

  private void memory(int flagsMask) {
    int flagsAt = flagsAt();
    MooState r = c.result();
    for (int n = 0; n < r.addresses().length; n++) {
      int address = r.addresses()[n];
      int mask = 0xff;
      if (address == flagsAt) {
        mask = flagsMask & 0xff;
      } else if (address == flagsAt + 1) {
        mask = flagsMask >> 8 & 0xff;
      }
      int ours = m.at(address);
      int theirs = r.bytes()[n] & 0xff;
      if (((ours ^ theirs) & mask) != 0 && address != m.planted()) {
        add(String.format("[%05x]", address), ours, theirs);
      }
    }
  }

  /** Where an exception has pushed flags that may not all be defined; else no address. */
  private int flagsAt() {
    int sp = c.initial().after(MooReg.ESP, c.result()) & 0xffff;
    boolean pushed = (c.initial().get(MooReg.ESP) - sp & 0xffff) == 6;
    int ss = c.initial().after(MooReg.SS, c.result()) & 0xffff;
    return pushed || c.exception() >= 0 ? (ss << 4) + (sp + 4 & 0xffff) & m.addressMask() : -2;
  }
}
