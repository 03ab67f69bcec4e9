package org.quern.firmware.acpi;

import org.quern.firmware.bytes.ByteWriter;

/** A resource template under construction. Source: ACPI 6.4, section 6.4. */
final class Resources {
  private static final int IO_DECODE_16 = 1;
  private static final int READ_WRITE = 1;

  // General flags of address space descriptors: consumer or producer, limits fixed.
  private static final int PRODUCER_FIXED = 0x0c;
  private static final int ENTIRE_RANGE = 3;
  private static final int MEMORY_READ_WRITE = 1;
  private static final int MEMORY_CACHEABLE = 1 << 1;

  private static final int SPACE_MEMORY = 0;
  private static final int SPACE_IO = 1;
  private static final int SPACE_BUS = 2;

  // Extended interrupt flags.
  private static final int CONSUMER = 1;
  private static final int SHARED = 1 << 3;

  /** Offset of the first interrupt number in an extended interrupt descriptor. */
  static final int INTERRUPT_OFFSET = 5;

  private final ByteWriter bytes = new ByteWriter();

  /** Fixed I/O ports. */
  Resources io(int port, int length) {
    bytes.u8(0x47).u8(IO_DECODE_16).u16(port).u16(port).u8(1).u8(length);
    return this;
  }

  /** An edge-triggered, active-high, exclusive ISA interrupt. */
  Resources irq(int irq) {
    bytes.u8(0x22).u16(1 << irq);
    return this;
  }

  /** Level-triggered, active-high, shared interrupts to choose from. */
  Resources interrupts(int... irqs) {
    bytes.u8(0x89).u16(2 + 4 * irqs.length).u8(CONSUMER | SHARED).u8(irqs.length);
    for (int irq : irqs) {
      bytes.u32(irq);
    }
    return this;
  }

  /** Memory at a fixed place below 4 GiB. */
  Resources memory(long start, long length) {
    bytes.u8(0x86).u16(9).u8(READ_WRITE).u32(start).u32(length);
    return this;
  }

  /** Bus numbers that a bridge hands out. */
  Resources busWindow(int first, int last) {
    return wordWindow(SPACE_BUS, 0, first, last);
  }

  /** Ports that a bridge hands out. */
  Resources ioWindow(int first, int last) {
    return wordWindow(SPACE_IO, ENTIRE_RANGE, first, last);
  }

  /** Memory below 4 GiB that a bridge hands out. */
  Resources memoryWindow(long first, long last, boolean cacheable) {
    bytes
        .u8(0x87)
        .u16(23)
        .u8(SPACE_MEMORY)
        .u8(PRODUCER_FIXED)
        .u8(MEMORY_READ_WRITE | (cacheable ? MEMORY_CACHEABLE : 0))
        .u32(0)
        .u32(first)
        .u32(last)
        .u32(0)
        .u32(last - first + 1);
    return this;
  }

  private Resources wordWindow(int space, int specific, int first, int last) {
    bytes
        .u8(0x88)
        .u16(13)
        .u8(space)
        .u8(PRODUCER_FIXED)
        .u8(specific)
        .u16(0)
        .u16(first)
        .u16(last)
        .u16(0)
        .u16(last - first + 1);
    return this;
  }

  /** The template as an AML buffer; the end tag's checksum 0 means "not used". */
  byte[] toAml() {
    return Aml.buffer(Aml.join(bytes.toBytes(), new byte[] {0x79, 0}));
  }
}
