package org.quern.firmware.unpack;

import java.util.Arrays;
import java.util.List;
import org.quern.firmware.BoardDescription;
import org.quern.firmware.BootException;
import org.quern.firmware.GuestMemory;
import org.quern.firmware.image.ElfImage;
import org.quern.firmware.image.ElfImage.ProgramTable;
import org.quern.firmware.image.ElfImage.Segment;

/**
 * Loads an ELF file that arrives as a stream: holds back its headers only, then writes each byte
 * where its segment wants it. Nothing is written before all segments are known to fit.
 */
public final class ElfSink implements ByteSink {
  /** The headers must lie within this many bytes. */
  private static final int HEAD_MAX = 64 << 10;

  private final String name;
  private final BoardDescription board;
  private final GuestMemory memory;
  private byte[] head = new byte[0];
  private ElfImage elf;
  private List<Segment> segments = List.of();
  private long position;

  public ElfSink(String name, BoardDescription board, GuestMemory memory) {
    this.name = name;
    this.board = board;
    this.memory = memory;
  }

  /** Stops the stream at its start: what arrives is no ELF file. */
  public static final class NotElf extends RuntimeException {
    private static final long serialVersionUID = 1;

    NotElf() {
      super("not an ELF file", null, false, false);
    }
  }

  @Override
  public void accept(byte[] bytes, int offset, int length) throws BootException {
    if (elf != null) {
      place(bytes, offset, length);
      return;
    }
    int take = Math.min(length, HEAD_MAX - head.length);
    int had = head.length;
    head = Arrays.copyOf(head, had + take);
    System.arraycopy(bytes, offset, head, had, take);
    if (!parse()) {
      return;
    }
    place(head, 0, head.length);
    head = new byte[0];
    place(bytes, offset + take, length - take);
  }

  private boolean parse() throws BootException {
    if (head.length < ElfImage.HEADER_SIZE) {
      return false;
    }
    if (!ElfImage.hasMagic(head)) {
      throw new NotElf();
    }
    ProgramTable table = ElfImage.programTable(head, name);
    if (table.offset() > HEAD_MAX - table.size()) {
      throw new BootException(name + " has an ELF program header table too far into its file");
    }
    if (table.offset() + table.size() > head.length) {
      return false;
    }
    elf = ElfImage.parse(head, table, head, (int) table.offset());
    segments = ElfPlacement.check(name, elf, board);
    return true;
  }

  private void place(byte[] bytes, int offset, int length) {
    long end = position + length;
    for (Segment s : segments) {
      long from = Math.max(position, s.offset());
      long to = Math.min(end, s.offset() + s.fileSize());
      if (from < to) {
        memory.write(
            s.paddr() + from - s.offset(),
            bytes,
            offset + (int) (from - position),
            (int) (to - from));
      }
    }
    position = end;
  }

  /**
   * Ends the stream: checks that everything has arrived and clears what the file does not hold.
   *
   * @return the headers of the loaded file
   */
  public ElfImage finish() throws BootException {
    if (elf == null) {
      throw new BootException(name + " is truncated: its ELF headers are not complete");
    }
    for (Segment s : segments) {
      if (s.offset() + s.fileSize() > position) {
        throw new BootException(
            String.format(
                "%s is truncated: its ELF file has %d bytes, but a segment ends at %d",
                name, position, s.offset() + s.fileSize()));
      }
    }
    ElfPlacement.clearRest(segments, memory);
    return elf;
  }
}
