package org.quern.x86.state;

/** Model-specific registers that hold plain state. EFER and the APIC's own live elsewhere. */
public final class MsrFile {
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
  public long miscEnable;
  public long tscAdjust;
  public long debugCtl;
  public long mtrrDefType;
  public final long[] mtrrVariable = new long[16];
  public final long[] mtrrFixed = new long[11];
  public final long[] mcBanks = new long[16];
  public long mcgStatus;
  public long specCtrl;

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
    miscEnable = 1;
    tscAdjust = 0;
    debugCtl = 0;
    mtrrDefType = 0;
    java.util.Arrays.fill(mtrrVariable, 0);
    java.util.Arrays.fill(mtrrFixed, 0);
    java.util.Arrays.fill(mcBanks, 0);
    mcgStatus = 0;
    specCtrl = 0;
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
    System.arraycopy(o.mtrrVariable, 0, mtrrVariable, 0, mtrrVariable.length);
    System.arraycopy(o.mtrrFixed, 0, mtrrFixed, 0, mtrrFixed.length);
    System.arraycopy(o.mcBanks, 0, mcBanks, 0, mcBanks.length);
  }
}
