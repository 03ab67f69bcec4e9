package org.quern.machine.pc;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.quern.machine.core.CpuLines;
import org.quern.machine.core.IrqLine;
import org.quern.machine.core.Resettable;
import org.quern.machine.core.Timers;
import org.quern.machine.ioapic.IoApic;
import org.quern.machine.lapic.ApicBus;
import org.quern.machine.lapic.LocalApic;
import org.quern.machine.pci.WiredOr;
import org.quern.machine.pic.PicPair;
import org.quern.machine.time.Tsc;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuModel;

/**
 * The interrupt controllers of the pc and the sixteen ISA wires, each of which ends at the 8259A
 * pair and at the I/O APIC.
 */
final class PcInterrupts implements Resettable {
  private static final int ISA_IRQS = 16;

  final PicPair pic;
  final IoApic ioApic;
  final List<LocalApic> localApics = new ArrayList<>();
  private final WiredOr[] pins = new WiredOr[IoApic.PINS];
  private final WiredOr[] isa = new WiredOr[ISA_IRQS];

  PcInterrupts(ReentrantLock lock, CpuModel model, Timers timers, Tsc tsc, List<CpuLines> cpus) {
    ApicBus bus = new ApicBus(lock);
    pic = new PicPair(bus.picOutput());
    bus.connectPic(pic::acknowledge);
    ioApic = new IoApic(bus);
    for (int i = 0; i < cpus.size(); i++) {
      LocalApic.Config config =
          new LocalApic.Config(i, i == 0, model.physicalBits(), model.has(CpuFeature.X2APIC));
      localApics.add(new LocalApic(config, bus, timers, tsc, cpus.get(i)));
    }
    for (int i = 0; i < pins.length; i++) {
      pins[i] = new WiredOr(ioApic.input(i));
    }
    for (int i = 0; i < isa.length; i++) {
      IrqLine toPic = pic.input(i);
      IrqLine toIoApic = pins[i == PcLayout.IRQ_TIMER ? PcLayout.IOAPIC_PIN_TIMER : i].input();
      isa[i] =
          new WiredOr(
              level -> {
                toPic.set(level);
                toIoApic.set(level);
              });
    }
  }

  /** A new source of an ISA interrupt, 0 to 15. */
  IrqLine isa(int irq) {
    return isa[irq].input();
  }

  /** A new source for each ISA interrupt. */
  IrqLine[] isaBus() {
    IrqLine[] lines = new IrqLine[ISA_IRQS];
    for (int i = 0; i < ISA_IRQS; i++) {
      lines[i] = isa(i);
    }
    return lines;
  }

  /** A new source for each global system interrupt; those from 16 on have only the I/O APIC. */
  List<IrqLine> globalSystemInterrupts() {
    List<IrqLine> lines = new ArrayList<>();
    for (int i = 0; i < IoApic.PINS; i++) {
      boolean isaWire = i < ISA_IRQS && i != PcLayout.IOAPIC_PIN_TIMER;
      lines.add(isaWire ? isa(i) : pins[i].input());
    }
    return lines;
  }

  @Override
  public void reset() {
    pic.reset();
    ioApic.reset();
    localApics.forEach(LocalApic::reset);
  }
}
