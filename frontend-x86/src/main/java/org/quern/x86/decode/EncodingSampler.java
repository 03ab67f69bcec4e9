package org.quern.x86.decode;

import java.util.SplittableRandom;

/**
 * Makes random encodings of a row in 64-bit code: every register, addressing form, immediate,
 * redundant prefix and prefix bit that the row leaves open. What it makes decodes by that row, or,
 * now and then, is an encoding that the prefixes have made undefined.
 *
 * <p>66 before near branches is left out, because there processors differ (APM vol. 3, 1.2.2).
 */
public final class EncodingSampler {
  /**
   * An encoding.
   *
   * @param bytes the instruction alone
   * @param insn what it decodes to
   * @param dispAt where its displacement begins, or -1
   * @param dispBytes bytes of the displacement: 0, 1, 4 or 8
   */
  public record Sample(byte[] bytes, Insn insn, int dispAt, int dispBytes) {}

  private static final int TRIES = 64;
  private static final int TAIL = 16;
  private static final int[] SEGMENTS = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65};
  private static final int[] EDGE_BYTES = {0, 0xff, 0x80, 0x7f, 1};

  private final SplittableRandom random;
  private final Decoder decoder = new Decoder(64);
  private final byte[] buffer = new byte[40];
  private int at;
  private int modrmAt;

  public EncodingSampler(SplittableRandom random) {
    this.random = random;
  }

  /** An encoding of the row, or null if it has none in 64-bit code. */
  public Sample sample(InsnForm f) {
    if ((f.forbidden & InsnForm.IN_64) != 0) {
      return null;
    }
    for (int n = 0; n < TRIES; n++) {
      at = 0;
      modrmAt = -1;
      if (f.space.vex()) {
        vex(f);
      } else {
        legacy(f);
      }
      put(f.opcode + (f.opcodeSpan > 1 ? random.nextInt(f.opcodeSpan) : 0));
      if (f.modrm) {
        modrmAt = at;
        put(modrm(f));
      }
      tail();
      Insn i = decoder.decode(buffer, 0, Decoder.MAX_LENGTH);
      boolean undefined = i.mnemonic == Mnemonic.INVALID && i.modrm >= 0 && random.nextInt(8) == 0;
      if (i.form == f || undefined) {
        return finish(i);
      }
    }
    return null;
  }

  private Sample finish(Insn i) {
    int dispAt = -1;
    int bytes = 0;
    if (i.form.absolute()) {
      bytes = i.addrSize >> 3;
      dispAt = i.length - bytes;
    } else if (modrmAt >= 0 && i.hasMem()) {
      int modrm = buffer[modrmAt] & 0xff;
      boolean sib = (modrm & 7) == 4;
      boolean none = modrm < 0x40 && (sib ? buffer[modrmAt + 1] & 7 : modrm & 7) == 5;
      bytes = none || modrm >= 0x80 ? 4 : modrm >= 0x40 ? 1 : 0;
      dispAt = bytes == 0 ? -1 : modrmAt + (sib ? 2 : 1);
    }
    return new Sample(java.util.Arrays.copyOf(buffer, i.length), i, dispAt, bytes);
  }

  private void put(int b) {
    buffer[at++] = (byte) b;
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  private void legacy(InsnForm f) {
    switch (f.prefix) {
      case ANY, NF -> operandSize(f);
      case NP -> {}
      case P66 -> put(0x66);
      case F3, F2 -> {
        if (oneIn(8) && f.sizing != InsnForm.Sizing.F64) {
          put(0x66);
        }
        put(f.prefix == InsnForm.Prefix.F3 ? 0xf3 : 0xf2);
      }
    }
    if (f.prefix == InsnForm.Prefix.ANY && oneIn(f.string() ? 2 : 100)) {
      put(random.nextBoolean() ? 0xf3 : 0xf2);
    }
    if (oneIn(25)) {
      put(0x67);
    }
    if (oneIn(16)) {
      put(SEGMENTS[random.nextInt(SEGMENTS.length)]);
    }
    if (oneIn(f.lockable() ? 6 : 300)) {
      put(0xf0);
    }
    shuffle();
    rex(f);
    switch (f.space) {
      case OF -> put(0x0f);
      case OF38 -> {
        put(0x0f);
        put(0x38);
      }
      case OF3A -> {
        put(0x0f);
        put(0x3a);
      }
      default -> {}
    }
  }

  private void operandSize(InsnForm f) {
    boolean counts = f.sizesOperands() && f.sizing != InsnForm.Sizing.F64;
    if (f.sizing != InsnForm.Sizing.F64 && oneIn(counts ? 4 : 30)) {
      put(0x66);
    }
  }

  /** The order of legacy prefixes means nothing. */
  private void shuffle() {
    for (int n = at - 1; n > 0; n--) {
      int k = random.nextInt(n + 1);
      byte b = buffer[n];
      buffer[n] = buffer[k];
      buffer[k] = b;
    }
  }

  private void rex(InsnForm f) {
    int bits = wide(f) | random.nextInt(8);
    if ((f.forbidden & InsnForm.B1) != 0) {
      bits &= ~1;
    } else if ((f.forbidden & InsnForm.B0) != 0) {
      bits |= 1;
    }
    boolean needed = (f.forbidden & (InsnForm.W0 | InsnForm.WD | InsnForm.B0)) != 0;
    if (needed || !oneIn(3)) {
      put(0x40 | bits);
    }
  }

  /** The W bit, 8 or 0, as the row wants it. */
  private int wide(InsnForm f) {
    if ((f.forbidden & (InsnForm.W1 | InsnForm.WQ)) != 0) {
      return 0;
    }
    return (f.forbidden & (InsnForm.W0 | InsnForm.WD)) != 0 || random.nextBoolean() ? 8 : 0;
  }

  private void vex(InsnForm f) {
    if (oneIn(25)) {
      put(0x67);
    }
    if (oneIn(20)) {
      put(SEGMENTS[random.nextInt(SEGMENTS.length)]);
    }
    int pp =
        switch (f.prefix) {
          case ANY, NP, NF -> 0;
          case P66 -> 1;
          case F3 -> 2;
          case F2 -> 3;
        };
    int w = wide(f);
    boolean longVector =
        (f.forbidden & InsnForm.L0) != 0
            || ((f.forbidden & InsnForm.L1) == 0 && random.nextBoolean());
    int vvvv = f.vvvv || oneIn(100) ? random.nextInt(16) : 15;
    int last = vvvv << 3 | (longVector ? 4 : 0) | pp;
    int rxb = random.nextInt(8);
    int map = 1 + f.space.ordinal() - InsnForm.Space.VEX_0F.ordinal();
    if (map == 1 && w == 0 && random.nextBoolean()) {
      put(0xc5);
      put((rxb & 4) << 5 | last);
    } else {
      put(0xc4);
      put(rxb << 5 | map);
      put(w << 4 | last);
    }
  }

  private int modrm(InsnForm f) {
    if (f.modrmByte >= 0) {
      return f.modrmByte;
    }
    int v = random.nextInt(256);
    if (f.mod == InsnForm.MOD_REG || (f.mod == InsnForm.MOD_ANY && random.nextBoolean())) {
      v |= 0xc0;
    } else if (v >= 0xc0 || f.mod == InsnForm.MOD_MEM) {
      v = v & 0x3f | random.nextInt(3) << 6;
    }
    return f.digit >= 0 ? v & 0xc7 | f.digit << 3 : v;
  }

  /** What may follow: SIB, displacement, immediates. */
  private void tail() {
    boolean edge = oneIn(4);
    int fill = EDGE_BYTES[random.nextInt(EDGE_BYTES.length)];
    for (int n = 0; n < TAIL; n++) {
      put(edge && n > 0 ? fill : random.nextInt(256));
    }
  }
}
