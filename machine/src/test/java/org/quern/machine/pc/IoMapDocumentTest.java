package org.quern.machine.pc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.quern.machine.chardev.CharBackend;
import org.quern.machine.io.PortMap;
import org.quern.machine.mem.MmioMap;
import org.quern.machine.piix.AcpiPm;
import org.quern.machine.run.MachineWires;
import org.quern.x86.state.CpuModel;

/**
 * Writes {@code docs/io-map.md} from a board with everything on it, and fails when the file says
 * something else. {@code -Dquern.write.docs=true} writes it anew.
 */
final class IoMapDocumentTest {
  private static final Path FILE = Path.of("..", "docs", "io-map.md");

  private final PcBoard board;

  IoMapDocumentTest() {
    CharBackend none = CharBackend.NULL;
    PcConfig config =
        PcConfig.of(1, 16L << 20, CpuModel.max())
            .withSerials(List.of(none, none, none, none))
            .withDebugConsole(PcLayout.DEBUG_CONSOLE, none)
            .withParallel(none)
            .withDebugExit(PcLayout.DEBUG_EXIT, 2);
    board = new PcBoard(config, new MachineWires(1));
  }

  @Test
  void theDocumentSaysWhatTheBoardDoes() throws IOException {
    String expected = document();
    if (Boolean.getBoolean("quern.write.docs")) {
      Files.createDirectories(FILE.getParent());
      Files.writeString(FILE, expected);
    }
    assertThat(Files.readString(FILE))
        .as("docs/io-map.md; write it anew with -Dquern.write.docs=true")
        .isEqualTo(expected);
  }

  private String document() {
    List<String> lines = new ArrayList<>();
    lines.add("# I/O map of the board `pc`");
    lines.add("");
    lines.add("Generated from `PcBoard` and `PcLayout` by `IoMapDocumentTest`, which fails when");
    lines.add("this file is stale. Run that test with `-Dquern.write.docs=true` to write it anew.");
    lines.add("Addresses are those of QEMU's `pc-i440fx`.");
    memory(lines);
    ports(lines);
    interrupts(lines);
    pci(lines);
    testDevice(lines);
    return String.join("\n", lines) + "\n";
  }

  private void memory(List<String> lines) {
    table(lines, "Physical memory", "Range", "What");
    row(lines, range(0, PcLayout.CONVENTIONAL_END), "RAM");
    row(lines, range(0xa_0000, 0x2_0000), "video window; RAM while SMRAM is open");
    row(lines, range(0xc_0000, 0x4_0000), "RAM or ROM by PAM; ROM is the end of the BIOS");
    row(
        lines,
        "`0x00100000` up",
        "RAM, to its end below "
            + hex(PcLayout.LOW_RAM_LIMIT)
            + "; with more than that, to "
            + hex(PcLayout.LOW_RAM_SPLIT)
            + " and the rest from 4 GiB up");
    List<MmioMap.Window> windows = new ArrayList<>(board.windows().windows());
    windows.sort(Comparator.comparingLong(MmioMap.Window::start));
    for (MmioMap.Window w : windows) {
      row(lines, range(w.start(), w.bytes()), w.name());
    }
    row(
        lines,
        range(PcLayout.LAPIC, PcLayout.LAPIC_BYTES),
        "local APIC of the processor that asks");
    row(lines, "up to `0xffffffff`", "BIOS ROM, 256 KiB to 16 MiB");
  }

  private void ports(List<String> lines) {
    table(lines, "Ports", "Ports", "Widest access", "What");
    List<PortMap.Range> ranges = new ArrayList<>(board.ports().ranges());
    ranges.sort(Comparator.comparingInt(PortMap.Range::first));
    boolean pmBlock = false;
    for (PortMap.Range r : ranges) {
      if (r.first() > PcLayout.PM_BASE && !pmBlock) {
        pmBlock = true;
        row(
            lines,
            portRange(PcLayout.PM_BASE, AcpiPm.PM_PORTS),
            "4",
            "ACPI PM block, where firmware puts it");
      }
      row(lines, portRange(r.first(), r.count()), String.valueOf(r.width()), r.name());
    }
    lines.add("");
    lines.add(
        "A byte at " + port(PcLayout.RESET_CONTROL) + " is the reset control register. The debug");
    lines.add(
        "console, isa-debug-exit and LPT1 exist when asked for, at their default ports here. Floppy");
    lines.add("and DMA controllers do not exist: their ports read as ones.");
  }

