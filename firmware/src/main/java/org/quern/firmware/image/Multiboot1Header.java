package org.quern.firmware.image;

import static org.quern.firmware.bytes.LittleEndian.u32;

import java.util.Optional;
import org.quern.firmware.BootException;

/**
 * The header of a multiboot 1 kernel. Source: Multiboot Specification 0.6.96, section 3.1.
 *
 * @param flags what the kernel asks for
 * @param load addresses of the "a.out kludge", used instead of the ELF headers where present
 */
public record Multiboot1Header(int flags, Optional<Addresses> load) {
  /** Modules are to be aligned to pages. */
  public static final int ALIGN_MODULES = 1;

  private static final int SEARCH = 8192;
  private static final long MAGIC = 0x1badb002L;
  private static final int HAS_ADDRESSES = 1 << 16;

  /** Bits 0 to 15 must be understood: alignment, memory information, video mode. */
  private static final int UNKNOWN_REQUIRED = 0xfff8;

  /**
   * Where the file goes, all physical.
   *
   * @param fileOffset first byte of the file to load
   * @param start where it goes
   * @param loadEnd end of what is loaded
   * @param bssEnd end of what is cleared behind it
   */
  public record Addresses(long fileOffset, long start, long loadEnd, long bssEnd, long entry) {}

  static Optional<Multiboot1Header> find(byte[] head, ImageFile file) throws BootException {
    int end = Math.min(head.length, SEARCH) - 12;
    for (int at = 0; at <= end; at += 4) {
      if (u32(head, at) == MAGIC && (int) (MAGIC + u32(head, at + 4) + u32(head, at + 8)) == 0) {
        return Optional.of(parse(head, at, file));
      }
    }
    return Optional.empty();
  }

  private static Multiboot1Header parse(byte[] head, int at, ImageFile file) throws BootException {
    int flags = (int) u32(head, at + 4);
    if ((flags & UNKNOWN_REQUIRED) != 0) {
      throw file.error(
          String.format("requires multiboot features that nobody has defined (flags %08x)", flags));
    }
    if ((flags & HAS_ADDRESSES) == 0) {
      if (!ElfImage.hasMagic(head)) {
        throw file.error("has a multiboot header without load addresses and is not an ELF file");
      }
      return new Multiboot1Header(flags, Optional.empty());
    }
    if (at + 32 > head.length) {
      throw file.error("is truncated within its multiboot header");
    }
    return new Multiboot1Header(
        flags,
        Optional.of(
            addresses(
                file,
                at,
                u32(head, at + 12),
                u32(head, at + 16),
                u32(head, at + 20),
                u32(head, at + 24),
                u32(head, at + 28))));
  }

  /** Resolves the address fields that multiboot 1 and 2 share. */
  static Addresses addresses(
      ImageFile file, int at, long header, long start, long loadEnd, long bssEnd, long entry)
      throws BootException {
    long offset = at - (header - start);
    if (start > header || offset < 0) {
      throw file.error(
          String.format(
              "has a multiboot header at 0x%x that loads at 0x%x, outside of the image at 0x%x",
              at, header, start));
    }
    long end = loadEnd != 0 ? loadEnd : start + file.size() - offset;
    if (end < start || end - start > file.size() - offset) {
      throw file.error(
          String.format(
              "is truncated or has a broken multiboot header: it should load 0x%x to 0x%x, the"
                  + " file has %d bytes for that",
              start, end, file.size() - offset));
    }
    long bss = bssEnd != 0 ? bssEnd : end;
    if (bss < end) {
      throw file.error(
          String.format("has a multiboot header whose bss ends at 0x%x, before it starts", bss));
    }
    return new Addresses(offset, start, end, bss, entry);
  }
}
