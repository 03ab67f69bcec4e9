package org.quern.machine.pit;

import java.util.ArrayList;
import java.util.List;
import org.quern.machine.core.IrqLine;
import org.quern.machine.core.PortDevice;
import org.quern.machine.core.Resettable;
import org.quern.machine.core.Stateful;
import org.quern.machine.core.Timers;
import org.quern.machine.time.MissedTicks;
import org.quern.machine.time.Ticks;

/**
 * The 8254 of a PC: counter 0 drives interrupt 0, counter 1 is unused, counter 2 is gated by port
 * 0x61 and drives the speaker. All calls come under the machine lock. Registers are byte-wide.
 *
 * <p>In the periodic modes the interrupt line stays high and dips where OUT rises, so that a period
 * costs one event; the edge-triggered inputs behind it cannot tell. Source: Intel 8254 datasheet,
 * order 231164; 82371AB (PIIX4) datasheet, 4.2.6.1 for port 0x61.
 */
public final class Pit implements Stateful<Pit.State>, Resettable {
  public static final long HZ = 1_193_182;

  private static final int CONTROL = 3;
  private static final int READ_BACK = 3;
  private static final int READ_BACK_NO_COUNT = 0x20;
  private static final int READ_BACK_NO_STATUS = 0x10;

  private static final int SPEAKER = 2;
  private static final int PORT_B_GATE = 0x01;
  private static final int PORT_B_WRITABLE = 0x0f;
  private static final int PORT_B_REFRESH = 0x10;
  private static final int PORT_B_OUT = 0x20;

  /** The refresh request toggles at this interval: 18 ticks of the 8254. */
  private static final long REFRESH_NANOS = 15_085;

  /** A faster interrupt 0 is delivered at this rate: 12 ticks are 10 microseconds. */
  private static final long SHORTEST_PERIOD = 12;

  private final Timers timers;
  private final Timers.Timer alarm;
  private final IrqLine irq0;
  private final PitChannel[] channels = {
    new PitChannel(true), new PitChannel(true), new PitChannel(false)
  };
  private int portB;
  private long nextRise = PitChannel.NEVER;

  /** Interrupts that the host was too busy for. Not part of the state. */
  private final MissedTicks missed = new MissedTicks(SHORTEST_PERIOD);

  /** Creates the timer in its reset state. */
  public Pit(Timers timers, IrqLine irq0) {
    this.timers = timers;
    this.irq0 = irq0;
    alarm = timers.create("pit", this::ring);
    reset();
  }

  /** Four ports: 0x40. */
  public PortDevice ports() {
    return new Registers();
  }

  /** One port: 0x61. */
  public PortDevice portB() {
    return new PortB();
  }

  private long now() {
    return Ticks.fromNanos(timers.clock().nanos(), HZ);
  }

  /** Counter 0 has changed: drives the interrupt and waits for the next edge. */
  private void update() {
    long now = now();
    missed.forget();
    irq0.set(level(now));
    schedule(now, channels[0].nextRise(now));
  }

  private boolean level(long now) {
    return channels[0].pulses() || channels[0].out(now);
  }

  private void schedule(long now, long tick) {
    nextRise = tick;
    if (tick == PitChannel.NEVER) {
      alarm.disarm();
    } else {
      alarm.arm(Ticks.toNanos(missed.next(now, tick, channels[0].period()), HZ));
    }
  }

  private void ring() {
    long now = now();
    if (now >= nextRise) {
      rise();
      long next = channels[0].nextRise(now);
      if (channels[0].repeats()) {
        long step = Math.max(channels[0].period(), SHORTEST_PERIOD);
        missed.add((next - 1 - nextRise) / step);
      }
      schedule(now, Math.max(next, now + SHORTEST_PERIOD));
    } else {
      if (missed.take()) {
        rise();
      }
      schedule(now, nextRise);
    }
  }

  private void rise() {
    irq0.set(false);
    irq0.set(true);
  }

  private void control(int word) {
    int select = word >> 6;
    long now = now();
    if (select == READ_BACK) {
      for (int i = 0; i < channels.length; i++) {
        if ((word >> i + 1 & 1) != 0) {
          if ((word & READ_BACK_NO_COUNT) == 0) {
            channels[i].latchCount(now);
          }
          if ((word & READ_BACK_NO_STATUS) == 0) {
            channels[i].latchStatus(now);
          }
        }
      }
    } else if ((word >> 4 & 3) == 0) {
      channels[select].latchCount(now);
    } else {
      channels[select].control(word);
      if (select == 0) {
        update();
      }
    }
  }

  @Override
  public void reset() {
    for (int i = 0; i < channels.length; i++) {
      channels[i].reset(i != SPEAKER);
    }
    portB = 0;
    update();
  }

  @Override
  public State state() {
    List<ChannelState> states = new ArrayList<>();
    for (PitChannel channel : channels) {
      states.add(channel.state());
    }
    return new State(List.copyOf(states), portB, nextRise);
  }

  @Override
  public void restore(State state) {
    for (int i = 0; i < channels.length; i++) {
      channels[i].restore(state.channels.get(i));
    }
    portB = state.portB;
    long now = now();
    missed.forget();
    irq0.set(level(now));
    schedule(now, state.nextRise);
  }

  /**
   * All counters; times are in ticks of the 8254 since power-on.
   *
   * @param portB the writable bits of port 0x61
   * @param nextRise when interrupt 0 rises next
   */
  public record State(List<ChannelState> channels, int portB, long nextRise) {
    public State {
      if (channels.size() != 3 || (portB & ~PORT_B_WRITABLE) != 0) {
        throw new IllegalArgumentException("8254 state with wrong counters or port 0x61");
      }
    }
  }

  /**
   * One counter; see the fields of {@code PitChannel}.
   *
   * @param count in force, 1 to 65,536
   * @param nextCount written but not in force, 0 for none
   */
  public record ChannelState(
      int mode,
      boolean bcd,
      int access,
      int count,
      int nextCount,
      long switchAt,
      boolean counting,
      long start,
      long held,
      boolean gate,
      int writeLow,
      boolean readHigh,
      int latched,
      int latchedStatus) {
    public ChannelState {
      if (mode < 0 || mode > 5 || access < 1 || access > 3) {
        throw new IllegalArgumentException("8254 counter with mode " + mode + ", access " + access);
      }
      if (count < 1 || count > 0x10000 || nextCount < 0 || nextCount > 0x10000) {
        throw new IllegalArgumentException("8254 count out of range: " + count + ", " + nextCount);
      }
    }
  }

  private final class Registers implements PortDevice {
    @Override
    public int read(int offset, int size) {
      return offset < CONTROL ? channels[offset].read(now()) : 0xff;
    }

    @Override
    public void write(int offset, int size, int value) {
      if (offset == CONTROL) {
        control(value & 0xff);
        return;
      }
      channels[offset].write(value & 0xff, now());
      if (offset == 0) {
        update();
      }
    }
  }

  private final class PortB implements PortDevice {
    @Override
    public int read(int offset, int size) {
      boolean refresh = (timers.clock().nanos() / REFRESH_NANOS & 1) != 0;
      boolean out = channels[SPEAKER].out(now());
      return portB | (refresh ? PORT_B_REFRESH : 0) | (out ? PORT_B_OUT : 0);
    }

    @Override
    public void write(int offset, int size, int value) {
      portB = value & PORT_B_WRITABLE;
      channels[SPEAKER].gate((value & PORT_B_GATE) != 0, now());
    }
  }
}
