package org.quern.cli.difftest;

import java.util.List;
import org.quern.accel.api.CodeCounters;
import org.quern.accel.api.TranslationCounts;
import org.quern.accel.api.Vcpu;
import org.quern.accel.api.Vm;
import org.quern.accel.api.VmConfig;
import org.quern.accel.api.VmExit;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;
import org.quern.cli.CliException;
import org.quern.x86.bus.GuestBus;
import org.quern.x86.bus.LocalInterrupts;
import org.quern.x86.bus.TimeSource;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.CpuModel;

/** Our own processor: RAM, one port, no interrupts. */
final class SoftwareEngine implements Engine {
  private final String name;
  private final long ram = HostMemory.allocate(Layout.RAM_BYTES);
  private final Vm vm;
  private final Vcpu vcpu;
  private final int runs;
  private boolean ended;

  SoftwareEngine(String name, Tiering tiering, CpuModel model, GuestImage image) {
    this.name = name;
    this.runs = tiering.compactAfter() > 0 ? 3 : 1;
    image.writeTo(ram);
    vm =
        new SoftwareAccelerator(tiering)
            .createVm(
                new VmConfig(model, List.of(new Bus()), List.of(new NoInterrupts()), new NoTime()));
    vcpu = vm.vcpu(0);
    vcpu.state(image.start());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long ram() {
    return ram;
  }

  @Override
  public void codeWritten() {
    vm.memoryWritten(Layout.CODE, Layout.CODE_END - Layout.CODE);
  }

  @Override
  public int runs() {
    return runs;
  }

  @Override
  public TranslationCounts translations() {
    return runs > 1 && vm instanceof CodeCounters c ? c.counts() : null;
  }

  @Override
  public void run() throws CliException {
    ended = false;
    VmExit exit = vcpu.run();
    if (exit.kind != VmExit.Kind.KICKED || !ended) {
      throw new CliException(
          String.format(
              "the guest under %s stopped at %#x: %s %s",
              name, vcpu.state().rip, exit.kind, exit.message));
    }
    GuestImage.check(ram);
  }

  @Override
  public void close() {
    vm.close();
  }

  private final class Bus implements GuestBus {
    @Override
    public int portRead(int port, int size) {
      return -1;
    }

    @Override
    public void portWrite(int port, int size, int value) {
      if (port == Layout.END_PORT) {
        ended = true;
        vcpu.kick();
      }
    }

    @Override
    public long mmioRead(long physical, int size) {
      return -1;
    }

    @Override
    public void mmioWrite(long physical, int size, long value) {}

    @Override
    public long hostPage(long physical) {
      return physical >= 0 && physical < Layout.RAM_BYTES ? ram + (physical & -4096) : 0;
    }

    @Override
    public boolean hostPageWritable(long physical) {
      return hostPage(physical) != 0;
    }

    @Override
    public long hostRun(long physical) {
      return GuestBus.hostRun(physical, Layout.RAM_BYTES);
    }

    @Override
    public void addRemapListener(Runnable listener) {}
  }

  private static final class NoInterrupts implements LocalInterrupts {
    private int priority;

    @Override
    public int acknowledge() {
      return -1;
    }

    @Override
    public int taskPriority() {
      return priority;
    }

    @Override
    public void taskPriority(int priorityClass) {
      priority = priorityClass;
    }

    @Override
    public long readMsr(int msr) throws InvalidMsrAccess {
      throw InvalidMsrAccess.INSTANCE;
    }

    @Override
    public void writeMsr(int msr, long value) throws InvalidMsrAccess {
      throw InvalidMsrAccess.INSTANCE;
    }
  }

  /** No case reads the time. */
  private static final class NoTime implements TimeSource {
    @Override
    public long tsc() {
      return 0;
    }

    @Override
    public long tscFrequency() {
      return 1_000_000_000;
    }
  }
}
