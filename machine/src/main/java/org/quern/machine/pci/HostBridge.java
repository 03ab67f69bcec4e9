package org.quern.machine.pci;

import org.quern.machine.core.Stateful;
import org.quern.machine.mem.LegacyRegion;

/**
 * The i440FX host bridge: PAM registers that shadow 0xC0000 to 0xFFFFF, SMRAM, and the turbo reset
 * control register. Other device-specific registers are storage, as in QEMU.
 *
 * <p>Under the machine lock. Source: Intel 82441FX PCI and memory controller datasheet, 3.2. Known
 * gap: SMRAM can be opened, but no processor has system management mode.
 */
public final class HostBridge implements PciFunction, Stateful<HostBridge.State> {
  private static final int VENDOR_INTEL = 0x8086;
  private static final int DEVICE_82441FX = 0x1237;
  private static final int REVISION = 2;
  private static final int CLASS_HOST_BRIDGE = 0x06_0000;

  /** Memory and bus master access cannot be switched off. */
  private static final int COMMAND = PciReg.COMMAND_MEMORY | PciReg.COMMAND_MASTER;

  // PAM0 to PAM6: 3.2.18. A half byte a segment; PAM0 has one segment, in its upper half.
  private static final int PAM0 = 0x59;
  private static final int PAM6 = 0x5f;
  private static final int PAM_READ = 1;
  private static final int PAM_WRITE = 1 << 1;

  /** DRB7: the end of the last row of RAM, in units of 8 MiB: 3.2.17. */
  private static final int LAST_ROW_END = 0x57;

  private static final long ROW_UNIT = 8 << 20;

  // SMRAM: 3.2.21.
  private static final int SMRAM = 0x72;
  private static final int SMRAM_RESET = 0x02;
  private static final int SMRAM_ENABLE = 1 << 3;
  private static final int SMRAM_LOCK = 1 << 4;
  private static final int SMRAM_CLOSED = 1 << 5;
  private static final int SMRAM_OPEN = 1 << 6;

  // TRC: 3.2.24.
  private static final int TURBO_RESET = 0x93;
  private static final int RESET_CPU = 1 << 2;

  private final PciConfigSpace config =
      new PciConfigSpace(VENDOR_INTEL, DEVICE_82441FX, REVISION, CLASS_HOST_BRIDGE);
  private final LegacyRegion legacy;
  private final Runnable systemReset;

  /** RCPU as last written: the reset starts at its rising edge. */
  private boolean resetCpu;

  /** SMRAM cannot be opened before the next reset. */
  private boolean smramLocked;

  /**
   * Guest-visible state.
   *
   * @param config configuration space
   */
  public record State(String config, boolean resetCpu, boolean smramLocked) {}

  /**
   * Creates the bridge.
   *
   * @param legacy what PAM and SMRAM decide about
   * @param ramBytes all RAM; the chip can tell no more than 2040 MiB
   * @param systemReset asks for a system reset; must not block
   */
  public HostBridge(LegacyRegion legacy, long ramBytes, Runnable systemReset) {
    this.legacy = legacy;
    this.systemReset = systemReset;
    config.initial(PciReg.COMMAND, 2, COMMAND);
    config.writable(PciReg.COMMAND, 2, PciReg.COMMAND_SERR);
    config.writableDeviceSpecific();
    config.initial(LAST_ROW_END, 1, (int) Math.min(0xff, ramBytes / ROW_UNIT));
    config.initial(SMRAM, 1, SMRAM_RESET);
  }

  @Override
  public PciConfigSpace config() {
    return config;
  }

  @Override
  public void configWritten(int offset, int size) {
    int end = offset + size;
    if (offset <= PAM6 && end > PAM0) {
      applyPam();
    }
    if (offset <= SMRAM && end > SMRAM) {
      writeSmram();
    }
    if (offset <= TURBO_RESET && end > TURBO_RESET) {
      boolean now = (config.get(TURBO_RESET, 1) & RESET_CPU) != 0;
      if (now && !resetCpu) {
        systemReset.run();
      }
      resetCpu = now;
    }
  }

  @Override
  public void addWindows(PciWindows windows) {
    // RAM and ROM are the memory map's.
  }

  /** Makes all of 0xC0000 to 0xFFFFF RAM, as firmware leaves it. */
  public void shadowAll() {
    for (int r = PAM0; r <= PAM6; r++) {
      config.set(r, 1, r == PAM0 ? 0x30 : 0x33);
    }
    applyPam();
  }

  private void applyPam() {
    for (int i = 0; i < LegacyRegion.SEGMENTS; i++) {
      int attributes = pam(i);
      legacy.segment(i, (attributes & PAM_READ) != 0, (attributes & PAM_WRITE) != 0);
    }
    legacy.apply();
  }

  /** The half byte of a segment, numbered as in {@link LegacyRegion#segment}. */
  private int pam(int segment) {
    if (segment == LegacyRegion.SEGMENTS - 1) {
      return config.get(PAM0, 1) >> 4;
    }
    return config.get(PAM0 + 1 + segment / 2, 1) >> 4 * (segment & 1);
  }

  private void writeSmram() {
    int v = config.get(SMRAM, 1) & ~7 | SMRAM_RESET;
    if (smramLocked) {
      v = v & ~SMRAM_OPEN | SMRAM_LOCK;
    } else if ((v & SMRAM_LOCK) != 0) {
      smramLocked = true;
      v &= ~SMRAM_OPEN;
    }
    config.set(SMRAM, 1, v);
    applySmram();
  }

  private void applySmram() {
    int v = config.get(SMRAM, 1);
    legacy.smram((v & (SMRAM_ENABLE | SMRAM_OPEN | SMRAM_CLOSED)) == (SMRAM_ENABLE | SMRAM_OPEN));
    legacy.apply();
  }

  @Override
  public void reset() {
    config.reset();
    resetCpu = false;
    smramLocked = false;
    applyPam();
    applySmram();
  }

  @Override
  public State state() {
    return new State(config.dump(), resetCpu, smramLocked);
  }

  @Override
  public void restore(State s) {
    config.load(s.config);
    resetCpu = s.resetCpu;
    smramLocked = s.smramLocked;
    applyPam();
    applySmram();
  }
}
