package org.quern.firmware.linux;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.quern.accel.api.CpuState;
import org.quern.firmware.BoardDescription;
import org.quern.firmware.BootException;
import org.quern.firmware.BootRequest;
import org.quern.firmware.EntryMode;
import org.quern.firmware.GuestMemory;
import org.quern.firmware.bytes.ByteWriter;
import org.quern.firmware.entry.EntryState;
import org.quern.firmware.image.ElfImage;
import org.quern.firmware.image.ImageFile;
import org.quern.firmware.image.SetupHeader;
import org.quern.firmware.memory.FirmwareLayout;
import org.quern.firmware.memory.RamCheck;
import org.quern.firmware.unpack.ElfPlacement;
import org.quern.firmware.unpack.ElfSink;
import org.quern.firmware.unpack.PayloadFormat;
import org.quern.firmware.unpack.Unpacker;
import org.quern.x86.state.Reg;

/**
 * Boots a Linux kernel by its 32-bit or 64-bit protocol. Source: Linux,
 * Documentation/arch/x86/boot.rst.
 *
 * <p>By default the payload of a bzImage is unpacked here and the ELF file in it entered as the
 * image's own decompressor would enter it: at its physical entry, without KASLR, RSI pointing to
 * the zero page. That saves the guest most of the instructions before its first message. Images
 * that cannot be unpacked here (an unknown or unsupported compression, or no payload field) start
 * with their own decompressor.
 */
public final class LinuxLoader {
  /** Where protected-mode code goes: bzImage, zImage. */
  private static final long HIGH_LOAD = 0x100000;

  private static final long LOW_LOAD = 0x1000;

  /** The 64-bit entry is this far into the protected-mode code. */
  private static final int ENTRY64_OFFSET = 0x200;

  /** Type of a setup_data node with random bytes (SETUP_RNG_SEED). */
  private static final int SETUP_RNG_SEED = 9;

  /** Longest command line of kernels that come without a setup header. */
  private static final int PLAIN_COMMAND_LINE_MAX = 2047;

  private static final int RNG_SEED_MAX = 256;
  private static final int PAYLOAD_MAX = 512 << 20;

  private final BootRequest request;
  private final BoardDescription board;
  private final GuestMemory memory;
  private final long rsdp;

  /**
   * A loader for one boot.
   *
   * @param rsdp physical address of the ACPI root pointer
   */
  public LinuxLoader(BootRequest request, BoardDescription board, GuestMemory memory, long rsdp) {
    this.request = request;
    this.board = board;
    this.memory = memory;
    this.rsdp = rsdp;
  }

  /** Loads a bzImage or zImage and everything around it. */
  public CpuState load(ImageFile file, SetupHeader header) throws BootException {
    checkCommandLine(file, header.commandLineMax());
    long codeSize = protectedSize(file, header);
    EntryMode mode = request.entry();
    if (mode == EntryMode.BITS64 && !header.has64BitEntry()) {
      throw file.error(
          "has no 64-bit entry (boot protocol " + header.versionText() + "); use the 32-bit one");
    }
    if (mode == EntryMode.AUTO || mode == EntryMode.UNPACKED) {
      Optional<ElfImage> elf = unpack(file, header, codeSize);
      if (elf.isPresent()) {
        return enterElf(file, elf.get(), header);
      }
    }
    return enterImage(file, header, codeSize);
  }

  /** Enters an ELF file that is already in memory; a Linux kernel finds its zero page. */
  public CpuState enterPlain(ImageFile file, ElfImage elf) throws BootException {
    checkCommandLine(file, PLAIN_COMMAND_LINE_MAX);
    long end = ElfPlacement.end(elf.loadable());
    ZeroPage page = new ZeroPage();
    fill(page, end, board.ramBelow4G() - 1, false);
    return enter(elf.is64(), elf.physicalEntry(), file);
  }

  private CpuState enterElf(ImageFile file, ElfImage elf, SetupHeader header) throws BootException {
    long end = ElfPlacement.end(elf.loadable());
    if (header.initSize() != 0) {
      end = Math.max(end, header.preferredAddress() + header.initSize());
      RamCheck.require(board, file.name(), HIGH_LOAD, Math.max(end, HIGH_LOAD) - HIGH_LOAD);
    }
    ZeroPage page = new ZeroPage(header);
    page.loadAddress(HIGH_LOAD);
    fill(page, end, header.initrdMax(), header.above4G());
    return enter(elf.is64(), elf.physicalEntry(), file);
  }

  private CpuState enterImage(ImageFile file, SetupHeader header, long codeSize)
      throws BootException {
    long load = header.loadedHigh() ? HIGH_LOAD : LOW_LOAD;
    RamCheck.require(board, file.name(), load, codeSize);
    long end = Math.max(HIGH_LOAD, load + codeSize);
    if (header.initSize() != 0) {
      long run = Math.max(load, header.preferredAddress());
      RamCheck.require(board, file.name(), run, header.initSize());
      end = Math.max(end, run + header.initSize());
    }
    file.copyTo(memory, load, header.setupSize(), codeSize);
    ZeroPage page = new ZeroPage(header);
    page.loadAddress(load);
    fill(page, end, header.initrdMax(), header.above4G());
    boolean wide =
        switch (request.entry()) {
          case BITS64 -> true;
          case BITS32 -> false;
          case AUTO, UNPACKED -> header.has64BitEntry() && board.longMode();
        };
    return enter(wide, wide ? load + ENTRY64_OFFSET : load, file);
  }

