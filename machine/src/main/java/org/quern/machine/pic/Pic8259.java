package org.quern.machine.pic;

import org.quern.machine.core.IrqLine;

/**
 * One 8259A. Differs from the datasheet where PC chipsets do: the trigger mode is chosen for each
 * input by ELCR instead of LTIM, and an edge stays latched when its line falls before the
 * acknowledgement. Source: Intel 8259A datasheet, order 231468; 82371AB (PIIX4) datasheet, 4.2.5.
 */
final class Pic8259 {
  // Command port, 8259A datasheet figures 7 and 8.
  private static final int ICW1 = 0x10;
  private static final int ICW1_NEEDS_ICW4 = 0x01;
  private static final int ICW1_SINGLE = 0x02;
  private static final int OCW3 = 0x08;
  private static final int OCW3_READ_ISR = 0x01;
  private static final int OCW3_READ_REGISTER = 0x02;
  private static final int OCW3_POLL = 0x04;
  private static final int OCW3_SPECIAL_MASK = 0x20;
  private static final int OCW3_SET_SPECIAL_MASK = 0x40;
  private static final int ICW4_AUTO_EOI = 0x02;
  private static final int ICW4_FULLY_NESTED = 0x10;
  private static final int POLL_REQUEST = 0x80;
  private static final int CASCADE_BIT = 1 << PicPair.CASCADE;

  private final boolean master;
  private final int elcrMask;
  private final IrqLine output;

  private int irr;
  private int isr;
  private int imr;
  private int lines;
  private int elcr;
  private int base;
  private int lowest = 7;
  private int initStep;
  private boolean single;
  private boolean needsIcw4;
  private boolean readIsr;
  private boolean poll;
  private boolean specialMask;
  private boolean autoEoi;
  private boolean rotateOnAutoEoi;
  private boolean fullyNested;

  /**
   * @param elcrMask which inputs may be level-triggered
   * @param output the INT pin
   */
  Pic8259(boolean master, int elcrMask, IrqLine output) {
    this.master = master;
    this.elcrMask = elcrMask;
    this.output = output;
  }

  /** Power-on; the levels of the input lines belong to their drivers and stay. */
  void reset() {
    elcr = 0;
    base = 0;
    single = false;
    needsIcw4 = false;
    initialize(0);
    initStep = 0;
    drive();
  }

  private void initialize(int icw1) {
    irr = lines & elcr;
    isr = 0;
    imr = 0;
    lowest = 7;
    readIsr = false;
    poll = false;
    specialMask = false;
    autoEoi = false;
    rotateOnAutoEoi = false;
    fullyNested = false;
    single = (icw1 & ICW1_SINGLE) != 0;
    needsIcw4 = (icw1 & ICW1_NEEDS_ICW4) != 0;
    initStep = 2;
  }

  void input(int number, boolean level) {
    int bit = 1 << number;
    if (level) {
      if ((elcr & bit) != 0 || (lines & bit) == 0) {
        irr |= bit;
      }
      lines |= bit;
    } else {
      if ((elcr & bit) != 0) {
        irr &= ~bit;
      }
      lines &= ~bit;
    }
    drive();
  }

  boolean cascades() {
    return master && !single;
  }

  /** The input that INT stands for, or -1. */
  int pending() {
    int request = priority(irr & ~imr);
    int inService = isr;
    if (specialMask) {
      inService &= ~imr;
    }
    if (fullyNested && master) {
      inService &= ~CASCADE_BIT;
    }
    return request < priority(inService) ? input(request) : -1;
  }

  int vector(int number) {
    return base | number;
  }

  /** The INTA cycle for an input that {@link #pending} gave. INT falls at least for a moment. */
  void accept(int number) {
    int bit = 1 << number;
    if ((elcr & bit) == 0) {
      irr &= ~bit;
    }
    if (!autoEoi) {
      isr |= bit;
    } else if (rotateOnAutoEoi) {
      lowest = number;
    }
    output.set(false);
    drive();
  }

  private void drive() {
    output.set(pending() >= 0);
  }

