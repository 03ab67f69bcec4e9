package org.quern.firmware.acpi;

import static org.quern.firmware.acpi.Aml.arg;
import static org.quern.firmware.acpi.Aml.device;
import static org.quern.firmware.acpi.Aml.eisaId;
import static org.quern.firmware.acpi.Aml.integer;
import static org.quern.firmware.acpi.Aml.join;
import static org.quern.firmware.acpi.Aml.method;
import static org.quern.firmware.acpi.Aml.named;
import static org.quern.firmware.acpi.Aml.packageOf;
import static org.quern.firmware.acpi.Aml.returns;
import static org.quern.firmware.acpi.Aml.scope;
import static org.quern.firmware.acpi.Aml.store;
import static org.quern.firmware.acpi.Aml.string;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.quern.firmware.BoardDescription;
import org.quern.firmware.BoardDescription.Legacy;
import org.quern.firmware.BoardDescription.Pci;
import org.quern.firmware.BoardDescription.Power;
import org.quern.firmware.BoardDescription.Serial;

/**
 * The definition block of the board: power-off, the PCI root with its interrupt routing through the
 * PIIX link devices, and the devices that cannot be found by asking.
 */
final class Dsdt {
  private static final HexFormat HEX = HexFormat.of().withUpperCase();
  private static final int SLOTS = 32;
  private static final int PINS = 4;
  private static final String[] LINKS = {"LNKA", "LNKB", "LNKC", "LNKD"};
  private static final String[] ROUTES = {"PRQA", "PRQB", "PRQC", "PRQD"};

  /** ISA interrupts a link can be routed to without disturbing a legacy device. */
  private static final int[] LINK_CHOICES = {5, 10, 11};

  // PIIX3 datasheet, 2.2.9: PIRQRC registers; bit 7 disconnects.
  private static final int PIRQ_REGISTERS = 0x60;
  private static final int PIRQ_OFF = 0x80;

  // ACPI 6.4, 6.3.7: _STA present, enabled, shown, functioning; the same but disabled.
  private static final int STA_ON = 0xb;
  private static final int STA_OFF = 0x9;

  private static final int CONFIG_PORT = 0xcf8;
  private static final int CONFIG_PORTS = 8;
  private static final long VIDEO_FIRST = 0xa0000;
  private static final long VIDEO_LAST = 0xbffff;
  private static final int HPET_SIZE = 0x400;

  private final BoardDescription board;

  private Dsdt(BoardDescription board) {
    this.board = board;
  }

  /** The AML of the table, without its header. */
  static byte[] of(BoardDescription board) {
    Dsdt d = new Dsdt(board);
    return join(
        d.sleepStates(),
        scope("\\_SB", d.processors()),
        board.pci().map(d::pciRoot).orElse(new byte[0]),
        board.pci().isEmpty() ? scope("\\_SB", d.isaDevices()) : new byte[0],
        scope("\\_SB", d.hpet(), d.fwCfg()));
  }

  private byte[] sleepStates() {
    byte[] off = integer(board.power().sleepTypeOff());
    return named("\\_S5", packageOf(off, off, integer(0), integer(0)));
  }

  private byte[] processors() {
    List<byte[]> all = new ArrayList<>();
    for (int i = 0; i < board.cpus(); i++) {
      all.add(
          device(
              "C" + HEX.toHexDigits(i, 3),
              named("_HID", string("ACPI0007")),
              named("_UID", integer(i))));
    }
    return join(all.toArray(byte[][]::new));
  }

  private byte[] pciRoot(Pci pci) {
    byte[] root =
        device(
            "PCI0",
            named("_HID", eisaId("PNP0A03")),
            named("_UID", integer(0)),
            named(
                "_CRS",
                new Resources()
                    .busWindow(0, 0xff)
                    .io(CONFIG_PORT, CONFIG_PORTS)
                    .ioWindow(0, CONFIG_PORT - 1)
                    .ioWindow(CONFIG_PORT + CONFIG_PORTS, 0xffff)
                    .memoryWindow(VIDEO_FIRST, VIDEO_LAST, true)
                    .memoryWindow(pci.windowStart(), pci.windowEnd() - 1, false)
                    .toAml()),
            named("_PRT", routing()),
            device(
                "ISA",
                named("_ADR", integer((long) pci.isaBridgeSlot() << 16)),
                Aml.region("PIRQ", Aml.Space.PCI_CONFIG, PIRQ_REGISTERS, PINS),
                isaDevices()));
    return scope("\\_SB", root, links());
  }

