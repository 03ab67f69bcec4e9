package org.quern.machine.pic;

import org.quern.machine.core.IrqLine;
import org.quern.machine.core.PortDevice;
import org.quern.machine.core.Resettable;
import org.quern.machine.core.Stateful;

/**
 * The master and slave 8259A of a PC: sixteen inputs, the slave's INT on master input 2. All calls
 * come under the machine lock. Ports are byte-wide; a wider access reaches the first register only.
 */
public final class PicPair implements Stateful<PicPair.State>, Resettable {
  static final int CASCADE = 2;
  private static final int SPURIOUS = 7;
  // Inputs that ISA wiring keeps edge-triggered: 0, 1, 2, 8 and 13. PIIX4 datasheet, 4.2.5.
  private static final int MASTER_ELCR_MASK = 0xf8;
  private static final int SLAVE_ELCR_MASK = 0xde;

  private final Pic8259 master;
  private final Pic8259 slave;

  /**
   * @param intr the INTR pin: LINT0 of the local APICs
   */
  public PicPair(IrqLine intr) {
    master = new Pic8259(true, MASTER_ELCR_MASK, intr);
    slave = new Pic8259(false, SLAVE_ELCR_MASK, level -> master.input(CASCADE, level));
  }

  /**
   * The wire into ISA interrupt {@code irq}, 0 to 15. Interrupt 2 is the cascade: its wire ends
   * nowhere.
   */
  public IrqLine input(int irq) {
    if (irq < 0 || irq > 15) {
      throw new IllegalArgumentException("no ISA interrupt " + irq);
    }
    if (irq == CASCADE) {
      return IrqLine.UNCONNECTED;
    }
    return irq < 8 ? level -> master.input(irq, level) : level -> slave.input(irq - 8, level);
  }

  /** Two ports: 0x20. */
  public PortDevice masterPorts() {
    return new Ports(master);
  }

  /** Two ports: 0xa0. */
  public PortDevice slavePorts() {
    return new Ports(slave);
  }

  /** Two ports: 0x4d0. */
  public PortDevice elcrPorts() {
    return new ElcrPorts();
  }

  /**
   * Two INTA cycles.
   *
   * @return the vector; with no request left, that of spurious interrupt 7 or 15
   */
  public int acknowledge() {
    int irq = master.pending();
    if (irq < 0) {
      return master.vector(SPURIOUS);
    }
    master.accept(irq);
    if (irq != CASCADE || !master.cascades()) {
      return master.vector(irq);
    }
    int slaveIrq = slave.pending();
    if (slaveIrq < 0) {
      return slave.vector(SPURIOUS);
    }
    slave.accept(slaveIrq);
    return slave.vector(slaveIrq);
  }

  @Override
  public void reset() {
    master.reset();
    slave.reset();
  }

  @Override
  public State state() {
    return new State(master.state(), slave.state());
  }

  @Override
  public void restore(State state) {
    slave.restore(state.slave);
    master.restore(state.master); // last: restoring the slave drove the cascade
  }

  /** Both chips. */
  public record State(ChipState master, ChipState slave) {}

  /**
   * Registers and modes of one chip.
   *
   * @param initStep the ICW expected next (2 to 4), 0 when initialized
   * @param lowest the input of lowest priority
   */
  public record ChipState(
      int irr,
      int isr,
      int imr,
      int lines,
      int elcr,
      int base,
      int lowest,
      int initStep,
      boolean single,
      boolean needsIcw4,
      boolean readIsr,
      boolean poll,
      boolean specialMask,
      boolean autoEoi,
      boolean rotateOnAutoEoi,
      boolean fullyNested) {
    public ChipState {
      if (((irr | isr | imr | lines | elcr | base) & ~0xff) != 0) {
        throw new IllegalArgumentException("8259A register wider than 8 bits");
      }
      if (lowest < 0 || lowest > 7 || initStep < 0 || initStep > 4 || initStep == 1) {
        throw new IllegalArgumentException("8259A sequence state out of range");
      }
    }
  }

  private record Ports(Pic8259 chip) implements PortDevice {
    @Override
    public int read(int offset, int size) {
      return chip.read(offset);
    }

    @Override
    public void write(int offset, int size, int value) {
      chip.write(offset, value & 0xff);
    }
  }

  private final class ElcrPorts implements PortDevice {
    @Override
    public int read(int offset, int size) {
      return (offset == 0 ? master : slave).elcr();
    }

    @Override
    public void write(int offset, int size, int value) {
      (offset == 0 ? master : slave).elcr(value & 0xff);
    }
  }
}
