package org.quern.firmware;

/**
 * Guest RAM by physical address, as the loaders fill it. RAM lies at 0 to {@link
 * BoardDescription#ramBelow4G()} and from 4 GiB upwards; 0xa0000 to 0xfffff reaches the RAM beneath
 * the legacy hole (shadow RAM), whatever the board maps over it. Loaders stay inside RAM: an access
 * outside is our own bug and may throw any unchecked exception.
 */
public interface GuestMemory {
  void read(long physical, byte[] to, int offset, int length);

  void write(long physical, byte[] from, int offset, int length);

  /** Fills with zeros. */
  void clear(long physical, long length);
}
