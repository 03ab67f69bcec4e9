package org.quern.machine.pci;

import java.util.ArrayList;
import java.util.List;
import org.quern.machine.core.MmioDevice;
import org.quern.machine.core.PortDevice;
import org.quern.machine.io.PortMap;
import org.quern.machine.mem.MmioMap;

/** Collects the movable windows of a bus. Places where nothing can be are left out silently. */
public final class PciWindows {
  private static final long MEMORY_END = 1L << 52;
  private static final int PORT_END = 0x10000;

  private final List<PortMap.Range> ports = new ArrayList<>();
  private final List<MmioMap.Window> memory = new ArrayList<>();

  /** Ports, unless they start at 0 or leave the port space. */
  public void ports(String name, long first, int count, int width, PortDevice device) {
    if (first > 0 && first + count <= PORT_END) {
      ports.add(new PortMap.Range(name, (int) first, count, width, device));
    }
  }

  /** Memory, unless it starts at 0 or leaves the physical address space. */
  public void memory(String name, long start, long bytes, MmioDevice device) {
    if (start > 0 && start <= MEMORY_END - bytes) {
      memory.add(new MmioMap.Window(name, start, bytes, device));
    }
  }

  List<PortMap.Range> ports() {
    return ports;
  }

  List<MmioMap.Window> memory() {
    return memory;
  }
}