  /**
   * Pin {@code p} of slot {@code s} reaches link {@code s + p - 1}, as wired on the PIIX boards.
   */
  static int link(int slot, int pin) {
    return slot + pin + PINS - 1 & PINS - 1;
  }

  private static byte[] routing() {
    byte[][] entries = new byte[SLOTS * PINS][];
    for (int slot = 0; slot < SLOTS; slot++) {
      for (int pin = 0; pin < PINS; pin++) {
        entries[slot * PINS + pin] =
            packageOf(
                integer((long) slot << 16 | 0xffff),
                integer(pin),
                Aml.name(LINKS[link(slot, pin)]),
                integer(0));
      }
    }
    return packageOf(entries);
  }

  private static byte[] links() {
    List<byte[]> terms = new ArrayList<>();
    terms.add(Aml.byteFields("PCI0.ISA.PIRQ", ROUTES));
    terms.add(
        method(
            "IQST",
            1,
            false,
            Aml.ifTrue(Aml.and(arg(0), integer(PIRQ_OFF)), returns(integer(STA_OFF))),
            returns(integer(STA_ON))));
    terms.add(
        method(
            "IQCR",
            1,
            true,
            named("PRR0", new Resources().interrupts(0).toAml()),
            Aml.createDwordField(Aml.name("PRR0"), Resources.INTERRUPT_OFFSET, "PRRI"),
            Aml.ifTrue(Aml.less(arg(0), integer(PIRQ_OFF)), store(arg(0), "PRRI")),
            returns(Aml.name("PRR0"))));
    for (int i = 0; i < PINS; i++) {
      String route = ROUTES[i];
      terms.add(
          device(
              LINKS[i],
              named("_HID", eisaId("PNP0C0F")),
              named("_UID", integer(i)),
              named("_PRS", new Resources().interrupts(LINK_CHOICES).toAml()),
              method("_STA", 0, false, returns(Aml.call("IQST", Aml.name(route)))),
              method("_DIS", 0, false, Aml.orInto(route, integer(PIRQ_OFF))),
              method("_CRS", 0, false, returns(Aml.call("IQCR", Aml.name(route)))),
              method(
                  "_SRS",
                  1,
                  false,
                  Aml.createDwordField(arg(0), Resources.INTERRUPT_OFFSET, "PRRI"),
                  store(Aml.name("PRRI"), route))));
    }
    return join(terms.toArray(byte[][]::new));
  }

  private byte[] isaDevices() {
    Legacy legacy = board.legacy();
    List<byte[]> all = new ArrayList<>();
    if (legacy.rtc()) {
      all.add(plain("RTC", "PNP0B00", new Resources().io(0x70, 8).irq(8)));
    }
    if (legacy.keyboard()) {
      all.add(plain("KBD", "PNP0303", new Resources().io(0x60, 1).io(0x64, 1).irq(1)));
      all.add(plain("MOU", "PNP0F13", new Resources().irq(12)));
    }
    for (int i = 0; i < legacy.serials().size(); i++) {
      Serial serial = legacy.serials().get(i);
      all.add(
          device(
              "COM" + (i + 1),
              named("_HID", eisaId("PNP0501")),
              named("_UID", integer(i + 1L)),
              named("_CRS", new Resources().io(serial.port(), 8).irq(serial.irq()).toAml())));
    }
    all.add(plain("MBRD", "PNP0C02", motherboardPorts()));
    return join(all.toArray(byte[][]::new));
  }

  /** Ports nobody else claims, kept out of what PCI may hand out. */
  private Resources motherboardPorts() {
    Power power = board.power();
    Resources r = new Resources().io(power.smiPort(), 2).io(power.pmBase(), 0x40);
    if (power.gpe0Base() != 0) {
      r.io(power.gpe0Base(), power.gpe0Length());
    }
    return r;
  }

  private byte[] hpet() {
    long base = board.apics().hpetBase();
    return base == 0
        ? new byte[0]
        : plain("HPET", "PNP0103", new Resources().memory(base, HPET_SIZE));
  }

  private byte[] fwCfg() {
    int port = board.legacy().fwCfgPort();
    return port == 0
        ? new byte[0]
        : device(
            "FWCF",
            named("_HID", string("QEMU0002")),
            named("_STA", integer(STA_ON)),
            named("_CRS", new Resources().io(port, 0x0c).toAml()));
  }

  private static byte[] plain(String name, String id, Resources resources) {
    return device(name, named("_HID", eisaId(id)), named("_CRS", resources.toAml()));
  }
}
