package org.quern.firmware;

import org.quern.machine.bus.RamAccess;
import org.quern.machine.mem.GuestRam;

/** {@link GuestMemory} over a board's RAM, which checks every access. */
public final class RamMemory implements GuestMemory {
  private final RamAccess ram;

  /** Over a board's own access, which tells the machine of each write. */
  public RamMemory(RamAccess ram) {
    this.ram = ram;
  }

  /** Over RAM alone; whoever runs code from it must be told what has changed. */
  public RamMemory(GuestRam ram) {
    this(new RamAccess(ram));
  }

  @Override
  public void read(long physical, byte[] to, int offset, int length) {
    ram.read(physical, to, offset, length);
  }

  @Override
  public void write(long physical, byte[] from, int offset, int length) {
    ram.write(physical, from, offset, length);
  }

  @Override
  public void clear(long physical, long length) {
    ram.clear(physical, length);
  }
}
