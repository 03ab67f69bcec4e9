package org.quern.tests.conformance;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.quern.accel.api.CpuState;
import org.quern.x86.state.MsrFile;
import org.quern.x86.state.Segment;

/** A {@link CpuState} as names and values, so that tests can compare all of two. */
final class States {
  private States() {}

  static Map<String, String> of(CpuState s) {
    Map<String, String> m = new TreeMap<>();
    m.put("gpr", hex(s.gpr));
    m.put("rip", Long.toHexString(s.rip));
    m.put("rflags", Long.toHexString(s.rflags));
    for (int i = 0; i < s.seg.length; i++) {
      m.put("seg" + i, segment(s.seg[i]));
    }
    m.put("ldtr", s.ldtr.usable ? segment(s.ldtr) : "unusable");
    m.put("tr", segment(s.tr));
    m.put("gdt", Long.toHexString(s.gdtBase) + "/" + s.gdtLimit);
    m.put("idt", Long.toHexString(s.idtBase) + "/" + s.idtLimit);
    m.put("cr", hex(s.cr0, s.cr2, s.cr3, s.cr4, s.cr8));
    m.put("efer", Long.toHexString(s.efer));
    m.put("xcr0", Long.toHexString(s.xcr0));
    m.put("dr", hex(s.dr));
    m.put("x87", hex(s.fpu.control, s.fpu.status, s.fpu.top, s.fpu.tag));
    m.put("x87 registers", hex(s.fpu.significand) + Arrays.toString(s.fpu.signExponent));
    m.put("vectors", hex(s.vec));
    m.put("mxcsr", Integer.toHexString(s.mxcsr));
    m.put("halted", s.halted + " " + s.waitForSipi);
    m.put("events", s.shadow + " " + s.nmiBlocked + " " + s.pendingNmis + " " + s.pendingDebug);
    MsrFile f = s.msr;
    m.put("syscall", hex(f.star, f.lstar, f.cstar, f.sfmask, f.kernelGsBase));
    m.put("sysenter", hex(f.sysenterCs, f.sysenterEsp, f.sysenterEip));
    m.put("memory types", hex(f.pat, f.mtrrDefType) + hex(f.mtrrFixed) + hex(f.mtrrVariable));
    return m;
  }

  private static String segment(Segment s) {
    return String.format("%x %x %x %x", s.selector, s.base, s.limit, s.attr);
  }

  private static String hex(long... values) {
    StringBuilder b = new StringBuilder();
    for (long v : values) {
      b.append(Long.toHexString(v)).append(' ');
    }
    return b.toString();
  }
}
