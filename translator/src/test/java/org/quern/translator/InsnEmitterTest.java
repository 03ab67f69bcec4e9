package org.quern.translator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.x86.decode.Decoder;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.fault.GuestFault;
import org.quern.x86.fault.Vector;
import org.quern.x86.semantics.Binding;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/**
 * Every instruction the emitter has bytecode for, compared with its semantic method: random
 * encodings over random and edge values, faults included.
 */
class InsnEmitterTest {
  private static final long SEED = 0x5eed1234;
  private static final int PER_MNEMONIC = 60;
  private static final int STATES = 6;
  private static final int MAX_TRIES = 3_000_000;
  private static final long BASE = 0x5000;

  private static final long[] EDGES = {
    0,
    1,
    -1,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0x8000,
    0xffff,
    0x7fffffffL,
    0x80000000L,
    0xffffffffL,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    31,
    32,
    63,
    64
  };

  private static final Set<Mnemonic> INLINE =
      EnumSet.of(
          Mnemonic.MOV,
          Mnemonic.MOVZX,
          Mnemonic.MOVSX,
          Mnemonic.MOVSXD,
          Mnemonic.LEA,
          Mnemonic.ADD,
          Mnemonic.SUB,
          Mnemonic.CMP,
          Mnemonic.AND,
          Mnemonic.OR,
          Mnemonic.XOR,
          Mnemonic.TEST,
          Mnemonic.INC,
          Mnemonic.DEC,
          Mnemonic.ADC,
          Mnemonic.SBB,
          Mnemonic.NEG,
          Mnemonic.NOT,
          Mnemonic.SHL,
          Mnemonic.SHR,
          Mnemonic.SAR,
          Mnemonic.ROL,
          Mnemonic.ROR,
          Mnemonic.SHLD,
          Mnemonic.SHRD,
          Mnemonic.DIV,
          Mnemonic.IDIV,
          Mnemonic.IMUL,
          Mnemonic.MUL,
          Mnemonic.SETCC,
          Mnemonic.CMOVCC,
          Mnemonic.PUSH,
          Mnemonic.POP,
          Mnemonic.LEAVE,
          Mnemonic.BSWAP,
          Mnemonic.XCHG,
          Mnemonic.CBW,
          Mnemonic.CWD);

  private final Random random = new Random(SEED);
  private final PagedRam bus = new PagedRam();
  private Cpu expected;
  private Cpu actual;
  private Decoder decoder;
  private int codeSize;
  private Form form;

  @ParameterizedTest
  @CsvSource({"COMPACT,64", "FAST,64", "COMPACT,32", "FAST,32"})
  @DisplayName("emitted code and semantic method agree on every form")
  void agrees(Form tried, int width) {
    form = tried;
    codeSize = width;
    decoder = new Decoder(width);
    expected = processor();
    actual = processor();
    Map<Mnemonic, Integer> seen = new EnumMap<>(Mnemonic.class);
    byte[] code = new byte[15];
    for (int n = 0; n < MAX_TRIES && !complete(seen); n++) {
      random.nextBytes(code);
      frequentPrefix(code);
      Insn i = decoder.decode(code, 0, code.length);
      if (INLINE.contains(i.mnemonic)
          && !i.lock
          && seen.merge(i.mnemonic, 1, Integer::sum) <= PER_MNEMONIC) {
        compare(i, code);
      }
    }
    assertThat(complete(seen)).as("enough encodings of each of %s: %s", INLINE, seen).isTrue();
  }

  /** A processor whose FS has a base, and in 32-bit mode a limit; GS cannot be used there. */
  private Cpu processor() {
    Cpu c = bus.cpu(codeSize);
    c.seg[Reg.FS].base = 0x40;
    c.seg[Reg.FS].limit = (int) PagedRam.DATA + 0x100;
    c.seg[Reg.GS].usable = codeSize == 64;
    return c;
  }

