package org.quern.machine.mem;

/**
 * What the processor sees from 0xA0000 to 0xFFFFF: the video window (devices, or RAM while SMRAM is
 * open) and thirteen segments of 16 and 64 KiB whose reads and writes go to RAM or to ROM each.
 * Also the BIOS chip at the top of the first 4 GiB, whose last 128 KiB answer below 1 MiB too.
 *
 * <p>The host bridge decides (PAM and SMRAM registers) and calls in. Under the machine lock.
 * Source: 82441FX datasheet, 3.2.18 and 3.2.21.
 */
public final class LegacyRegion {
  /** Segments that can be shadowed: twelve of 16 KiB from 0xC0000 and one of 64 KiB at 0xF0000. */
  public static final int SEGMENTS = 13;

  private static final long VIDEO_START = 0xa0000;
  private static final long VIDEO_BYTES = 0x20000;
  private static final long SHADOW_START = 0xc0000;
  private static final int SEGMENT_BYTES = 0x4000;
  private static final long LAST_START = 0xf0000;
  private static final int LAST_BYTES = 0x10000;
  private static final long MIB = 0x100000;
  private static final int ALIAS_BYTES = 0x20000;

  private final PhysicalMap map;
  private final GuestRam ram;
  private final Rom bios;

  /** The region after power-on: video and ROM, no RAM, and the BIOS below 4 GiB. */
  public LegacyRegion(PhysicalMap map, GuestRam ram, Rom bios) {
    this.map = map;
    this.ram = ram;
    this.bios = bios;
    map.map(GuestRam.HIGH_START - bios.bytes(), bios.bytes(), bios.host(), 0);
    map.unmap(VIDEO_START, VIDEO_BYTES);
    for (int i = 0; i < SEGMENTS; i++) {
      segment(i, false, false);
    }
  }

  /**
   * Directs one segment. Call {@link #apply} after the last of a group.
   *
   * @param index 0 (0xC0000) to 11 (0xEC000), 12 for 0xF0000
   * @param readRam reads come from RAM, else from ROM
   * @param writeRam writes go to RAM, else nowhere
   */
  public void segment(int index, boolean readRam, boolean writeRam) {
    boolean last = index == SEGMENTS - 1;
    long start = last ? LAST_START : SHADOW_START + (long) index * SEGMENT_BYTES;
    int bytes = last ? LAST_BYTES : SEGMENT_BYTES;
    for (int at = 0; at < bytes; at += SEGMENT_BYTES) {
      long page = start + at;
      long shadow = ram.lowHost() + page;
      map.map(page, SEGMENT_BYTES, readRam ? shadow : romAt(page), writeRam ? shadow : 0);
    }
  }

  /** Shows RAM instead of the video window. Call {@link #apply} after the last of a group. */
  public void smram(boolean open) {
    long host = open ? ram.lowHost() + VIDEO_START : 0;
    map.map(VIDEO_START, VIDEO_BYTES, host, host);
  }

  /** Makes processors look again. */
  public void apply() {
    map.announce();
  }

  /** Host address of the ROM page that answers at a guest address; 0 if no chip decodes it. */
  private long romAt(long physical) {
    long fromTop = MIB - physical;
    if (fromTop > ALIAS_BYTES || fromTop > bios.bytes()) {
      return 0;
    }
    return bios.host() + bios.bytes() - fromTop;
  }
}
