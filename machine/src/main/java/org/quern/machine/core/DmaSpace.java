package org.quern.machine.core;

/**
 * Physical memory as a bus-mastering device sees it; identity today, an IOMMU's place tomorrow.
 * Addresses and lengths come from the guest: whatever lies outside RAM reads as ones and swallows
 * writes, nothing throws.
 */
public interface DmaSpace {
  void read(long physical, byte[] to, int offset, int length);

  void write(long physical, byte[] from, int offset, int length);
}
