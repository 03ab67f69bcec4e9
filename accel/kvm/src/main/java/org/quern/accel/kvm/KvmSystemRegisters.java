package org.quern.accel.kvm;

import org.quern.accel.api.CpuState;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/** Between {@link CpuState} and {@code struct kvm_sregs}. */
final class KvmSystemRegisters {
  /** Which segment register the kernel has at which place. */
  private static final int[] ORDER = {Reg.CS, Reg.DS, Reg.ES, Reg.FS, Reg.GS, Reg.SS};

  private KvmSystemRegisters() {}

  static void put(CpuState from, long to) {
    for (int n = 0; n < ORDER.length; n++) {
      putSegment(from.seg[ORDER[n]], to + (long) n * KvmAbi.SEGMENT_BYTES);
    }
    putSegment(from.tr, to + KvmAbi.SREGS_TR);
    putSegment(from.ldtr, to + KvmAbi.SREGS_LDT);
    HostMemory.putLong(to + KvmAbi.SREGS_GDT, from.gdtBase);
    HostMemory.putShort(to + KvmAbi.SREGS_GDT + KvmAbi.TABLE_LIMIT, (short) from.gdtLimit);
    HostMemory.putLong(to + KvmAbi.SREGS_IDT, from.idtBase);
    HostMemory.putShort(to + KvmAbi.SREGS_IDT + KvmAbi.TABLE_LIMIT, (short) from.idtLimit);
    HostMemory.putLong(to + KvmAbi.SREGS_CR0, from.cr0);
    HostMemory.putLong(to + KvmAbi.SREGS_CR2, from.cr2);
    HostMemory.putLong(to + KvmAbi.SREGS_CR3, from.cr3);
    HostMemory.putLong(to + KvmAbi.SREGS_CR4, from.cr4);
    HostMemory.putLong(to + KvmAbi.SREGS_CR8, from.cr8);
    HostMemory.putLong(to + KvmAbi.SREGS_EFER, from.efer);
    if ((from.efer & Cr.EFER_LMA) == 0) {
      // The bit means nothing outside long mode, and the kernel refuses it there.
      HostMemory.putByte(to + KvmAbi.SEGMENT_L, (byte) 0);
    }
    HostMemory.fill(to + KvmAbi.SREGS_INTERRUPT_BITMAP, KvmAbi.INTERRUPT_BITMAP_BYTES, (byte) 0);
  }

  static void get(long from, CpuState to) {
    for (int n = 0; n < ORDER.length; n++) {
      getSegment(from + (long) n * KvmAbi.SEGMENT_BYTES, to.seg[ORDER[n]]);
    }
    getSegment(from + KvmAbi.SREGS_TR, to.tr);
    getSegment(from + KvmAbi.SREGS_LDT, to.ldtr);
    to.gdtBase = HostMemory.getLong(from + KvmAbi.SREGS_GDT);
    to.gdtLimit = HostMemory.getShort(from + KvmAbi.SREGS_GDT + KvmAbi.TABLE_LIMIT) & 0xffff;
    to.idtBase = HostMemory.getLong(from + KvmAbi.SREGS_IDT);
    to.idtLimit = HostMemory.getShort(from + KvmAbi.SREGS_IDT + KvmAbi.TABLE_LIMIT) & 0xffff;
    to.cr0 = HostMemory.getLong(from + KvmAbi.SREGS_CR0);
    to.cr2 = HostMemory.getLong(from + KvmAbi.SREGS_CR2);
    to.cr3 = HostMemory.getLong(from + KvmAbi.SREGS_CR3);
    to.cr4 = HostMemory.getLong(from + KvmAbi.SREGS_CR4);
    to.cr8 = HostMemory.getLong(from + KvmAbi.SREGS_CR8);
    to.efer = HostMemory.getLong(from + KvmAbi.SREGS_EFER);
  }

  private static void putSegment(Segment s, long to) {
    int attr = s.attr;
    HostMemory.putLong(to, s.base);
    HostMemory.putInt(to + KvmAbi.SEGMENT_LIMIT, s.limit);
    HostMemory.putShort(to + KvmAbi.SEGMENT_SELECTOR, (short) s.selector);
    HostMemory.putByte(to + KvmAbi.SEGMENT_TYPE, (byte) s.type());
    flag(to + KvmAbi.SEGMENT_PRESENT, attr, Segment.P);
    HostMemory.putByte(to + KvmAbi.SEGMENT_DPL, (byte) s.dpl());
    flag(to + KvmAbi.SEGMENT_DB, attr, Segment.DB);
    flag(to + KvmAbi.SEGMENT_S, attr, Segment.S);
    flag(to + KvmAbi.SEGMENT_L, attr, Segment.L);
    flag(to + KvmAbi.SEGMENT_G, attr, Segment.G);
    flag(to + KvmAbi.SEGMENT_AVL, attr, Segment.AVL);
    HostMemory.putByte(to + KvmAbi.SEGMENT_UNUSABLE, (byte) (s.usable ? 0 : 1));
  }

  private static void flag(long at, int attr, int bit) {
    HostMemory.putByte(at, (byte) ((attr & bit) != 0 ? 1 : 0));
  }

  private static void getSegment(long from, Segment s) {
    int attr = HostMemory.getByte(from + KvmAbi.SEGMENT_TYPE) & Segment.TYPE;
    attr |= (HostMemory.getByte(from + KvmAbi.SEGMENT_DPL) & 3) << Segment.DPL_SHIFT;
    attr |= bit(from + KvmAbi.SEGMENT_PRESENT, Segment.P);
    attr |= bit(from + KvmAbi.SEGMENT_DB, Segment.DB);
    attr |= bit(from + KvmAbi.SEGMENT_S, Segment.S);
    attr |= bit(from + KvmAbi.SEGMENT_L, Segment.L);
    attr |= bit(from + KvmAbi.SEGMENT_G, Segment.G);
    attr |= bit(from + KvmAbi.SEGMENT_AVL, Segment.AVL);
    s.set(
        HostMemory.getShort(from + KvmAbi.SEGMENT_SELECTOR) & 0xffff,
        HostMemory.getLong(from),
        HostMemory.getInt(from + KvmAbi.SEGMENT_LIMIT),
        attr,
        HostMemory.getByte(from + KvmAbi.SEGMENT_UNUSABLE) == 0);
  }

  private static int bit(long at, int bit) {
    return HostMemory.getByte(at) != 0 ? bit : 0;
  }
}
