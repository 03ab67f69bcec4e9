package org.quern.machine.i8042;

import java.util.Arrays;
import java.util.HexFormat;
import org.quern.machine.core.IrqLine;
import org.quern.machine.core.PortDevice;
import org.quern.machine.core.Resettable;
import org.quern.machine.core.Stateful;

/**
 * The 8042 keyboard controller of a PS/2: a keyboard on the first line, the second line (mouse)
 * present but with nothing plugged in, the output port with the A20 gate and the reset line.
 *
 * <p>Bytes from the devices wait in the devices until the output buffer is free and their line is
 * enabled; the controller's own answers go first. Each byte makes an edge on its interrupt line.
 *
 * <p>Under the machine lock. Source: Intel UPI-42 keyboard controller as in the IBM PS/2 hardware
 * interface technical reference, "Keyboard and auxiliary device controller".
 */
public final class I8042 implements Resettable, Stateful<I8042.State> {
  // Status register.
  private static final int OUTPUT_FULL = 1;
  private static final int SYSTEM = 1 << 2;
  private static final int LAST_WAS_COMMAND = 1 << 3;
  private static final int UNLOCKED = 1 << 4;
  private static final int AUX_DATA = 1 << 5;
  private static final int TIMEOUT = 1 << 6;

  // Controller command byte.
  private static final int MODE_KEYBOARD_INT = 1;
  private static final int MODE_AUX_INT = 1 << 1;
  private static final int MODE_SYSTEM = 1 << 2;
  private static final int MODE_KEYBOARD_OFF = 1 << 4;
  private static final int MODE_AUX_OFF = 1 << 5;
  private static final int MODE_TRANSLATE = 1 << 6;
  private static final int MODE_RESET = MODE_KEYBOARD_INT | MODE_AUX_INT;

  // Output port.
  private static final int OUT_NO_RESET = 1;
  private static final int OUT_A20 = 1 << 1;
  private static final int OUT_KEYBOARD_FULL = 1 << 4;
  private static final int OUT_AUX_FULL = 1 << 5;
  private static final int OUT_ALWAYS = 0xcc;

  // Commands.
  private static final int READ_RAM = 0x20;
  private static final int WRITE_RAM = 0x60;
  private static final int RAM_MASK = 0x1f;
  private static final int AUX_OFF = 0xa7;
  private static final int AUX_ON = 0xa8;
  private static final int TEST_AUX = 0xa9;
  private static final int SELF_TEST = 0xaa;
  private static final int TEST_KEYBOARD = 0xab;
  private static final int KEYBOARD_OFF = 0xad;
  private static final int KEYBOARD_ON = 0xae;
  private static final int READ_INPUT_PORT = 0xc0;
  private static final int READ_OUTPUT_PORT = 0xd0;
  private static final int WRITE_OUTPUT_PORT = 0xd1;
  private static final int WRITE_KEYBOARD_BUFFER = 0xd2;
  private static final int WRITE_AUX_BUFFER = 0xd3;
  private static final int WRITE_AUX = 0xd4;
  private static final int A20_OFF = 0xdd;
  private static final int A20_ON = 0xdf;
  private static final int READ_TEST_INPUTS = 0xe0;
  private static final int PULSE = 0xf0;

  private static final int SELF_TEST_PASSED = 0x55;
  private static final int LINE_GOOD = 0;
  private static final int INPUT_UNLOCKED = 0x80;

  /** What the controller reports for a device that does not answer. */
  private static final int NO_ANSWER = 0xfe;

  private static final int NONE = -1;

  private final Ps2Keyboard keyboard;
  private final IrqLine irq1;
  private final IrqLine irq12;
  private final IrqLine a20;
  private final Runnable systemReset;

  private final byte[] ram = new byte[RAM_MASK + 1];
  private boolean passedSelfTest;
  private boolean lastWasCommand;
  private boolean a20Open;

  /** The command that waits for its byte, or {@link #NONE}. */
  private int expecting;

  /**
   * The byte in the output buffer with its AUX_DATA and TIMEOUT bits above it, or {@link #NONE}.
   */
  private int output;

  /** The controller's answer that waits for the output buffer, in the same form. */
  private int answer;

  /** What was read last: port 0x60 gives it again. */
  private int lastRead;

