package org.quern.firmware.unpack;

import java.util.List;
import org.quern.firmware.BoardDescription;
import org.quern.firmware.BootException;
import org.quern.firmware.GuestMemory;
import org.quern.firmware.image.ElfImage;
import org.quern.firmware.image.ElfImage.Segment;
import org.quern.firmware.image.ImageFile;
import org.quern.firmware.memory.RamCheck;

/** Puts the segments of an ELF file at their physical addresses. */
public final class ElfPlacement {
  private ElfPlacement() {}

  /**
   * Checks that every loadable segment has its place in RAM and that all of them together do not
   * take more than there is.
   *
   * @return the loadable segments
   */
  public static List<Segment> check(String name, ElfImage elf, BoardDescription board)
      throws BootException {
    List<Segment> segments = elf.loadable();
    if (segments.isEmpty()) {
      throw new BootException(name + " is an ELF file without anything to load");
    }
    long total = 0;
    for (Segment s : segments) {
      if (s.fileSize() < 0
          || s.offset() < 0
          || Long.compareUnsigned(s.fileSize(), s.memSize()) > 0
          || s.offset() + s.fileSize() < 0) {
        throw new BootException(name + " has a broken ELF program header");
      }
      RamCheck.require(board, name, s.paddr(), s.memSize());
      total += s.memSize();
    }
    if (total > board.ramBelow4G()) {
      throw new BootException(name + " has ELF segments that overlap each other");
    }
    return segments;
  }

  /** Loads an ELF file; returns the first address after it. */
  public static long load(ImageFile file, ElfImage elf, BoardDescription board, GuestMemory memory)
      throws BootException {
    List<Segment> segments = check(file.name(), elf, board);
    for (Segment s : segments) {
      if (s.fileSize() > file.size() || s.offset() > file.size() - s.fileSize()) {
        throw file.error(
            String.format(
                "is truncated: it has %d bytes, but an ELF segment ends at %d",
                file.size(), s.offset() + s.fileSize()));
      }
    }
    for (Segment s : segments) {
      file.copyTo(memory, s.paddr(), s.offset(), s.fileSize());
    }
    clearRest(segments, memory);
    return end(segments);
  }

  static void clearRest(List<Segment> segments, GuestMemory memory) {
    for (Segment s : segments) {
      if (s.memSize() > s.fileSize()) {
        memory.clear(s.paddr() + s.fileSize(), s.memSize() - s.fileSize());
      }
    }
  }

  /** First address after all of the segments. */
  public static long end(List<Segment> segments) {
    return segments.stream().mapToLong(s -> s.paddr() + s.memSize()).max().orElse(0);
  }
}
