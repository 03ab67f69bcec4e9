package org.quern.cli.report;

import java.util.List;
import java.util.function.LongFunction;
import org.quern.accel.api.CpuState;
import org.quern.accel.api.ExceptionLog;
import org.quern.x86.bus.GuestBus;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/** The report of a processor that met a triple fault or cannot go on. Pure text from pure state. */
public final class CrashReport {
  private static final int CODE_BYTES = 48;
  private static final String[] GPR = {
    "RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI", "R8 ", "R9 ", "R10", "R11", "R12",
    "R13", "R14", "R15"
  };
  private static final String[] SEGMENTS = {"ES", "CS", "SS", "DS", "FS", "GS"};
  private static final String[] VECTORS = {
    "#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "9", "#TS", "#NP", "#SS", "#GP",
    "#PF", "15", "#MF", "#AC", "#MC", "#XM"
  };

  /** Turns code bytes into a listing. */
  @FunctionalInterface
  public interface Lister {
    /**
     * @param code the bytes at {@code rip}
     * @param codeSize 16, 32 or 64
     */
    List<String> list(byte[] code, long rip, int codeSize);
  }

  private final GuestBus bus;
  private final Lister lister;
  private final LongFunction<String> symbols;

  /**
   * @param bus where code and page tables are read
   * @param symbols names an address, or returns null
   */
  public CrashReport(GuestBus bus, Lister lister, LongFunction<String> symbols) {
    this.bus = bus;
    this.lister = lister;
    this.symbols = symbols;
  }

  /** Writes the report of one processor. */
  public String of(int index, String why, CpuState s, List<ExceptionLog.Entry> exceptions) {
    StringBuilder b = new StringBuilder(4096);
    b.append(String.format("quern: guest processor %d stopped: %s%n", index, why));
    registers(b, s);
    if (!exceptions.isEmpty()) {
      b.append(String.format("Last exceptions, oldest first:%n"));
      for (ExceptionLog.Entry e : exceptions) {
        exception(b, e);
      }
      ExceptionLog.Entry fault = lastPageFault(exceptions);
      if (fault != null) {
        b.append(String.format("Page walk of the last page fault's address %016x:%n", fault.cr2()));
        PageWalkReport.describe(s, bus, fault.cr2())
            .forEach(l -> b.append("  ").append(l).append(System.lineSeparator()));
      }
    }
    code(b, s);
    return b.toString();
  }

  private void registers(StringBuilder b, CpuState s) {
    for (int i = 0; i < 16; i++) {
      b.append(String.format("%s=%016x%s", GPR[i], s.gpr[i], i % 4 == 3 ? "\n" : " "));
    }
    b.append(
        String.format(
            "RIP=%016x RFL=%08x CPL=%d %s%n", s.rip, s.rflags, s.seg[Reg.SS].dpl(), name(s.rip)));
    for (int i = 0; i < 6; i++) {
      b.append(String.format("%s =%s%n", SEGMENTS[i], s.seg[i]));
    }
    b.append(String.format("LDT=%s%nTR =%s%n", s.ldtr, s.tr));
    b.append(
        String.format(
            "GDT=%016x %04x IDT=%016x %04x%n", s.gdtBase, s.gdtLimit, s.idtBase, s.idtLimit));
    b.append(
        String.format(
            "CR0=%08x CR2=%016x CR3=%016x CR4=%08x EFER=%x%n", s.cr0, s.cr2, s.cr3, s.cr4, s.efer));
  }

  private void exception(StringBuilder b, ExceptionLog.Entry e) {
    String name = e.vector() < VECTORS.length ? VECTORS[e.vector()] : Integer.toString(e.vector());
    b.append(
        String.format(
            "  %-3s e=%04x at %04x:%016x cpl=%d cr2=%016x after %d instructions %s%n",
            name,
            e.errorCode(),
            e.cs(),
            e.rip(),
            e.cpl(),
            e.cr2(),
            e.instructions(),
            name(e.rip())));
  }

  private static ExceptionLog.Entry lastPageFault(List<ExceptionLog.Entry> exceptions) {
    for (int i = exceptions.size() - 1; i >= 0; i--) {
      if (exceptions.get(i).vector() == 14) {
        return exceptions.get(i);
      }
    }
    return null;
  }

  private void code(StringBuilder b, CpuState s) {
    boolean lm = (s.efer & Cr.EFER_LMA) != 0 && (s.seg[Reg.CS].attr & Segment.L) != 0;
    int size = lm ? 64 : (s.seg[Reg.CS].attr & Segment.DB) != 0 ? 32 : 16;
    long linear = lm ? s.rip : s.seg[Reg.CS].base + s.rip & 0xffffffffL;
    byte[] code = read(s, linear);
    if (code.length == 0) {
      b.append(String.format("No code bytes: RIP is not mapped to RAM.%n"));
      PageWalkReport.describe(s, bus, linear)
          .forEach(l -> b.append("  ").append(l).append(System.lineSeparator()));
      return;
    }
    b.append(String.format("Code at RIP:%n"));
    lister
        .list(code, s.rip, size)
        .forEach(l -> b.append("  ").append(l).append(System.lineSeparator()));
  }

  private byte[] read(CpuState s, long linear) {
    byte[] code = new byte[CODE_BYTES];
    for (int i = 0; i < CODE_BYTES; i++) {
      long pa = PageWalkReport.translate(s, bus, linear + i);
      long host = pa < 0 ? 0 : bus.hostPage(pa);
      if (host == 0) {
        return java.util.Arrays.copyOf(code, i);
      }
      code[i] = HostMemory.getByte(host + (pa & 0xfff));
    }
    return code;
  }

  private String name(long address) {
    String n = symbols.apply(address);
    return n == null ? "" : "<" + n + ">";
  }
}
