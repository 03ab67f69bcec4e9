package org.quern.x86.vmx;

import org.quern.x86.state.Cpu;

/**
 * A VMM in Java that owns the VMX of a processor: see {@link VmxPort#attach}. Called on the
 * processor's thread, between two instructions.
 */
@FunctionalInterface
public interface VmxHost {
  /**
   * A VM exit, or a VM entry that failed with one, has happened. The current VMCS says why and has
   * the guest state that it holds; everything else, general registers among it, is in {@code c}.
   * RIP and all that a real VM exit would load from the host-state area are left as the guest had
   * them.
   *
   * @return true if the guest has been entered again with {@link VmxPort#vmresume} or {@link
   *     VmxPort#vmlaunch}; false to leave the run loop: the processor must then not run on before
   *     one of them has succeeded
   */
  boolean exited(Cpu c);
}
