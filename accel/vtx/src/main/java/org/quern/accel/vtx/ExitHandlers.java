package org.quern.accel.vtx;

import org.quern.accel.api.VmExit;
import org.quern.x86.bus.GuestBus;
import org.quern.x86.fault.Vector;
import org.quern.x86.semantics.Interrupts;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;
import org.quern.x86.vmx.ExitReason;
import org.quern.x86.vmx.NonRoot;
import org.quern.x86.vmx.VmcsField;

/**
 * What the VMM does for each exit reason: one handler each, in a table. What needs the whole of an
 * instruction's semantics is executed by the emulator. Source: SDM vol. 3C, 28.2 (the information
 * that an exit leaves), vol. 3D, appendix C.
 */
final class ExitHandlers {
  /** Handles an exit; returns what the caller of {@link VtxVcpu#run} must know, or null. */
  @FunctionalInterface
  private interface Handler {
    VmExit handle(VtxVcpu v);
  }

  private static final Handler[] TABLE = new Handler[ExitNames.REASONS];

  static {
    TABLE[ExitReason.EXCEPTION_OR_NMI] = ExitHandlers::exception;
    // Both only bring the VMM back, which looks at the machine's wishes before each entry.
    TABLE[ExitReason.EXTERNAL_INTERRUPT] = v -> null;
    TABLE[ExitReason.INTERRUPT_WINDOW] = v -> null;
    TABLE[ExitReason.NMI_WINDOW] = v -> null;
    TABLE[ExitReason.TRIPLE_FAULT] = v -> v.shutdown("triple fault");
    TABLE[ExitReason.TASK_SWITCH] = VtxVcpu::emulate;
    TABLE[ExitReason.CPUID] = VtxVcpu::emulate;
    TABLE[ExitReason.HLT] = ExitHandlers::hlt;
    TABLE[ExitReason.INVD] = VtxVcpu::emulate;
    TABLE[ExitReason.INVLPG] = VtxVcpu::emulate;
    TABLE[ExitReason.INVPCID] = VtxVcpu::emulate;
    TABLE[ExitReason.RDPMC] = VtxVcpu::emulate;
    TABLE[ExitReason.RDTSC] = VtxVcpu::emulate;
    TABLE[ExitReason.RDTSCP] = VtxVcpu::emulate;
    TABLE[ExitReason.CR_ACCESS] = VtxVcpu::emulate;
    TABLE[ExitReason.DR_ACCESS] = VtxVcpu::emulate;
    TABLE[ExitReason.IO_INSTRUCTION] = ExitHandlers::port;
    TABLE[ExitReason.RDMSR] = VtxVcpu::emulate;
    TABLE[ExitReason.WRMSR] = VtxVcpu::emulate;
    TABLE[ExitReason.MWAIT] = VtxVcpu::emulate;
    TABLE[ExitReason.MONITOR] = VtxVcpu::emulate;
    TABLE[ExitReason.PAUSE] = ExitHandlers::pause;
    TABLE[ExitReason.GDTR_OR_IDTR] = VtxVcpu::emulate;
    TABLE[ExitReason.LDTR_OR_TR] = VtxVcpu::emulate;
    TABLE[ExitReason.EPT_VIOLATION] = ExitHandlers::eptViolation;
    TABLE[ExitReason.WBINVD] = VtxVcpu::emulate;
    TABLE[ExitReason.XSETBV] = VtxVcpu::emulate;
    TABLE[ExitReason.RDRAND] = VtxVcpu::emulate;
    TABLE[ExitReason.RDSEED] = VtxVcpu::emulate;
    // The guest has no VMX: each of its instructions is undefined.
    for (int reason :
        new int[] {
          ExitReason.VMCALL,
          ExitReason.VMCLEAR,
          ExitReason.VMLAUNCH,
          ExitReason.VMPTRLD,
          ExitReason.VMPTRST,
          ExitReason.VMREAD,
          ExitReason.VMRESUME,
          ExitReason.VMWRITE,
          ExitReason.VMXOFF,
          ExitReason.VMXON,
          ExitReason.INVEPT,
          ExitReason.INVVPID
        }) {
      TABLE[reason] = ExitHandlers::undefined;
    }
  }

  private ExitHandlers() {}

