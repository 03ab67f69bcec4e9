package org.quern.machine.pit;

/**
 * One counter of the 8254. Nothing counts in here: output and count are computed from the tick at
 * which the current count was loaded. Times are in ticks of the input clock. Source: Intel 8254
 * datasheet, order 231164.
 *
 * <p>Known gap: in mode 3 a new count takes over at the end of the whole period, not of the
 * half-period.
 */
final class PitChannel {
  static final long NEVER = Long.MAX_VALUE;

  private static final int ACCESS_LOW = 1;
  private static final int ACCESS_HIGH = 2;
  private static final int ACCESS_BOTH = 3;

  // Status byte, 8254 datasheet figure 12.
  private static final int STATUS_OUT = 0x80;
  private static final int STATUS_NULL = 0x40;

  private int mode;
  private boolean bcd;
  private int access = ACCESS_BOTH;
  private int count; // in force, 1 to 65,536
  private int nextCount; // written but not in force; 0: none
  private long switchAt; // when nextCount takes over in modes 2 and 3
  private boolean counting; // a count is loaded and, in modes 1 and 5, triggered
  private long start; // when it was loaded
  private long held; // elapsed ticks while the gate holds the count
  private boolean gate;
  private int writeLow = -1; // first byte of two
  private boolean readHigh; // second byte of two is next
  private int latched = -1;
  private int latchedStatus = -1;

  PitChannel(boolean gate) {
    this.gate = gate;
  }

  void reset(boolean gateLevel) {
    mode = 0;
    bcd = false;
    access = ACCESS_BOTH;
    count = 0x10000;
    nextCount = 0;
    switchAt = 0;
    counting = false;
    start = 0;
    held = 0;
    gate = gateLevel;
    writeLow = -1;
    readHigh = false;
    latched = -1;
    latchedStatus = -1;
  }

  /** Control word of this counter, without the latch commands. */
  void control(int word) {
    access = word >> 4 & 3;
    int field = word >> 1 & 7;
    mode = field > 5 ? field - 4 : field;
    bcd = (word & 1) != 0;
    counting = false;
    nextCount = 0;
    writeLow = -1;
    readHigh = false;
    latched = -1;
    latchedStatus = -1;
  }

  void latchCount(long now) {
    if (latched < 0) {
      latched = count(now);
    }
  }

  void latchStatus(long now) {
    if (latchedStatus < 0) {
      sync(now);
      boolean pending = nextCount != 0 || !counting || now < start;
      latchedStatus =
          (out(now) ? STATUS_OUT : 0)
              | (pending ? STATUS_NULL : 0)
              | access << 4
              | mode << 1
              | (bcd ? 1 : 0);
    }
  }

  int read(long now) {
    if (latchedStatus >= 0) {
      int status = latchedStatus;
      latchedStatus = -1;
      return status;
    }
    int value = latched >= 0 ? latched : count(now);
    boolean high = access == ACCESS_HIGH || access == ACCESS_BOTH && readHigh;
    if (access == ACCESS_BOTH) {
      readHigh = !readHigh;
    }
    if (high || access == ACCESS_LOW) {
      latched = -1;
    }
    return (high ? value >> 8 : value) & 0xff;
  }

  void write(int value, long now) {
    switch (access) {
      case ACCESS_LOW -> load(value, now);
      case ACCESS_HIGH -> load(value << 8, now);
      default -> {
        if (writeLow < 0) {
          writeLow = value;
          if (mode == 0) {
            counting = false; // the first byte stops the count
          }
        } else {
          int both = value << 8 | writeLow;
          writeLow = -1;
          load(both, now);
        }
      }
    }
  }

  private int modulus() {
    return bcd ? 10_000 : 0x10000;
  }

  private void load(int raw, long now) {
    sync(now);
    int value = bcd ? fromBcd(raw) : raw;
    if (value == 0) {
      value = modulus();
    }
    if (mode == 1 || mode == 5) {
      nextCount = value; // until the next trigger
    } else if ((mode == 2 || mode == 3) && counting && now >= start) {
      nextCount = value;
      switchAt = start + (elapsed(now) / count + 1) * count;
    } else {
      count = value;
      begin(now);
    }
  }

