package org.quern.accel.kvm;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.quern.accel.api.AcceleratorException;

/** Whether the host has a KVM that we can use, and the way in. */
public final class Kvm {
  /**
   * Whether KVM can be used.
   *
   * @param reason why not, in a sentence; empty if it can
   */
  public record Probe(boolean available, String reason) {}

  private Kvm() {}

  /** Tries all that is needed short of creating a processor. */
  public static Probe probe() {
    String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    if (!arch.equals("amd64") && !arch.equals("x86_64")) {
      return no("KVM runs x86 guests on x86-64 hosts only, this one is " + arch);
    }
    if (!Files.exists(Path.of(KvmAbi.DEVICE))) {
      return no(
          KvmAbi.DEVICE + " does not exist: this host has no KVM, or its module is not loaded");
    }
    try (KvmDevice device = KvmDevice.open();
        KvmVm vm = device.createVm()) {
      return vm.usable() ? new Probe(true, "") : no("KVM gave an unusable machine");
    } catch (AcceleratorException e) {
      return no(e.getMessage());
    } catch (LinkageError e) {
      return no("JNA cannot call the C library of this host (" + e.getMessage() + ")");
    }
  }

  private static Probe no(String reason) {
    return new Probe(false, reason);
  }
}
