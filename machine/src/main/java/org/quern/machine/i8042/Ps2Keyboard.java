package org.quern.machine.i8042;

import java.util.ArrayDeque;
import java.util.List;
import org.quern.machine.core.Resettable;
import org.quern.machine.core.Stateful;

/**
 * An MF2 keyboard: answers every command of the AT protocol and sends set 2 scan codes that the
 * host side {@link #inject}s.
 *
 * <p>Under the machine lock. Source: IBM PS/2 hardware interface technical reference, keyboards.
 * Known gaps: typematic repeat is the injector's business; scan code sets 1 and 3 can be selected
 * and are reported, but injected codes are sent as given.
 */
public final class Ps2Keyboard implements Ps2Device, Resettable, Stateful<Ps2Keyboard.State> {
  /** Bytes the keyboard holds, of scan codes and of answers each; what comes then is lost. */
  private static final int BUFFER = 16;

  // Commands.
  private static final int SET_LEDS = 0xed;
  private static final int ECHO = 0xee;
  private static final int SCAN_CODE_SET = 0xf0;
  private static final int IDENTIFY = 0xf2;
  private static final int SET_TYPEMATIC = 0xf3;
  private static final int ENABLE = 0xf4;
  private static final int DISABLE = 0xf5;
  private static final int SET_DEFAULTS = 0xf6;
  private static final int ALL_KEYS_FIRST = 0xf7;
  private static final int ALL_KEYS_LAST = 0xfa;
  private static final int RESEND = 0xfe;
  private static final int RESET = 0xff;

  // Answers.
  private static final int ACK = 0xfa;
  private static final int SELF_TEST_PASSED = 0xaa;
  private static final int[] ID = {0xab, 0x83};

  private static final int DEFAULT_SET = 2;
  private static final int NONE = 0;

  private final ArrayDeque<Integer> answers = new ArrayDeque<>();
  private final ArrayDeque<Integer> codes = new ArrayDeque<>();
  private Runnable dataReady = () -> {};

  /** The command that waits for its argument, or {@link #NONE}. */
  private int expecting;

  private boolean scanning;
  private int set;
  private int leds;
  private int last;

  /**
   * Guest-visible state.
   *
   * @param answers bytes to send first, answers to commands
   * @param codes bytes to send then, scan codes
   * @param expecting the command that waits for its argument, or 0
   * @param set scan code set, 1 to 3
   * @param last the byte sent last, for resend
   */
  public record State(
      List<Integer> answers,
      List<Integer> codes,
      int expecting,
      boolean scanning,
      int set,
      int leds,
      int last) {
    public State {
      answers = List.copyOf(answers);
      codes = List.copyOf(codes);
    }
  }

  public Ps2Keyboard() {
    powerOn();
  }

  /** Who is told when the keyboard has something to say. */
  void onData(Runnable listener) {
    dataReady = listener;
  }

  /**
   * Presses or releases a key.
   *
   * @param scanCodes the bytes of the whole event, in set 2
   * @return false if the keyboard is switched off by the guest or full; then nothing is sent
   */
  public boolean inject(int... scanCodes) {
    if (!scanning || codes.size() + scanCodes.length > BUFFER) {
      return false;
    }
    for (int c : scanCodes) {
      codes.add(c & 0xff);
    }
    dataReady.run();
    return true;
  }

  /** Scroll, num and caps lock lights in bits 0 to 2. */
  public int leds() {
    return leds;
  }

  @Override
  public void command(int b) {
    if (expecting != NONE && b < SET_LEDS) {
      argument(b);
      dataReady.run();
      return;
    }
    expecting = NONE;
    switch (b) {
      case SET_LEDS, SET_TYPEMATIC, SCAN_CODE_SET -> {
        expecting = b;
        answer(ACK);
      }
      case ECHO -> answer(ECHO);
      case IDENTIFY -> {
        answer(ACK);
        answer(ID[0]);
        answer(ID[1]);
      }
      case ENABLE -> {
        codes.clear();
        scanning = true;
        answer(ACK);
      }
      case DISABLE -> {
        setDefaults();
        scanning = false;
        answer(ACK);
      }
      case SET_DEFAULTS -> {
        setDefaults();
        answer(ACK);
      }
      case RESEND -> {
        if (answers.size() < BUFFER) {
          answers.addFirst(last);
        }
      }
      case RESET -> {
        answers.clear();
        setDefaults();
        leds = 0;
        scanning = true;
        answer(ACK);
        answer(SELF_TEST_PASSED);
      }
      default -> {
        boolean allKeys = b >= ALL_KEYS_FIRST && b <= ALL_KEYS_LAST;
        answer(allKeys ? ACK : RESEND);
      }
    }
    dataReady.run();
  }

  /** A host that never reads loses answers. */
  private void answer(int b) {
    if (answers.size() < BUFFER) {
      answers.add(b);
    }
  }

  private void argument(int b) {
    int command = expecting;
    expecting = NONE;
    answer(ACK);
    switch (command) {
      case SET_LEDS -> leds = b & 7;
      case SCAN_CODE_SET -> {
        if (b == 0) {
          answer(set);
        } else if (b <= 3) {
          set = b;
        }
      }
      default -> {
        // Typematic rate: kept by whoever injects.
      }
    }
  }

  private void setDefaults() {
    codes.clear();
    set = DEFAULT_SET;
  }

  @Override
  public boolean hasData() {
    return !answers.isEmpty() || !codes.isEmpty();
  }

  @Override
  public int poll() {
    last = answers.isEmpty() ? codes.remove() : answers.remove();
    return last;
  }

  private void powerOn() {
    answers.clear();
    setDefaults();
    expecting = NONE;
    scanning = true;
    leds = 0;
    last = 0;
  }

  @Override
  public void reset() {
    powerOn();
  }

  @Override
  public State state() {
    return new State(
        List.copyOf(answers), List.copyOf(codes), expecting, scanning, set, leds, last);
  }

  @Override
  public void restore(State s) {
    if (s.codes.size() > BUFFER
        || s.answers.size() > BUFFER
        || s.set < 1
        || s.set > 3
        || (s.leds & ~7) != 0
        || (s.last & ~0xff) != 0
        || (s.expecting & ~0xff) != 0) {
      throw new IllegalArgumentException("not a state of a keyboard: " + s);
    }
    answers.clear();
    answers.addAll(s.answers);
    codes.clear();
    codes.addAll(s.codes);
    expecting = s.expecting;
    scanning = s.scanning;
    set = s.set;
    leds = s.leds;
    last = s.last;
  }
}