  /** Rank of the highest-priority bit of a set, 0 the highest; 8 if it is empty. */
  private int priority(int set) {
    int highest = (lowest + 1) & 7;
    int rotated = set >>> highest | set << 8 - highest;
    return Integer.numberOfTrailingZeros(rotated & 0xff | 0x100);
  }

  private int input(int rank) {
    return (rank + lowest + 1) & 7;
  }

  int read(int offset) {
    if (poll) {
      poll = false;
      int number = pending();
      if (number < 0) {
        return 0;
      }
      accept(number);
      return POLL_REQUEST | number;
    }
    if (offset == 1) {
      return imr;
    }
    return readIsr ? isr : irr;
  }

  void write(int offset, int value) {
    if (offset == 1) {
      writeData(value);
    } else if ((value & ICW1) != 0) {
      initialize(value);
    } else if ((value & OCW3) != 0) {
      writeOcw3(value);
    } else {
      writeOcw2(value >> 5, value & 7);
    }
    drive();
  }

  private void writeData(int value) {
    switch (initStep) {
      case 2 -> {
        base = value & 0xf8;
        initStep = single ? afterIcw3() : 3;
      }
      case 3 -> initStep = afterIcw3(); // the cascade is wired: ICW3 has nothing to choose
      case 4 -> {
        autoEoi = (value & ICW4_AUTO_EOI) != 0;
        fullyNested = (value & ICW4_FULLY_NESTED) != 0;
        initStep = 0;
      }
      default -> imr = value & 0xff;
    }
  }

  private int afterIcw3() {
    return needsIcw4 ? 4 : 0;
  }

  private void writeOcw3(int value) {
    if ((value & OCW3_POLL) != 0) {
      poll = true;
    }
    if ((value & OCW3_READ_REGISTER) != 0) {
      readIsr = (value & OCW3_READ_ISR) != 0;
    }
    if ((value & OCW3_SET_SPECIAL_MASK) != 0) {
      specialMask = (value & OCW3_SPECIAL_MASK) != 0;
    }
  }

  private void writeOcw2(int command, int number) {
    switch (command) {
      case 0 -> rotateOnAutoEoi = false;
      case 1 -> endOfInterrupt(highestInService(), false);
      case 3 -> endOfInterrupt(number, false);
      case 4 -> rotateOnAutoEoi = true;
      case 5 -> endOfInterrupt(highestInService(), true);
      case 6 -> lowest = number;
      case 7 -> endOfInterrupt(number, true);
      default -> {} // 2: no operation
    }
  }

  private int highestInService() {
    int rank = priority(specialMask ? isr & ~imr : isr);
    return rank < 8 ? input(rank) : -1;
  }

  private void endOfInterrupt(int number, boolean rotate) {
    if (number >= 0) {
      isr &= ~(1 << number);
      if (rotate) {
        lowest = number;
      }
    }
  }

  int elcr() {
    return elcr;
  }

  void elcr(int value) {
    int next = value & elcrMask;
    int nowLevel = next & ~elcr;
    irr = irr & ~nowLevel | lines & nowLevel;
    elcr = next;
    drive();
  }

  PicPair.ChipState state() {
    return new PicPair.ChipState(
        irr,
        isr,
        imr,
        lines,
        elcr,
        base,
        lowest,
        initStep,
        single,
        needsIcw4,
        readIsr,
        poll,
        specialMask,
        autoEoi,
        rotateOnAutoEoi,
        fullyNested);
  }

  void restore(PicPair.ChipState state) {
    if ((state.elcr() & ~elcrMask) != 0) {
      throw new IllegalArgumentException("ELCR has reserved bits: " + state.elcr());
    }
    irr = state.irr();
    isr = state.isr();
    imr = state.imr();
    lines = state.lines();
    elcr = state.elcr();
    base = state.base();
    lowest = state.lowest();
    initStep = state.initStep();
    single = state.single();
    needsIcw4 = state.needsIcw4();
    readIsr = state.readIsr();
    poll = state.poll();
    specialMask = state.specialMask();
    autoEoi = state.autoEoi();
    rotateOnAutoEoi = state.rotateOnAutoEoi();
    fullyNested = state.fullyNested();
    drive();
  }
}
