package org.quern.firmware.image;

import static org.quern.firmware.bytes.LittleEndian.u16;
import static org.quern.firmware.bytes.LittleEndian.u32;

import java.util.Optional;
import java.util.OptionalLong;
import org.quern.firmware.BootException;

/**
 * The header of a multiboot 2 kernel. Source: Multiboot2 Specification 2.0, section 3.1.
 *
 * @param load the address tag, used instead of the ELF headers where present
 * @param entry the entry address tag
 */
public record Multiboot2Header(Optional<Multiboot1Header.Addresses> load, OptionalLong entry) {
  static final int SEARCH = 32768;

  private static final long MAGIC = 0xe85250d6L;
  private static final int FIXED_SIZE = 16;

  /** Load address that means: load the file from its first byte. */
  private static final long FROM_FILE_START = 0xffffffffL;

  static Optional<Multiboot2Header> find(byte[] head, ImageFile file) throws BootException {
    int end = Math.min(head.length, SEARCH) - FIXED_SIZE;
    for (int at = 0; at <= end; at += 8) {
      long sum = MAGIC + u32(head, at + 4) + u32(head, at + 8) + u32(head, at + 12);
      if (u32(head, at) == MAGIC && (int) sum == 0) {
        return Optional.of(parse(head, at, file));
      }
    }
    return Optional.empty();
  }

  private static Multiboot2Header parse(byte[] head, int at, ImageFile file) throws BootException {
    if (u32(head, at + 4) != 0) {
      throw file.error("is a multiboot 2 kernel for MIPS; this machine runs x86");
    }
    long size = u32(head, at + 8);
    if (size < FIXED_SIZE || size > head.length - at) {
      throw file.error("is truncated within its multiboot 2 header");
    }
    int end = at + (int) size;
    long[] address = null;
    OptionalLong entry = OptionalLong.empty();
    int tag = at + FIXED_SIZE;
    while (tag + 8 <= end) {
      int type = u16(head, tag);
      boolean required = (u16(head, tag + 2) & 1) == 0;
      long tagSize = u32(head, tag + 4);
      if (tagSize < 8 || tagSize > end - tag) {
        throw file.error("has a broken multiboot 2 header (tag " + type + ")");
      }
      if (type == 0) {
        break;
      }
      switch (type) {
        case 1 -> {
          for (int i = tag + 8; required && i + 4 <= tag + tagSize; i += 4) {
            requireInformation((int) u32(head, i), file);
          }
        }
        case 2 -> {
          need(tagSize, 24, type, file);
          long start = u32(head, tag + 12);
          address =
              new long[] {
                u32(head, tag + 8),
                start == FROM_FILE_START ? u32(head, tag + 8) - at : start,
                u32(head, tag + 16),
                u32(head, tag + 20)
              };
        }
        case 3 -> {
          need(tagSize, 12, type, file);
          entry = OptionalLong.of(u32(head, tag + 8));
        }
        case 4, 5, 6, 7, 8, 9, 10 -> {
          // Console, framebuffer, alignment and EFI wishes that a text-mode BIOS machine meets by
          // the default, and relocation, which is never needed where the linked address is free.
        }
        default -> {
          if (required) {
            throw file.error("requires a multiboot 2 feature that is not known (tag " + type + ")");
          }
        }
      }
      tag += (int) (tagSize + 7 & ~7L);
    }
    if (address == null) {
      if (!ElfImage.hasMagic(head)) {
        throw file.error("has a multiboot 2 header without load addresses and is not an ELF file");
      }
      return new Multiboot2Header(Optional.empty(), entry);
    }
    if (entry.isEmpty()) {
      throw file.error("has a multiboot 2 header with load addresses but without an entry address");
    }
    return new Multiboot2Header(
        Optional.of(
            Multiboot1Header.addresses(
                file, at, address[0], address[1], address[2], address[3], entry.getAsLong())),
        entry);
  }

  private static void need(long size, int wanted, int type, ImageFile file) throws BootException {
    if (size < wanted) {
      throw file.error("has a broken multiboot 2 header (tag " + type + ")");
    }
  }

  /** Refuses a kernel that cannot do without information this firmware does not give. */
  private static void requireInformation(int type, ImageFile file) throws BootException {
    switch (type) {
      case 1, 2, 3, 4, 6, 9, 14, 15, 21 -> {
        // Command line, loader, modules, memory, ELF sections, both RSDPs, load base.
      }
      default ->
          throw file.error("requires multiboot 2 information that is not given (tag " + type + ")");
    }
  }
}
