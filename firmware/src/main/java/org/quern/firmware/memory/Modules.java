package org.quern.firmware.memory;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.quern.firmware.BoardDescription;
import org.quern.firmware.BootException;
import org.quern.firmware.GuestMemory;
import org.quern.firmware.image.ImageFile;

/** Loads the files that a kernel other than Linux gets from {@code -initrd}. */
public final class Modules {
  private static final long PAGE = 4096;

  private Modules() {}

  /**
   * A file in guest memory.
   *
   * @param commandLine its name and arguments as the user wrote them
   */
  public record Module(long start, long size, String commandLine) {}

  /**
   * Splits the argument of {@code -initrd} as QEMU does: commas separate modules, a doubled comma
   * is one comma, the file name ends at the first blank.
   */
  public static List<String> split(String argument) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    for (int i = 0; i < argument.length(); i++) {
      char c = argument.charAt(i);
      if (c != ',') {
        part.append(c);
      } else if (i + 1 < argument.length() && argument.charAt(i + 1) == ',') {
        part.append(c);
        i++;
      } else {
        parts.add(part.toString().strip());
        part.setLength(0);
      }
    }
    parts.add(part.toString().strip());
    return parts;
  }

  /** Loads one module after the other from the first page at or after {@code from} on. */
  public static List<Module> load(
      List<String> commandLines, long from, BoardDescription board, GuestMemory memory)
      throws BootException {
    List<Module> modules = new ArrayList<>();
    long at = Math.max(from, FirmwareLayout.LOW_END);
    for (String commandLine : commandLines) {
      int blank = commandLine.indexOf(' ');
      String name = blank < 0 ? commandLine : commandLine.substring(0, blank);
      if (name.isEmpty()) {
        throw new BootException("the list of modules given with -initrd has an empty file name");
      }
      Module module = load("module", name, commandLine, at, board, memory);
      modules.add(module);
      at = module.start + module.size;
    }
    return modules;
  }

  /** Loads the one file that {@code -initrd} names, whatever characters its name has. */
  public static Module loadInitrd(
      String name, long from, BoardDescription board, GuestMemory memory) throws BootException {
    return load("initrd", name, name, Math.max(from, FirmwareLayout.LOW_END), board, memory);
  }

  private static Module load(
      String what,
      String name,
      String commandLine,
      long from,
      BoardDescription board,
      GuestMemory memory)
      throws BootException {
    long at = from + PAGE - 1 & -PAGE;
    try (ImageFile file = ImageFile.open(what, Path.of(name))) {
      RamCheck.require(board, file.name(), at, file.size());
      file.copyTo(memory, at, 0, file.size());
      return new Module(at, file.size(), commandLine);
    }
  }
}