  /** The keyboard has sent a release prefix that translation swallowed. */
  private boolean releasing;

  /**
   * Guest-visible state.
   *
   * @param ram the controller's 32 bytes as hexadecimal digits; the first is the command byte
   * @param expecting the command that waits for its byte, or -1
   * @param output the output buffer with its status bits shifted up by 8, or -1
   * @param answer what comes into the output buffer next, or -1
   */
  public record State(
      String ram,
      boolean passedSelfTest,
      boolean lastWasCommand,
      boolean a20Open,
      int expecting,
      int output,
      int answer,
      int lastRead,
      boolean releasing) {}

  /**
   * Creates the controller.
   *
   * @param irq1 interrupt for keyboard data
   * @param irq12 interrupt for data of the second line
   * @param a20 the A20 gate
   * @param systemReset asks for a system reset; must not block
   */
  public I8042(
      Ps2Keyboard keyboard, IrqLine irq1, IrqLine irq12, IrqLine a20, Runnable systemReset) {
    this.keyboard = keyboard;
    this.irq1 = irq1;
    this.irq12 = irq12;
    this.a20 = a20;
    this.systemReset = systemReset;
    keyboard.onData(this::fill);
    reset();
  }

  /** One port: 0x60. */
  public PortDevice dataPort() {
    return new PortDevice() {
      @Override
      public int read(int offset, int size) {
        return readData();
      }

      @Override
      public void write(int offset, int size, int value) {
        lastWasCommand = false;
        writeData(value & 0xff);
      }
    };
  }

  /** One port: 0x64. */
  public PortDevice commandPort() {
    return new PortDevice() {
      @Override
      public int read(int offset, int size) {
        return status();
      }

      @Override
      public void write(int offset, int size, int value) {
        lastWasCommand = true;
        command(value & 0xff);
      }
    };
  }

  /** Leaves the controller as a BIOS would: tested, the keyboard translated and interrupting. */
  public void setUpAsFirmware() {
    passedSelfTest = true;
    mode(MODE_KEYBOARD_INT | MODE_SYSTEM | MODE_AUX_OFF | MODE_TRANSLATE);
  }

  private int status() {
    int v = UNLOCKED;
    if (output != NONE) {
      v |= OUTPUT_FULL | output >> 8;
    }
    if (passedSelfTest || (mode() & MODE_SYSTEM) != 0) {
      v |= SYSTEM;
    }
    if (lastWasCommand) {
      v |= LAST_WAS_COMMAND;
    }
    return v;
  }

  private int readData() {
    if (output != NONE) {
      lastRead = output & 0xff;
      output = NONE;
      fill();
    }
    return lastRead;
  }

  private int mode() {
    return ram[0];
  }

  private void mode(int v) {
    ram[0] = (byte) v;
    fill();
  }

  // ---- commands

  private void command(int c) {
    expecting = NONE;
    if (c >= READ_RAM && c < READ_RAM + ram.length) {
      answer(ram[c & RAM_MASK] & 0xff);
    } else if (c >= WRITE_RAM && c < WRITE_RAM + ram.length) {
      expecting = c;
    } else if (c >= PULSE) {
      if ((c & OUT_NO_RESET) == 0) {
        systemReset.run();
      }
    } else {
      namedCommand(c);
    }
  }

  private void namedCommand(int c) {
    switch (c) {
      case AUX_OFF -> mode(mode() | MODE_AUX_OFF);
      case AUX_ON -> mode(mode() & ~MODE_AUX_OFF);
      case TEST_AUX, TEST_KEYBOARD -> answer(LINE_GOOD);
      case SELF_TEST -> {
        passedSelfTest = true;
        answer(SELF_TEST_PASSED);
      }
      case KEYBOARD_OFF -> mode(mode() | MODE_KEYBOARD_OFF);
      case KEYBOARD_ON -> mode(mode() & ~MODE_KEYBOARD_OFF);
      case READ_INPUT_PORT -> answer(INPUT_UNLOCKED);
      case READ_OUTPUT_PORT -> answer(outputPort());
      case WRITE_OUTPUT_PORT, WRITE_KEYBOARD_BUFFER, WRITE_AUX_BUFFER, WRITE_AUX -> expecting = c;
      case A20_OFF -> openA20(false);
      case A20_ON -> openA20(true);
      case READ_TEST_INPUTS -> answer(0);
      default -> {
        // Not a command of this controller.
      }
    }
  }

