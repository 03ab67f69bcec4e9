package org.quern.firmware.unpack;

import org.quern.firmware.BootException;

/** Takes the unpacked bytes in order, in pieces of any size. */
@FunctionalInterface
public interface ByteSink {
  void accept(byte[] bytes, int offset, int length) throws BootException;
}
