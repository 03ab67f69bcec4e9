package org.quern.accel.vtx;

import org.quern.x86.bus.GuestBus;

/**
 * Physical memory as a processor of the host sees it: the machine's where the machine has it, so
 * that guest-physical and host-physical addresses of RAM are the same, and the VMM's own above.
 */
final class HostBus implements GuestBus {
  private final GuestBus machine;
  private final PrivateMemory own;

  HostBus(GuestBus machine, PrivateMemory own) {
    this.machine = machine;
    this.own = own;
  }

  @Override
  public long hostPage(long physical) {
    return own.contains(physical) ? own.hostPage(physical) : machine.hostPage(physical);
  }

  @Override
  public boolean hostPageWritable(long physical) {
    return own.contains(physical) || machine.hostPageWritable(physical);
  }

  @Override
  public long hostRun(long physical) {
    return own.contains(physical)
        ? PrivateMemory.PAGE
        : Math.min(machine.hostRun(physical), own.start() - (physical & -PrivateMemory.PAGE));
  }

  @Override
  public int portRead(int port, int size) {
    return machine.portRead(port, size);
  }

  @Override
  public void portWrite(int port, int size, int value) {
    machine.portWrite(port, size, value);
  }

  @Override
  public long mmioRead(long physical, int size) {
    return machine.mmioRead(physical, size);
  }

  @Override
  public void mmioWrite(long physical, int size, long value) {
    machine.mmioWrite(physical, size, value);
  }

  @Override
  public void addRemapListener(Runnable listener) {
    machine.addRemapListener(listener);
  }
}
