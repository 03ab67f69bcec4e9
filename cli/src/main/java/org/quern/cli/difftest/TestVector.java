package org.quern.cli.difftest;

import java.util.Arrays;
import org.quern.x86.mem.HostMemory;

/**
 * One case by itself: the instruction, all that it may read, and, once the real processor has run
 * it, what that has left. {@link VectorText} is its form as a file.
 */
final class TestVector {
  final byte[] code;

  /** Number of the code slot: addresses depend on it. */
  final int slot;

  /** Number of the case: addresses depend on it. */
  final int number;

  /** The case before and after, as in {@link Layout}. */
  final byte[] in;

  final byte[] out = new byte[Layout.CASE_BYTES];

  /** The image that FXRSTOR and the upper halves of YMM registers are loaded from. */
  final byte[] vectors;

  TestVector(byte[] code, int slot, int number, byte[] in, byte[] vectors) {
    this.code = code;
    this.slot = slot;
    this.number = number;
    this.in = in;
    this.vectors = vectors;
  }

  /** Takes a case out of a batch. */
  static TestVector of(CodeSlot slot, int number, long before) {
    long at = before + Layout.caseAt(number);
    byte[] in = read(at, Layout.CASE_BYTES);
    Arrays.fill(in, Layout.VECTORS_IN, Layout.WINDOW, (byte) 0);
    Arrays.fill(in, Layout.WINDOW + 8, Layout.DATA, (byte) 0);
    long image = HostMemory.getLong(at + Layout.VECTORS_IN);
    byte[] vectors = image == 0 ? VectorText.initial() : read(before + image, Layout.VECTOR_BYTES);
    return new TestVector(slot.bytes, slot.number, number, in, vectors);
  }

  static byte[] read(long at, int bytes) {
    byte[] b = new byte[bytes];
    HostMemory.read(at, b, 0, bytes);
    return b;
  }

  TestVector copy() {
    return new TestVector(code, slot, number, in.clone(), vectors.clone());
  }

  CodeSlot codeSlot() {
    return CodeSlot.of(code, slot);
  }

  /** Host address of the case in a guest. */
  long caseIn(long ram) {
    return ram + Layout.caseAt(number);
  }

  /** Writes the case into a guest as the only one. */
  void load(long ram) {
    GuestImage.fillSpecial(ram);
    CodeSlot code = codeSlot();
    code.write(ram);
    HostMemory.write(vectors, 0, vectors.length, ram + Layout.vectors(0));
    long at = caseIn(ram);
    HostMemory.write(in, 0, in.length, at);
    HostMemory.putLong(at + Layout.SELF, Layout.caseAt(number));
    HostMemory.putLong(at + Layout.VECTORS_IN, Layout.vectors(0));
    HostMemory.putLong(at + Layout.VECTORS_OUT, 1);
    HostMemory.putLong(at + Layout.FIXED_AT, code.fixedMemory());
    long block = ram + Layout.BLOCKS;
    HostMemory.putLong(block, Layout.slot(slot) + Layout.SLOT_ENTRY);
    HostMemory.putLong(block + 8, Layout.caseAt(number));
    HostMemory.putLong(block + 16, 1);
    HostMemory.putLong(block + Layout.BLOCK_BYTES, 0);
  }

  /** Keeps what a guest has left as the expected result. */
  void keep(long ram) {
    HostMemory.read(caseIn(ram), out, 0, out.length);
  }
}