  /** Makes 64-bit operands and the two-byte map as likely as they are in programs. */
  private void frequentPrefix(byte[] code) {
    int k = 0;
    if (codeSize == 32 && random.nextInt(8) == 0) {
      int[] segments = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x64, 0x65};
      code[k++] = (byte) segments[random.nextInt(segments.length)];
    }
    if (codeSize == 64 && random.nextInt(3) == 0) {
      code[k++] = (byte) (random.nextBoolean() ? 0x48 : 0x40 | random.nextInt(16));
    }
    if (random.nextInt(4) == 0) {
      code[k++] = 0x0f;
      int[] hot = {0x40, 0x90, 0xa4, 0xac, 0xb6, 0xbe, 0xaf, 0xc8};
      code[k] = (byte) (hot[random.nextInt(hot.length)] + random.nextInt(2));
    }
  }

  private boolean complete(Map<Mnemonic, Integer> seen) {
    return INLINE.stream()
        .filter(m -> codeSize == 64 || m != Mnemonic.MOVSXD)
        .allMatch(m -> seen.getOrDefault(m, 0) >= PER_MNEMONIC);
  }

  private void compare(Insn i, byte[] code) {
    Decoder nop = new Decoder(64);
    Insn filler = nop.decode(new byte[] {(byte) 0x90}, 0, 1);
    int second = i.length;
    CodeSource source =
        new CodeSource() {
          @Override
          public Insn at(int offset) {
            return offset == 0 ? i : offset == second ? filler : null;
          }

          @Override
          public int codeSize() {
            return codeSize;
          }
        };
    Region region = Translator.translate(source, 0, form, false, Hints.NONE);
    assertThat(region).isNotNull();
    for (int s = 0; s < STATES; s++) {
      fill(i);
      expected.mmu.probeWrite(PagedRam.DATA, 1);
      // There must be a page that can serve as a window.
      actual.mmu.probeWrite(PagedRam.DATA, 1);
      byte[] before = memory();
      String wanted = interpret(i);
      byte[] wantedMemory = memory();
      restore(before);
      String got = translated(region, second + 1, i);
      byte[] gotMemory = memory();
      restore(before);
      String hex = java.util.HexFormat.of().formatHex(code, 0, i.length);
      String what = i.form + " " + hex + " seed " + SEED;
      assertThat(got).as(what).isEqualTo(wanted);
      assertThat(Arrays.equals(gotMemory, wantedMemory)).as("memory, " + what).isTrue();
    }
  }

  private void fill(Insn i) {
    for (int r = 0; r < 16; r++) {
      long v = random.nextInt(3) == 0 ? random.nextLong() : EDGES[random.nextInt(EDGES.length)];
      expected.gpr[r] = v;
    }
    expected.gpr[Reg.RSP] = PagedRam.DATA + 0x100;
    if (i.mnemonic == Mnemonic.LEAVE && random.nextInt(8) != 0) {
      expected.gpr[Reg.RBP] = PagedRam.DATA + random.nextInt(0x200);
    }
    if (codeSize == 32) {
      if (random.nextInt(8) == 0) {
        expected.gpr[Reg.RSP] = random.nextInt(8);
      }
      expected.gpr[Reg.RSP] |= random.nextLong() << 32;
      expected.gpr[Reg.RBP] |= random.nextLong() << 32;
    }
    if (i.hasMem() && i.mnemonic != Mnemonic.LEA && random.nextInt(8) != 0) {
      // Aim the address into RAM; if base and index are one register it may still miss and fault.
      long target = PagedRam.DATA + random.nextInt(0x200);
      if (codeSize == 32 && random.nextInt(8) == 0) {
        target = 0xfffffff8L + random.nextInt(16);
      }
      if (i.index != Reg.ZERO) {
        expected.gpr[i.index] = random.nextInt(16);
      }
      if (i.base < 16) {
        expected.gpr[i.base] = target - i.disp - (expected.gpr[i.index] << i.scale);
      }
    }
    expected.setStatusFlags(random.nextInt());
    System.arraycopy(expected.gpr, 0, actual.gpr, 0, 16);
    actual.setStatusFlags(expected.statusFlags());
    for (int k = 0; k < 0x400; k += 8) {
      bus.put(PagedRam.DATA - 0x100 + k, random.nextLong());
    }
    expected.unrequest(-1);
    actual.unrequest(-1);
  }

  private String interpret(Insn i) {
    expected.rip = BASE + i.length;
    String end;
    try {
      Binding.of(i.mnemonic).exec(expected, i);
      end = "ok " + Long.toHexString(expected.rip + 1);
    } catch (GuestFault f) {
      end = fault(f, BASE);
    }
    return end + state(expected);
  }

  private String translated(Region region, int behind, Insn i) {
    String end;
    try {
      end = "ok " + Long.toHexString(region.run(actual, BASE, 0));
      assertThat(end).isEqualTo("ok " + Long.toHexString(BASE + behind));
    } catch (GuestFault f) {
      // The engine turns a non-canonical stack address into #SS; the MMU cannot know.
      boolean pushes = i.mnemonic == Mnemonic.PUSH || i.mnemonic == Mnemonic.LEAVE;
      boolean stack = i.hasMem() ? i.segment == Reg.SS : pushes;
      if (f.nonCanonical && stack) {
        f.set(Vector.SS);
      }
      end = fault(f, actual.rip);
    }
    return end + state(actual);
  }

  private static String fault(GuestFault f, long rip) {
    return "fault " + f.vector + "/" + f.errorCode + " at " + Long.toHexString(rip);
  }

  private static String state(Cpu c) {
    StringBuilder b = new StringBuilder();
    for (int r = 0; r < 16; r++) {
      b.append(' ').append(Long.toHexString(c.gpr[r]));
    }
    return b.append(" f=").append(Integer.toHexString(c.statusFlags() & RFlags.STATUS)).toString();
  }

  private byte[] memory() {
    byte[] b = new byte[PagedRam.BYTES];
    org.quern.x86.mem.HostMemory.read(bus.at(0), b, 0, b.length);
    return b;
  }

  private void restore(byte[] b) {
    org.quern.x86.mem.HostMemory.write(b, 0, b.length, bus.at(0));
  }
}
