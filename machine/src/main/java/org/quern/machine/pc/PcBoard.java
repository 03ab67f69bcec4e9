package org.quern.machine.pc;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.quern.accel.api.VmConfig;
import org.quern.machine.bus.RamAccess;
import org.quern.machine.bus.SystemBus;
import org.quern.machine.bus.SystemDma;
import org.quern.machine.chardev.CharBackend;
import org.quern.machine.core.IrqLine;
import org.quern.machine.core.PortDevice;
import org.quern.machine.core.Resettable;
import org.quern.machine.core.Timers;
import org.quern.machine.debug.DebugConsole;
import org.quern.machine.debug.IsaDebugExit;
import org.quern.machine.debug.PcTestDevice;
import org.quern.machine.debug.PciTestDevice;
import org.quern.machine.debug.PostListener;
import org.quern.machine.debug.PostPort;
import org.quern.machine.fwcfg.FwCfg;
import org.quern.machine.hpet.Hpet;
import org.quern.machine.i8042.I8042;
import org.quern.machine.i8042.Ps2Keyboard;
import org.quern.machine.io.PortMap;
import org.quern.machine.io.UnassignedAccesses;
import org.quern.machine.lapic.ApicWindow;
import org.quern.machine.lapic.LocalApic;
import org.quern.machine.mem.GuestRam;
import org.quern.machine.mem.LegacyRegion;
import org.quern.machine.mem.MmioMap;
import org.quern.machine.mem.PhysicalMap;
import org.quern.machine.mem.Rom;
import org.quern.machine.parallel.ParallelPort;
import org.quern.machine.pci.HostBridge;
import org.quern.machine.pci.PciBus;
import org.quern.machine.pci.PciConfigPorts;
import org.quern.machine.piix.AcpiPm;
import org.quern.machine.piix.IsaBridge;
import org.quern.machine.piix.PmFunction;
import org.quern.machine.piix.Port92;
import org.quern.machine.piix.ResetControl;
import org.quern.machine.pit.Pit;
import org.quern.machine.pmtimer.PmTimer;
import org.quern.machine.rtc.Rtc;
import org.quern.machine.run.Board;
import org.quern.machine.run.MachineWires;
import org.quern.machine.run.SystemControl;
import org.quern.machine.time.HostTime;
import org.quern.machine.time.Timebase;
import org.quern.machine.time.Tsc;
import org.quern.machine.uart.Uart16550;
import org.quern.x86.bus.GuestBus;
import org.quern.x86.bus.LocalInterrupts;

/**
 * The board {@code pc}: i440FX, PIIX3 with PIIX4 power management, and the ISA devices of a PC, as
 * QEMU's machine of that name. Composition only: what a device does is in its class, where it sits
 * in {@link PcLayout}.
 *
 * <p>Not there: floppy and DMA controllers (their ports are unassigned), IDE, VGA, SMBus, SMM.
 */
public final class PcBoard implements Board {
  private static final int BIOS_UNIT = 64 << 10;
  private static final int MIN_BIOS_BYTES = 256 << 10;

  /** The HPET's timers can be routed to interrupt 2 only, as QEMU's on this board. */
  private static final int HPET_ROUTES = 1 << 2;

  // What a BIOS leaves in the 8259A pair.
  private static final int PIC_CASCADE = 2;
  private static final int BIOS_VECTOR_MASTER = 0x08;
  private static final int BIOS_VECTOR_SLAVE = 0x70;
  private static final int BIOS_IRQS = 1 << PcLayout.IRQ_TIMER | 1 << PIC_CASCADE;

  private static final int[] COM_PORTS = {
    PcLayout.COM1, PcLayout.COM2, PcLayout.COM3, PcLayout.COM4
  };
  private static final int[] COM_IRQS = {
    PcLayout.IRQ_COM1, PcLayout.IRQ_COM2, PcLayout.IRQ_COM1, PcLayout.IRQ_COM2
  };

  private final PcConfig config;
  private final ReentrantLock lock;
  private final SystemControl control;
  private final Timebase time;
  private final Timers timers;

  private final GuestRam ram;
  private final PhysicalMap memory;
  private final LegacyRegion legacy;
  private final MmioMap windows = new MmioMap();
  private final UnassignedAccesses unassigned = new UnassignedAccesses();
  private final PortMap ports = new PortMap(unassigned);
  private final SystemBus bus;
  private final SystemDma dma;
  private final RamAccess ramAccess;

