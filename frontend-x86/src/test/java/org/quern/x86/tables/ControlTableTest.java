package org.quern.x86.tables;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;
import org.quern.x86.tables.Rig.Env;

/**
 * Transitions of CR0, CR3, CR4 and EFER. Source: SDM vol. 2B, MOV (control registers); vol. 3A,
 * 2.5, 4.1.2 (paging-mode enabling), 9.8.5 (IA-32e mode); vol. 4, IA32_EFER.
 */
class ControlTableTest {
  private static final String MOV_CR0_EAX = "0f 22 c0";
  private static final String MOV_CR3_EAX = "0f 22 d8";
  private static final String MOV_CR4_EAX = "0f 22 e0";
  private static final String WRMSR = "0f 30";
  private static final String LMSW = "0f 01 f0";
  private static final long PD = FakeMachine.PAGE_TABLES;

  private static final long[] CR0_BITS = {
    Cr.CR0_PE, Cr.CR0_MP, Cr.CR0_EM, Cr.CR0_TS, Cr.CR0_NE, Cr.CR0_WP, Cr.CR0_AM, Cr.CR0_NW,
    Cr.CR0_CD, Cr.CR0_PG
  };

  /** Where a transition of CR0 starts: paging mode, and what 64-bit mode needs. */
  private record From(
      boolean paging, boolean pae, boolean lme, boolean pcide, boolean csL, int tr) {
    @Override
    public String toString() {
      return String.format(
          "PG %b PAE %b LME %b PCIDE %b CS.L %b TR %d", paging, pae, lme, pcide, csL, tr);
    }
  }

  private static long value(long[] bits, int n) {
    long v = 0;
    for (int b = 0; b < bits.length; b++) {
      v |= (n >> b & 1) != 0 ? bits[b] : 0;
    }
    return v;
  }

  /** A machine in protected mode whose tables suit each kind of paging. */
  private static Rig rig(From f) {
    Rig r = Rig.of(Env.PROTECTED32);
    CpuImage s = r.start;
    s.set(CpuImage.CR0, Cr.CR0_PE | Cr.CR0_ET | (f.paging ? Cr.CR0_PG : 0));
    s.set(CpuImage.CR3, PD);
    s.set(CpuImage.CR4, (f.pae ? Cr.CR4_PAE : Cr.CR4_PSE) | (f.pcide ? Cr.CR4_PCIDE : 0));
    s.set(CpuImage.EFER, (f.lme ? Cr.EFER_LME : 0) | (f.lme && f.paging ? Cr.EFER_LMA : 0));
    int cs = CpuImage.seg(Reg.CS, CpuImage.ATTR);
    // Outside IA-32e mode L says nothing, and D that the code has 32 bits.
    s.set(cs, !f.csL ? 0xc09b : f.paging && f.lme ? 0xa09b : 0xe09b);
    s.set(CpuImage.seg(CpuImage.TR, CpuImage.ATTR), 0x80 | f.tr);
    if (f.pae && f.lme) {
      // PML4, PDPT, 1 GiB page.
      r.m.bus.write(PD, 8, PD + 0x1000 | 7);
      r.m.bus.write(PD + 0x1000, 8, 0xe7);
    } else if (f.pae) {
      r.m.bus.write(PD, 8, PD + 0x1000 | 1);
      r.m.bus.write(PD + 0x1000, 8, 0xe7);
      assertThat(r.c.mmu.walker.loadPdptes(PD)).isTrue();
    } else {
      r.m.bus.write(PD, 4, 0xe7);
    }
    return r;
  }

  /** All bits of CR0 from each paging mode, with and without what IA-32e mode asks for. */
  @Test
  void mov_cr0() {
    Table t = new Table("MOV CR0, every value from every paging mode");
    int rigs = 0;
    for (int n = 0; n < 1 << 6; n++) {
      From f =
          new From(
              (n & 1) != 0,
              (n & 2) != 0,
              (n & 4) != 0,
              (n & 8) != 0,
              (n & 16) != 0,
              (n & 32) != 0 ? 3 : 11);
      boolean long64 = f.paging && f.lme && f.csL;
      boolean impossible =
          (f.pcide && !(f.paging && f.lme && f.pae)) || (f.paging && f.lme && !f.pae);
      if (impossible) {
        continue;
      }
      rigs++;
      Rig r = rig(f);
      r.code(MOV_CR0_EAX);
      for (int bits = 0; bits < 1 << CR0_BITS.length; bits++) {
        long v = value(CR0_BITS, bits);
        // 64-bit mode writes all of RAX, others ignore its upper half.
        for (long high : new long[] {0, 1L << 32, 1L << 63}) {
          r.gpr(Reg.RAX, v | high | 0x0ff0_0000L);
          boolean pg = (v & Cr.CR0_PG) != 0;
          boolean bad = pg && (v & Cr.CR0_PE) == 0;
          bad |= (v & Cr.CR0_NW) != 0 && (v & Cr.CR0_CD) == 0;
          bad |= long64 && high != 0;
          if (pg && !f.paging && f.lme) {
            bad |= !f.pae || f.csL || f.tr == 3;
          }
          if (!pg && f.paging) {
            bad |= long64 || f.pcide;
          }
          r.begin();
          if (!bad) {
            r.completes();
            r.expected.set(CpuImage.CR0, v | Cr.CR0_ET);
            long efer = r.start.v[CpuImage.EFER] & ~Cr.EFER_LMA;
            r.expected.set(CpuImage.EFER, pg && f.lme ? efer | Cr.EFER_LMA : efer);
          }
          r.run(t, () -> String.format("%s to %x", f, v | high), bad ? "#GP(0)" : "-");
        }
      }
    }
    t.done(rigs * 3 << CR0_BITS.length);
  }