  private void begin(long now) {
    counting = true;
    start = now + 1;
    held = -1;
    nextCount = 0;
  }

  /** Lets a count written in mode 2 or 3 take over when its period has come. */
  private void sync(long now) {
    if (nextCount != 0 && (mode == 2 || mode == 3) && gate && now >= switchAt) {
      start = switchAt;
      count = nextCount;
      nextCount = 0;
    }
  }

  private boolean triggered() {
    return mode == 1 || mode == 5;
  }

  private long elapsed(long now) {
    return gate || triggered() ? now - start : held;
  }

  boolean gate() {
    return gate;
  }

  void gate(boolean level, long now) {
    if (level == gate) {
      return;
    }
    sync(now);
    if (!level) {
      held = elapsed(now);
      gate = false;
      return;
    }
    gate = true;
    if (mode == 0 || mode == 4) {
      start = now - held;
    } else if (counting || nextCount != 0) {
      if (nextCount != 0) {
        count = nextCount;
      }
      begin(now);
    }
  }

  /** Level of the OUT pin. */
  boolean out(long now) {
    sync(now);
    if (!counting) {
      return mode != 0;
    }
    long elapsed = elapsed(now);
    return switch (mode) {
      case 0, 1 -> elapsed >= count;
      case 2 -> !gate || elapsed < 0 || elapsed % count != count - 1;
      case 3 -> !gate || elapsed < 0 || elapsed % count < (count + 1) / 2;
      default -> elapsed != count;
    };
  }

  /** The counting element as it reads, 16 bits. */
  private int count(long now) {
    sync(now);
    long elapsed = counting ? elapsed(now) : -1;
    long value;
    if (elapsed < 0) {
      value = count;
    } else if (mode == 2) {
      value = count - elapsed % count;
    } else if (mode == 3) {
      long position = elapsed % count;
      int high = (count + 1) / 2;
      value = (count & ~1) - 2 * (position < high ? position : position - high);
    } else {
      value = Math.floorMod(count - elapsed, modulus());
    }
    int result = (int) value % modulus();
    return bcd ? toBcd(result) : result;
  }

  /** Whether OUT is a train of pulses, of which only rising edges are events. */
  boolean pulses() {
    return mode >= 2;
  }

  /** Whether OUT rises once in each period, for ever. */
  boolean repeats() {
    return mode == 2 || mode == 3;
  }

  /** Ticks from one rise of OUT to the next, where it {@link #repeats}. */
  int period() {
    return count;
  }

  /** The next tick after {@code now} at which OUT rises, or {@link #NEVER}. */
  long nextRise(long now) {
    sync(now);
    if (!counting || !gate && !triggered()) {
      return NEVER;
    }
    long elapsed = elapsed(now);
    return switch (mode) {
      case 0, 1 -> elapsed < count ? start + count : NEVER;
      case 2, 3 -> start + (Math.max(elapsed, 0) / count + 1) * count;
      default -> elapsed <= count ? start + count + 1 : NEVER;
    };
  }

  private static int fromBcd(int value) {
    return (value >> 12 & 15) * 1000
        + (value >> 8 & 15) * 100
        + (value >> 4 & 15) * 10
        + (value & 15);
  }

  private static int toBcd(int value) {
    return value / 1000 << 12 | value / 100 % 10 << 8 | value / 10 % 10 << 4 | value % 10;
  }

  Pit.ChannelState state() {
    return new Pit.ChannelState(
        mode,
        bcd,
        access,
        count,
        nextCount,
        switchAt,
        counting,
        start,
        held,
        gate,
        writeLow,
        readHigh,
        latched,
        latchedStatus);
  }

  void restore(Pit.ChannelState state) {
    mode = state.mode();
    bcd = state.bcd();
    access = state.access();
    count = state.count();
    nextCount = state.nextCount();
    switchAt = state.switchAt();
    counting = state.counting();
    start = state.start();
    held = state.held();
    gate = state.gate();
    writeLow = state.writeLow();
    readHigh = state.readHigh();
    latched = state.latched();
    latchedStatus = state.latchedStatus();
  }
}