  private void writeData(int b) {
    int c = expecting;
    expecting = NONE;
    switch (c) {
      case NONE -> {
        mode(mode() & ~MODE_KEYBOARD_OFF);
        keyboard.command(b);
      }
      case WRITE_OUTPUT_PORT -> writeOutputPort(b);
      case WRITE_KEYBOARD_BUFFER -> answer(b);
      case WRITE_AUX_BUFFER -> answer(b | AUX_DATA << 8);
      case WRITE_AUX -> answer(NO_ANSWER | (AUX_DATA | TIMEOUT) << 8);
      default -> {
        if (c == WRITE_RAM) {
          mode(b);
        } else {
          ram[c & RAM_MASK] = (byte) b;
        }
      }
    }
  }

  private int outputPort() {
    int v = OUT_ALWAYS | OUT_NO_RESET;
    if (a20Open) {
      v |= OUT_A20;
    }
    if (output != NONE) {
      v |= (output >> 8 & AUX_DATA) != 0 ? OUT_AUX_FULL : OUT_KEYBOARD_FULL;
    }
    return v;
  }

  private void writeOutputPort(int v) {
    openA20((v & OUT_A20) != 0);
    if ((v & OUT_NO_RESET) == 0) {
      systemReset.run();
    }
  }

  private void openA20(boolean open) {
    a20Open = open;
    a20.set(open);
  }

  // ---- the output buffer

  /** An answer replaces one that nobody has read: the controller has no queue. */
  private void answer(int v) {
    answer = v;
    fill();
  }

  /** Moves the next byte into the output buffer if that is free, and drives the interrupts. */
  private void fill() {
    if (output == NONE) {
      drive();
      if (answer != NONE) {
        output = answer;
        answer = NONE;
      } else if ((mode() & MODE_KEYBOARD_OFF) == 0) {
        output = fromKeyboard();
      }
    }
    drive();
  }

  private int fromKeyboard() {
    while (keyboard.hasData()) {
      int code = keyboard.poll();
      if ((mode() & MODE_TRANSLATE) == 0) {
        return code;
      }
      if (code == ScanCodes.RELEASE) {
        releasing = true;
      } else {
        int translated = ScanCodes.translate(code) | (releasing ? 0x80 : 0);
        releasing = false;
        return translated;
      }
    }
    return NONE;
  }

  private void drive() {
    boolean full = output != NONE;
    boolean aux = full && (output >> 8 & AUX_DATA) != 0;
    irq1.set(full && !aux && (mode() & MODE_KEYBOARD_INT) != 0);
    irq12.set(aux && (mode() & MODE_AUX_INT) != 0);
  }

  // ---- state

  @Override
  public void reset() {
    Arrays.fill(ram, (byte) 0);
    ram[0] = MODE_RESET;
    passedSelfTest = false;
    lastWasCommand = true;
    a20Open = true;
    expecting = NONE;
    output = NONE;
    answer = NONE;
    lastRead = 0;
    releasing = false;
    drive();
  }

  @Override
  public State state() {
    return new State(
        HexFormat.of().formatHex(ram),
        passedSelfTest,
        lastWasCommand,
        a20Open,
        expecting,
        output,
        answer,
        lastRead,
        releasing);
  }

  @Override
  public void restore(State s) {
    byte[] bytes = HexFormat.of().parseHex(s.ram);
    if (bytes.length != ram.length
        || s.expecting < NONE
        || s.expecting > 0xff
        || !buffer(s.output)
        || !buffer(s.answer)
        || (s.lastRead & ~0xff) != 0) {
      throw new IllegalArgumentException("not a state of an 8042: " + s);
    }
    System.arraycopy(bytes, 0, ram, 0, ram.length);
    passedSelfTest = s.passedSelfTest;
    lastWasCommand = s.lastWasCommand;
    a20Open = s.a20Open;
    expecting = s.expecting;
    output = s.output;
    answer = s.answer;
    lastRead = s.lastRead;
    releasing = s.releasing;
    drive();
  }

  private static boolean buffer(int v) {
    return v == NONE || (v & ~((AUX_DATA | TIMEOUT) << 8 | 0xff)) == 0;
  }
}
