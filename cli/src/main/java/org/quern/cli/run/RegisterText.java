package org.quern.cli.run;

import org.quern.accel.api.CpuState;
import org.quern.x86.state.Segment;

/** The registers of a processor for people, in QEMU's arrangement of {@code info registers}. */
public final class RegisterText {
  private static final String[] GPR = {
    "RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI", "R8 ", "R9 ", "R10", "R11", "R12",
    "R13", "R14", "R15"
  };

  /** The order people expect: RAX, RBX, RCX, RDX, RSI, RDI, RBP, RSP, then by number. */
  private static final int[] ORDER = {0, 3, 1, 2, 6, 7, 5, 4, 8, 9, 10, 11, 12, 13, 14, 15};

  private static final String[] SEG = {"ES", "CS", "SS", "DS", "FS", "GS"};

  private RegisterText() {}

  public static String of(CpuState s) {
    StringBuilder t = new StringBuilder();
    for (int i = 0; i < ORDER.length; i++) {
      t.append(
          String.format("%s=%016x%c", GPR[ORDER[i]], s.gpr[ORDER[i]], i % 4 == 3 ? '\n' : ' '));
    }
    t.append(
        String.format(
            "RIP=%016x RFL=%08x [%s]%s%s%n",
            s.rip,
            s.rflags,
            flags(s.rflags),
            s.halted ? " HALTED" : "",
            s.waitForSipi ? " WAIT-FOR-SIPI" : ""));
    for (int i = 0; i < SEG.length; i++) {
      segment(t, SEG[i], s.seg[i]);
    }
    segment(t, "LDT", s.ldtr);
    segment(t, "TR", s.tr);
    t.append(String.format("GDT=     %016x %08x%n", s.gdtBase, s.gdtLimit));
    t.append(String.format("IDT=     %016x %08x%n", s.idtBase, s.idtLimit));
    t.append(
        String.format(
            "CR0=%08x CR2=%016x CR3=%016x CR4=%08x CR8=%x EFER=%04x%n",
            s.cr0, s.cr2, s.cr3, s.cr4, s.cr8, s.efer));
    return t.toString();
  }

  private static void segment(StringBuilder t, String name, Segment s) {
    t.append(
        String.format(
            "%-3s=%04x %016x %08x %04x%s%n",
            name, s.selector, s.base, s.limit, s.attr, s.usable ? "" : " unusable"));
  }

  /** Letters as in QEMU, a dash for each clear flag. */
  private static String flags(long rflags) {
    String names = "ODITSZ-A-P-C";
    int[] bits = {11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0};
    StringBuilder t = new StringBuilder();
    for (int i = 0; i < bits.length; i++) {
      if (names.charAt(i) != '-') {
        t.append((rflags >> bits[i] & 1) != 0 ? names.charAt(i) : '-');
      }
    }
    return t.toString();
  }
}
