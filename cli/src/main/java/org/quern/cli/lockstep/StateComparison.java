package org.quern.cli.lockstep;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.quern.accel.api.CpuState;
import org.quern.x86.state.Fpu;
import org.quern.x86.state.MsrFile;
import org.quern.x86.state.Segment;

/** Whether two processors are in the same state. */
public final class StateComparison {
  private static final String[] SEGMENTS = {"ES", "CS", "SS", "DS", "FS", "GS"};

  private StateComparison() {}

  /** Everything architectural. Allocates nothing. */
  public static boolean same(CpuState a, CpuState b) {
    return a.rip == b.rip
        && a.rflags == b.rflags
        && Arrays.equals(a.gpr, b.gpr)
        && sameSegments(a, b)
        && sameControl(a, b)
        && Arrays.equals(a.vec, b.vec)
        && a.mxcsr == b.mxcsr
        && a.pkru == b.pkru
        && same(a.fpu, b.fpu)
        && same(a.msr, b.msr);
  }

  private static boolean sameSegments(CpuState a, CpuState b) {
    for (int i = 0; i < a.seg.length; i++) {
      if (!same(a.seg[i], b.seg[i])) {
        return false;
      }
    }
    return same(a.ldtr, b.ldtr)
        && same(a.tr, b.tr)
        && a.gdtBase == b.gdtBase
        && a.gdtLimit == b.gdtLimit
        && a.idtBase == b.idtBase
        && a.idtLimit == b.idtLimit;
  }

  private static boolean sameControl(CpuState a, CpuState b) {
    return a.cr0 == b.cr0
        && a.cr2 == b.cr2
        && a.cr3 == b.cr3
        && a.cr4 == b.cr4
        && a.cr8 == b.cr8
        && a.efer == b.efer
        && a.xcr0 == b.xcr0
        && Arrays.equals(a.dr, b.dr)
        && a.halted == b.halted
        && a.waitForSipi == b.waitForSipi
        && a.shadow == b.shadow
        && a.nmiBlocked == b.nmiBlocked;
  }

  private static boolean same(Segment a, Segment b) {
    return a.selector == b.selector
        && a.base == b.base
        && a.limit == b.limit
        && a.attr == b.attr
        && a.usable == b.usable;
  }

  private static boolean same(Fpu a, Fpu b) {
    return a.control == b.control
        && a.status == b.status
        && a.top == b.top
        && a.tag == b.tag
        && a.opcode == b.opcode
        && a.ip == b.ip
        && a.cs == b.cs
        && a.dp == b.dp
        && a.ds == b.ds
        && Arrays.equals(a.significand, b.significand)
        && Arrays.equals(a.signExponent, b.signExponent);
  }

  private static boolean same(MsrFile a, MsrFile b) {
    return a.star == b.star
        && a.lstar == b.lstar
        && a.cstar == b.cstar
        && a.sfmask == b.sfmask
        && a.kernelGsBase == b.kernelGsBase
        && a.sysenterCs == b.sysenterCs
        && a.sysenterEsp == b.sysenterEsp
        && a.sysenterEip == b.sysenterEip
        && a.tscAux == b.tscAux
        && a.pat == b.pat
        && a.miscEnable == b.miscEnable
        && a.tscAdjust == b.tscAdjust
        && a.debugCtl == b.debugCtl
        && a.mtrrDefType == b.mtrrDefType
        && a.mcgStatus == b.mcgStatus
        && a.specCtrl == b.specCtrl
        && a.xss == b.xss
        && a.pkrs == b.pkrs
        && Arrays.equals(a.mtrrVariable, b.mtrrVariable)
        && Arrays.equals(a.mtrrFixed, b.mtrrFixed)
        && Arrays.equals(a.mcBanks, b.mcBanks);
  }

  /** What the usual display of registers does not show and differs, a line each. */
  public static List<String> hidden(CpuState a, CpuState b) {
    List<String> lines = new ArrayList<>();
    for (int r = 0; r < 16; r++) {
      for (int lane = 0; lane < 4; lane++) {
        add(
            lines,
            "vector register " + r + " lane " + lane,
            a.vec[4 * r + lane],
            b.vec[4 * r + lane]);
      }
    }
    add(lines, "MXCSR", a.mxcsr, b.mxcsr);
    add(lines, "PKRU", a.pkru, b.pkru);
    for (int r = 0; r < 8; r++) {
      add(lines, "R" + r + " significand", a.fpu.significand[r], b.fpu.significand[r]);
      add(lines, "R" + r + " sign, exponent", a.fpu.signExponent[r], b.fpu.signExponent[r]);
      add(lines, "DR" + r, a.dr[r], b.dr[r]);
    }
    add(lines, "x87 control", a.fpu.control, b.fpu.control);
    add(lines, "x87 status", a.fpu.status, b.fpu.status);
    add(lines, "x87 top", a.fpu.top, b.fpu.top);
    add(lines, "x87 tag", a.fpu.tag, b.fpu.tag);
    add(lines, "x87 opcode", a.fpu.opcode, b.fpu.opcode);
    add(lines, "x87 instruction", a.fpu.ip, b.fpu.ip);
    add(lines, "x87 data", a.fpu.dp, b.fpu.dp);
    add(lines, "XCR0", a.xcr0, b.xcr0);
    add(lines, "interrupt shadow", a.shadow, b.shadow);
    add(lines, "NMIs blocked", a.nmiBlocked ? 1 : 0, b.nmiBlocked ? 1 : 0);
    for (int i = 0; i < SEGMENTS.length; i++) {
      if (!same(a.seg[i], b.seg[i])) {
        lines.add(SEGMENTS[i] + ": " + a.seg[i] + " | " + b.seg[i]);
      }
    }
    if (!same(a.msr, b.msr)) {
      lines.add("a model-specific register");
    }
    return lines;
  }

  private static void add(List<String> lines, String name, long a, long b) {
    if (a != b) {
      lines.add(String.format("%s: %016x | %016x", name, a, b));
    }
  }
}
