package org.quern.firmware.memory;

import java.util.ArrayList;
import java.util.List;
import org.quern.firmware.BoardDescription;

/** The memory map a guest is told. Source: ACPI 6.4, section 15 (INT 15h, E820h). */
public final class MemoryMap {
  private MemoryMap() {}

  /** Kinds of ranges, with the numbers of E820, multiboot and PVH alike. */
  public enum Kind {
    RAM(1),
    RESERVED(2);

    public final int code;

    Kind(int code) {
      this.code = code;
    }
  }

  public record Range(long start, long size, Kind kind) {
    public long end() {
      return start + size;
    }
  }

  /** Ranges in ascending order, without overlap and without empty ones. */
  public static List<Range> of(BoardDescription board) {
    List<Range> map = new ArrayList<>();
    add(map, 0, FirmwareLayout.EBDA, Kind.RAM);
    add(map, FirmwareLayout.EBDA, FirmwareLayout.VIDEO, Kind.RESERVED);
    add(map, FirmwareLayout.ACPI, FirmwareLayout.LOW_END, Kind.RESERVED);
    add(map, FirmwareLayout.LOW_END, board.ramBelow4G(), Kind.RAM);
    add(map, FirmwareLayout.FOUR_GIB - board.romSize(), FirmwareLayout.FOUR_GIB, Kind.RESERVED);
    add(map, FirmwareLayout.FOUR_GIB, FirmwareLayout.FOUR_GIB + board.ramAbove4G(), Kind.RAM);
    return List.copyOf(map);
  }

  private static void add(List<Range> map, long start, long end, Kind kind) {
    if (end > start) {
      map.add(new Range(start, end - start, kind));
    }
  }
}
