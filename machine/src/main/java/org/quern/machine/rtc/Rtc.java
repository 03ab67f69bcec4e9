package org.quern.machine.rtc;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.quern.machine.core.IrqLine;
import org.quern.machine.core.PortDevice;
import org.quern.machine.core.Resettable;
import org.quern.machine.core.Stateful;
import org.quern.machine.core.Timers;
import org.quern.machine.time.Ticks;

/**
 * An MC146818 with 128 bytes of CMOS memory. It shows the host's wall clock in UTC plus whatever
 * the guest has set it off by; the periodic interrupt follows guest time. All calls come under the
 * machine lock. Source: MC146818A datasheet, DS3-2.
 *
 * <p>Flags are computed when somebody looks; a timer runs only while an enabled interrupt is to
 * come. Known gaps: no daylight saving, no square wave, the day of the week follows the date.
 */
public final class Rtc implements PortDevice, Stateful<Rtc.State>, Resettable {
  public static final int CMOS_BYTES = 128;

  private static final int REGISTER_A = 0x0a;
  private static final int REGISTER_B = 0x0b;
  private static final int REGISTER_C = 0x0c;
  private static final int REGISTER_D = 0x0d;

  /** PS/2 machines keep the century here; an alias of 0x32. */
  private static final int CENTURY_ALIAS = 0x37;

  // MC146818A datasheet, figures 15 to 18.
  private static final int A_UPDATE_IN_PROGRESS = 0x80;
  private static final int A_DIVIDER = 0x70;
  private static final int A_DIVIDER_32768 = 0x20;
  private static final int A_RATE = 0x0f;
  private static final int A_RESET = A_DIVIDER_32768 | 0x06;
  private static final int B_SET = 0x80;
  private static final int B_SQUARE_WAVE = 0x08;
  private static final int B_RESET = RtcFormat.B_24_HOURS;
  private static final int C_REQUEST = 0x80;
  private static final int C_PERIODIC = 0x40;
  private static final int C_ALARM = 0x20;
  private static final int C_UPDATE = 0x10;
  private static final int ENABLES = C_PERIODIC | C_ALARM | C_UPDATE; // same bits in B
  private static final int D_VALID_RAM = 0x80;

  /** UIP rises this long before an update. */
  private static final long UPDATE_NANOS = 244_141;

  private static final long CRYSTAL_HZ = 32_768;

  private final Timers timers;
  private final Timers.Timer alarm;
  private final IrqLine irq8;
  private final InstantSource wall;
  private final byte[] cmos = new byte[CMOS_BYTES];
  private int index;
  private int a = A_RESET;
  private int b = B_RESET;
  private int flags;
  private long offset; // guest clock minus wall clock, ns
  private long seenSecond; // flags are up to date with this guest second
  private long seenPeriod; // and with this count of periodic ticks

  /**
   * Creates the clock, showing the wall clock's time.
   *
   * @param contents initial CMOS bytes by index, 0x0e to 0x7f
   * @param wall the host's clock
   */
  public Rtc(Timers timers, IrqLine irq8, Map<Integer, Integer> contents, InstantSource wall) {
    this.timers = timers;
    this.irq8 = irq8;
    this.wall = wall;
    contents.forEach(
        (at, value) -> {
          if (at <= REGISTER_D || at >= CMOS_BYTES) {
            throw new IllegalArgumentException("no CMOS byte at " + at);
          }
          cmos[at] = value.byteValue();
        });
    alarm = timers.create("rtc", this::update);
    seenSecond = second();
    RtcFormat.encode(seenSecond, b, cmos);
    seenPeriod = periods();
  }

  // ---- Time ----

  /** The guest's clock in nanoseconds of the epoch. */
  private long guestNanos() {
    Instant now = wall.instant();
    return now.getEpochSecond() * Ticks.NANOS_PER_SECOND + now.getNano() + offset;
  }

  private long second() {
    return Math.floorDiv(guestNanos(), Ticks.NANOS_PER_SECOND);
  }

  /** Whether the divider runs and SET does not hold the time. */
  private boolean updating() {
    return dividerRuns() && (b & B_SET) == 0;
  }

  private boolean dividerRuns() {
    return (a & A_DIVIDER) == A_DIVIDER_32768;
  }

  /** Log2 of the crystal's cycles in a period of the periodic interrupt; -1 if it is off. */
  private int periodShift() {
    int rate = a & A_RATE;
    if (rate == 0 || !dividerRuns()) {
      return -1;
    }
    return (rate <= 2 ? rate + 7 : rate) - 1;
  }

  private long periods() {
    int shift = periodShift();
    return shift < 0 ? 0 : Ticks.fromNanos(timers.clock().nanos(), CRYSTAL_HZ) >> shift;
  }

  // ---- Flags and interrupt ----

  /** Sets the flags of what has happened, drives the line and waits for what comes next. */
  private void update() {
    catchUp();
    boolean request = (flags & b & ENABLES) != 0;
    irq8.set(request);
    int wanted = b & ENABLES & ~flags;
    long next = Long.MAX_VALUE;
    if ((wanted & C_PERIODIC) != 0 && periodShift() >= 0) {
      next = Ticks.toNanos(seenPeriod + 1 << periodShift(), CRYSTAL_HZ);
    }
    if (updating() && (wanted & C_UPDATE) != 0) {
      next = Math.min(next, nanosAt(seenSecond + 1));
    }
    if (updating() && (wanted & C_ALARM) != 0) {
      next = Math.min(next, nanosAt(RtcFormat.nextAlarm(cmos, b, seenSecond)));
    }
    if (next == Long.MAX_VALUE) {
      alarm.disarm();
    } else {
      alarm.arm(next);
    }
  }

