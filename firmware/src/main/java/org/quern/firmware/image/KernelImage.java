package org.quern.firmware.image;

import static org.quern.firmware.bytes.LittleEndian.u16;
import static org.quern.firmware.bytes.LittleEndian.u32;

import java.util.Optional;
import java.util.OptionalLong;
import org.quern.firmware.BootException;

/** A kernel file of a kind that can be booted, told by its content. */
public sealed interface KernelImage {
  /** A Linux bzImage or zImage. */
  record Linux(SetupHeader header) implements KernelImage {}

  /** An image with a multiboot 1 header; {@code elf} where it is an ELF file. */
  record Multiboot1(Multiboot1Header header, Optional<ElfImage> elf) implements KernelImage {}

  /** An image with a multiboot 2 header; {@code elf} where it is an ELF file. */
  record Multiboot2(Multiboot2Header header, Optional<ElfImage> elf) implements KernelImage {}

  /** An ELF file with a PVH entry point. */
  record Pvh(ElfImage elf, long pvhEntry) implements KernelImage {}

  /** Any other ELF executable. */
  record PlainElf(ElfImage elf) implements KernelImage {}

  /**
   * Reads the headers of a kernel file.
   *
   * @throws BootException if it is none, saying what it seems to be
   */
  static KernelImage read(ImageFile file) throws BootException {
    byte[] head = file.head(Multiboot2Header.SEARCH);
    if (SetupHeader.isPresent(head)) {
      return new Linux(SetupHeader.read(file));
    }
    Optional<ElfImage> elf =
        ElfImage.hasMagic(head) ? Optional.of(ElfImage.read(file)) : Optional.empty();
    Optional<Multiboot1Header> multiboot1 = Multiboot1Header.find(head, file);
    if (multiboot1.isPresent()) {
      return new Multiboot1(multiboot1.get(), elf);
    }
    Optional<Multiboot2Header> multiboot2 = Multiboot2Header.find(head, file);
    if (multiboot2.isPresent()) {
      return new Multiboot2(multiboot2.get(), elf);
    }
    if (elf.isEmpty()) {
      throw file.error(guess(head));
    }
    OptionalLong pvh = elf.get().pvhEntry(file);
    return pvh.isPresent() ? new Pvh(elf.get(), pvh.getAsLong()) : new PlainElf(elf.get());
  }

  private static String guess(byte[] head) {
    String wanted = "; a bzImage, an ELF or a multiboot kernel for x86 is needed";
    if (head.length < 64) {
      return "is too short to be a kernel (" + head.length + " bytes)" + wanted;
    }
    if (u32(head, 0x38) == 0x644d5241L) {
      return "is a Linux image for AArch64 (arm64)" + wanted;
    }
    if (u32(head, 0x38) == 0x05435352L) {
      return "is a Linux image for RISC-V" + wanted;
    }
    if (u32(head, 0x24) == 0x016f2818L) {
      return "is a Linux zImage for ARM" + wanted;
    }
    if (u16(head, 0) == 0x5a4d && u32(head, 4) == 0x676d697aL) {
      return "is an EFI zboot image (usually arm64 or RISC-V)" + wanted;
    }
    if (u32(head, 0) == 0x56190527L) {
      return "is a U-Boot image" + wanted;
    }
    if (u16(head, 0) == 0x5a4d) {
      return "is an EFI or DOS program without a Linux setup header" + wanted;
    }
    if (u16(head, 0) == 0x8b1f || u32(head, 0) == 0x587a37fdL || u32(head, 0) == 0xfd2fb528L) {
      return "is a plain compressed file; unpack it first" + wanted;
    }
    if (head.length >= 512 && u16(head, 0x1fe) == 0xaa55) {
      return "is a boot sector or disk image, not a kernel" + wanted;
    }
    return "is not a kernel image that can be booted directly" + wanted;
  }
}
