package org.quern.cli.run;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.quern.accel.api.CpuState;
import org.quern.accel.api.ExceptionLog;
import org.quern.accel.api.Vcpu;
import org.quern.firmware.symbols.SymbolTable;
import org.quern.machine.core.DmaSpace;
import org.quern.x86.disasm.Disassembler;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/**
 * What is said when a processor shuts down by a triple fault or halts for good: registers, the code
 * it was at, the exceptions that led there, and the page walk of the address that faulted.
 */
public final class CrashReport {
  /** A guest that reboots by triple fault for ever must not fill the disk. */
  private static final int MAX_REPORTS = 3;

  private static final int PAGE_FAULT = 14;
  private static final int LISTED_INSTRUCTIONS = 6;
  private static final int LISTED_BYTES = 64;

  private final PrintStream out;
  private final DmaSpace memory;
  private final IntSupplier postCode;
  private final Optional<SymbolTable> symbols;
  private int reports;

  /**
   * A reporter.
   *
   * @param memory guest memory
   * @param postCode what the guest last wrote to port 0x80, 0 for nothing
   * @param symbols of the guest's kernel, if there are any
   */
  CrashReport(
      PrintStream out, DmaSpace memory, IntSupplier postCode, Optional<SymbolTable> symbols) {
    this.out = out;
    this.memory = memory;
    this.postCode = postCode;
    this.symbols = symbols;
  }

  /** Reports; the processor stands still. */
  synchronized void report(Vcpu cpu, String message) {
    if (++reports > MAX_REPORTS) {
      return;
    }
    CpuState state = cpu.state();
    out.println("quern: processor " + cpu.index() + " stopped: " + message);
    out.print(RegisterText.of(state));
    out.print(code(state));
    out.print(exceptions(cpu));
    if (postCode.getAsInt() != 0) {
      out.printf("last POST code: %02x%n", postCode.getAsInt());
    }
    for (long address : faultingAddresses(cpu)) {
      StringBuilder walk = new StringBuilder();
      new PageWalkText(state, memory).walk(address, walk);
      out.printf("page walk of %016x%s:%n%s", address, symbol(address), walk);
    }
    out.flush();
  }

  /** The instructions at CS:RIP, as far as they can be read. */
  String code(CpuState s) {
    return listing(memory, s, s.rip, LISTED_INSTRUCTIONS, symbol(s.rip));
  }

  /**
   * The instructions at an address in the code segment, as far as they can be read.
   *
   * @param memory guest memory
   * @param s the state whose mode and page tables count
   * @param count instructions at most
   */
  public static String code(DmaSpace memory, CpuState s, long rip, int count) {
    return listing(memory, s, rip, count, "");
  }

  private static String listing(DmaSpace memory, CpuState s, long rip, int count, String symbol) {
    Segment cs = s.seg[Reg.CS];
    boolean bits64 = (s.efer & Cr.EFER_LMA) != 0 && (cs.attr & Segment.L) != 0;
    int codeSize = bits64 ? 64 : (cs.attr & Segment.DB) != 0 ? 32 : 16;
    long linear = bits64 ? rip : cs.base + rip & 0xffff_ffffL;
    PageWalkText walk = new PageWalkText(s, memory);
    byte[] code = new byte[LISTED_BYTES * (count / LISTED_INSTRUCTIONS + 1)];
    int length = 0;
    while (length < code.length) {
      long at = linear + length;
      long physical = walk.walk(at, null);
      if (physical == PageWalkText.UNMAPPED) {
        break;
      }
      int piece = (int) Math.min(code.length - length, 4096 - (at & 4095));
      memory.read(physical, code, length, piece);
      length += piece;
    }
    String head = "code at " + String.format("%04x:%x", cs.selector, rip) + symbol;
    if (length == 0) {
      return head + " is not mapped\n";
    }
    return head + ":\n" + Disassembler.of(codeSize).listing(code, 0, length, rip, count);
  }

  /** The last exceptions of a processor that stands still, as lines; empty if it keeps none. */
  public static String exceptions(Vcpu cpu) {
    if (!(cpu instanceof ExceptionLog log)) {
      return "";
    }
    StringBuilder text = new StringBuilder("last exceptions, oldest first:\n");
    for (ExceptionLog.Entry e : log.recentExceptions()) {
      text.append(
          String.format(
              "  vector %2d error %04x cr2 %016x at %04x:%016x cpl %d after %d instructions%n",
              e.vector(), e.errorCode(), e.cr2(), e.cs(), e.rip(), e.cpl(), e.instructions()));
    }
    return text.toString();
  }

  /** The address of the last page fault, if the end was near it. */
  private static List<Long> faultingAddresses(Vcpu cpu) {
    List<Long> addresses = new ArrayList<>();
    if (cpu instanceof ExceptionLog log) {
      List<ExceptionLog.Entry> all = log.recentExceptions();
      for (ExceptionLog.Entry e : all.subList(Math.max(0, all.size() - 3), all.size())) {
        if (e.vector() == PAGE_FAULT && !addresses.contains(e.cr2())) {
          addresses.add(e.cr2());
        }
      }
    }
    return addresses;
  }

  private String symbol(long address) {
    return symbols.flatMap(t -> t.lookup(address)).map(s -> " <" + s + ">").orElse("");
  }
}
