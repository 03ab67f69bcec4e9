package org.quern.tests.conformance;

import java.util.concurrent.atomic.AtomicReference;
import org.quern.accel.api.Accelerator;
import org.quern.accel.api.Vm;
import org.quern.machine.chardev.CharBackend;
import org.quern.machine.chardev.CharDevice;
import org.quern.machine.pc.PcBoard;
import org.quern.machine.pc.PcConfig;
import org.quern.machine.run.Machine;
import org.quern.machine.run.MachineEnd;
import org.quern.machine.run.MachineOptions;
import org.quern.machine.run.MachineWires;
import org.quern.x86.asm.Assembler;
import org.quern.x86.state.CpuModel;

/**
 * The board {@code pc} with one small program in its BIOS ROM, under any accelerator: from the
 * reset vector to the debug-exit port. The program is at F000:0000; its symbols are offsets there.
 * It writes text to port 0xe9 and ends with {@code jmp end}.
 */
final class RomMachine {
  static final int ROM_BYTES = 1 << 16;
  private static final int RESET_VECTOR = 0xfff0;
  private static final int EXIT_PORT = 0xf4;
  private static final int CONSOLE_PORT = 0xe9;
  private static final long MIB = 1 << 20;
  private static final long PATIENCE_MILLIS = 60_000;

  /** What programs share: the end, and flat descriptors for protected and long mode. */
  private static final String COMMON =
      """

      end:
      out 0xf4, al
      .code16
      stop: hlt
      jmp stop
      align 16
      gdt:
      dq 0
      dq 0x00cf9b000000ffff
      dq 0x00cf93000000ffff
      dq 0x00af9b000000ffff
      dq 0x000f9b000000ffff
      gdtr:
      dw 39
      dd 0xf0000 + gdt
      """;

  /**
   * How the machine ended.
   *
   * @param text what the program wrote
   */
  record Result(MachineEnd end, String text, Vm vm) {}

  private RomMachine() {}

  /** Runs a program to its end on a machine with so many processors. */
  static Result run(Accelerator accelerator, int cpus, String program) throws Exception {
    StringBuffer text = new StringBuffer();
    MachineWires wires = new MachineWires(cpus);
    PcConfig config =
        PcConfig.of(cpus, 16 * MIB, CpuModel.max())
            .withBios(image(program))
            .withDebugExit(EXIT_PORT, 4)
            .withDebugConsole(CONSOLE_PORT, new Console(text));
    PcBoard board = new PcBoard(config, wires);
    try (Machine machine =
        new Machine(board, wires, accelerator, MachineOptions.DEFAULT, vm -> {})) {
      AtomicReference<MachineEnd> end = new AtomicReference<>();
      Thread thread = new Thread(() -> end.set(machine.run()), "rom-machine");
      thread.start();
      thread.join(PATIENCE_MILLIS);
      if (thread.isAlive()) {
        machine.quit();
        thread.join();
        throw new AssertionError("the program does not end; it has written: " + text);
      }
      return new Result(end.get(), text.toString(), machine.vm());
    }
  }

  private static byte[] image(String program) {
    byte[] code = Assembler.assemble(program + COMMON, 16, 0).bytes();
    byte[] rom = new byte[ROM_BYTES];
    if (code.length > RESET_VECTOR) {
      throw new IllegalArgumentException("the program does not fit into the ROM");
    }
    System.arraycopy(code, 0, rom, 0, code.length);
    // jmp 0xf000:0
    rom[RESET_VECTOR] = (byte) 0xea;
    rom[RESET_VECTOR + 4] = (byte) 0xf0;
    return rom;
  }

  /** Keeps what the guest writes. */
  private record Console(StringBuffer text) implements CharBackend {
    @Override
    public boolean write(int b) {
      text.append((char) b);
      return true;
    }

    @Override
    public void inputReady() {}

    @Override
    public void sendBreak(boolean on) {}

    @Override
    public void attach(CharDevice device) {}
  }
}