  private final PcInterrupts interrupts;
  private final PciBus pci;
  private final HostBridge hostBridge;
  private final IsaBridge isaBridge;
  private final PmFunction pmFunction;
  private final AcpiPm acpi;
  private final FwCfg fwCfg;
  private final Ps2Keyboard keyboard = new Ps2Keyboard();
  private final I8042 keyboardController;
  private final PostPort post;

  /** In the order of reset: sources of interrupts before the controllers they end at. */
  private final List<Resettable> devices = new ArrayList<>();

  /**
   * Builds the board, in its power-on state, with time that follows the host's.
   *
   * @param wires as many processors as the configuration says
   */
  public PcBoard(PcConfig config, MachineWires wires) {
    this(config, wires, new HostTime(wires.lock()));
  }

  /**
   * Builds the board, in its power-on state.
   *
   * @param wires as many processors as the configuration says
   * @param time what the board's clocks and timers follow; the board closes it
   */
  public PcBoard(PcConfig config, MachineWires wires, Timebase time) {
    if (wires.cpuLines().size() != config.cpus()) {
      throw new IllegalArgumentException(
          "wires for " + wires.cpuLines().size() + " processors, not " + config.cpus());
    }
    this.config = config;
    this.post =
        new PostPort(
            PcLayout.POST,
            config.postWatch().map(PcConfig.PostWatch::listener).orElse(PostListener.NONE));
    lock = wires.lock();
    control = wires;
    this.time = time;
    timers = time.timers();
    Tsc tsc = new Tsc(timers.clock(), config.tscHz());

    boolean split = config.ramBytes() >= PcLayout.LOW_RAM_LIMIT;
    ram = new GuestRam(config.ramBytes(), split ? PcLayout.LOW_RAM_SPLIT : PcLayout.LOW_RAM_LIMIT);
    memory = new PhysicalMap(GuestRam.HIGH_START + ram.highBytes());
    memory.map(ram);
    legacy = new LegacyRegion(memory, ram, bios(config.bios()));
    bus = new SystemBus(lock, memory, windows, ports, unassigned);
    dma = new SystemDma(memory);
    ramAccess = new RamAccess(ram);

    interrupts = new PcInterrupts(lock, config.model(), timers, tsc, wires.cpuLines());
    hostBridge = new HostBridge(legacy, config.ramBytes(), () -> control.reset("the host bridge"));
    isaBridge = new IsaBridge(interrupts.isaBus());
    pci = new PciBus(ports, windows, pirqs());
    acpi =
        new AcpiPm(
            new PmTimer(timers.clock()),
            timers,
            interrupts.isa(PcLayout.IRQ_SCI),
            control::powerOff);
    pmFunction = new PmFunction(acpi.pmPorts(), config.serials().size());
    fwCfg = new FwCfg(dma);
    PcFwCfg.fill(fwCfg, config.cpus(), ram);

    addTimers();
    addSerials();
    keyboardController = addKeyboard();
    addDebugPorts();
    if (config.testDevice()) {
      addTestDevice();
    }
    addAcpi();
    addFwCfg();
    addPci();
    addInterruptControllers();
  }

  private static Rom bios(byte[] image) {
    int units = (image.length + BIOS_UNIT - 1) / BIOS_UNIT;
    Rom rom = new Rom(Math.max(MIN_BIOS_BYTES, units * BIOS_UNIT));
    rom.programTop(image);
    return rom;
  }

  private IrqLine[] pirqs() {
    IrqLine[] lines = new IrqLine[IsaBridge.PIRQS];
    for (int i = 0; i < lines.length; i++) {
      lines[i] = isaBridge.pirq(i);
    }
    return lines;
  }

  // ---- composition

  private void addTimers() {
    Hpet hpet = new Hpet(timers, interrupts.globalSystemInterrupts(), HPET_ROUTES);
    windows.add("HPET", PcLayout.HPET, PcLayout.HPET_BYTES, hpet);
    Pit pit = new Pit(timers, hpet.pitInput());
    if (config.pit()) {
      ports.add("8254 PIT", PcLayout.PIT, 4, 1, pit.ports());
    }
    ports.add("system control port B", PcLayout.SPEAKER, 1, 1, pit.portB());
    Rtc rtc = new Rtc(timers, hpet.rtcInput(), PcCmos.contents(config.cpus(), ram), config.wall());
    ports.add("MC146818 RTC and CMOS", PcLayout.RTC, 2, 1, rtc);
    devices.addAll(List.of(pit, rtc, hpet));
  }

