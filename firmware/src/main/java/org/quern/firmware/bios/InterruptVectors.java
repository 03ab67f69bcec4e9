package org.quern.firmware.bios;

import java.util.HexFormat;
import org.quern.firmware.GuestMemory;
import org.quern.firmware.memory.FirmwareLayout;

/**
 * The real-mode interrupt vectors and handlers that a BIOS leaves behind, so that a guest which
 * goes to real mode with interrupts on lives: the timer counts, hardware interrupts are
 * acknowledged, everything else returns at once. There are no services.
 *
 * <p>Source: the IBM PC AT's BIOS for the places of the timer's handler and of the IRET; Ralf
 * Brown's interrupt list.
 */
public final class InterruptVectors {
  private static final int SEGMENT = (int) (FirmwareLayout.BIOS_TABLES >> 4);
  private static final int VECTORS = 256;

  // Offsets in the BIOS segment.
  private static final int TIMER = 0xfea5;
  private static final int RETURN = 0xff53;
  private static final int MASTER = 0xff60;
  private static final int SLAVE = 0xff70;

  // Vectors of the 8259A pair.
  private static final int TIMER_VECTOR = 0x08;
  private static final int MASTER_FIRST = 0x09;
  private static final int MASTER_LAST = 0x0f;
  private static final int SLAVE_FIRST = 0x70;
  private static final int SLAVE_LAST = 0x77;

  /** push ax; push ds; mov ax,40h; mov ds,ax; inc dword [6ch]; int 1ch; EOI; pop; pop; iret. */
  private static final String TIMER_CODE = "501eb840008ed866ff066c00cd1cb020e6201f58cf";

  /** push ax; mov al,20h; out 20h,al; pop ax; iret. */
  private static final String MASTER_CODE = "50b020e62058cf";

  /** The same with out 0a0h,al before. */
  private static final String SLAVE_CODE = "50b020e6a0e62058cf";

  private static final String RETURN_CODE = "cf";

  private InterruptVectors() {}

  /** Writes vectors and handlers. */
  public static void install(GuestMemory memory) {
    byte[] table = new byte[4 * VECTORS];
    for (int v = 0; v < VECTORS; v++) {
      int handler = handler(v);
      table[4 * v] = (byte) handler;
      table[4 * v + 1] = (byte) (handler >> 8);
      table[4 * v + 2] = (byte) SEGMENT;
      table[4 * v + 3] = (byte) (SEGMENT >> 8);
    }
    memory.write(0, table, 0, table.length);
    code(memory, TIMER, TIMER_CODE);
    code(memory, RETURN, RETURN_CODE);
    code(memory, MASTER, MASTER_CODE);
    code(memory, SLAVE, SLAVE_CODE);
  }

  private static int handler(int vector) {
    if (vector == TIMER_VECTOR) {
      return TIMER;
    }
    if (vector >= MASTER_FIRST && vector <= MASTER_LAST) {
      return MASTER;
    }
    return vector >= SLAVE_FIRST && vector <= SLAVE_LAST ? SLAVE : RETURN;
  }

  private static void code(GuestMemory memory, int offset, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    memory.write(FirmwareLayout.BIOS_TABLES + offset, bytes, 0, bytes.length);
  }
}
