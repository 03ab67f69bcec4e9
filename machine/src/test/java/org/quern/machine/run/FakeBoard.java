package org.quern.machine.run;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.quern.accel.api.VmConfig;
import org.quern.machine.bus.RamAccess;
import org.quern.machine.bus.SystemBus;
import org.quern.machine.bus.SystemDma;
import org.quern.machine.io.PortMap;
import org.quern.machine.io.UnassignedAccesses;
import org.quern.machine.mem.GuestRam;
import org.quern.machine.mem.MmioMap;
import org.quern.machine.mem.PhysicalMap;
import org.quern.x86.bus.GuestBus;
import org.quern.x86.bus.NoInterrupts;
import org.quern.x86.bus.StoppedTime;
import org.quern.x86.state.CpuModel;

/** A board with RAM and nothing else, which notes what happens to it. */
final class FakeBoard implements Board {
  private final ReentrantLock lock;
  private final int cpus;
  private final PhysicalMap memory = new PhysicalMap(1L << 32);
  private final GuestRam ram = new GuestRam(1 << 20, 1L << 32);
  private final SystemDma dma = new SystemDma(memory);
  private final RamAccess ramAccess = new RamAccess(ram);
  private final List<String> log = Collections.synchronizedList(new ArrayList<>());

  FakeBoard(MachineWires wires) {
    lock = wires.lock();
    cpus = wires.cpuLines().size();
    memory.map(ram);
  }

  List<String> log() {
    return log;
  }

  @Override
  public ReentrantLock lock() {
    return lock;
  }

  @Override
  public VmConfig vmConfig() {
    UnassignedAccesses unassigned = new UnassignedAccesses();
    GuestBus bus = new SystemBus(lock, memory, new MmioMap(), new PortMap(unassigned), unassigned);
    return new VmConfig(
        CpuModel.max(),
        Collections.nCopies(cpus, bus),
        Collections.nCopies(cpus, new NoInterrupts()),
        new StoppedTime());
  }

  @Override
  public SystemDma dma() {
    return dma;
  }

  @Override
  public RamAccess ramAccess() {
    return ramAccess;
  }

  @Override
  public void reset() {
    log.add(lock.isHeldByCurrentThread() ? "reset" : "reset without lock");
  }

  @Override
  public void start() {
    log.add(lock.isHeldByCurrentThread() ? "start with lock" : "start");
  }

  @Override
  public void stop() {
    log.add(lock.isHeldByCurrentThread() ? "stop with lock" : "stop");
  }

  @Override
  public void close() {
    log.add("close");
  }
}
