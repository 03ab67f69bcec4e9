package org.quern.machine.piix;

import org.quern.machine.core.IrqLine;
import org.quern.machine.core.PortDevice;
import org.quern.machine.core.Resettable;
import org.quern.machine.core.Stateful;
import org.quern.machine.core.Timers;
import org.quern.machine.pmtimer.PmTimer;

/**
 * The ACPI register blocks: PM1a event and control, the PM timer, a general-purpose event block,
 * and the SMI command port with its status latch.
 *
 * <p>Sleep types are QEMU's: type 0 with SLP_EN is S5, power-off; so is type 2 (S4), which has
 * nothing to resume from. Type 1 (S3) is not offered in the tables and does nothing. No
 * general-purpose event has a source yet, so their status bits are never set.
 *
 * <p>Under the machine lock. Source: ACPI 6.4, 4.8; Intel 82371AB (PIIX4) datasheet, 7.2; QEMU's
 * hw/acpi for values.
 */
public final class AcpiPm implements Resettable, Stateful<AcpiPm.State> {
  /** Ports of the PM block. */
  public static final int PM_PORTS = 64;

  /** Ports of the general-purpose event block. */
  public static final int GPE_PORTS = 4;

  /** Ports of the SMI command register and its status. */
  public static final int APM_PORTS = 2;

  // Offsets in the PM block.
  private static final int PM1_STS = 0;
  private static final int PM1_EN = 2;
  private static final int PM1_CNT = 4;
  private static final int TMR = 8;
  private static final int TMR_END = 12;

  // PM1 status and enable bits: 4.8.3.1.
  private static final int TMR_STS = 1;
  private static final int GBL_STS = 1 << 5;
  private static final int PWRBTN_STS = 1 << 8;
  private static final int RTC_STS = 1 << 10;
  private static final int EVENTS = TMR_STS | GBL_STS | PWRBTN_STS | RTC_STS;

  // PM1 control bits: 4.8.3.2.
  private static final int SCI_EN = 1;
  private static final int SLP_TYP_SHIFT = 10;
  private static final int SLP_EN = 1 << 13;
  private static final int CNT_MASK = 0x1c03;

  private static final int S5_TYPE = 0;
  private static final int S4_TYPE = 2;

  // Values of the SMI command port, as the FADT gives them.
  private static final int ACPI_ENABLE = 0xf1;
  private static final int ACPI_DISABLE = 0xf0;

  private final PmTimer timer;
  private final Timers.Timer carryTimer;
  private final IrqLine sci;
  private final Runnable powerOff;

  private int status;
  private int enable;
  private int control;
  private int gpeEnable;
  private int command;
  private int commandStatus;

  /** Carries of the PM timer that TMR_STS has already shown. */
  private long carriesSeen;

  /**
   * Guest-visible state.
   *
   * @param carriesSeen how often the timer's bit 23 had changed when last looked at
   */
  public record State(
      int status,
      int enable,
      int control,
      int gpeEnable,
      int command,
      int commandStatus,
      long carriesSeen) {}

  /**
   * Creates the blocks.
   *
   * @param sci the system control interrupt, level-triggered
   * @param powerOff asks for power-off; must not block
   */
  public AcpiPm(PmTimer timer, Timers timers, IrqLine sci, Runnable powerOff) {
    this.timer = timer;
    this.carryTimer = timers.create("acpi-pm", this::update);
    this.sci = sci;
    this.powerOff = powerOff;
  }

  /** The user pressed the power button. */
  public void powerButton() {
    status |= PWRBTN_STS;
    update();
  }

  // ---- ports

  /** The PM block, {@link #PM_PORTS} ports. */
  public PortDevice pmPorts() {
    return new PortDevice() {
      @Override
      public int read(int offset, int size) {
        if (offset >= TMR && offset < TMR_END) {
          return timer.value() >>> 8 * (offset - TMR);
        }
        latchTimer();
        int v = 0;
        for (int i = 0; i < size; i++) {
          v |= pmByte(offset + i) << 8 * i;
        }
        return v;
      }

      @Override
      public void write(int offset, int size, int value) {
        latchTimer();
        for (int i = 0; i < size; i++) {
          pmByte(offset + i, value >>> 8 * i & 0xff);
        }
        update();
      }
    };
  }

