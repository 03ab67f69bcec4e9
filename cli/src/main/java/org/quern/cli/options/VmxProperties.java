package org.quern.cli.options;

import java.util.HashMap;
import java.util.Map;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuModel;
import org.quern.x86.vmx.VmxOffer;

/**
 * QEMU's names of single abilities of VMX ({@code vmx-ept}, {@code vmx-pml}), which capability MSRs
 * report. Those that are there cannot be taken away one by one.
 */
final class VmxProperties {
  /** MSR, then names without their {@code vmx-} and bits. */
  private static final String TABLE =
      """
      480 ins-outs:54 true-ctls:55
      485 store-lma:5 activity-hlt:6 activity-shutdown:7 activity-wait-sipi:8
      485 vmwrite-vmexit-fields:29 zero-len-inject:30
      48b apicv-xapic:0 ept:1 desc-exit:2 rdtscp-exit:3 apicv-x2apic:4 vpid:5 wbinvd-exit:6
      48b unrestricted-guest:7 apicv-register:8 apicv-vid:9 ple:10 rdrand-exit:11
      48b invpcid-exit:12 vmfunc:13 shadow-vmcs:14 encls-exit:15 rdseed-exit:16 pml:17 xsaves:20
      48b tsc-scaling:25 mbec:22
      48c ept-execonly:0 page-walk-4:6 page-walk-5:7 ept-2mb:16 ept-1gb:17 invept:20 eptad:21
      48c ept-advanced-exitinfo:22 invept-single-context:25 invept-all-context:26 invvpid:32
      48c invvpid-single-addr:40 invvpid-all-context:42 invept-single-context-noglobals:43
      48d intr-exit:0 nmi-exit:3 vnmi:5 preemption-timer:6 posted-intr:7
      48e vintr-pending:2 tsc-offset:3 hlt-exit:7 invlpg-exit:9 mwait-exit:10 rdpmc-exit:11
      48e rdtsc-exit:12 cr3-load-noexit:15 cr3-store-noexit:16 cr8-load-exit:19
      48e cr8-store-exit:20 flexpriority:21 vnmi-pending:22 movdr-exit:23 io-exit:24
      48e io-bitmap:25 mtf:27 msr-bitmap:28 monitor-exit:29 pause-exit:30 secondary-ctls:31
      48f exit-nosave-debugctl:2 exit-load-perf-global-ctrl:12 exit-ack-intr:15 exit-save-pat:18
      48f exit-load-pat:19 exit-save-efer:20 exit-load-efer:21 exit-save-preemption-timer:22
      48f exit-clear-bndcfgs:23 exit-clear-rtit-ctl:25 exit-load-pkrs:29
      490 entry-noload-debugctl:2 entry-ia32e-mode:9 entry-load-perf-global-ctrl:13
      490 entry-load-pat:14 entry-load-efer:15 entry-load-bndcfgs:16 entry-load-rtit-ctl:18
      490 entry-load-pkrs:22
      491 eptp-switching:0
      """;

  private record Place(int msr, int bit) {}

  private static final Map<String, Place> PLACES = read();

  private VmxProperties() {}

  static boolean known(String name) {
    return PLACES.containsKey(name);
  }

  /**
   * Switches one.
   *
   * @param accelerator what the warning names
   * @return a warning, or null
   * @throws OptionException if it is there and shall not be
   */
  static String set(CpuModel model, String name, boolean on, String accelerator)
      throws OptionException {
    Place p = PLACES.get(name);
    boolean there = model.has(CpuFeature.VMX) && offered(model, name, p);
    if (!on && there) {
      throw new OptionException(
          "-cpu " + name + "=off: abilities of VMX cannot be taken away one by one; use -vmx");
    }
    if (!on || there) {
      return null;
    }
    String place = String.format("MSR(%XH).%s [bit %d]", p.msr, name, p.bit);
    return model.has(CpuFeature.VMX)
        ? accelerator + " doesn't support requested feature: " + place
        : "This feature depends on other features that were not requested: " + place;
  }

  private static boolean offered(CpuModel model, String name, Place p) {
    VmxOffer offer = new VmxOffer(model);
    boolean negative =
        name.contains("-noexit") || name.contains("-noload") || name.contains("-nosave");
    return negative ? offer.mayBeZero(p.msr, p.bit) : offer.has(p.msr, p.bit);
  }

  private static Map<String, Place> read() {
    Map<String, Place> places = new HashMap<>();
    for (String line : TABLE.strip().split("\n", -1)) {
      String[] words = line.strip().split(" ", -1);
      for (int n = 1; n < words.length; n++) {
        int colon = words[n].indexOf(':');
        int bit = Integer.parseInt(words[n].substring(colon + 1));
        places.put(
            "vmx-" + words[n].substring(0, colon), new Place(Integer.parseInt(words[0], 16), bit));
      }
    }
    return places;
  }
}