  @Test
  void lmsw() {
    Table t = new Table("LMSW, every value from every CR0");
    for (int from = 0; from < 1 << CR0_BITS.length; from++) {
      long old = value(CR0_BITS, from) | Cr.CR0_ET;
      boolean possible =
          ((old & Cr.CR0_PG) == 0 || (old & Cr.CR0_PE) != 0)
              && ((old & Cr.CR0_NW) == 0 || (old & Cr.CR0_CD) != 0);
      if (!possible) {
        continue;
      }
      Rig r = rig(new From(false, false, false, false, false, 11));
      r.start.set(CpuImage.CR0, old);
      r.code(LMSW);
      for (int v = 0; v < 16; v++) {
        for (int cpl = 0; cpl < ((old & Cr.CR0_PE) != 0 ? 4 : 1); cpl++) {
          r.level(cpl);
          r.gpr(Reg.RAX, 0xfff0 | v);
          r.begin();
          if (cpl == 0) {
            r.completes();
            // PE can be set, not cleared; nothing beyond TS is touched.
            r.expected.set(CpuImage.CR0, old & ~0xeL | v);
          }
          int value = v;
          String title = String.format("%x, cpl %d, cr0 %x", value, cpl, old);
          r.run(t, () -> title, cpl == 0 ? "-" : "#GP(0)");
        }
      }
    }
    // PE with and without PG at four levels, neither at one; six free bits, three of CD and NW.
    t.done(16 * 64 * 3 * (2 * 4 + 1));
  }

  /** Each bit of CR3 by itself, by mode, PCIDE and width of physical addresses. */
  @ParameterizedTest
  @EnumSource
  void mov_cr3(Env env) {
    Table t = new Table("MOV CR3, every bit, " + env);
    for (int pcide = 0; pcide < (env.lma() ? 2 : 1); pcide++) {
      for (int physicalBits : new int[] {36, 40, 52}) {
        CpuModel max = CpuModel.max();
        CpuModel model =
            new CpuModel("m", "GenuineIntel", 6, 6, 3, "m", max.features(), physicalBits);
        Rig r = Rig.of(env, model);
        long cr4 = r.start.v[CpuImage.CR4];
        r.start.set(CpuImage.CR4, pcide == 1 ? cr4 | Cr.CR4_PCIDE : cr4);
        r.code(MOV_CR3_EAX);
        for (int bit = 0; bit < 64; bit++) {
          for (int cpl = 0; cpl < 4; cpl++) {
            long v = PD ^ 1L << bit;
            r.level(cpl);
            r.gpr(Reg.RAX, v);
            boolean wide = env == Env.LONG64;
            long written = wide ? v : v & 0xffffffffL;
            boolean noFlush = pcide == 1 && wide && bit == 63;
            boolean reserved = wide && bit >= physicalBits && !noFlush;
            String outcome = cpl != 0 || reserved ? "#GP(0)" : "-";
            r.begin();
            if (outcome.equals("-")) {
              r.completes();
              r.expected.set(CpuImage.CR3, noFlush ? PD : written);
            }
            int b = bit;
            r.run(t, () -> "bit " + b, outcome);
          }
        }
      }
    }
    t.done((env.lma() ? 2 : 1) * 3 * 64 * 4);
  }

