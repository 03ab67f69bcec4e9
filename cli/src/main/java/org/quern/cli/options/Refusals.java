package org.quern.cli.options;

import java.util.Arrays;
import java.util.Map;

/** What to say about a word on the command line that is no option of ours. */
final class Refusals {
  /** Options of QEMU that scripts often pass, with what can be done instead. */
  private static final Map<String, String> QEMU =
      Map.ofEntries(
          Map.entry("-drive", "there are no disks yet; boot with -kernel and -initrd"),
          Map.entry("-blockdev", "there are no disks yet; boot with -kernel and -initrd"),
          Map.entry("-hda", "there are no disks yet; boot with -kernel and -initrd"),
          Map.entry("-hdb", "there are no disks yet; boot with -kernel and -initrd"),
          Map.entry("-cdrom", "there are no disks yet; boot with -kernel and -initrd"),
          Map.entry("-boot", "there are no disks to choose from; boot with -kernel"),
          Map.entry("-snapshot", "there are no disks yet"),
          Map.entry("-loadvm", "there are no snapshots yet"),
          Map.entry("-pflash", "flash memory is not supported yet; use -bios FILE"),
          Map.entry("-netdev", "there is no network yet; use -nic none"),
          Map.entry("-chardev", "not supported yet; use -serial or -debugcon"),
          Map.entry("-qmp", "not supported yet; use -monitor stdio or -serial mon:stdio"),
          Map.entry("-mon", "not supported yet; use -monitor stdio or -serial mon:stdio"),
          Map.entry("-spice", "there is no display yet; use -nographic"),
          Map.entry("-curses", "there is no display yet; use -nographic"),
          Map.entry("-gdb", "the debugger stub is not built yet"),
          Map.entry("-s", "the debugger stub is not built yet"),
          Map.entry("-daemonize", "not supported; start it with your shell's &"),
          Map.entry("-no-acpi", "ACPI tables are always there; use -append acpi=off"),
          Map.entry("-no-hpet", "the HPET is always there; use -append hpet=disable"),
          Map.entry("-numa", "there is one memory node"),
          Map.entry("-fw_cfg", "own files in fw_cfg are not supported yet"),
          Map.entry("-name", "machines have no names; leave the option out"),
          Map.entry("-uuid", "machines have no UUID to set; leave the option out"));

  private Refusals() {}

  static String sentence(String word) {
    if (!word.startsWith("-")) {
      return word + ": not an option, and disk images are not supported yet; see quern help";
    }
    String name = word.startsWith("--") ? word.substring(1) : word;
    String known = QEMU.get(name);
    if (known != null) {
      return name + ": " + known;
    }
    String near = Nearest.of(name, Arrays.stream(Option.values()).map(o -> o.name).toList());
    return word
        + ": no such option"
        + (near == null ? "; see quern help" : "; did you mean " + near + "?");
  }
}