  static VmExit handle(VtxVcpu v, int reason) {
    Handler h = TABLE[reason & 0xffff];
    return h == null
        ? v.failure("no handler for exit reason " + ExitNames.of(reason))
        : h.handle(v);
  }

  private static VmExit undefined(VtxVcpu v) {
    v.events.exception(Vector.UD);
    return null;
  }

  /** The VMM intercepts #NM for a lazy FPU, and #PF for shadow page tables. */
  private static VmExit exception(VtxVcpu v) {
    int vector = v.port.vmread32(VmcsField.EXIT_INTERRUPTION_INFORMATION) & 0xff;
    return switch (vector) {
      case Vector.NM -> noFpu(v);
      case Vector.PF -> pageFault(v);
      default -> v.failure("unexpected exception " + vector);
    };
  }

  private static VmExit noFpu(VtxVcpu v) {
    if ((v.context.guestCr0() & (Cr.CR0_TS | Cr.CR0_EM)) != 0) {
      v.events.exception(Vector.NM);
    } else {
      v.context.loadFpu();
    }
    return null;
  }

  private static VmExit pageFault(VtxVcpu v) {
    long linear = v.port.vmread(VmcsField.EXIT_QUALIFICATION);
    int code = v.port.vmread32(VmcsField.EXIT_INTERRUPTION_ERROR_CODE);
    switch (v.context.pageFault(linear, code)) {
      case MAPPED -> {
        return null;
      }
      case GUEST_FAULT -> {
        if (v.events.interrupted()) {
          return v.emulate(); // the fault and the event together may be a double fault
        }
        v.events.exception(Vector.PF, v.context.shadow.error());
        return null;
      }
      case EMULATE -> {
        return v.emulate();
      }
    }
    throw new IllegalStateException();
  }

  private static VmExit hlt(VtxVcpu v) {
    v.halt();
    return null;
  }

  /** The guest waits for another of its processors: that one may need this thread's time. */
  private static VmExit pause(VtxVcpu v) {
    v.context.skipInstruction();
    Thread.yield();
    return null;
  }

  // ---- ports: SDM vol. 3C, table 28-5

  private static VmExit port(VtxVcpu v) {
    int q = v.port.vmread32(VmcsField.EXIT_QUALIFICATION);
    boolean string = (q & 1 << 4) != 0;
    if (string) {
      return v.emulate();
    }
    int size = (q & 7) + 1;
    int port = q >>> 16;
    GuestBus bus = v.emulator.cpu().bus;
    Cpu c = v.host;
    if ((q & 1 << 3) != 0) {
      c.setReg(Reg.RAX, size * 8, bus.portRead(port, size) & 0xffffffffL);
    } else {
      bus.portWrite(port, size, (int) c.reg(Reg.RAX, size * 8));
    }
    v.context.skipInstruction();
    return null;
  }

  // ---- memory

  private static VmExit eptViolation(VtxVcpu v) {
    long physical = v.port.vmread(VmcsField.GUEST_PHYSICAL_ADDRESS);
    long q = v.port.vmread(VmcsField.EXIT_QUALIFICATION);
    GuestBus bus = v.emulator.cpu().bus;
    boolean store = (q & 2) != 0;
    boolean writable = bus.hostPageWritable(physical);
    if (bus.hostPage(physical) == 0 || (store && !writable)) {
      return v.emulate();
    }
    v.vm().ept().map(physical, writable, writable && largePage(bus, physical));
    return null;
  }

  /** Whether the machine has writable memory all over the 2 MiB around an address. */
  private static boolean largePage(GuestBus bus, long physical) {
    long start = physical & -EptTables.LARGE_BYTES;
    return bus.hostPage(start) != 0
        && bus.hostPageWritable(start)
        && bus.hostRun(start) >= EptTables.LARGE_BYTES;
  }

  // ---- events

  /** Delivers an event on the state that the emulator works on. */
  static void deliver(Cpu c, int event, Events events) {
    boolean hasError = (event & NonRoot.HAS_ERROR) != 0;
    boolean software = (event & NonRoot.TYPE) >= NonRoot.SOFTWARE_INTERRUPT;
    Interrupts.inject(
        c,
        event & (NonRoot.TYPE | 0xff),
        hasError,
        hasError ? events.errorCode() : 0,
        software ? events.length() : 0);
  }
}