  /** The general-purpose event block: two status bytes, two enable bytes. */
  public PortDevice gpePorts() {
    return new PortDevice() {
      @Override
      public int read(int offset, int size) {
        return gpeEnable << 16 >>> 8 * offset;
      }

      @Override
      public void write(int offset, int size, int value) {
        for (int i = 0; i < size; i++) {
          int shift = 8 * (offset + i - 2);
          if (shift >= 0) {
            gpeEnable = gpeEnable & ~(0xff << shift) | (value >>> 8 * i & 0xff) << shift;
          }
        }
      }
    };
  }

  /** The SMI command port and its status. */
  public PortDevice apmPorts() {
    return new PortDevice() {
      @Override
      public int read(int offset, int size) {
        return offset == 0 ? command : commandStatus;
      }

      @Override
      public void write(int offset, int size, int value) {
        if (offset == 0) {
          smiCommand(value & 0xff);
        } else {
          commandStatus = value & 0xff;
        }
      }
    };
  }

  private int pmByte(int offset) {
    int register =
        switch (offset & ~1) {
          case PM1_STS -> status;
          case PM1_EN -> enable;
          case PM1_CNT -> control;
          default -> 0;
        };
    return register >> 8 * (offset & 1) & 0xff;
  }

  private void pmByte(int offset, int v) {
    int shift = 8 * (offset & 1);
    int others = 0xff00 >> shift;
    switch (offset & ~1) {
      case PM1_STS -> status &= ~(v << shift);
      case PM1_EN -> enable = (enable & others | v << shift) & EVENTS;
      case PM1_CNT -> writeControl(control & others | v << shift);
      default -> {
        // The timer is read-only, the rest of the block empty.
      }
    }
  }

  private void writeControl(int v) {
    control = v & CNT_MASK;
    if ((v & SLP_EN) != 0) {
      int type = v >> SLP_TYP_SHIFT & 7;
      if (type == S5_TYPE || type == S4_TYPE) {
        powerOff.run();
      }
    }
  }

  private void smiCommand(int v) {
    command = v;
    if (v == ACPI_ENABLE) {
      control |= SCI_EN;
    } else if (v == ACPI_DISABLE) {
      control &= ~SCI_EN;
    }
    update();
  }

  // ---- the interrupt

  private void latchTimer() {
    long carries = timer.carries();
    if (carries != carriesSeen) {
      carriesSeen = carries;
      status |= TMR_STS;
    }
  }

  private void update() {
    latchTimer();
    sci.set((status & enable & EVENTS) != 0);
    if ((enable & TMR_STS) != 0 && (status & TMR_STS) == 0) {
      carryTimer.arm(timer.nextCarry());
    } else {
      carryTimer.disarm();
    }
  }

  // ---- state

  @Override
  public void reset() {
    status = 0;
    enable = 0;
    control = 0;
    gpeEnable = 0;
    command = 0;
    commandStatus = 0;
    carriesSeen = timer.carries();
    update();
  }

  @Override
  public State state() {
    return new State(status, enable, control, gpeEnable, command, commandStatus, carriesSeen);
  }

  @Override
  public void restore(State s) {
    if ((s.status & ~0xffff) != 0
        || (s.enable & ~EVENTS) != 0
        || (s.control & ~CNT_MASK) != 0
        || (s.gpeEnable & ~0xffff) != 0
        || (s.command & ~0xff) != 0
        || (s.commandStatus & ~0xff) != 0) {
      throw new IllegalArgumentException("not a state of the ACPI blocks: " + s);
    }
    status = s.status;
    enable = s.enable;
    control = s.control;
    gpeEnable = s.gpeEnable;
    command = s.command;
    commandStatus = s.commandStatus;
    carriesSeen = s.carriesSeen;
    update();
  }
}
