package org.quern.firmware.multiboot;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.quern.accel.api.CpuState;
import org.quern.firmware.BoardDescription;
import org.quern.firmware.BootException;
import org.quern.firmware.BootRequest;
import org.quern.firmware.GuestMemory;
import org.quern.firmware.entry.EntryState;
import org.quern.firmware.image.ElfImage;
import org.quern.firmware.image.ImageFile;
import org.quern.firmware.image.KernelImage;
import org.quern.firmware.image.Multiboot1Header.Addresses;
import org.quern.firmware.memory.InfoArea;
import org.quern.firmware.memory.Modules;
import org.quern.firmware.memory.Modules.Module;
import org.quern.firmware.memory.RamCheck;
import org.quern.firmware.unpack.ElfPlacement;
import org.quern.x86.state.Reg;

/**
 * Boots multiboot kernels: 32-bit protected mode, EAX with the magic number, EBX with the
 * information. Sources: Multiboot Specification 0.6.96, section 3.2; Multiboot2 Specification 2.0,
 * section 3.3.
 */
public final class MultibootLoader {
  private static final long MAGIC1 = 0x2badb002L;
  private static final long MAGIC2 = 0x36d76289L;

  private final BootRequest request;
  private final BoardDescription board;
  private final GuestMemory memory;
  private final long rsdp;

  /**
   * A loader for one boot.
   *
   * @param rsdp physical address of the ACPI root pointer
   */
  public MultibootLoader(
      BootRequest request, BoardDescription board, GuestMemory memory, long rsdp) {
    this.request = request;
    this.board = board;
    this.memory = memory;
    this.rsdp = rsdp;
  }

  /** Where an image came to lie. */
  private record Loaded(long start, long end, long entry) {}

  public CpuState load(ImageFile file, KernelImage.Multiboot1 image) throws BootException {
    Loaded loaded = place(file, image.header().load(), image.elf(), OptionalLong.empty());
    List<Module> modules = modules(loaded.end);
    new Information1(board, commandLine(), modules).write(memory);
    return enter(file, loaded.entry, MAGIC1);
  }

  public CpuState load(ImageFile file, KernelImage.Multiboot2 image) throws BootException {
    Loaded loaded = place(file, image.header().load(), image.elf(), image.header().entry());
    List<Module> modules = modules(loaded.end);
    // A header with addresses is not loaded by its sections.
    Optional<ElfImage> elf = image.header().load().isPresent() ? Optional.empty() : image.elf();
    new Information2(board, commandLine(), modules, rsdp, loaded.start).write(memory, file, elf);
    return enter(file, loaded.entry, MAGIC2);
  }

  private CpuState enter(ImageFile file, long entry, long magic) throws BootException {
    RamCheck.require(board, file.name() + " (its entry)", entry, 1);
    CpuState s = EntryState.protectedMode(memory, EntryState.OTHER_CODE, entry);
    s.gpr[Reg.RAX] = magic;
    s.gpr[Reg.RBX] = InfoArea.address(0);
    return s;
  }

  private Loaded place(
      ImageFile file, Optional<Addresses> addresses, Optional<ElfImage> elf, OptionalLong entry)
      throws BootException {
    if (addresses.isPresent()) {
      Addresses a = addresses.get();
      RamCheck.require(board, file.name(), a.start(), a.bssEnd() - a.start());
      file.copyTo(memory, a.start(), a.fileOffset(), a.loadEnd() - a.start());
      memory.clear(a.loadEnd(), a.bssEnd() - a.loadEnd());
      return new Loaded(a.start(), a.bssEnd(), a.entry());
    }
    // The header's parser has made sure that there are ELF headers where it has no addresses.
    ElfImage image = elf.orElseThrow();
    long end = ElfPlacement.load(file, image, board, memory);
    long start = image.loadable().stream().mapToLong(ElfImage.Segment::paddr).min().orElseThrow();
    return new Loaded(start, end, entry.orElse(image.physicalEntry()));
  }

  private List<Module> modules(long kernelEnd) throws BootException {
    List<String> list = request.initrd().map(Modules::split).orElse(List.of());
    return Modules.load(list, kernelEnd, board, memory);
  }

  /** As QEMU and GRUB do it: the kernel's own name first. */
  private String commandLine() {
    return request.append().isEmpty()
        ? request.kernel().toString()
        : request.kernel() + " " + request.append();
  }
}
