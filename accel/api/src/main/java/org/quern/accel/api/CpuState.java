package org.quern.accel.api;

import org.quern.x86.state.Fpu;
import org.quern.x86.state.MsrFile;
import org.quern.x86.state.Segment;
import org.quern.x86.vmx.VmxState;

/**
 * The architectural state of one processor, as every accelerator can give and take it: for reset,
 * boot protocols, snapshots, the debugger and lock-step comparison. A plain mutable holder; owns
 * everything it refers to.
 */
public final class CpuState {
  /** RAX to R15 by number. */
  public final long[] gpr = new long[16];

  public long rip;
  public long rflags = 2;

  /** ES, CS, SS, DS, FS, GS. */
  public final Segment[] seg = new Segment[6];

  public final Segment ldtr = new Segment();
  public final Segment tr = new Segment();
  public long gdtBase;
  public int gdtLimit;
  public long idtBase;
  public int idtLimit;
  public long cr0;
  public long cr2;
  public long cr3;
  public long cr4;
  public long cr8;
  public long efer;
  public long xcr0 = 1;
  public final long[] dr = new long[8];
  public final Fpu fpu = new Fpu();

  /** Vector registers, four 64-bit lanes each. */
  public final long[] vec = new long[16 * 4];

  public int mxcsr = 0x1f80;
  public int pkru;
  public final MsrFile msr = new MsrFile();

  /** In HLT. */
  public boolean halted;

  /** An application processor that waits for its start-up IPI. */
  public boolean waitForSipi;

  /** Interrupt shadow, a {@link org.quern.x86.state.Cpu.Shadow} value. */
  public int shadow;

  public boolean nmiBlocked;

  /** NMIs that have come and were not delivered, 0 to 2. */
  public int pendingNmis;

  /** DR6 bits (BS, B0 to B3, BT) of a debug trap that is due before the next instruction. */
  public int pendingDebug;

  /** VMX of a guest that is a hypervisor; its VMCSs are in guest memory. */
  public final VmxState vmx = new VmxState();

  public CpuState() {
    for (int i = 0; i < seg.length; i++) {
      seg[i] = new Segment();
    }
  }
}
