package org.quern.accel.software;

import java.util.List;
import org.quern.accel.api.CpuState;
import org.quern.accel.api.CpuStates;
import org.quern.accel.api.ExceptionLog;
import org.quern.accel.api.Stepping;
import org.quern.accel.api.Vcpu;
import org.quern.accel.api.VmExit;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuReset;

/** One processor of a {@link SoftwareVm}. */
final class SoftwareVcpu implements Vcpu, Stepping, ExceptionLog {
  private static final System.Logger LOG = System.getLogger("org.quern.accel.software");

  final Cpu cpu;
  private final SoftwareVm vm;
  final Core core;

  SoftwareVcpu(SoftwareVm vm, Cpu cpu, CodeCache cache, TranslationQueue queue) {
    this.vm = vm;
    this.cpu = cpu;
    this.core = new Core(vm, cpu, cache, queue);
    if (cpu.index != 0) {
      cpu.activity = Cpu.Activity.WAIT_FOR_SIPI;
    }
  }

  @Override
  public int index() {
    return cpu.index;
  }

  @Override
  public VmExit run() {
    return run(Core.UNBOUNDED);
  }

  @Override
  public VmExit run(long instructions) {
    vm.startRunning();
    try {
      return core.run(instructions);
    } catch (RuntimeException e) {
      // A bug of ours, not the guest's: stop this machine with what is known, keep the process.
      LOG.log(System.Logger.Level.ERROR, "processor " + cpu.index + " failed", e);
      return new VmExit()
          .set(
              VmExit.Kind.INTERNAL_ERROR,
              String.format("processor %d near rip=%x: %s", cpu.index, cpu.rip, e));
    } finally {
      vm.stopRunning();
    }
  }

  @Override
  public void stopSoon() {
    cpu.request(Cpu.REQ_STOP);
  }

  @Override
  public void kick() {
    cpu.request(Cpu.REQ_KICK);
  }

  @Override
  public void setInterruptLine(boolean level) {
    cpu.setIntr(level);
  }

  @Override
  public void nmi() {
    cpu.raiseNmi();
  }

  @Override
  public void init() {
    cpu.unrequest(Cpu.REQ_SIPI);
    cpu.request(Cpu.REQ_INIT);
  }

  @Override
  public void startup(int vector) {
    cpu.sipiVector = vector;
    cpu.request(Cpu.REQ_SIPI);
  }

  @Override
  public void reset() {
    CpuReset.powerOn(cpu);
    cpu.unrequest(Cpu.REQ_INIT | Cpu.REQ_SIPI);
    cpu.forgetNmis();
    cpu.activity = cpu.index == 0 ? Cpu.Activity.ACTIVE : Cpu.Activity.WAIT_FOR_SIPI;
  }

  @Override
  public CpuState state() {
    return CpuStates.take(cpu);
  }

  @Override
  public void copyState(CpuState to) {
    CpuStates.take(cpu, to);
  }

  @Override
  public void state(CpuState state) {
    CpuStates.load(cpu, state);
  }

  @Override
  public long instructions() {
    return cpu.instructions;
  }

  @Override
  public List<Entry> recentExceptions() {
    return core.exceptions.recentExceptions();
  }
}
