package org.quern.cli.difftest;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.quern.x86.decode.InsnForm;
import org.quern.x86.decode.InsnTable;
import org.quern.x86.state.CpuFeature;

/** Which rows of the table can be compared, and why the others cannot. */
final class FormFilter {
  final List<InsnForm> taken = new ArrayList<>();

  /** Rows left out, by reason. */
  final Map<String, List<InsnForm>> left = new LinkedHashMap<>();

  /**
   * @param wanted pattern that a row in the notation of the table must contain
   * @param features flags of features that a row must need one of; all rows if it is empty
   * @param ours features of our processor
   * @param hosts features of the host
   */
  FormFilter(
      Pattern wanted,
      Set<String> features,
      Predicate<CpuFeature> ours,
      Predicate<CpuFeature> hosts) {
    for (InsnForm f : InsnTable.forms()) {
      boolean needs = f.feature() != null && features.contains(f.feature().flag);
      if ((!features.isEmpty() && !needs) || !wanted.matcher(f.toString()).find()) {
        continue;
      }
      String why = reason(f, ours, hosts);
      if (why == null) {
        taken.add(f);
      } else {
        left.computeIfAbsent(why, w -> new ArrayList<>()).add(f);
      }
    }
  }

  private static String reason(
      InsnForm f, Predicate<CpuFeature> ours, Predicate<CpuFeature> hosts) {
    if (!f.in64BitMode()) {
      return "not in 64-bit mode";
    }
    if (f.privilege() == InsnForm.Privilege.CPL0) {
      return "privileged";
    }
    String special = special(f);
    if (special != null) {
      return special;
    }
    if (f.feature() != null && !ours.test(f.feature())) {
      return "not in our processor (" + f.feature().flag + ")";
    }
    if (f.feature() != null && !hosts.test(f.feature())) {
      return "not in the host's processor (" + f.feature().flag + ")";
    }
    return null;
  }

  private static String special(InsnForm f) {
    return switch (f.mnemonic()) {
      case SYSCALL, SYSENTER, INT, INT1, IRET, CALL_FAR, JMP_FAR, RET_FAR ->
          "leaves user code or changes CS";
      case VMCALL, VMMCALL, VMFUNC -> "call of the hypervisor";
      case MOV_SREG, PUSH_SREG, POP_SREG, LFS, LGS, LSS, LAR, LSL, VERR, VERW ->
          "selectors belong to the host where KVM runs user code itself";
      case SGDT, SIDT, SLDT, STR, SMSW -> "tables and CR0 belong to the host";
      case RDFSBASE, RDGSBASE, WRFSBASE, WRGSBASE -> "would change the base for later cases";
      case CPUID, XGETBV -> "differs by the features of the processor";
      case RDTSC, RDTSCP, RDPMC, RDPID, RDRAND, RDSEED -> "has no reproducible result";
      case RDPKRU, WRPKRU -> "protection keys are off";
      case IN, OUT, INS, OUTS, CLI, STI -> "I/O privilege";
      case XSAVE, XSAVEC, XSAVEOPT, XRSTOR -> "its header depends on what the processor tracks";
      default -> null;
    };
  }
}
