package org.quern.x86.state;

/**
 * The bits of flags and control registers that exist on a model: what it lacks cannot be set.
 * Source: SDM vol. 3A, 2.2.1, 2.5; vol. 3B, 23.6 (flags) and 23.18 to 23.20 (control registers) on
 * what came when.
 *
 * @param rflags the defined bits of RFLAGS
 * @param cr0 the defined bits of CR0; the others are ignored
 * @param cr4 the defined bits of CR4; the others are #GP(0). Without any there is no CR4
 * @param efer the defined bits of EFER; the others are #GP(0). Without any there is no EFER
 */
public record Writable(int rflags, long cr0, long cr4, long efer) {
  private static final long CR0_286 = Cr.CR0_PE | Cr.CR0_MP | Cr.CR0_EM | Cr.CR0_TS;
  private static final long CR0_386 = CR0_286 | Cr.CR0_ET | Cr.CR0_PG;
  private static final long CR0_486 =
      CR0_386 | Cr.CR0_NE | Cr.CR0_WP | Cr.CR0_AM | Cr.CR0_NW | Cr.CR0_CD;

  static Writable on(CpuModel m) {
    return new Writable(flags(m), cr0(m), cr4(m), efer(m));
  }

  private static int flags(CpuModel m) {
    Generation g = m.generation();
    int f = RFlags.STATUS | RFlags.TF | RFlags.IF | RFlags.DF;
    f |= g.before(Generation.I286) ? 0 : RFlags.IOPL | RFlags.NT;
    f |= g.before(Generation.I386) ? 0 : RFlags.RF | RFlags.VM;
    f |= g.before(Generation.I486) ? 0 : RFlags.AC;
    f |= m.has(CpuFeature.VME) ? RFlags.VIF | RFlags.VIP : 0;
    f |= m.cpuid() ? RFlags.ID : 0;
    return f;
  }

  private static long cr0(CpuModel m) {
    return switch (m.generation()) {
      case I8086, I186 -> 0;
      case I286 -> CR0_286;
      case I386 -> CR0_386;
      case I486, PENTIUM, P6 -> CR0_486;
    };
  }

  private static long cr4(CpuModel m) {
    boolean counters =
        m.generation() == Generation.P6
            || (m.generation() == Generation.PENTIUM && m.has(CpuFeature.MMX));
    long v = counters ? Cr.CR4_PCE : 0;
    v |= when(m, CpuFeature.VME, Cr.CR4_VME | Cr.CR4_PVI);
    v |= when(m, CpuFeature.TSC, Cr.CR4_TSD);
    v |= when(m, CpuFeature.DE, Cr.CR4_DE);
    v |= when(m, CpuFeature.PSE, Cr.CR4_PSE);
    v |= when(m, CpuFeature.PAE, Cr.CR4_PAE);
    v |= when(m, CpuFeature.MCE, Cr.CR4_MCE);
    v |= when(m, CpuFeature.PGE, Cr.CR4_PGE);
    v |= when(m, CpuFeature.FXSR, Cr.CR4_OSFXSR);
    v |= when(m, CpuFeature.SSE, Cr.CR4_OSXMMEXCPT);
    v |= when(m, CpuFeature.UMIP, Cr.CR4_UMIP);
    v |= when(m, CpuFeature.LA57, Cr.CR4_LA57);
    v |= when(m, CpuFeature.VMX, Cr.CR4_VMXE);
    v |= when(m, CpuFeature.FSGSBASE, Cr.CR4_FSGSBASE);
    v |= when(m, CpuFeature.PCID, Cr.CR4_PCIDE);
    v |= when(m, CpuFeature.XSAVE, Cr.CR4_OSXSAVE);
    v |= when(m, CpuFeature.SMEP, Cr.CR4_SMEP);
    v |= when(m, CpuFeature.SMAP, Cr.CR4_SMAP);
    v |= when(m, CpuFeature.PKU, Cr.CR4_PKE);
    v |= when(m, CpuFeature.PKS, Cr.CR4_PKS);
    return v;
  }

  private static long efer(CpuModel m) {
    long v = when(m, CpuFeature.SYSCALL, Cr.EFER_SCE);
    v |= when(m, CpuFeature.LM, Cr.EFER_LME | Cr.EFER_LMA);
    v |= when(m, CpuFeature.NX, Cr.EFER_NXE);
    return v;
  }

  private static long when(CpuModel m, CpuFeature f, long bits) {
    return m.has(f) ? bits : 0;
  }
}