  private void interrupts(List<String> lines) {
    table(lines, "Interrupts", "ISA interrupt", "I/O APIC pin", "Source");
    irq(lines, PcLayout.IRQ_TIMER, PcLayout.IOAPIC_PIN_TIMER, "8254 counter 0, HPET timer 0");
    irq(lines, PcLayout.IRQ_KEYBOARD, PcLayout.IRQ_KEYBOARD, "keyboard");
    irq(lines, PcLayout.IRQ_COM2, PcLayout.IRQ_COM2, "COM2, COM4");
    irq(lines, PcLayout.IRQ_COM1, PcLayout.IRQ_COM1, "COM1, COM3");
    irq(lines, PcLayout.IRQ_LPT1, PcLayout.IRQ_LPT1, "LPT1");
    irq(lines, PcLayout.IRQ_RTC, PcLayout.IRQ_RTC, "RTC, HPET timer 1");
    irq(lines, PcLayout.IRQ_SCI, PcLayout.IRQ_SCI, "ACPI SCI, level");
    irq(lines, PcLayout.IRQ_MOUSE, PcLayout.IRQ_MOUSE, "second line of the 8042");
    lines.add("");
    int[] p = PcLayout.PIRQ_IRQS;
    lines.add(
        "Firmware routes PIRQA to PIRQD to interrupts %d, %d, %d and %d, level-triggered."
            .formatted(p[0], p[1], p[2], p[3]));
  }

  private void pci(List<String> lines) {
    table(lines, "PCI bus 0", "Slot.function", "Vendor:device", "What");
    function(lines, PcLayout.DEVFN_HOST, "i440FX host bridge: PAM, SMRAM, turbo reset");
    function(lines, PcLayout.DEVFN_ISA, "PIIX3 ISA bridge: PIRQ routing");
    function(lines, PcLayout.DEVFN_PM, "PIIX4 power management");
  }

  /** Its byte latch lies where the debug console does, so that no board has both. */
  private static void testDevice(List<String> lines) {
    PcConfig config = PcConfig.of(1, 16L << 20, CpuModel.max()).withTestDevice();
    PcBoard board = new PcBoard(config, new MachineWires(1));
    table(lines, "pc-testdev, when asked for", "Place", "What");
    for (PortMap.Range r : board.ports().ranges()) {
      if (r.name().startsWith("pc-testdev")) {
        row(lines, "ports " + portRange(r.first(), r.count()), r.name());
      }
    }
    for (MmioMap.Window w : board.windows().windows()) {
      if (w.name().startsWith("pc-testdev")) {
        row(lines, range(w.start(), w.bytes()), w.name());
      }
    }
  }

  private void function(List<String> lines, int devfn, String what) {
    int ids = board.pci().function(devfn).config().get(0, 4);
    row(
        lines,
        (devfn >> 3) + "." + (devfn & 7),
        "`%04x:%04x`".formatted(ids & 0xffff, ids >>> 16),
        what);
  }

  private static void irq(List<String> lines, int irq, int pin, String what) {
    row(lines, String.valueOf(irq), String.valueOf(pin), what);
  }

  private static void table(List<String> lines, String title, String... columns) {
    lines.add("");
    lines.add("## " + title);
    lines.add("");
    row(lines, columns);
    lines.add("|" + "---|".repeat(columns.length));
  }

  private static void row(List<String> lines, String... cells) {
    lines.add("| " + String.join(" | ", cells) + " |");
  }

  private static String range(long start, long bytes) {
    return hex(start) + " to " + hex(start + bytes - 1);
  }

  private static String hex(long address) {
    return "`0x%08x`".formatted(address);
  }

  private static String portRange(int first, int count) {
    return count == 1 ? port(first) : port(first) + " to " + port(first + count - 1);
  }

  private static String port(int port) {
    return "`0x%03x`".formatted(port);
  }
}
