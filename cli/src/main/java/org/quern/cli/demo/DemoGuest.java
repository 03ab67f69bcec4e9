package org.quern.cli.demo;

import org.quern.cli.demo.Assembler.Cond;
import org.quern.cli.demo.Assembler.Op;
import org.quern.cli.demo.Assembler.R;

/**
 * The demo guest: a multiboot kernel that enters long mode, takes serial interrupts and offers a
 * few commands. It shows that processor, paging, interrupt controller, UART, clock and power-off
 * work, in a second and without any file.
 *
 * <p>Memory: code at 1 MiB, tables and stack from 2 MiB, the sieve's array from 3 MiB on.
 */
public final class DemoGuest {
  private static final int LOAD = 0x10_0000;
  private static final int PML4 = 0x20_0000;
  private static final int PDPT = 0x20_1000;
  private static final int PAGE_DIRECTORY = 0x20_2000;
  private static final int IDT = 0x20_3000;
  private static final int LINE = 0x20_4000;
  private static final int LINE_BYTES = 120;
  private static final int BOOT_INFO = 0x20_5000;
  private static final int BRAND = 0x20_6000;
  private static final int STACK = 0x21_0000;
  private static final int SIEVE = 0x30_0000;
  private static final int SIEVE_LIMIT = 1_000_000;

  /** RAM the guest needs, in bytes. */
  public static final long MIN_MEMORY = 8L << 20;

  private static final int COM1 = 0x3f8;
  private static final int COM1_LINE_STATUS = 0x3fd;
  private static final int PIC_MASTER = 0x20;
  private static final int PIC_SLAVE = 0xa0;
  private static final int FIRST_VECTOR = 0x20;
  private static final int SERIAL_IRQ = 4;

  /** What an 8259A reports when a request has gone away again. */
  private static final int SPURIOUS_IRQ = 7;

  private static final int CMOS = 0x70;

  /** PM1a control of the board's ACPI block, and SLP_EN with the sleep type of power-off. */
  private static final int PM1_CONTROL = 0x604;

  private static final int POWER_OFF = 1 << 13;

  private static final int RESET_CONTROL = 0xcf9;
  private static final int FULL_RESET = 6;

  // Multiboot 0.6.96, section 3.1: page-align modules, tell memory, addresses are in the header.
  private static final int MULTIBOOT_MAGIC = 0x1bad_b002;
  private static final int MULTIBOOT_FLAGS = 1 << 16 | 1 << 1 | 1;

  private static final String[] COMMANDS = {
    "help", "cpu", "mem", "date", "primes", "echo", "reboot", "poweroff"
  };

  private final Assembler a = new Assembler(LOAD);

  private DemoGuest() {}

  /** The guest as a multiboot image. */
  public static byte[] image() {
    DemoGuest guest = new DemoGuest();
    guest.header();
    guest.enterLongMode();
    guest.setUpSerial();
    guest.setUpInterrupts();
    guest.commandLoop();
    guest.commands();
    guest.library();
    guest.data();
    guest.a.label("end");
    return guest.a.finish();
  }

  private void header() {
    a.int32(MULTIBOOT_MAGIC).int32(MULTIBOOT_FLAGS).int32(-(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS));
    a.int32(LOAD).int32(LOAD).address("end").int32(STACK).address("entry");
  }

  /** From 32-bit protected mode as multiboot leaves it to long mode with the first GiB mapped. */
  private void enterLongMode() {
    a.label("entry").cli();
    a.mov(R.SP, STACK);
    a.mov(R.DI, BOOT_INFO).store(R.DI, 0, R.BX);
    // Present, writable; the lowest level maps 2 MiB pages.
    a.mov(R.AX, PDPT | 3).mov(R.DI, PML4).store(R.DI, 0, R.AX);
    a.mov(R.AX, PAGE_DIRECTORY | 3).mov(R.DI, PDPT).store(R.DI, 0, R.AX);
    a.mov(R.AX, 0x83).mov(R.DI, PAGE_DIRECTORY);
    a.label("map").store(R.DI, 0, R.AX);
    a.op(Op.ADD, R.AX, 2 << 20).op(Op.ADD, R.DI, 8);
    a.op(Op.CMP, R.AX, 1 << 30).jump(Cond.B, "map");
    a.mov(R.AX, PML4).writeControl(3, R.AX);
    a.readControl(R.AX, 4).op(Op.OR, R.AX, 1 << 5).writeControl(4, R.AX); // PAE
    a.mov(R.CX, 0xc000_0080).rdmsr().op(Op.OR, R.AX, 1 << 8).wrmsr(); // EFER.LME
    a.readControl(R.AX, 0).op(Op.OR, R.AX, 1 << 31).writeControl(0, R.AX); // PG
    a.movAddress(R.SI, "gdtr").lgdt(R.SI);
    a.farJump(8, "long");
    a.label("long").mov(R.AX, 16);
    a.movSegment(0, R.AX).movSegment(2, R.AX).movSegment(3, R.AX);
    a.mov(R.SP, STACK);
  }

