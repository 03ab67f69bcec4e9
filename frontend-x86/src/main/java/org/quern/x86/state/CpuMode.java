package org.quern.x86.state;

/** Derives the cached mode fields of {@link Cpu} from CR0, EFER, EFLAGS.VM, CS and SS. */
public final class CpuMode {
  private CpuMode() {}

  /**
   * Call after any change of CR0, CR4.LA57, EFER, EFLAGS.VM, CS or SS. Only instructions that end a
   * block and event delivery do so; the engine looks at the mode again behind them.
   */
  public static void update(Cpu c) {
    boolean pe = (c.cr0 & Cr.CR0_PE) != 0;
    int cs = c.seg[Reg.CS].attr;
    c.protectedMode = pe && !c.v86();
    c.longMode = (c.efer & Cr.EFER_LMA) != 0 && (cs & Segment.L) != 0;
    c.linearShift = (c.cr4 & Cr.CR4_LA57) != 0 ? 7 : 16;
    c.codeSize = c.longMode ? 64 : (cs & Segment.DB) != 0 ? 32 : 16;
    c.stackMask = c.longMode ? -1 : (c.seg[Reg.SS].attr & Segment.DB) != 0 ? 0xffffffffL : 0xffffL;
  }
}