  /** Everything of the zero page that is the same for all entries, and what it points to. */
  private void fill(ZeroPage page, long kernelEnd, long initrdMax, boolean above4G)
      throws BootException {
    page.memory(board);
    page.rsdp(rsdp);
    if (board.legacy().vga()) {
      page.textMode();
    }
    byte[] line = (request.append() + "\0").getBytes(StandardCharsets.UTF_8);
    memory.write(FirmwareLayout.COMMAND_LINE, line, 0, line.length);
    page.commandLine(FirmwareLayout.COMMAND_LINE);
    if (request.initrd().isPresent()) {
      Path path = Path.of(request.initrd().get());
      Initrd initrd = Initrd.load(path, kernelEnd, initrdMax, above4G, board, memory);
      page.initrd(initrd.address(), initrd.size());
    }
    byte[] seed = request.rngSeed();
    if (seed.length > 0 && page.takesSetupData()) {
      int n = Math.min(seed.length, RNG_SEED_MAX);
      byte[] node = new ByteWriter().u64(0).u32(SETUP_RNG_SEED).u32(n).raw(seed).toBytes();
      memory.write(FirmwareLayout.BOOT_INFO, node, 0, 16 + n);
      page.setupData(FirmwareLayout.BOOT_INFO);
    }
    page.write(memory);
  }

  private CpuState enter(boolean wide, long entry, ImageFile file) throws BootException {
    if (wide && !board.longMode()) {
      throw file.error(
          "is a 64-bit kernel, but the chosen processor has no long mode; choose another with"
              + " -cpu");
    }
    CpuState s =
        wide
            ? EntryState.longMode(memory, EntryState.LINUX_CODE, entry)
            : EntryState.protectedMode(memory, EntryState.LINUX_CODE, entry);
    s.gpr[Reg.RSI] = FirmwareLayout.BOOT_PARAMS;
    return s;
  }

  /** Unpacks the payload into memory; empty if the image has to do that itself. */
  private Optional<ElfImage> unpack(ImageFile file, SetupHeader header, long codeSize)
      throws BootException {
    boolean forced = request.entry() == EntryMode.UNPACKED;
    long length = header.payloadLength();
    if (header.payloadOffset() == 0 || length == 0) {
      return orRefuse(forced, file, "does not say where its payload is");
    }
    if (header.payloadOffset() + length > codeSize || length > PAYLOAD_MAX || length < 16) {
      throw file.error(
          String.format(
              "is corrupt: its payload of %d bytes at 0x%x does not fit into its %d bytes",
              length, header.payloadOffset(), codeSize));
    }
    byte[] payload = file.read(header.setupSize() + header.payloadOffset(), (int) length);
    Optional<PayloadFormat> format = PayloadFormat.of(payload);
    if (format.isEmpty()) {
      return orRefuse(forced, file, "has a payload of a compression that is not known");
    }
    if (format.get() == PayloadFormat.LZO && !forced) {
      return Optional.empty();
    }
    ElfSink sink = new ElfSink(file.name(), board, memory);
    try {
      Unpacker.unpack(file.name(), format.get(), payload, board.ramBelow4G(), sink);
    } catch (ElfSink.NotElf e) {
      return orRefuse(forced, file, "has a payload that is not an ELF file");
    }
    return Optional.of(sink.finish());
  }

  private static Optional<ElfImage> orRefuse(boolean forced, ImageFile file, String problem)
      throws BootException {
    if (forced) {
      throw file.error(problem + " and cannot be unpacked here; let it unpack itself");
    }
    return Optional.empty();
  }

  /** Bytes of protected-mode code in the file; what is behind it (a signature) is left out. */
  private static long protectedSize(ImageFile file, SetupHeader header) throws BootException {
    long there = file.size() - header.setupSize();
    long said = header.protectedSize();
    // The field counts paragraphs; the last one need not be full.
    if (there <= ENTRY64_OFFSET || said > there + 15) {
      throw file.error(
          String.format(
              "is truncated: it has %d bytes, its header speaks of %d",
              file.size(), header.setupSize() + Math.max(said, ENTRY64_OFFSET + 1)));
    }
    return said <= ENTRY64_OFFSET ? there : Math.min(said, there);
  }

  private void checkCommandLine(ImageFile file, long max) throws BootException {
    int length = request.append().getBytes(StandardCharsets.UTF_8).length;
    long most = Math.min(max, FirmwareLayout.COMMAND_LINE_MAX - 1);
    if (length > most) {
      throw file.error(
          String.format(
              "takes a command line of at most %d bytes, the one of -append has %d", most, length));
    }
  }
}
