package org.quern.machine.ioapic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.quern.machine.core.IrqLine;
import org.quern.machine.core.MmioDevice;
import org.quern.machine.core.Resettable;
import org.quern.machine.core.Stateful;
import org.quern.machine.lapic.ApicBus;

/**
 * An I/O APIC with 24 pins, version 0x20 (with the EOI register). All calls come under the machine
 * lock. The polarity bit is kept but has no effect: a pin is asserted when its line is true.
 * Source: 82093AA datasheet, order 290566; ICH9 datasheet, 13.5, for the EOI register.
 */
public final class IoApic implements MmioDevice, Stateful<IoApic.State>, Resettable {
  public static final int PINS = 24;
  public static final int SIZE = 0x1000;

  // Window offsets and register numbers, 82093AA datasheet, 3.1 and 3.2.
  private static final int SELECT = 0x00;
  private static final int DATA = 0x10;
  private static final int EOI = 0x40;
  private static final int ID = 0x00;
  private static final int VERSION = 0x01;
  private static final int ARBITRATION = 0x02;
  private static final int TABLE = 0x10;
  private static final int VERSION_VALUE = (PINS - 1) << 16 | 0x20;
  private static final int ID_MASK = 0x0f00_0000;

  // Redirection table entry, 3.2.4.
  private static final int LOGICAL = 1 << 11;
  private static final int REMOTE_IRR = 1 << 14;
  private static final int LEVEL = 1 << 15;
  private static final int MASKED = 1 << 16;
  private static final int WRITABLE_LOW = 0x1_afff;
  private static final int WRITABLE_HIGH = 0xff00_0000;
  private static final int EXTINT = 7;

  private final ApicBus bus;
  private final int[] low = new int[PINS];
  private final int[] high = new int[PINS];
  private int lines;
  private int select;
  private int id;

  /** Creates the I/O APIC in its reset state and connects it to the bus for EOI broadcasts. */
  public IoApic(ApicBus bus) {
    this.bus = bus;
    bus.connectIoApic(this::endOfInterrupt);
    reset();
  }

  /** The wire into a pin, 0 to 23. */
  public IrqLine input(int pin) {
    if (pin < 0 || pin >= PINS) {
      throw new IllegalArgumentException("no I/O APIC pin " + pin);
    }
    return level -> set(pin, level);
  }

  private void set(int pin, boolean level) {
    int bit = 1 << pin;
    boolean rises = level && (lines & bit) == 0;
    lines = level ? lines | bit : lines & ~bit;
    if (rises) {
      if ((low[pin] & LEVEL) != 0) {
        deliverLevel(pin);
      } else if ((low[pin] & MASKED) == 0) {
        send(pin); // an edge at a masked pin is lost, as in hardware
      }
    }
  }

  private void deliverLevel(int pin) {
    boolean asserted = (lines >>> pin & 1) != 0;
    if (asserted && (low[pin] & (LEVEL | MASKED | REMOTE_IRR)) == LEVEL) {
      if (mode(pin) <= 1) {
        low[pin] |= REMOTE_IRR; // only fixed and lowest priority are ended by an EOI
      }
      send(pin);
    }
  }

  private int mode(int pin) {
    return low[pin] >> 8 & 7;
  }

  private void send(int pin) {
    int entry = low[pin];
    boolean level = (entry & LEVEL) != 0 && mode(pin) != EXTINT;
    bus.send8(high[pin] >>> 24, (entry & LOGICAL) != 0, mode(pin), entry & 0xff, level);
  }

  /** A local APIC or the EOI register has ended a level-triggered vector. */
  private void endOfInterrupt(int vector) {
    for (int pin = 0; pin < PINS; pin++) {
      if ((low[pin] & 0xff) == vector && (low[pin] & REMOTE_IRR) != 0) {
        low[pin] &= ~REMOTE_IRR;
        deliverLevel(pin);
      }
    }
  }

  @Override
  public long read(long offset, int size) {
    return switch ((int) offset) {
      case SELECT -> select;
      case DATA -> Integer.toUnsignedLong(readRegister());
      default -> 0;
    };
  }

  @Override
  public void write(long offset, int size, long value) {
    switch ((int) offset) {
      case SELECT -> select = (int) value & 0xff;
      case DATA -> writeRegister((int) value);
      case EOI -> endOfInterrupt((int) value & 0xff);
      default -> {}
    }
  }

  private int readRegister() {
    if (select == ID || select == ARBITRATION) {
      return id;
    }
    if (select == VERSION) {
      return VERSION_VALUE;
    }
    int pin = select - TABLE >> 1;
    if (pin < 0 || pin >= PINS) {
      return 0;
    }
    return (select & 1) == 0 ? low[pin] : high[pin];
  }

  private void writeRegister(int value) {
    if (select == ID) {
      id = value & ID_MASK;
      return;
    }
    int pin = select - TABLE >> 1;
    if (pin < 0 || pin >= PINS) {
      return;
    }
    if ((select & 1) != 0) {
      high[pin] = value & WRITABLE_HIGH;
      return;
    }
    int entry = value & WRITABLE_LOW | low[pin] & REMOTE_IRR;
    if ((entry & LEVEL) == 0) {
      entry &= ~REMOTE_IRR;
    }
    low[pin] = entry;
    deliverLevel(pin);
  }

  @Override
  public void reset() {
    Arrays.fill(low, MASKED);
    Arrays.fill(high, 0);
    select = 0;
    id = 0;
  }

  @Override
  public State state() {
    List<Long> table = new ArrayList<>();
    for (int pin = 0; pin < PINS; pin++) {
      table.add((long) high[pin] << 32 | Integer.toUnsignedLong(low[pin]));
    }
    return new State(select, id, lines, List.copyOf(table));
  }

  @Override
  public void restore(State state) {
    select = state.select;
    id = state.id;
    lines = state.lines;
    for (int pin = 0; pin < PINS; pin++) {
      low[pin] = state.table.get(pin).intValue();
      high[pin] = (int) (state.table.get(pin) >>> 32);
    }
  }

  /**
   * All registers; messages on their way belong to the local APICs.
   *
   * @param lines level of each pin, one bit each
   * @param table redirection table entries of 64 bits
   */
  public record State(int select, int id, int lines, List<Long> table) {
    public State {
      if (table.size() != PINS || lines >>> PINS != 0) {
        throw new IllegalArgumentException("I/O APIC state is not of " + PINS + " pins");
      }
    }
  }
}