  /** Time of the timers at which the guest's clock shows {@code second}, if both run alike. */
  private long nanosAt(long second) {
    if (second == Long.MAX_VALUE) {
      return second;
    }
    return timers.clock().nanos() + second * Ticks.NANOS_PER_SECOND - guestNanos();
  }

  private void catchUp() {
    long period = periods();
    if (period != seenPeriod) {
      seenPeriod = period;
      flags |= C_PERIODIC;
    }
    if (!updating()) {
      return;
    }
    long second = second();
    if (second > seenSecond) {
      flags |= C_UPDATE;
      if (RtcFormat.nextAlarm(cmos, b, seenSecond) <= second) {
        flags |= C_ALARM;
      }
    }
    seenSecond = second; // also back, when the host's clock was set back
  }

  // ---- Registers ----

  /** Port 0 is the index and reads as ones, port 1 the data. */
  @Override
  public int read(int port, int size) {
    if (port == 0) {
      return 0xff;
    }
    if (RtcFormat.isTime(index)) {
      if (updating()) {
        RtcFormat.encode(second(), b, cmos);
      }
      return cmos[index] & 0xff;
    }
    return switch (index) {
      case REGISTER_A -> a | (updateInProgress() ? A_UPDATE_IN_PROGRESS : 0);
      case REGISTER_B -> b;
      case REGISTER_C -> readFlags();
      case REGISTER_D -> D_VALID_RAM;
      default -> cmos[index] & 0xff;
    };
  }

  private boolean updateInProgress() {
    long into = Math.floorMod(guestNanos(), Ticks.NANOS_PER_SECOND);
    return updating() && into >= Ticks.NANOS_PER_SECOND - UPDATE_NANOS;
  }

  private int readFlags() {
    catchUp();
    int value = flags | ((flags & b & ENABLES) != 0 ? C_REQUEST : 0);
    flags = 0;
    update();
    return value;
  }

  @Override
  public void write(int port, int size, int value) {
    if (port == 0) {
      int selected = value & CMOS_BYTES - 1;
      index = selected == CENTURY_ALIAS ? RtcFormat.CENTURY : selected;
      return;
    }
    if (RtcFormat.isTime(index)) {
      writeTime(value);
      return;
    }
    switch (index) {
      case REGISTER_A -> writeA(value & 0x7f);
      case REGISTER_B -> writeB(value & 0xff);
      case REGISTER_C, REGISTER_D -> {}
      default -> {
        cmos[index] = (byte) value;
        if (RtcFormat.isAlarm(index)) {
          update();
        }
      }
    }
  }

  private void writeTime(int value) {
    if (!updating()) {
      cmos[index] = (byte) value;
      return;
    }
    catchUp();
    RtcFormat.encode(seenSecond, b, cmos);
    cmos[index] = (byte) value;
    setClock();
    update();
  }

  /** Moves the guest's clock to what the time registers say, keeping the fraction of the second. */
  private void setClock() {
    long now = second();
    long set = RtcFormat.decode(cmos, b, now);
    offset += (set - now) * Ticks.NANOS_PER_SECOND;
    seenSecond = set;
  }

  private void writeA(int value) {
    catchUp();
    boolean ran = updating();
    if (ran) {
      RtcFormat.encode(seenSecond, b, cmos);
    }
    a = value;
    if (!ran && updating()) {
      // Out of divider reset the first update comes after half a second.
      offset -= Math.floorMod(guestNanos(), Ticks.NANOS_PER_SECOND);
      offset += Ticks.NANOS_PER_SECOND / 2;
      setClock();
    }
    seenPeriod = periods();
    update();
  }

  private void writeB(int value) {
    catchUp();
    boolean ran = updating();
    if (ran) {
      RtcFormat.encode(seenSecond, value, cmos);
    }
    boolean set = (value & B_SET) != 0;
    b = set ? value & ~C_UPDATE : value; // SET clears UIE
    if (!ran && updating()) {
      setClock();
    }
    update();
  }

  @Override
  public void reset() {
    index = 0;
    b &= ~(ENABLES | B_SQUARE_WAVE);
    flags = 0;
    update();
  }

  @Override
  public State state() {
    catchUp();
    if (updating()) {
      RtcFormat.encode(seenSecond, b, cmos);
    }
    List<Byte> bytes = new ArrayList<>();
    for (byte value : cmos) {
      bytes.add(value);
    }
    return new State(List.copyOf(bytes), index, a, b, flags, offset, seenSecond, seenPeriod);
  }

  @Override
  public void restore(State state) {
    for (int i = 0; i < CMOS_BYTES; i++) {
      cmos[i] = state.cmos.get(i);
    }
    index = state.index;
    a = state.a;
    b = state.b;
    flags = state.flags;
    offset = state.offset;
    seenSecond = state.seenSecond;
    seenPeriod = state.seenPeriod;
    update();
  }

  /**
   * Registers and time.
   *
   * @param cmos 128 bytes; the time registers count only while the time stands still
   * @param offset guest clock minus wall clock in nanoseconds
   * @param seenSecond guest second up to which flags are set
   * @param seenPeriod count of periodic ticks up to which flags are set
   */
  public record State(
      List<Byte> cmos,
      int index,
      int a,
      int b,
      int flags,
      long offset,
      long seenSecond,
      long seenPeriod) {
    public State {
      if (cmos.size() != CMOS_BYTES || index < 0 || index >= CMOS_BYTES) {
        throw new IllegalArgumentException("RTC state with a wrong number of CMOS bytes");
      }
      if ((a & ~0x7f) != 0 || (b & ~0xff) != 0 || (flags & ~ENABLES) != 0) {
        throw new IllegalArgumentException("RTC state with impossible registers");
      }
    }
  }
}