  /** EFER: each bit from each state of paging, by RDMSR's own view of what may be set. */
  @Test
  void wrmsr_efer() {
    Table t = new Table("WRMSR EFER, every bit, with and without paging");
    for (int n = 0; n < 8; n++) {
      boolean paging = (n & 1) != 0;
      boolean lme = (n & 2) != 0;
      From f = new From(paging, true, lme, false, false, 11);
      Rig r = rig(f);
      r.code(WRMSR);
      r.gpr(Reg.RCX, 0xffffffff_c0000080L);
      long old = r.start.v[CpuImage.EFER] | ((n & 4) != 0 ? Cr.EFER_SCE | Cr.EFER_NXE : 0);
      r.start.set(CpuImage.EFER, old);
      for (int bit = 0; bit < 64; bit++) {
        for (int cpl = 0; cpl < 4; cpl++) {
          long v = old ^ 1L << bit;
          r.level(cpl);
          r.gpr(Reg.RAX, v & 0xffffffffL | 0xdead_0000_0000_0000L);
          r.gpr(Reg.RDX, v >>> 32);
          boolean known = bit == 0 || bit == 8 || bit == 10 || bit == 11;
          boolean bad = cpl != 0 || !known || (bit == 8 && paging);
          r.begin();
          if (!bad) {
            r.completes();
            // LMA is read-only: writes to it are ignored.
            r.expected.set(CpuImage.EFER, bit == 10 ? old : v);
          }
          int b = bit;
          r.run(t, () -> f + " EFER " + Long.toHexString(old) + " bit " + b, bad ? "#GP(0)" : "-");
        }
      }
    }
    t.done(8 * 64 * 4);
  }

  /** CR4: each bit flipped, from each paging mode; PCIDE also by CR3, PAE by LMA. */
  @Test
  void mov_cr4() {
    Table t = new Table("MOV CR4, every bit from every paging mode");
    CpuModel model = CpuModel.max();
    for (int n = 0; n < 1 << 5; n++) {
      boolean paging = (n & 1) != 0;
      boolean pae = (n & 2) != 0;
      boolean lme = (n & 4) != 0;
      boolean pcid = (n & 8) != 0;
      boolean csL = (n & 16) != 0;
      if ((paging && lme && !pae) || (csL && !(paging && lme))) {
        continue;
      }
      Rig r = rig(new From(paging, pae, lme, false, csL, 11));
      r.code(MOV_CR4_EAX);
      long cr3 = PD | (pcid ? 0x18 : 0);
      r.start.set(CpuImage.CR3, cr3);
      long old = r.start.v[CpuImage.CR4];
      for (int bit = 0; bit < 64; bit++) {
        long flipped = 1L << bit;
        boolean lma = paging && lme;
        boolean long64 = lma && csL;
        long v = old ^ flipped;
        boolean reserved = !Cr4Bits.allowed(model, flipped);
        boolean bad = reserved && (long64 || bit < 32);
        bad |= (flipped == Cr.CR4_PAE || flipped == Cr.CR4_LA57) && lma;
        bad |= flipped == Cr.CR4_PCIDE && (!lma || pcid);
        // Turning PAE on without IA-32e mode loads PDPTEs; the table of 32-bit paging is no such.
        bad |= flipped == Cr.CR4_PAE && paging && !lma && !pae;
        r.gpr(Reg.RAX, v);
        r.begin();
        if (!bad) {
          r.completes();
          r.expected.set(CpuImage.CR4, long64 ? v : v & 0xffffffffL);
        }
        String title = String.format("from %x CR0.PG %b LME %b bit %d", old, paging, lme, bit);
        r.run(t, () -> title, bad ? "#GP(0)" : "-");
      }
    }
    t.done(16 * 64);
  }

  /** CLTS, and moves from control registers: CPL 0 only, from everywhere. */
  @ParameterizedTest
  @EnumSource
  void privilege_of_control_registers(Env env) {
    Table t = new Table("control registers, privilege and registers, " + env);
    Rig r = Rig.of(env);
    r.start.set(CpuImage.FLAGS, RFlags.FIXED);
    for (int cpl = 0; cpl < 4; cpl++) {
      r.level(cpl);
      r.code("0f 06");
      r.start.set(CpuImage.CR0, r.start.v[CpuImage.CR0] | Cr.CR0_TS);
      r.begin();
      if (cpl == 0) {
        r.completes();
        r.expected.set(CpuImage.CR0, r.start.v[CpuImage.CR0] & ~Cr.CR0_TS);
      }
      r.run(t, () -> "clts", cpl == 0 ? "-" : "#GP(0)");
      for (int n = 0; n < 8; n++) {
        for (int store = 0; store < 2; store++) {
          if (store == 1 && n < 5) {
            // Their values have tables of their own.
            continue;
          }
          r.code(String.format("0f %02x %02x", store == 1 ? 0x22 : 0x20, 0xc0 | n << 3));
          boolean exists = n == 0 || n == 2 || n == 3 || n == 4;
          String outcome = !exists ? "#UD" : cpl == 0 ? "-" : "#GP(0)";
          r.begin();
          if (outcome.equals("-")) {
            r.completes();
            int index = n == 0 ? CpuImage.CR0 : CpuImage.CR2 + n - 2;
            r.expected.set(Reg.RAX, r.start.v[index]);
          }
          int number = n;
          r.run(t, () -> "cr" + number, outcome);
        }
      }
    }
    t.done(4 * (1 + 8 + 3));
  }
}
