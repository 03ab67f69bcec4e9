package org.quern.machine.uart;

import java.util.List;
import org.quern.machine.chardev.CharBackend;
import org.quern.machine.chardev.CharDevice;
import org.quern.machine.core.IrqLine;
import org.quern.machine.core.PortDevice;
import org.quern.machine.core.Resettable;
import org.quern.machine.core.Stateful;

/**
 * A 16550A serial port: both FIFOs, all five interrupts, loopback, break.
 *
 * <p>Under the machine lock. Source: National Semiconductor PC16550D datasheet.
 *
 * <p>Differences from the chip: the line has no speed, so the divisor is only kept, a byte written
 * is sent at once unless the backend holds it back, and the receive timeout is over as soon as the
 * FIFO holds anything below its trigger level. OUT2 does not gate the interrupt, as in QEMU: there
 * are guests that never set it. The modem inputs CTS, DSR and DCD are always on.
 */
public final class Uart16550
    implements PortDevice, CharDevice, Resettable, Stateful<Uart16550.State> {
  /** Ports of the device. */
  public static final int PORTS = 8;

  // Register offsets: datasheet, table II.
  private static final int DATA = 0;
  private static final int IER = 1;
  private static final int IIR_FCR = 2;
  private static final int LCR = 3;
  private static final int MCR = 4;
  private static final int LSR = 5;
  private static final int MSR = 6;
  private static final int SCR = 7;

  // Interrupt enable: 8.6.
  private static final int IER_RX = 1;
  private static final int IER_THRE = 1 << 1;
  private static final int IER_LINE = 1 << 2;
  private static final int IER_MODEM = 1 << 3;
  private static final int IER_MASK = 0x0f;

  // Interrupt identification: table IV.
  private static final int IIR_NONE = 0x01;
  private static final int IIR_LINE = 0x06;
  private static final int IIR_RX = 0x04;
  private static final int IIR_TIMEOUT = 0x0c;
  private static final int IIR_THRE = 0x02;
  private static final int IIR_MODEM = 0x00;
  private static final int IIR_FIFOS = 0xc0;

  // FIFO control: 8.5.
  private static final int FCR_ENABLE = 1;
  private static final int FCR_CLEAR_RX = 1 << 1;
  private static final int FCR_CLEAR_TX = 1 << 2;
  private static final int FCR_KEPT = 0xc9;
  private static final int FCR_TRIGGER_SHIFT = 6;
  private static final int[] TRIGGER = {1, 4, 8, 14};

  // Line control: 8.1.
  private static final int LCR_BREAK = 1 << 6;
  private static final int LCR_DLAB = 1 << 7;

  // Modem control: 8.7.
  private static final int MCR_DTR = 1;
  private static final int MCR_RTS = 1 << 1;
  private static final int MCR_OUT1 = 1 << 2;
  private static final int MCR_OUT2 = 1 << 3;
  private static final int MCR_LOOP = 1 << 4;
  private static final int MCR_MASK = 0x1f;

  // Line status: 8.4.
  private static final int LSR_DR = 1;
  private static final int LSR_OE = 1 << 1;
  private static final int LSR_BI = 1 << 4;
  private static final int LSR_ERRORS = 0x1e;
  private static final int LSR_THRE = 1 << 5;
  private static final int LSR_TEMT = 1 << 6;
  private static final int LSR_FIFO_ERROR = 1 << 7;

  // Modem status: 8.8.
  private static final int MSR_DELTAS = 0x0b;
  private static final int MSR_TERI = 1 << 2;
  private static final int MSR_CTS = 1 << 4;
  private static final int MSR_DSR = 1 << 5;
  private static final int MSR_RI = 1 << 6;
  private static final int MSR_DCD = 1 << 7;

  private static final int CONNECTED = MSR_CTS | MSR_DSR | MSR_DCD;

  /** 9600 baud from the usual 1.8432 MHz; the chip leaves it undefined, QEMU has this. */
  private static final int POWER_ON_DIVISOR = 12;

  private final IrqLine irq;
  private final CharBackend backend;
  private final UartFifo rx = new UartFifo();
  private final UartFifo tx = new UartFifo();

  private int divisor;
  private int ier;
  private int fcr;
  private int lcr;
  private int mcr;
  private int scratch;

  /** Sticky error bits of LSR. */
  private int errors;

  /** Delta bits of MSR. */
  private int deltas;

  /** The transmitter has become empty and nobody has been told. */
  private boolean threPending;

  /**
   * Guest-visible state.
   *
   * @param rx received bytes not yet read, oldest first, bit 8 marking a break
   * @param tx bytes to send that the backend has not taken
   */
  public record State(
      int divisor,
      int ier,
      int fcr,
      int lcr,
      int mcr,
      int scratch,
      int errors,
      int deltas,
      boolean threPending,
      List<Integer> rx,
      List<Integer> tx) {
    public State {
      rx = List.copyOf(rx);
      tx = List.copyOf(tx);
    }
  }

  public Uart16550(IrqLine irq, CharBackend backend) {
    this.irq = irq;
    this.backend = backend;
    backend.attach(this);
    reset();
  }

  @Override
  public void reset() {
    if ((lcr & LCR_BREAK) != 0) {
      backend.sendBreak(false);
    }
    divisor = POWER_ON_DIVISOR;
    ier = 0;
    fcr = 0;
    lcr = 0;
    mcr = MCR_OUT2;
    scratch = 0;
    errors = 0;
    deltas = 0;
    threPending = false;
    rx.clear();
    tx.clear();
    update();
    // What was received is gone, so there is room again.
    backend.inputReady();
  }

  // ---- registers

  @Override
  public int read(int offset, int size) {
    return switch (offset) {
      case DATA -> dlab() ? divisor & 0xff : readData();
      case IER -> dlab() ? divisor >> 8 : ier;
      case IIR_FCR -> readIdentification();
      case LCR -> lcr;
      case MCR -> mcr;
      case LSR -> readLineStatus();
      case MSR -> readModemStatus();
      default -> scratch;
    };
  }

  @Override
  public void write(int offset, int size, int value) {
    int v = value & 0xff;
    switch (offset) {
      case DATA -> {
        if (dlab()) {
          divisor = divisor & 0xff00 | v;
        } else {
          transmit(v);
        }
      }
      case IER -> {
        if (dlab()) {
          divisor = divisor & 0xff | v << 8;
        } else {
          writeInterruptEnable(v & IER_MASK);
        }
      }
      case IIR_FCR -> writeFifoControl(v);
      case LCR -> writeLineControl(v);
      case MCR -> writeModemControl(v & MCR_MASK);
      case SCR -> scratch = v;
      default -> {
        // LSR and MSR: factory test only.
      }
    }
  }

  private boolean dlab() {
    return (lcr & LCR_DLAB) != 0;
  }

  private boolean fifos() {
    return (fcr & FCR_ENABLE) != 0;
  }

  private boolean loopback() {
    return (mcr & MCR_LOOP) != 0;
  }

  private int readData() {
    if (rx.isEmpty()) {
      return 0;
    }
    int b = rx.poll() & 0xff;
    revealErrors();
    update();
    if (room() > 0) {
      backend.inputReady();
    }
    return b;
  }

  private int readIdentification() {
    int id = identification();
    if (id == IIR_THRE) {
      threPending = false;
      update();
    }
    return id | (fifos() ? IIR_FIFOS : 0);
  }

  private int readLineStatus() {
    int v = lineStatus();
    errors = 0;
    if (!rx.isEmpty()) {
      rx.replaceHead(rx.peek() & 0xff);
    }
    update();
    return v;
  }

  private int lineStatus() {
    int v = errors;
    if (!rx.isEmpty()) {
      v |= LSR_DR;
    }
    if (tx.isEmpty()) {
      v |= LSR_THRE | LSR_TEMT;
    }
    if (fifos() && rx.anyBreak()) {
      v |= LSR_FIFO_ERROR;
    }
    return v;
  }

  private int readModemStatus() {
    int v = modemInputs() | deltas;
    deltas = 0;
    update();
    return v;
  }

  private void writeInterruptEnable(int v) {
    if ((v & ~ier & IER_THRE) != 0 && tx.isEmpty()) {
      threPending = true;
    }
    ier = v;
    update();
  }

  private void writeFifoControl(int v) {
    boolean toggled = ((v ^ fcr) & FCR_ENABLE) != 0;
    boolean wasFull = room() == 0;
    if (toggled || (v & FCR_CLEAR_RX) != 0) {
      rx.clear();
    }
    if ((toggled || (v & FCR_CLEAR_TX) != 0) && !tx.isEmpty()) {
      tx.clear();
      threPending = true;
    }
    // The other bits can be programmed only while bit 0 is written as 1.
    fcr = (v & FCR_ENABLE) != 0 ? v & FCR_KEPT : 0;
    update();
    if (wasFull && room() > 0) {
      backend.inputReady();
    }
  }

  private void writeLineControl(int v) {
    boolean changed = ((v ^ lcr) & LCR_BREAK) != 0;
    lcr = v;
    if (changed) {
      sendBreak((v & LCR_BREAK) != 0);
    }
  }

  private void sendBreak(boolean on) {
    if (!loopback()) {
      backend.sendBreak(on);
    } else if (on) {
      receiveBreak();
    }
  }

  private void writeModemControl(int v) {
    int before = modemInputs();
    boolean looped = loopback();
    mcr = v;
    int after = modemInputs();
    deltas |= (before ^ after) >> 4 & MSR_DELTAS;
    if ((before & ~after & MSR_RI) != 0) {
      deltas |= MSR_TERI;
    }
    update();
    if (looped && !loopback()) {
      backend.inputReady();
    }
  }

  private int modemInputs() {
    if (!loopback()) {
      return CONNECTED;
    }
    int v = 0;
    if ((mcr & MCR_RTS) != 0) {
      v |= MSR_CTS;
    }
    if ((mcr & MCR_DTR) != 0) {
      v |= MSR_DSR;
    }
    if ((mcr & MCR_OUT1) != 0) {
      v |= MSR_RI;
    }
    if ((mcr & MCR_OUT2) != 0) {
      v |= MSR_DCD;
    }
    return v;
  }

  // ---- the transmitter

  private void transmit(int b) {
    threPending = false;
    update();
    if (loopback()) {
      receive(b);
      threPending = true;
      update();
      return;
    }
    if (tx.isEmpty() && backend.write(b)) {
      threPending = true;
      update();
      return;
    }
    // A full transmitter loses what is written to it.
    if (fifos() ? !tx.isFull() : tx.isEmpty()) {
      tx.add(b);
    }
  }

  @Override
  public void outputReady() {
    while (!tx.isEmpty()) {
      if (!backend.write(tx.peek())) {
        return;
      }
      tx.poll();
      if (tx.isEmpty()) {
        threPending = true;
        update();
      }
    }
  }

  // ---- the receiver

  @Override
  public int room() {
    if (loopback()) {
      return 0;
    }
    return (fifos() ? UartFifo.SIZE : 1) - rx.count();
  }

  @Override
  public void receive(int b) {
    accept(b & 0xff);
  }

  @Override
  public void receiveBreak() {
    accept(UartFifo.BREAK);
  }

  private void accept(int entry) {
    if (fifos() ? rx.isFull() : !rx.isEmpty()) {
      errors |= LSR_OE;
      if (!fifos()) {
        // Without FIFOs the new byte destroys the old one; with them the new one is lost.
        rx.clear();
        rx.add(entry);
      }
    } else {
      rx.add(entry);
    }
    revealErrors();
    update();
  }

  /** An error shows in LSR when its byte has come to the top of the queue. */
  private void revealErrors() {
    if (!rx.isEmpty() && (rx.peek() & UartFifo.BREAK) != 0) {
      errors |= LSR_BI;
    }
  }

  // ---- the interrupt

  /** The pending enabled interrupt of the highest priority: table IV. */
  private int identification() {
    if ((ier & IER_LINE) != 0 && (errors & LSR_ERRORS) != 0) {
      return IIR_LINE;
    }
    if ((ier & IER_RX) != 0 && !rx.isEmpty()) {
      boolean triggered = !fifos() || rx.count() >= TRIGGER[fcr >> FCR_TRIGGER_SHIFT];
      return triggered ? IIR_RX : IIR_TIMEOUT;
    }
    if ((ier & IER_THRE) != 0 && threPending) {
      return IIR_THRE;
    }
    if ((ier & IER_MODEM) != 0 && deltas != 0) {
      return IIR_MODEM;
    }
    return IIR_NONE;
  }

  private void update() {
    irq.set(identification() != IIR_NONE);
  }

  // ---- state

  @Override
  public State state() {
    return new State(
        divisor,
        ier,
        fcr,
        lcr,
        mcr,
        scratch,
        errors,
        deltas,
        threPending,
        rx.toList(),
        tx.toList());
  }

  @Override
  public void restore(State s) {
    if ((s.divisor & ~0xffff) != 0
        || (s.ier & ~IER_MASK) != 0
        || (s.fcr & ~FCR_KEPT) != 0
        || (s.lcr & ~0xff) != 0
        || (s.mcr & ~MCR_MASK) != 0
        || (s.scratch & ~0xff) != 0
        || (s.errors & ~LSR_ERRORS) != 0
        || (s.deltas & ~0x0f) != 0
        || s.rx.size() > UartFifo.SIZE
        || s.tx.size() > UartFifo.SIZE) {
      throw new IllegalArgumentException("not a state of a 16550A: " + s);
    }
    divisor = s.divisor;
    ier = s.ier;
    fcr = s.fcr;
    lcr = s.lcr;
    mcr = s.mcr;
    scratch = s.scratch;
    errors = s.errors;
    deltas = s.deltas;
    threPending = s.threPending;
    rx.fromList(s.rx);
    tx.fromList(s.tx);
    update();
    outputReady();
  }
}
