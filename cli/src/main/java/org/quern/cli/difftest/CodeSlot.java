package org.quern.cli.difftest;

import java.util.SplittableRandom;
import org.quern.x86.decode.EncodingSampler.Sample;
import org.quern.x86.decode.Insn;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.Reg;

/** The code of one instruction under test: itself, and the places it may continue at. */
final class CodeSlot {
  private static final int MOV_MEM_IMM32 = 0x05c7;
  private static final int JMP_REL32 = 0xe9;

  final Insn insn;
  final byte[] bytes;
  final int number;

  /** Linear address of the instruction. */
  final long entry;

  /** Linear address of the memory operand, where the encoding fixes it; else 0. */
  final long fixedTarget;

  CodeSlot(Sample s, int number, SplittableRandom random) {
    this.insn = s.insn();
    this.bytes = s.bytes();
    this.number = number;
    this.entry = Layout.slot(number) + Layout.SLOT_ENTRY;
    long target = 0;
    if (insn.form.relative() && insn.form.operandCount() == 1) {
      branch(random);
    } else if (fixedAddress(insn)) {
      target = Layout.fixed(number) + 128 + random.nextInt(64);
      if (random.nextInt(3) > 0) {
        target &= -32;
      }
      long base = segmentBase(insn) + (insn.base == Reg.RIP ? entry + bytes.length : 0);
      little(s.dispAt(), s.dispBytes(), target - base);
    }
    this.fixedTarget = target;
  }

  /** Whether the memory operand has an address that no register decides. */
  static boolean fixedAddress(Insn i) {
    return i.hasMem()
        && i.index == Reg.ZERO
        && (i.base == Reg.ZERO || i.base == Reg.RIP)
        && i.form.vectorIndex() == 0;
  }

  /** Base of the segment of the memory operand. */
  static long segmentBase(Insn i) {
    return i.segment == Reg.FS ? Layout.FS_BASE : i.segment == Reg.GS ? 2 * Layout.FS_BASE : 0;
  }

  /** Points a relative branch to one of the pads. */
  private void branch(SplittableRandom random) {
    long to = pad(random.nextInt(Layout.SLOT_PADS.length));
    // The displacement is the last thing in the instruction: 8 bits, or 32.
    int size = insn.opcode >= 0xe8 && insn.opcode <= 0xe9 || isNearJcc() ? 4 : 1;
    little(bytes.length - size, size, to - entry - bytes.length);
  }

  private boolean isNearJcc() {
    return (insn.opcode & 0xf0) == 0x80;
  }

  private void little(int at, int size, long v) {
    for (int n = 0; n < size; n++) {
      bytes[at + n] = (byte) (v >> 8 * n);
    }
  }

  /** Linear address of a place where branches may go. */
  long pad(int n) {
    return Layout.slot(number) + Layout.SLOT_PADS[n];
  }

  /** Writes the whole slot. */
  void write(long ram, long leave) {
    long slot = ram + Layout.slot(number);
    HostMemory.fill(slot, Layout.SLOT_BYTES, (byte) 0xcc);
    HostMemory.write(bytes, 0, bytes.length, ram + entry);
    jump(ram, entry + bytes.length, leave);
    for (int n = 0; n < Layout.SLOT_PADS.length; n++) {
      long at = pad(n);
      HostMemory.putShort(ram + at, (short) MOV_MEM_IMM32);
      HostMemory.putInt(ram + at + 2, (int) (GuestImage.exitVariable() - at - 10));
      HostMemory.putInt(ram + at + 6, n + 1);
      jump(ram, at + 10, leave);
    }
  }

  private static void jump(long ram, long at, long to) {
    HostMemory.putByte(ram + at, (byte) JMP_REL32);
    HostMemory.putInt(ram + at + 1, (int) (to - at - 5));
  }
}
