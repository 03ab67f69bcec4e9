package org.quern.x86.semantics;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.quern.x86.bus.GuestBus;
import org.quern.x86.decode.Decoder;
import org.quern.x86.decode.Insn;
import org.quern.x86.fault.GuestFault;
import org.quern.x86.fault.Vector;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuMode;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/**
 * A processor without an engine for tests of single instructions: {@link #RAM_BYTES} of RAM at 0,
 * MMIO above, ports that log. One RAM is shared by all, so one at a time.
 */
final class TestCpu implements GuestBus {
  static final int RAM_BYTES = 256 << 10;

  /** Where {@link #exec} pretends that the instruction is. */
  static final long CODE = 0x1000;

  private static final long RAM = HostMemory.allocate(RAM_BYTES);
  private static final int DATA =
      Segment.P | Segment.S | Segment.WRITABLE | Segment.ACCESSED | Segment.DB | Segment.G;

  final Cpu c = new Cpu(0, CpuModel.max(), this, null, null);

  /** Accesses of ports and MMIO: "in 60/1", "out 60/1=ff", "read fe000/4", "write fe000/4=1". */
  final List<String> log = new ArrayList<>();

  /** What ports and MMIO answer. */
  long answer = -1;

  private TestCpu() {
    HostMemory.fill(RAM, RAM_BYTES, (byte) 0);
    c.rip = CODE;
    c.gpr[Reg.RSP] = 0x8000;
  }

  /** Real mode, segment bases 0. */
  static TestCpu real() {
    TestCpu t = new TestCpu();
    t.c.seg[Reg.CS].base = 0;
    t.c.seg[Reg.CS].selector = 0;
    return t;
  }

  /** Protected mode, flat 4 GiB segments of 32 bits, CPL 0, no paging. */
  static TestCpu protected32() {
    TestCpu t = new TestCpu();
    t.c.cr0 |= Cr.CR0_PE;
    for (int s = 0; s < 6; s++) {
      int type = s == Reg.CS ? Segment.CODE : 0;
      t.c.seg[s].set(8 + 8 * s, 0, -1, DATA | type, true);
    }
    CpuMode.update(t.c);
    return t;
  }

  /** 64-bit mode, CPL 0; linear is physical because CR0.PG stays 0, which no guest can do. */
  static TestCpu long64() {
    TestCpu t = protected32();
    t.c.efer = Cr.EFER_LMA | Cr.EFER_LME;
    t.c.seg[Reg.CS].attr = t.c.seg[Reg.CS].attr & ~Segment.DB | Segment.L;
    CpuMode.update(t.c);
    return t;
  }

  /** Virtual-8086 mode, segment bases 0, CPL 3. */
  static TestCpu virtual86(int iopl) {
    TestCpu t = protected32();
    for (Segment s : t.c.seg) {
      int attr = Segment.P | Segment.S | Segment.WRITABLE | Segment.ACCESSED | Segment.DPL;
      s.set(0, 0, 0xffff, attr, true);
    }
    t.c.setCpl(3);
    t.c.setSystemFlags(RFlags.VM | iopl << RFlags.IOPL_SHIFT);
    return t;
  }

  /** Turns on 32-bit paging: identity mapping of the first 4 MiB, tables in the top of RAM. */
  TestCpu paged() {
    long directory = RAM_BYTES - 0x2000;
    long table = RAM_BYTES - 0x1000;
    write(directory, 4, table | 7);
    for (int k = 0; k < 1024; k++) {
      write(table + 4L * k, 4, (long) k << 12 | 7);
    }
    c.cr3 = directory;
    c.cr0 |= Cr.CR0_PG;
    c.mmu.flushAll();
    return this;
  }

  /** Takes a page away from {@link #paged}. */
  void unmap(long la) {
    write(RAM_BYTES - 0x1000 + (la >> 12) * 4, 4, 0);
    c.mmu.flushAll();
  }

  /**
   * Executes the instruction with these bytes as an engine does.
   *
   * @return "" or the fault: "#GP(0)"
   */
  String exec(String hex) {
    return execPending(hex, 0);
  }

  /** As {@link #exec} with these bits in {@link Cpu#pending}. */
  String execPending(String hex, int pending) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    Insn i = new Decoder(c.codeSize).decode(bytes, 0, bytes.length);
    if (i.length != bytes.length) {
      throw new IllegalArgumentException(hex + " decodes to " + i.mnemonic + ", " + i.length);
    }
    long rip = c.rip;
    c.pending = pending;
    c.rip += i.length;
    try {
      Binding.of(i.mnemonic).exec(c, i);
      return "";
    } catch (GuestFault f) {
      c.rip = rip;
      return name(f);
    }
  }

  private static String name(GuestFault f) {
    String s =
        switch (f.vector) {
          case Vector.DE -> "#DE";
          case Vector.UD -> "#UD";
          case Vector.SS -> "#SS";
          case Vector.GP -> "#GP";
          case Vector.PF -> "#PF";
          case Vector.AC -> "#AC";
          default -> "#" + f.vector;
        };
    return Vector.hasErrorCode(f.vector) ? s + "(" + f.errorCode + ")" : s;
  }

  /** Status flags that are set, as letters in the order "OSZAPC". */
  String flags() {
    int f = c.statusFlags();
    return ((f & RFlags.OF) != 0 ? "O" : "")
        + ((f & RFlags.SF) != 0 ? "S" : "")
        + ((f & RFlags.ZF) != 0 ? "Z" : "")
        + ((f & RFlags.AF) != 0 ? "A" : "")
        + ((f & RFlags.PF) != 0 ? "P" : "")
        + ((f & RFlags.CF) != 0 ? "C" : "");
  }

  /** Reads RAM, little-endian, zero-extended. */
  long read(long physical, int bytes) {
    long v = 0;
    for (int k = 0; k < bytes; k++) {
      v |= (HostMemory.getByte(RAM + physical + k) & 0xffL) << 8 * k;
    }
    return v;
  }

  void write(long physical, int bytes, long v) {
    for (int k = 0; k < bytes; k++) {
      HostMemory.putByte(RAM + physical + k, (byte) (v >>> 8 * k));
    }
  }

  byte[] bytes(long physical, int n) {
    byte[] b = new byte[n];
    HostMemory.read(RAM + physical, b, 0, n);
    return b;
  }

  void bytes(long physical, byte[] b) {
    HostMemory.write(b, 0, b.length, RAM + physical);
  }

  // ---- GuestBus

  @Override
  public int portRead(int port, int size) {
    log.add(String.format("in %x/%d", port, size));
    return (int) answer;
  }

  @Override
  public void portWrite(int port, int size, int value) {
    log.add(String.format("out %x/%d=%x", port, size, value));
  }

  @Override
  public long mmioRead(long physical, int size) {
    log.add(String.format("read %x/%d", physical, size));
    return answer;
  }

  @Override
  public void mmioWrite(long physical, int size, long value) {
    log.add(String.format("write %x/%d=%x", physical, size, value));
  }

  @Override
  public long hostPage(long physical) {
    return physical >= 0 && physical < RAM_BYTES ? RAM + (physical & -4096) : 0;
  }

  @Override
  public boolean hostPageWritable(long physical) {
    return true;
  }

  @Override
  public long hostRun(long physical) {
    return GuestBus.hostRun(physical, RAM_BYTES);
  }

  @Override
  public void addRemapListener(Runnable listener) {}
}