  private void addSerials() {
    List<CharBackend> backends = config.serials();
    for (int i = 0; i < backends.size(); i++) {
      Uart16550 uart = new Uart16550(interrupts.isa(COM_IRQS[i]), backends.get(i));
      ports.add("COM" + (i + 1) + " 16550A", COM_PORTS[i], Uart16550.PORTS, 1, uart);
      devices.add(uart);
    }
  }

  private I8042 addKeyboard() {
    I8042 chip =
        new I8042(
            keyboard,
            interrupts.isa(PcLayout.IRQ_KEYBOARD),
            interrupts.isa(PcLayout.IRQ_MOUSE),
            bus::a20,
            () -> control.reset("the keyboard controller"));
    ports.add("8042 data", PcLayout.KEYBOARD_DATA, 1, 1, chip.dataPort());
    ports.add("8042 command", PcLayout.KEYBOARD_COMMAND, 1, 1, chip.commandPort());
    Port92 port92 = new Port92(bus::a20, () -> control.reset("port 0x92"));
    ports.add("system control port A", PcLayout.PORT_92, 1, 1, port92);
    devices.addAll(List.of(keyboard, chip, port92));
    return chip;
  }

  private void addDebugPorts() {
    ports.add("POST code", PcLayout.POST, 1, 1, post);
    devices.add(post);
    config.postWatch().ifPresent(this::addPostPorts);
    config.parallel().ifPresent(this::addParallel);
    config
        .debugConsole()
        .ifPresent(c -> ports.add("debug console", c.port(), 1, 1, new DebugConsole(c.backend())));
    config
        .debugExit()
        .ifPresent(
            e -> {
              IsaDebugExit exit = new IsaDebugExit(control::debugExit);
              ports.add("isa-debug-exit", e.port(), e.count(), 4, exit);
            });
  }

  private void addPostPorts(PcConfig.PostWatch watch) {
    for (int port : watch.ports()) {
      PostPort other = new PostPort(port, watch.listener());
      ports.add("POST code", port, 1, 1, other);
      devices.add(other);
    }
  }

  private void addParallel(CharBackend backend) {
    ParallelPort lpt = new ParallelPort(interrupts.isa(PcLayout.IRQ_LPT1), backend);
    ports.add("LPT1", PcLayout.LPT1, ParallelPort.PORTS, 1, lpt);
    devices.add(lpt);
  }

  private void addTestDevice() {
    List<IrqLine> lines = interrupts.globalSystemInterrupts();
    PcTestDevice test = new PcTestDevice(lines);
    int latch = PcTestDevice.LATCH_PORTS;
    ports.add("pc-testdev latch", PcLayout.TEST_LATCH, latch, 4, test.latchPorts());
    ports.add("pc-testdev page", PcLayout.TEST_FLUSH, latch, 4, test.flushPort());
    ports.add("pc-testdev byte latch", PcLayout.TEST_LATCH_BYTES, latch, 1, test.latchPorts());
    ports.add("pc-testdev lines", PcLayout.TEST_LINES, lines.size(), 1, test.linePorts());
    windows.add(
        "pc-testdev memory", PcLayout.TEST_MEMORY, PcTestDevice.MEMORY_BYTES, test.memory());
    devices.add(test);
  }

  private void addAcpi() {
    ports.add("APM", PcLayout.APM, AcpiPm.APM_PORTS, 1, acpi.apmPorts());
    ports.add("ACPI GPE0", PcLayout.GPE, AcpiPm.GPE_PORTS, 4, acpi.gpePorts());
    devices.add(acpi);
  }

  private void addFwCfg() {
    ports.add("fw_cfg", PcLayout.FW_CFG, 2, 2, fwCfg.ports());
    ports.add("fw_cfg DMA", PcLayout.FW_CFG_DMA, 8, 4, fwCfg.dmaPorts());
    devices.add(fwCfg);
  }

  private void addPci() {
    ResetControl resetControl = new ResetControl(() -> control.reset("port 0xcf9"));
    PciConfigPorts configPorts = new PciConfigPorts(pci, resetControl);
    ports.add("PCI configuration", PcLayout.PCI_CONFIG, PciConfigPorts.PORTS, 4, configPorts);
    pci.add(PcLayout.DEVFN_HOST, hostBridge);
    pci.add(PcLayout.DEVFN_ISA, isaBridge);
    pci.add(PcLayout.DEVFN_PM, pmFunction);
    if (config.pciTestDevice()) {
      pci.add(PcLayout.DEVFN_TEST, new PciTestDevice());
    }
    devices.addAll(List.of(resetControl, configPorts, pci));
  }