  private void out(int port, int value) {
    a.mov(R.DX, port).mov(R.AX, value).outByte();
  }

  /** No FIFO: switching it on would throw away what was typed before. */
  private void setUpSerial() {
    out(COM1 + 1, 0);
    out(COM1 + 3, 0x80); // divisor 1: 115200 baud
    out(COM1, 1);
    out(COM1 + 1, 0);
    out(COM1 + 3, 3); // 8N1
    out(COM1 + 4, 0x0b); // DTR, RTS, OUT2
    out(COM1 + 1, 1); // interrupt when data arrive
  }

  private void setUpInterrupts() {
    out(PIC_MASTER, 0x11);
    out(PIC_MASTER + 1, FIRST_VECTOR);
    out(PIC_MASTER + 1, 4);
    out(PIC_MASTER + 1, 1);
    out(PIC_SLAVE, 0x11);
    out(PIC_SLAVE + 1, FIRST_VECTOR + 8);
    out(PIC_SLAVE + 1, 2);
    out(PIC_SLAVE + 1, 1);
    out(PIC_MASTER + 1, ~(1 << SERIAL_IRQ) & 0xff);
    out(PIC_SLAVE + 1, 0xff);
    // 64-bit interrupt gates: offset low, selector 8, type; the upper half of the offset is zero.
    a.movAddress(R.AX, "serial-irq").mov(R.CX, R.AX);
    a.op(Op.AND, R.AX, 0xffff).op(Op.OR, R.AX, 8 << 16);
    a.op(Op.AND, R.CX, 0xffff_0000).op(Op.OR, R.CX, 0x8e00);
    for (int irq : new int[] {SERIAL_IRQ, SPURIOUS_IRQ}) {
      a.mov(R.DI, IDT + 16 * (FIRST_VECTOR + irq)).store(R.DI, 0, R.AX).store(R.DI, 4, R.CX);
    }
    a.movAddress(R.SI, "idtr").lidt(R.SI);
  }

  private void commandLoop() {
    print("banner");
    a.label("prompt");
    print("prompt-text");
    a.call("read-line");
    a.mov(R.SI, LINE).loadByte(R.AX, R.SI, 0).op(Op.CMP, R.AX, 0).jump(Cond.E, "prompt");
    for (String command : COMMANDS) {
      a.mov(R.SI, LINE).movAddress(R.DI, "word-" + command).call("match");
      a.op(Op.CMP, R.AX, 0).jump(Cond.NE, "do-" + command);
    }
    print("unknown");
    a.jump("prompt");
  }

  private void commands() {
    a.label("do-help");
    print("help-text");
    a.jump("prompt");

    a.label("do-cpu");
    for (int leaf = 0; leaf < 3; leaf++) {
      a.mov(R.AX, 0x8000_0002 + leaf).cpuid();
      a.mov(R.DI, BRAND + 16 * leaf);
      a.store(R.DI, 0, R.AX).store(R.DI, 4, R.BX).store(R.DI, 8, R.CX).store(R.DI, 12, R.DX);
    }
    a.mov(R.SI, BRAND).call("print");
    print("crlf");
    a.jump("prompt");

    a.label("do-mem");
    a.mov(R.SI, BOOT_INFO).load(R.SI, R.SI, 0).load(R.AX, R.SI, 8); // KiB above 1 MiB
    a.op(Op.ADD, R.AX, 1024).shiftRight(R.AX, 10).call("print-number");
    print("mem-text");
    a.jump("prompt");

    date();
    primes();

    a.label("do-echo").call("print");
    print("crlf");
    a.jump("prompt");

    a.label("do-reboot");
    out(RESET_CONTROL, FULL_RESET);
    a.jump("stop");

    a.label("do-poweroff");
    a.mov(R.DX, PM1_CONTROL).mov(R.AX, POWER_OFF).outWord();
    a.label("stop").cli().hlt().jump("stop");
  }

