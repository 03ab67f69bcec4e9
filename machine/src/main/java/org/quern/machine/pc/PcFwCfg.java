package org.quern.machine.pc;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.quern.machine.fwcfg.FwCfg;
import org.quern.machine.fwcfg.FwCfgKey;
import org.quern.machine.mem.GuestRam;

/** What fw_cfg tells firmware about a board {@code pc}. Source: QEMU, hw/i386/fw_cfg.c. */
final class PcFwCfg {
  private static final int E820_ENTRY_BYTES = 20;
  private static final int E820_RAM = 1;

  /** struct hpet_fw_config: a count and eight packed entries of 15 bytes. */
  private static final int HPET_BYTES = 1 + 8 * 15;

  private static final int HPET_BLOCK_ID = 0x8086_a201;

  /** S3 off, S4 and S5 on with their sleep types, as SeaBIOS reads them. */
  private static final byte[] SYSTEM_STATES = {(byte) 128, 0, 0, 1, (byte) (128 | 2), (byte) 128};

  private PcFwCfg() {}

  static void fill(FwCfg fwCfg, int cpus, GuestRam ram) {
    fwCfg.put(FwCfgKey.UUID, new byte[16]);
    fwCfg.putLong(FwCfgKey.RAM_SIZE, ram.bytes());
    fwCfg.putShort(FwCfgKey.NOGRAPHIC, 1);
    fwCfg.putShort(FwCfgKey.NB_CPUS, cpus);
    fwCfg.putShort(FwCfgKey.MAX_CPUS, cpus);
    fwCfg.putShort(FwCfgKey.BOOT_MENU, 0);
    fwCfg.putInt(FwCfgKey.IRQ0_OVERRIDE, 1);
    fwCfg.put(FwCfgKey.HPET, hpet());
    fwCfg.file("etc/e820", e820(ram));
    fwCfg.file("etc/system-states", SYSTEM_STATES);
  }

  private static byte[] e820(GuestRam ram) {
    int entries = ram.highBytes() > 0 ? 2 : 1;
    byte[] data = new byte[entries * E820_ENTRY_BYTES];
    ByteBuffer b = littleEndian(data);
    b.putLong(0).putLong(ram.lowBytes()).putInt(E820_RAM);
    if (ram.highBytes() > 0) {
      b.putLong(GuestRam.HIGH_START).putLong(ram.highBytes()).putInt(E820_RAM);
    }
    return data;
  }

  private static byte[] hpet() {
    byte[] data = new byte[HPET_BYTES];
    littleEndian(data).put((byte) 1).putInt(HPET_BLOCK_ID).putLong(PcLayout.HPET);
    return data;
  }

  private static ByteBuffer littleEndian(byte[] data) {
    return ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
  }
}
