package org.quern.firmware;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.quern.accel.api.CpuState;

/** Boots images from bytes on a small board and keeps what came of it. */
public final class BootFixture {
  public static final int RAM = 32 << 20;

  public final Path folder;
  public BoardDescription board = BoardDescription.pc(1, RAM, 0);
  public FakeMemory memory;
  public Optional<String> initrd = Optional.empty();
  public String append = "";
  public EntryMode entry = EntryMode.AUTO;
  public byte[] rngSeed = {};

  public BootFixture(Path folder) {
    this.folder = folder;
  }

  public Path file(String name, byte[] content) {
    try {
      return Files.write(folder.resolve(name), content);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  public CpuState boot(byte[] kernel) throws BootException {
    return boot(file("kernel", kernel));
  }

  public CpuState boot(Path kernel) throws BootException {
    memory = FakeMemory.of(board);
    return Firmware.load(new BootRequest(kernel, initrd, append, entry, rngSeed), memory, board);
  }
}