  /** The real-time clock's registers are BCD, so their hexadecimal digits are the decimal ones. */
  private void date() {
    a.label("do-date");
    a.mov(R.AX, 10).call("cmos").op(Op.AND, R.AX, 0x80).jump(Cond.NE, "do-date");
    int[] registers = {0x32, 9, 8, 7, 4, 2, 0};
    String separators = "\0-- ::";
    for (int i = 0; i < registers.length; i++) {
      a.mov(R.AX, registers[i]).call("cmos").call("print-hex");
      if (i < separators.length() && separators.charAt(i) != 0) {
        a.mov(R.AX, separators.charAt(i)).call("put");
      }
    }
    print("crlf");
    a.jump("prompt");
  }

  /** Counts the primes below the limit by the sieve of Eratosthenes. */
  private void primes() {
    a.label("do-primes");
    a.mov(R.AX, 0).mov(R.DI, SIEVE);
    a.label("clear").store(R.DI, 0, R.AX).op(Op.ADD, R.DI, 4);
    a.op(Op.CMP, R.DI, SIEVE + SIEVE_LIMIT).jump(Cond.B, "clear");
    a.mov(R.BX, 0).mov(R.CX, 2).mov(R.DX, 1);
    a.label("candidate");
    a.mov(R.DI, R.CX).op(Op.ADD, R.DI, SIEVE);
    a.loadByte(R.AX, R.DI, 0).op(Op.CMP, R.AX, 0).jump(Cond.NE, "composite");
    a.op(Op.ADD, R.BX, 1);
    a.label("cross").op(Op.ADD, R.DI, R.CX);
    a.op(Op.CMP, R.DI, SIEVE + SIEVE_LIMIT).jump(Cond.AE, "composite");
    a.storeByte(R.DI, 0, R.DX).jump("cross");
    a.label("composite").op(Op.ADD, R.CX, 1);
    a.op(Op.CMP, R.CX, SIEVE_LIMIT).jump(Cond.B, "candidate");
    a.mov(R.AX, R.BX).call("print-number");
    print("primes-text");
    a.jump("prompt");
  }

  private void print(String text) {
    a.movAddress(R.SI, text).call("print");
  }

