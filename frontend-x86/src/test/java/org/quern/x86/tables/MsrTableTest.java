package org.quern.x86.tables;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Reg;
import org.quern.x86.tables.Rig.Env;

/**
 * WRMSR and RDMSR: canonical registers, reserved bits, privilege. Source: SDM vol. 2B, WRMSR; vol.
 * 4, table 2-2; vol. 3A, 11.11.2 (MTRRs) and 11.12.2 (PAT).
 */
class MsrTableTest {
  private static final String WRMSR = "0f 30";
  private static final String RDMSR = "0f 32";

  /** Addresses: LSTAR, CSTAR, FS, GS and kernel GS base, SYSENTER_ESP and _EIP. */
  private static final int[] ADDRESSES = {
    0xc0000082, 0xc0000083, 0xc0000100, 0xc0000101, 0xc0000102, 0x175, 0x176
  };

  private static CpuModel model(boolean la57) {
    CpuModel max = CpuModel.max();
    Set<CpuFeature> features = EnumSet.copyOf(max.features());
    if (la57) {
      features.add(CpuFeature.LA57);
    } else {
      features.remove(CpuFeature.LA57);
    }
    return new CpuModel("m", "GenuineIntel", 6, 6, 3, "m", features, max.physicalBits());
  }

  private static String write(FakeMachine m, int msr, long v) {
    m.cpu.rip = FakeMachine.CODE;
    m.cpu.gpr[Reg.RCX] = msr & 0xffffffffL;
    m.cpu.gpr[Reg.RAX] = v & 0xffffffffL | 0xdead0000_00000000L;
    m.cpu.gpr[Reg.RDX] = v >>> 32 | 0xbeef0000_00000000L;
    return m.outcome(WRMSR);
  }

  private static long read(FakeMachine m, int msr) {
    m.cpu.rip = FakeMachine.CODE;
    m.cpu.gpr[Reg.RCX] = msr & 0xffffffffL;
    String outcome = m.outcome(RDMSR);
    return outcome.equals("-") ? m.cpu.gpr[Reg.RAX] | m.cpu.gpr[Reg.RDX] << 32 : 0xbadL;
  }

  /** Canonical in the width of addresses that the processor has, whatever CR4.LA57 is. */
  @Test
  void canonical_registers() {
    Table t = new Table("WRMSR, canonical registers");
    for (int la57 = 0; la57 < 2; la57++) {
      FakeMachine m = FakeMachine.long64(model(la57 == 1));
      int width = la57 == 1 ? 57 : 48;
      for (int msr : ADDRESSES) {
        for (int bit = 40; bit < 64; bit++) {
          for (int form = 0; form < 4; form++) {
            long v = 1L << bit;
            v = form == 0 ? v : form == 1 ? v - 1 : form == 2 ? -v : ~v;
            boolean ok = v >> width - 1 == 0 || v >> width - 1 == -1;
            write(m, msr, 0x1234);
            String title = String.format("%x = %x, width %d", msr, v, width);
            t.next();
            t.same(() -> title, ok ? "-" : "#GP(0)", write(m, msr, v));
            t.same(() -> title + ", read", ok ? v : 0x1234, read(m, msr));
          }
        }
      }
    }
    t.done(2 * ADDRESSES.length * 24 * 4);
  }

  private static boolean memoryType(int v) {
    return v == 0 || v == 1 || v == 4 || v == 5 || v == 6;
  }

  /** Every byte value in every place of PAT and of the MTRRs that hold types. */
  @Test
  void memory_types() {
    Table t = new Table("WRMSR, memory types");
    FakeMachine m = FakeMachine.long64();
    for (int place = 0; place < 8; place++) {
      for (int v = 0; v < 256; v++) {
        long value = 0x0606060606060606L & ~(0xffL << 8 * place) | (long) v << 8 * place;
        // PAT has UC- (7) besides.
        boolean pat = memoryType(v) || v == 7;
        for (int msr : new int[] {0x277, 0x250, 0x258, 0x259, 0x268, 0x26f}) {
          boolean ok = msr == 0x277 ? pat : memoryType(v);
          String title = String.format("%x = %x", msr, value);
          t.next();
          t.same(() -> title, ok ? "-" : "#GP(0)", write(m, msr, value));
        }
      }
    }
    t.done(8 * 256 * 6);
  }

  /** Each bit of the variable MTRRs and of the default type. */
  @Test
  void bits_of_variable_mtrrs() {
    Table t = new Table("WRMSR, bits of MTRRs");
    FakeMachine m = FakeMachine.long64();
    int physical = m.cpu.model.physicalBits();
    for (int n = 0; n < 8; n++) {
      for (int bit = 0; bit < 64; bit++) {
        boolean address = bit >= 12 && bit < physical;
        int b = bit;
        // Base: the type in bits 0 to 7, of which bit 1 alone is a type that does not exist.
        boolean type = bit == 0 || bit == 2;
        t.next();
        t.same(
            () -> "base, bit " + b,
            address || type ? "-" : "#GP(0)",
            write(m, 0x200 + 2 * n, 1L << bit));
        t.next();
        t.same(
            () -> "mask, bit " + b,
            address || bit == 11 ? "-" : "#GP(0)",
            write(m, 0x201 + 2 * n, 1L << bit));
      }
    }
    for (int bit = 0; bit < 64; bit++) {
      boolean ok = bit == 0 || bit == 2 || bit == 10 || bit == 11;
      int b = bit;
      t.next();
      t.same(() -> "default type, bit " + b, ok ? "-" : "#GP(0)", write(m, 0x2ff, 1L << bit));
    }
    t.done(8 * 64 * 2 + 64);
  }

  /** Registers that do not exist, and all of them above CPL 0. */
  @ParameterizedTest
  @EnumSource
  void privilege_and_absence(Env env) {
    Table t = new Table("RDMSR and WRMSR, privilege and absence, " + env);
    int[] absent = {0x2, 0x20e | 0x100, 0x4000, 0xbfffffff, 0xc0000085, 0xc0000200, 0xffffffff};
    Rig r = Rig.of(env);
    for (String code : new String[] {RDMSR, WRMSR}) {
      r.code(code);
      for (int cpl = 0; cpl < 4; cpl++) {
        r.level(cpl);
        for (int msr : absent) {
          r.gpr(Reg.RCX, msr & 0xffffffffL);
          r.begin();
          r.run(t, () -> code + " " + Integer.toHexString(msr), "#GP(0)");
        }
        r.gpr(Reg.RCX, 0x174);
        r.begin();
        r.anyState();
        int level = cpl;
        r.run(t, () -> code + " 174 cpl " + level, cpl == 0 ? "-" : "#GP(0)");
      }
    }
    t.done(2 * 4 * (absent.length + 1));
  }
}
