package org.quern.cli.difftest;

import java.util.SplittableRandom;
import org.quern.x86.decode.Decoder;
import org.quern.x86.decode.EncodingSampler.Sample;
import org.quern.x86.decode.Insn;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.Reg;

/** The code of one instruction under test: itself, and the places it may continue at. */
final class CodeSlot {
  private static final int MOV_MEM_IMM32 = 0x05c7;

  /** JMP to the address in a variable, relative to RIP. */
  private static final int JMP_RIP = 0x25ff;

  final Insn insn;
  final byte[] bytes;
  final int number;

  /** Linear address of the instruction. */
  final long entry;

  private CodeSlot(byte[] bytes, int number) {
    this.bytes = bytes;
    this.insn = new Decoder(64).decode(bytes, 0, bytes.length);
    this.number = number;
    this.entry = Layout.slot(number) + Layout.SLOT_ENTRY;
  }

  /** An instruction as it is. */
  static CodeSlot of(byte[] bytes, int number) {
    return new CodeSlot(bytes, number);
  }

  /** A sample whose displacement is made to lead somewhere, where no register decides that. */
  static CodeSlot fit(Sample s, int number, SplittableRandom random) {
    byte[] bytes = s.bytes().clone();
    Insn i = s.insn();
    long next = Layout.slot(number) + Layout.SLOT_ENTRY + bytes.length;
    if (i.form.relative() && i.form.operandCount() == 1) {
      long to = pad(number, random.nextInt(Layout.SLOT_PADS.length));
      int size = displacementBytes(i);
      little(bytes, bytes.length - size, size, to - next);
    } else if (fixedAddress(i)) {
      long target = Layout.fixed(number) + 128 + random.nextInt(64);
      if (random.nextInt(3) > 0) {
        target &= -32;
      }
      long base = EffectiveAddress.segmentBase(i) + (i.base == Reg.RIP ? next : 0);
      little(bytes, s.dispAt(), s.dispBytes(), target - base);
    }
    return new CodeSlot(bytes, number);
  }

  /** Address of the next instruction. */
  long next() {
    return entry + bytes.length;
  }

  /** Whether the memory operand has an address that no register decides. */
  static boolean fixedAddress(Insn i) {
    return i.hasMem()
        && i.index == Reg.ZERO
        && (i.base == Reg.ZERO || i.base == Reg.RIP)
        && i.form.vectorIndex() == 0;
  }

  /** Linear address of the memory it shares at a fixed address; 0 if it has none. */
  long fixedMemory() {
    return fixedAddress(insn) ? Layout.fixed(number) : 0;
  }

  /** A branch displacement is the last thing in its instruction: 8 bits, or 32. */
  private static int displacementBytes(Insn i) {
    boolean near = i.opcode == 0xe8 || i.opcode == 0xe9 || (i.opcode & 0xf0) == 0x80;
    return near ? 4 : 1;
  }

  private static void little(byte[] bytes, int at, int size, long v) {
    for (int n = 0; n < size; n++) {
      bytes[at + n] = (byte) (v >> 8 * n);
    }
  }

  /** Linear address of a place where branches may go. */
  long pad(int n) {
    return pad(number, n);
  }

  private static long pad(int slot, int n) {
    return Layout.slot(slot) + Layout.SLOT_PADS[n];
  }

  /**
   * Writes the whole slot. It leaves by indirect jumps: a translator does not follow them, so that
   * what it makes of a slot is the instruction under test and nothing else.
   */
  void write(long ram) {
    long slot = ram + Layout.slot(number);
    HostMemory.fill(slot, Layout.SLOT_BYTES, (byte) 0xcc);
    HostMemory.write(bytes, 0, bytes.length, ram + entry);
    leave(ram, entry + bytes.length);
    for (int n = 0; n < Layout.SLOT_PADS.length; n++) {
      long at = pad(n);
      HostMemory.putShort(ram + at, (short) MOV_MEM_IMM32);
      HostMemory.putInt(ram + at + 2, (int) (GuestImage.exitVariable() - at - 10));
      HostMemory.putInt(ram + at + 6, n + 1);
      leave(ram, at + 10);
    }
  }

  private static void leave(long ram, long at) {
    HostMemory.putShort(ram + at, (short) JMP_RIP);
    HostMemory.putInt(ram + at + 2, (int) (GuestImage.leaveVariable() - at - 6));
  }
}