  private void library() {
    // print: writes the string at ESI.
    a.label("print").loadByte(R.AX, R.SI, 0).op(Op.CMP, R.AX, 0).jump(Cond.E, "print-end");
    a.call("put").op(Op.ADD, R.SI, 1).jump("print");
    a.label("print-end").ret();

    // put: writes the character in EAX; uses ECX and EDX.
    a.label("put").mov(R.CX, R.AX).mov(R.DX, COM1_LINE_STATUS);
    a.label("put-wait").inByte().op(Op.AND, R.AX, 0x20).jump(Cond.E, "put-wait");
    a.mov(R.AX, R.CX).mov(R.DX, COM1).outByte().ret();

    // get: waits for a character in EAX. Interrupts are on only around HLT, so none slips between.
    a.label("get").cli().mov(R.DX, COM1_LINE_STATUS).inByte();
    a.op(Op.AND, R.AX, 1).jump(Cond.NE, "get-it").sti().hlt().jump("get");
    a.label("get-it").mov(R.DX, COM1).mov(R.AX, 0).inByte().ret();

    readLine();

    // match: EAX is 1 and ESI behind the word if the line at ESI starts with the word at EDI.
    a.label("match").loadByte(R.AX, R.SI, 0).loadByte(R.DX, R.DI, 0);
    a.op(Op.CMP, R.DX, 0).jump(Cond.E, "match-end");
    a.op(Op.CMP, R.AX, R.DX).jump(Cond.NE, "match-not");
    a.op(Op.ADD, R.SI, 1).op(Op.ADD, R.DI, 1).jump("match");
    a.label("match-end").op(Op.CMP, R.AX, 0).jump(Cond.E, "match-yes");
    a.op(Op.CMP, R.AX, ' ').jump(Cond.NE, "match-not").op(Op.ADD, R.SI, 1);
    a.label("match-yes").mov(R.AX, 1).ret();
    a.label("match-not").mov(R.AX, 0).ret();

    // print-number: EAX in decimal.
    a.label("print-number").mov(R.CX, 10).mov(R.BX, 0);
    a.label("digit").mov(R.DX, 0).div(R.CX).push(R.DX).op(Op.ADD, R.BX, 1);
    a.op(Op.CMP, R.AX, 0).jump(Cond.NE, "digit");
    a.label("show").pop(R.AX).op(Op.ADD, R.AX, '0').call("put");
    a.op(Op.SUB, R.BX, 1).jump(Cond.NE, "show").ret();

    // print-hex: the low byte of EAX in two digits, of which BCD needs 0 to 9 only.
    a.label("print-hex").push(R.AX).shiftRight(R.AX, 4).op(Op.ADD, R.AX, '0').call("put");
    a.pop(R.AX).op(Op.AND, R.AX, 15).op(Op.ADD, R.AX, '0').jump("put");

    // cmos: register EAX of the CMOS in EAX.
    a.label("cmos").mov(R.DX, CMOS).outByte();
    a.mov(R.DX, CMOS + 1).mov(R.AX, 0).inByte().ret();

    // The interrupt has done its work by waking the processor.
    a.label("serial-irq").push(R.AX).push(R.DX);
    out(PIC_MASTER, 0x20);
    a.pop(R.DX).pop(R.AX).iretq();
  }

  /** read-line: a line with echo and erasing, zero-terminated. */
  private void readLine() {
    a.label("read-line").mov(R.DI, LINE);
    a.label("key").call("get");
    a.op(Op.CMP, R.AX, '\r').jump(Cond.E, "line-end");
    a.op(Op.CMP, R.AX, '\n').jump(Cond.E, "line-end");
    a.op(Op.CMP, R.AX, '\b').jump(Cond.E, "erase");
    a.op(Op.CMP, R.AX, 0x7f).jump(Cond.E, "erase");
    a.op(Op.CMP, R.AX, ' ').jump(Cond.B, "key");
    a.op(Op.CMP, R.DI, LINE + LINE_BYTES).jump(Cond.AE, "key");
    a.storeByte(R.DI, 0, R.AX).op(Op.ADD, R.DI, 1).call("put").jump("key");
    a.label("erase").op(Op.CMP, R.DI, LINE).jump(Cond.E, "key").op(Op.SUB, R.DI, 1);
    print("erase-text");
    a.jump("key");
    a.label("line-end").mov(R.AX, 0).storeByte(R.DI, 0, R.AX);
    a.movAddress(R.SI, "crlf").jump("print");
  }

  private void data() {
    a.align(8).label("gdt").int32(0).int32(0);
    a.int32(0x0000_ffff).int32(0x00af_9b00); // 64-bit code
    a.int32(0x0000_ffff).int32(0x00cf_9300); // data
    a.label("gdtr").bytes(23, 0).address("gdt").int32(0);
    a.label("idtr").bytes(0xff, 0x0f).int32(IDT).int32(0);
    a.label("banner")
        .string("\nQuern demo guest: 64-bit mode, paging and interrupts are up. Try help.\n");
    a.label("prompt-text").string("demo> ");
    a.label("unknown").string("no such command; try help\n");
    a.label("crlf").string("\n");
    a.label("erase-text").string("\b \b");
    a.label("mem-text").string(" MiB of RAM below 4 GiB\n");
    a.label("primes-text").string(" primes below 1000000\n");
    a.label("help-text")
        .string(
            """
            cpu        name of the processor
            mem        size of memory
            date       time of the real-time clock, UTC
            primes     count the primes below a million
            echo TEXT  print the text
            reboot     reset the machine
            poweroff   switch it off
            """);
    for (String command : COMMANDS) {
      a.label("word-" + command).string(command);
    }
  }
}