  private void addInterruptControllers() {
    ports.add("8259A master", PcLayout.PIC_MASTER, 2, 1, interrupts.pic.masterPorts());
    ports.add("8259A slave", PcLayout.PIC_SLAVE, 2, 1, interrupts.pic.slavePorts());
    ports.add("ELCR", PcLayout.ELCR, 2, 1, interrupts.pic.elcrPorts());
    windows.add("I/O APIC", PcLayout.IOAPIC, PcLayout.IOAPIC_BYTES, interrupts.ioApic);
    devices.add(interrupts);
    devices.add(bus);
  }

  // ---- the board as the machine sees it

  @Override
  public ReentrantLock lock() {
    return lock;
  }

  @Override
  public VmConfig vmConfig() {
    List<GuestBus> buses = new ArrayList<>();
    List<LocalInterrupts> locals = new ArrayList<>();
    for (LocalApic apic : interrupts.localApics) {
      ApicWindow window = new ApicWindow(apic);
      buses.add(bus.forCpu(apic::pageAddress, PcLayout.LAPIC_BYTES, window));
      locals.add(apic);
    }
    return new VmConfig(
        config.model(), buses, locals, new Tsc(time.processorClock(), config.tscHz()));
  }

  @Override
  public SystemDma dma() {
    return dma;
  }

  @Override
  public RamAccess ramAccess() {
    return ramAccess;
  }

  @Override
  public void reset() {
    devices.forEach(Resettable::reset);
  }

  @Override
  public void start() {
    time.start();
  }

  @Override
  public void stop() {
    time.stop();
  }

  @Override
  public void close() {
    time.close();
  }

  // ---- for firmware and users

  /**
   * Leaves the chips as a BIOS would: RAM behind 0xC0000 to 0xFFFFF, PIRQs routed and level-
   * triggered, the PM block in its place, the keyboard ready. For boot hooks that stand in for a
   * BIOS. Under the machine lock, after {@link #reset}.
   */
  public void setUpAsFirmware() {
    hostBridge.shadowAll();
    isaBridge.route(PcLayout.PIRQ_IRQS);
    int level = 1 << PcLayout.IRQ_SCI;
    for (int irq : PcLayout.PIRQ_IRQS) {
      level |= 1 << irq;
    }
    PortDevice elcr = interrupts.pic.elcrPorts();
    elcr.write(0, 1, level & 0xff);
    elcr.write(1, 1, level >> 8);
    pmFunction.place(PcLayout.PM_BASE, PcLayout.IRQ_SCI);
    if (pci.function(PcLayout.DEVFN_TEST) instanceof PciTestDevice test) {
      test.place(PcLayout.PCI_TEST_MEMORY, PcLayout.PCI_TEST_PORTS);
    }
    setUpPic(PcLayout.PIC_MASTER, BIOS_VECTOR_MASTER, 1 << PIC_CASCADE, ~BIOS_IRQS & 0xff);
    setUpPic(PcLayout.PIC_SLAVE, BIOS_VECTOR_SLAVE, PIC_CASCADE, 0xff);
    if (config.pit()) {
      // Counter 0, both bytes, mode 2: 65,536 ticks, 18.2 times a second.
      ports.write(PcLayout.PIT + 3, 1, 0x34);
      ports.write(PcLayout.PIT, 1, 0);
      ports.write(PcLayout.PIT, 1, 0);
    }
    keyboardController.setUpAsFirmware();
    pci.remap();
  }

  /** The initialization sequence of an 8259A, ICW1 to ICW4, and its mask. */
  private void setUpPic(int port, int vector, int cascade, int mask) {
    ports.write(port, 1, 0x11);
    for (int word : new int[] {vector, cascade, 1, mask}) {
      ports.write(port + 1, 1, word);
    }
  }

  /** Presses the power button. Not under the machine lock. */
  public void powerButton() {
    lock.lock();
    try {
      acpi.powerButton();
    } finally {
      lock.unlock();
    }
  }

  public GuestRam ram() {
    return ram;
  }

  public FwCfg fwCfg() {
    return fwCfg;
  }

  public PciBus pci() {
    return pci;
  }

  public Ps2Keyboard keyboard() {
    return keyboard;
  }

  /** Ports and memory without a processor's own window: for a debugger. */
  public SystemBus bus() {
    return bus;
  }

  /** The port map, for documentation and monitors. */
  public PortMap ports() {
    return ports;
  }

  /** The memory windows, for documentation and monitors. */
  public MmioMap windows() {
    return windows;
  }

  /** What the guest asked of nobody. */
  public UnassignedAccesses unassigned() {
    return unassigned;
  }

  /** The last code the guest wrote to the POST port. */
  public int postCode() {
    return post.code();
  }
}
