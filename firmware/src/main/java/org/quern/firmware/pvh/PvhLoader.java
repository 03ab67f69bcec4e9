package org.quern.firmware.pvh;

import java.util.List;
import org.quern.accel.api.CpuState;
import org.quern.firmware.BoardDescription;
import org.quern.firmware.BootException;
import org.quern.firmware.BootRequest;
import org.quern.firmware.GuestMemory;
import org.quern.firmware.bytes.ByteWriter;
import org.quern.firmware.entry.EntryState;
import org.quern.firmware.image.ImageFile;
import org.quern.firmware.image.KernelImage;
import org.quern.firmware.memory.InfoArea;
import org.quern.firmware.memory.MemoryMap;
import org.quern.firmware.memory.MemoryMap.Range;
import org.quern.firmware.memory.Modules;
import org.quern.firmware.memory.Modules.Module;
import org.quern.firmware.memory.RamCheck;
import org.quern.firmware.unpack.ElfPlacement;
import org.quern.x86.state.Reg;

/**
 * Enters an ELF kernel at its PVH entry: 32-bit protected mode, EBX pointing to a struct
 * hvm_start_info. Source: Xen, docs/misc/pvh.pandoc and public/arch-x86/hvm/start_info.h.
 */
public final class PvhLoader {
  private static final long MAGIC = 0x336ec578L;
  private static final int VERSION = 1;
  private static final int START_INFO_SIZE = 56;

  private PvhLoader() {}

  public static CpuState load(
      ImageFile file,
      KernelImage.Pvh image,
      BootRequest request,
      BoardDescription board,
      GuestMemory memory,
      long rsdp)
      throws BootException {
    RamCheck.require(board, file.name() + " (its PVH entry)", image.pvhEntry(), 1);
    long end = ElfPlacement.load(file, image.elf(), board, memory);
    List<Module> modules =
        request.initrd().isEmpty()
            ? List.of()
            : List.of(Modules.loadInitrd(request.initrd().get(), end, board, memory));
    writeStartInfo(request, modules, MemoryMap.of(board), memory, rsdp);
    CpuState s = EntryState.protectedMode(memory, EntryState.OTHER_CODE, image.pvhEntry());
    s.gpr[Reg.RBX] = InfoArea.address(0);
    return s;
  }

  private static void writeStartInfo(
      BootRequest request, List<Module> modules, List<Range> map, GuestMemory memory, long rsdp)
      throws BootException {
    InfoArea area = new InfoArea();
    ByteWriter w = area.bytes().zeros(START_INFO_SIZE);
    long mapAt = area.here();
    for (Range range : map) {
      w.u64(range.start()).u64(range.size()).u32(range.kind().code).u32(0);
    }
    long modulesAt = area.here();
    for (Module module : modules) {
      w.u64(module.start()).u64(module.size()).u64(0).u64(0);
    }
    long commandLine = area.string(request.append());
    ByteWriter info =
        new ByteWriter()
            .u32(MAGIC)
            .u32(VERSION)
            .u32(0)
            .u32(modules.size())
            .u64(modules.isEmpty() ? 0 : modulesAt)
            .u64(commandLine)
            .u64(rsdp)
            .u64(mapAt)
            .u32(map.size())
            .u32(0);
    w.patch(0, info.toBytes());
    area.write(memory);
  }
}
