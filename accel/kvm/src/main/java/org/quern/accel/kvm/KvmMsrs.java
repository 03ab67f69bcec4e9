package org.quern.accel.kvm;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import org.quern.accel.api.AcceleratorException;
import org.quern.x86.semantics.MsrIndex;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.MsrFile;

/**
 * The model-specific registers of a {@link MsrFile}, fetched from a processor of KVM and given to
 * it in one call each. Which of them KVM has depends on its version and on the host: those that it
 * does not list are left out; memory types and machine checks, which it never lists, belong to the
 * model's features. Source: api.rst, KVM_GET_MSR_INDEX_LIST.
 */
final class KvmMsrs {
  private static final System.Logger LOG = System.getLogger("org.quern.accel.kvm");

  /** Banks of machine-check registers, as the semantics of the front end have. */
  static final int MC_BANKS = 4;

  private record Msr(int index, ToLongFunction<MsrFile> get, Setter set) {}

  @FunctionalInterface
  private interface Setter {
    void set(MsrFile file, long value);
  }

  private final List<Msr> used = new ArrayList<>();
  private final int[] indices;
  private final long[] values;

  /** Those that KVM has refused once, so that it is told once. */
  private final Set<Integer> refused = new TreeSet<>();

  /**
   * @param listed what KVM lists
   */
  KvmMsrs(CpuModel model, Set<Integer> listed) {
    for (Msr m : plain()) {
      if (listed.contains(m.index)) {
        used.add(m);
      }
    }
    if (model.has(CpuFeature.MTRR)) {
      memoryTypes();
    }
    if (model.has(CpuFeature.MCA)) {
      for (int i = 0; i < 4 * MC_BANKS; i++) {
        int n = i;
        add(MsrIndex.MC0_CTL + n, f -> f.mcBanks[n], (f, v) -> f.mcBanks[n] = v);
      }
    }
    indices = used.stream().mapToInt(Msr::index).toArray();
    values = new long[indices.length];
  }

  private static List<Msr> plain() {
    return List.of(
        new Msr(MsrIndex.SYSENTER_CS, f -> f.sysenterCs, (f, v) -> f.sysenterCs = v),
        new Msr(MsrIndex.SYSENTER_ESP, f -> f.sysenterEsp, (f, v) -> f.sysenterEsp = v),
        new Msr(MsrIndex.SYSENTER_EIP, f -> f.sysenterEip, (f, v) -> f.sysenterEip = v),
        new Msr(MsrIndex.STAR, f -> f.star, (f, v) -> f.star = v),
        new Msr(MsrIndex.LSTAR, f -> f.lstar, (f, v) -> f.lstar = v),
        new Msr(MsrIndex.CSTAR, f -> f.cstar, (f, v) -> f.cstar = v),
        new Msr(MsrIndex.SFMASK, f -> f.sfmask, (f, v) -> f.sfmask = v),
        new Msr(MsrIndex.KERNEL_GS_BASE, f -> f.kernelGsBase, (f, v) -> f.kernelGsBase = v),
        new Msr(MsrIndex.TSC_AUX, f -> f.tscAux, (f, v) -> f.tscAux = v),
        new Msr(MsrIndex.TSC_ADJUST, f -> f.tscAdjust, (f, v) -> f.tscAdjust = v),
        new Msr(MsrIndex.PAT, f -> f.pat, (f, v) -> f.pat = v),
        new Msr(MsrIndex.MISC_ENABLE, f -> f.miscEnable, (f, v) -> f.miscEnable = v),
        new Msr(MsrIndex.DEBUGCTL, f -> f.debugCtl, (f, v) -> f.debugCtl = v),
        new Msr(MsrIndex.MCG_STATUS, f -> f.mcgStatus, (f, v) -> f.mcgStatus = v),
        new Msr(MsrIndex.SPEC_CTRL, f -> f.specCtrl, (f, v) -> f.specCtrl = v),
        new Msr(MsrIndex.XSS, f -> f.xss, (f, v) -> f.xss = v),
        new Msr(MsrIndex.PKRS, f -> f.pkrs & 0xffffffffL, (f, v) -> f.pkrs = (int) v));
  }

  private void memoryTypes() {
    add(MsrIndex.MTRR_DEF_TYPE, f -> f.mtrrDefType, (f, v) -> f.mtrrDefType = v);
    for (int i = 0; i < 16; i++) {
      int n = i;
      add(MsrIndex.MTRR_PHYSBASE0 + n, f -> f.mtrrVariable[n], (f, v) -> f.mtrrVariable[n] = v);
    }
    for (int i = 0; i < 11; i++) {
      int n = i;
      int index =
          n == 0
              ? MsrIndex.MTRR_FIX64K
              : n < 3 ? MsrIndex.MTRR_FIX16K + n - 1 : MsrIndex.MTRR_FIX4K + n - 3;
      add(index, f -> f.mtrrFixed[n], (f, v) -> f.mtrrFixed[n] = v);
    }
  }

  private void add(int index, ToLongFunction<MsrFile> get, Setter set) {
    used.add(new Msr(index, get, set));
  }

  void put(MsrFile from, KvmVcpu to) throws AcceleratorException {
    for (int i = 0; i < indices.length; i++) {
      values[i] = used.get(i).get.applyAsLong(from);
    }
    int done = 0;
    while (done < indices.length) {
      done += to.msrs(indices, values, done);
      if (done < indices.length) {
        refused(indices[done], values[done]);
        done++;
      }
    }
  }

  void get(KvmVcpu from, MsrFile to) throws AcceleratorException {
    int done = 0;
    while (done < indices.length) {
      int first = done;
      done += from.copyMsrs(indices, values, done);
      for (int i = first; i < done; i++) {
        used.get(i).set.set(to, values[i]);
      }
      done++; // the one that KVM does not have
    }
  }

  /** It differs from what a guest of this model could have put there: the guest may not notice. */
  private void refused(int index, long value) {
    if (refused.add(index)) {
      LOG.log(
          System.Logger.Level.WARNING,
          String.format("KVM does not take the value %#x of the MSR %#x", value, index));
    }
  }
}
