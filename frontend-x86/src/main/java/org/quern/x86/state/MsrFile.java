package org.quern.x86.state;

/** Model-specific registers that hold plain state. EFER and the APIC's own live elsewhere. */
public final class MsrFile {
  // Bits of IA32_MISC_ENABLE: SDM vol. 4, table 2-2
  private static final long MISC_MONITOR = 1 << 18;
  private static final long MISC_LIMIT_CPUID = 1 << 22;
  private static final long MISC_XD_DISABLE = 1L << 34;

  public long star;
  public long lstar;
  public long cstar;
  public long sfmask;
  public long kernelGsBase;
  public long sysenterCs;
  public long sysenterEsp;
  public long sysenterEip;
  public long tscAux;
  public long pat;

  /** IA32_MISC_ENABLE: fast strings, and MONITOR on. */
  public long miscEnable = 1 | MISC_MONITOR;

  public long tscAdjust;
  public long debugCtl;
  public long mtrrDefType;
  public final long[] mtrrVariable = new long[16];
  public final long[] mtrrFixed = new long[11];
  public final long[] mcBanks = new long[16];
  public long mcgStatus;
  public long specCtrl;

  /** IA32_XSS: the supervisor state components that XSAVES and XRSTORS handle. */
  public long xss;

  /** IA32_PKRS: as PKRU, for supervisor pages. */
  public int pkrs;

  /** Whether MONITOR and MWAIT are on. */
  public boolean monitorOn() {
    return (miscEnable & MISC_MONITOR) != 0;
  }

  /** Whether CPUID ends at leaf 2, for systems that cannot bear more. */
  public boolean limitsCpuid() {
    return (miscEnable & MISC_LIMIT_CPUID) != 0;
  }

  /** Whether there is no execute-disable bit in page tables. */
  public boolean executeDisableOff() {
    return (miscEnable & MISC_XD_DISABLE) != 0;
  }

  /** Values after RESET. Source: SDM vol. 3A, 12.12.4 (PAT). */
  void reset() {
    star = 0;
    lstar = 0;
    cstar = 0;
    sfmask = 0;
    kernelGsBase = 0;
    sysenterCs = 0;
    sysenterEsp = 0;
    sysenterEip = 0;
    tscAux = 0;
    pat = 0x0007040600070406L;
    miscEnable = 1 | MISC_MONITOR;
    tscAdjust = 0;
    debugCtl = 0;
    mtrrDefType = 0;
    java.util.Arrays.fill(mtrrVariable, 0);
    java.util.Arrays.fill(mtrrFixed, 0);
    java.util.Arrays.fill(mcBanks, 0);
    mcgStatus = 0;
    specCtrl = 0;
    xss = 0;
    pkrs = 0;
  }

  public void copyFrom(MsrFile o) {
    star = o.star;
    lstar = o.lstar;
    cstar = o.cstar;
    sfmask = o.sfmask;
    kernelGsBase = o.kernelGsBase;
    sysenterCs = o.sysenterCs;
    sysenterEsp = o.sysenterEsp;
    sysenterEip = o.sysenterEip;
    tscAux = o.tscAux;
    pat = o.pat;
    miscEnable = o.miscEnable;
    tscAdjust = o.tscAdjust;
    debugCtl = o.debugCtl;
    mtrrDefType = o.mtrrDefType;
    mcgStatus = o.mcgStatus;
    specCtrl = o.specCtrl;
    xss = o.xss;
    pkrs = o.pkrs;
    System.arraycopy(o.mtrrVariable, 0, mtrrVariable, 0, mtrrVariable.length);
    System.arraycopy(o.mtrrFixed, 0, mtrrFixed, 0, mtrrFixed.length);
    System.arraycopy(o.mcBanks, 0, mcBanks, 0, mcBanks.length);
  }
}
