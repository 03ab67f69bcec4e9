package org.quern.accel.kvm;

import java.util.EnumSet;
import java.util.Set;
import org.quern.x86.semantics.Cpuid;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Reg;

/** What a processor model becomes on this host, and its CPUID leaves as the kernel takes them. */
final class KvmCpuModel {
  private static final int MAX_LEAVES = 128;
  private static final int EXTENDED = 0x80000000;
  private static final int WIDTHS = 0x80000008;
  private static final int HYPERVISOR = 0x40000000;
  private static final int STATE_LEAF = 0xd;
  private static final int LEGACY_STATE_BYTES = 576;

  /** Features that come from an interrupt controller or from a part of VMX that is not offered. */
  private static final Set<CpuFeature> NOT_IN_USER_SPACE =
      EnumSet.of(CpuFeature.X2APIC, CpuFeature.TSC_DEADLINE, CpuFeature.VMX);

  private KvmCpuModel() {}

  /**
   * A model as this host can run it: features that KVM does not support go. The vendor is the
   * host's, as in QEMU, for SYSENTER and SYSCALL follow the host's rules; {@code max} also has the
   * host's family, model and stepping.
   */
  static CpuModel cut(CpuModel model, KvmCpuid supported) {
    Set<CpuFeature> features = EnumSet.noneOf(CpuFeature.class);
    for (CpuFeature f : model.features()) {
      // The hypervisor bit is for user space to set: api.rst, KVM_GET_SUPPORTED_CPUID.
      boolean there = supported.has(f) || f == CpuFeature.HYPERVISOR;
      if (there && !NOT_IN_USER_SPACE.contains(f)) {
        features.add(f);
      }
    }
    int signature = supported.word(1, 0, 'a');
    boolean host = model.name().equals("max") && signature != 0;
    int family = signature >>> 8 & 15;
    int width = supported.word(WIDTHS, 0, 'a') & 0xff;
    return new CpuModel(
        model.name(),
        model.cpuid() ? supported.text(0, "bdc") : model.vendor(),
        host ? family + (family == 15 ? signature >>> 20 & 0xff : 0) : model.family(),
        host ? signature >>> 4 & 15 | signature >>> 12 & 0xf0 : model.model(),
        host ? signature & 15 : model.stepping(),
        model.brand(),
        features,
        width == 0 ? model.physicalBits() : Math.min(width, model.physicalBits()),
        model.processors(),
        model.minLevel(),
        model.minExtended());
  }

  /**
   * All leaves of a processor.
   *
   * @param c the processor, of a model that has been cut; its registers are used
   */
  static KvmCpuid leaves(Cpu c, KvmCpuid supported) {
    KvmCpuid all = KvmCpuid.empty(MAX_LEAVES);
    if (!c.model.cpuid()) {
      return all;
    }
    boolean longMode = c.longMode;
    c.longMode = c.model.has(CpuFeature.LM); // leaves are asked for once; KVM adapts what moves
    for (int leaf = 0; leaf <= c.model.lastBasic(); leaf++) {
      if (leaf == STATE_LEAF) {
        states(all, c, supported);
      } else {
        leaf(all, c, leaf);
      }
    }
    if (c.model.has(CpuFeature.HYPERVISOR)) {
      leaf(all, c, HYPERVISOR);
    }
    int last = c.model.lastExtended();
    for (int leaf = EXTENDED; last < 0 && leaf <= last; leaf++) {
      leaf(all, c, leaf);
    }
    c.longMode = longMode;
    return all;
  }

  private static void leaf(KvmCpuid all, Cpu c, int leaf) {
    int last =
        switch (leaf) {
          case 4, EXTENDED | 0x1d -> 4;
          case 7 -> 2;
          case 0xb -> 2;
          default -> 0;
        };
    for (int sub = 0; sub <= last; sub++) {
      Cpuid.answer(c, leaf, sub);
      if (leaf == WIDTHS && !c.model.has(CpuFeature.LM)) {
        // KVM takes no width of a linear address but those of long mode.
        c.gpr[Reg.RAX] &= 0xff;
      }
      all.add(
          leaf,
          sub,
          last > 0,
          word(c, Reg.RAX),
          word(c, Reg.RBX),
          word(c, Reg.RCX),
          word(c, Reg.RDX));
    }
  }

  private static int word(Cpu c, int register) {
    return (int) c.gpr[register];
  }

  /**
   * Leaf 0Dh: components of the model where the host keeps them, for XSAVE runs on the host's
   * processor. Supervisor components are not offered.
   */
  private static void states(KvmCpuid all, Cpu c, KvmCpuid supported) {
    Cpuid.answer(c, STATE_LEAF, 0);
    int components = word(c, Reg.RAX) & supported.word(STATE_LEAF, 0, 'a');
    int bytes = LEGACY_STATE_BYTES;
    for (int n = 2; n < 32; n++) {
      if ((components >>> n & 1) != 0) {
        int end = supported.word(STATE_LEAF, n, 'a') + supported.word(STATE_LEAF, n, 'b');
        bytes = Math.max(bytes, end);
      }
    }
    all.add(STATE_LEAF, 0, true, components, LEGACY_STATE_BYTES, components == 0 ? 0 : bytes, 0);
    all.add(STATE_LEAF, 1, true, c.model.cpuidWord(STATE_LEAF, 1, 'a'), 0, 0, 0);
    for (int n = 2; n < 32; n++) {
      if ((components >>> n & 1) != 0) {
        all.add(
            STATE_LEAF,
            n,
            true,
            supported.word(STATE_LEAF, n, 'a'),
            supported.word(STATE_LEAF, n, 'b'),
            supported.word(STATE_LEAF, n, 'c'),
            0);
      }
    }
  }
}
