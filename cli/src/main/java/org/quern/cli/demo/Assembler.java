package org.quern.cli.demo;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the few instructions that the demo guest uses, with labels. All register operands are 32
 * bits wide and addresses are a base register and a displacement, so the bytes mean the same in
 * 32-bit and in 64-bit code. Source: SDM vol. 2.
 */
final class Assembler {
  /** Registers by their number in ModRM. */
  enum R {
    AX,
    CX,
    DX,
    BX,
    SP,
    BP,
    SI,
    DI
  }

  /** Operations of the 80 /n and 00+8n families. */
  enum Op {
    ADD,
    OR,
    ADC,
    SBB,
    AND,
    SUB,
    XOR,
    CMP
  }

  /** Conditions by their number. */
  enum Cond {
    O,
    NO,
    B,
    AE,
    E,
    NE,
    BE,
    A
  }

  private record Fixup(int at, String label, boolean relative) {}

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Map<String, Integer> labels = new HashMap<>();
  private final List<Fixup> fixups = new ArrayList<>();
  private final int origin;

  /**
   * An empty program.
   *
   * @param origin address of its first byte
   */
  Assembler(int origin) {
    this.origin = origin;
  }

  // ---- places and data

  Assembler label(String name) {
    if (labels.put(name, origin + out.size()) != null) {
      throw new IllegalStateException("label " + name + " is there twice");
    }
    return this;
  }

  Assembler bytes(int... bytes) {
    for (int b : bytes) {
      out.write(b);
    }
    return this;
  }

  Assembler int32(int value) {
    return bytes(value, value >> 8, value >> 16, value >> 24);
  }

  /** The address of a label, as data. */
  Assembler address(String label) {
    fixups.add(new Fixup(out.size(), label, false));
    return int32(0);
  }

  /** A string with a zero behind it; each line feed becomes carriage return and line feed. */
  Assembler string(String text) {
    out.writeBytes(text.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
    return bytes(0);
  }

  Assembler align(int to) {
    while (out.size() % to != 0) {
      out.write(0);
    }
    return this;
  }

  // ---- instructions

  Assembler mov(R to, int value) {
    return bytes(0xb8 + to.ordinal()).int32(value);
  }

  /** The address of a label, as a number. */
  Assembler movAddress(R to, String label) {
    return bytes(0xb8 + to.ordinal()).address(label);
  }

  Assembler mov(R to, R from) {
    return bytes(0x89, 0xc0 | from.ordinal() << 3 | to.ordinal());
  }

  Assembler load(R to, R base, int displacement) {
    return bytes(0x8b).memory(to.ordinal(), base, displacement);
  }

  Assembler store(R base, int displacement, R from) {
    return bytes(0x89).memory(from.ordinal(), base, displacement);
  }

  /** Zero-extends a byte of memory. */
  Assembler loadByte(R to, R base, int displacement) {
    return bytes(0x0f, 0xb6).memory(to.ordinal(), base, displacement);
  }

  /** Stores AL, CL, DL or BL. */
  Assembler storeByte(R base, int displacement, R from) {
    if (from.ordinal() > 3) {
      throw new IllegalArgumentException(from + " has no low byte here");
    }
    return bytes(0x88).memory(from.ordinal(), base, displacement);
  }

  Assembler op(Op op, R to, int value) {
    return bytes(0x81, 0xc0 | op.ordinal() << 3 | to.ordinal()).int32(value);
  }

  Assembler op(Op op, R to, R from) {
    return bytes(op.ordinal() << 3 | 1, 0xc0 | from.ordinal() << 3 | to.ordinal());
  }

  Assembler shiftLeft(R to, int count) {
    return bytes(0xc1, 0xe0 | to.ordinal(), count);
  }

  Assembler shiftRight(R to, int count) {
    return bytes(0xc1, 0xe8 | to.ordinal(), count);
  }

  /** Divides EDX:EAX. */
  Assembler div(R by) {
    return bytes(0xf7, 0xf0 | by.ordinal());
  }

  Assembler push(R r) {
    return bytes(0x50 + r.ordinal());
  }

  Assembler pop(R r) {
    return bytes(0x58 + r.ordinal());
  }

  Assembler jump(String label) {
    return bytes(0xe9).relative(label);
  }

  Assembler jump(Cond condition, String label) {
    return bytes(0x0f, 0x80 + condition.ordinal()).relative(label);
  }

  Assembler call(String label) {
    return bytes(0xe8).relative(label);
  }

  Assembler ret() {
    return bytes(0xc3);
  }

  /** Loads a segment register: 0 ES, 2 SS, 3 DS. */
  Assembler movSegment(int segment, R from) {
    return bytes(0x8e, 0xc0 | segment << 3 | from.ordinal());
  }

  Assembler readControl(R to, int control) {
    return bytes(0x0f, 0x20, 0xc0 | control << 3 | to.ordinal());
  }

  Assembler writeControl(int control, R from) {
    return bytes(0x0f, 0x22, 0xc0 | control << 3 | from.ordinal());
  }

  Assembler lgdt(R base) {
    return bytes(0x0f, 0x01).memory(2, base, 0);
  }

  Assembler lidt(R base) {
    return bytes(0x0f, 0x01).memory(3, base, 0);
  }

  /** In 32-bit code. */
  Assembler farJump(int selector, String label) {
    return bytes(0xea).address(label).bytes(selector, selector >> 8);
  }

  /** Reads the port in DX into AL. */
  Assembler inByte() {
    return bytes(0xec);
  }

  /** Writes AL to the port in DX. */
  Assembler outByte() {
    return bytes(0xee);
  }

  /** Writes AX to the port in DX. */
  Assembler outWord() {
    return bytes(0x66, 0xef);
  }

  Assembler cpuid() {
    return bytes(0x0f, 0xa2);
  }

  Assembler rdmsr() {
    return bytes(0x0f, 0x32);
  }

  Assembler wrmsr() {
    return bytes(0x0f, 0x30);
  }

  Assembler cli() {
    return bytes(0xfa);
  }

  Assembler sti() {
    return bytes(0xfb);
  }

  Assembler hlt() {
    return bytes(0xf4);
  }

  Assembler iretq() {
    return bytes(0x48, 0xcf);
  }

  private Assembler memory(int register, R base, int displacement) {
    if (base == R.SP) {
      throw new IllegalArgumentException("ESP needs a SIB byte");
    }
    return bytes(0x80 | register << 3 | base.ordinal()).int32(displacement);
  }

  private Assembler relative(String label) {
    fixups.add(new Fixup(out.size(), label, true));
    return int32(0);
  }

  // ---- the result

  /** The program with all labels resolved. */
  byte[] finish() {
    byte[] code = out.toByteArray();
    for (Fixup f : fixups) {
      Integer target = labels.get(f.label);
      if (target == null) {
        throw new IllegalStateException("no label " + f.label);
      }
      int value = f.relative ? target - (origin + f.at + 4) : target;
      for (int i = 0; i < 4; i++) {
        code[f.at + i] = (byte) (value >> 8 * i);
      }
    }
    return code;
  }
}
