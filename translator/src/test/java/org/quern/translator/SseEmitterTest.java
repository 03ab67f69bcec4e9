package org.quern.translator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.quern.x86.decode.Decoder;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.fault.GuestFault;
import org.quern.x86.fault.Vector;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.semantics.Binding;
import org.quern.x86.semantics.SimdAccess;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/**
 * Every SSE instruction the emitter has bytecode for, and the vector and x87 instructions it calls
 * without writing all registers back, compared with their semantic methods: random encodings over
 * random and edge values, all settings of MXCSR, misaligned operands and page faults in either
 * half. An addition in front leaves lazy flags and a register that is only in a local.
 */
class SseEmitterTest {
  private static final long SEED = 0x55e2;
  private static final int PER_MNEMONIC = 25;
  private static final int STATES = 12;
  private static final int SEQUENCES = 1500;
  private static final int LENGTH = 6;
  private static final int MAX_TRIES = 20_000_000;

  /** Pages at 2 MiB: data, absent, data, read-only. */
  private static final long WINDOW = 0x200000;

  private static final int PAGE_TABLE = 0x4000;
  private static final int DATA_BYTES = 0x3000;

  private static final long[] DOUBLES = {
    0,
    Long.MIN_VALUE,
    1,
    0x000fffffffffffffL,
    0x0010000000000000L,
    0x8010000000000001L,
    0x3ff0000000000000L,
    0xbff0000000000000L,
    0x3ff0000000000001L,
    0x4000000000000000L,
    0x7fefffffffffffffL,
    0x7ff0000000000000L,
    0xfff0000000000000L,
    0x7ff8000000000000L,
    0x7ff0000000000001L,
    0x41dfffffffc00000L,
    0xc1e0000000100000L,
    0x43e0000000000000L,
    0x47efffffe0000000L,
    0x3690000000000000L,
  };

  private static final int[] FLOATS = {
    0,
    Integer.MIN_VALUE,
    1,
    0x007fffff,
    0x00800000,
    0x80800001,
    0x3f800000,
    0xbf800000,
    0x3f800001,
    0x40000000,
    0x7f7fffff,
    0x7f800000,
    0xff800000,
    0x7fc00000,
    0x7f800001,
    0x4f000000,
    0x5f000000,
  };

  private static final int[] PREFIXES = {0, 0x66, 0xf2, 0xf3};

  private final Random random = new Random(SEED);
  private final PagedRam bus = new PagedRam();
  private final Cpu expected = cpu();
  private final Cpu actual = cpu();
  private final Decoder decoder = new Decoder(64);

  /** How many cases ended in each exception, and how many faulted behind the first byte. */
  private final int[] faults = new int[32];

  private int secondHalf;

  /** Memory operands that fast regions accessed themselves, and those they left for. */
  private int hits;

  private int misses;

  /** Entries that were refused because SSE is off. */
  private int refused;

  private Cpu cpu() {
    Cpu c = bus.cpu();
    c.cr0 |= Cr.CR0_WP;
    c.seg[Reg.FS].base = 0x40;
    return c;
  }

  @Test
  @DisplayName("emitted code and semantic method agree on every SSE form")
  void sse() {
    agrees(SseForms.mnemonics(), this::sseBytes);
    for (int vector :
        new int[] {Vector.UD, Vector.NM, Vector.GP, Vector.SS, Vector.PF, Vector.XM}) {
      assertThat(faults[vector]).as("cases with exception %d", vector).isGreaterThan(10);
    }
    assertThat(hits).as("operands that fast regions accessed").isGreaterThan(1000);
    assertThat(refused).as("refused entries").isGreaterThan(100);
    assertThat(misses).as("operands that they left for").isGreaterThan(1000);
    assertThat(secondHalf).as("page faults in the second half").isGreaterThan(100);
  }

  @Test
  @DisplayName("emitted code and semantic method agree on VEX forms")
  void vex() {
    Set<Mnemonic> wanted = EnumSet.noneOf(Mnemonic.class);
    for (Mnemonic m : Mnemonic.values()) {
      // Most with bytecode of their own, some that are called, some that may change anything.
      switch (m) {
        case VMOVAPS, VMOVUPS, VMOVDQA, VMOVDQU, VMOVNTDQ, VMOVD, VMOVQ, VMOVSS, VMOVSD ->
            wanted.add(m);
        case VPXOR, VANDNPS, VPADDB, VPCMPEQB, VPMINUB, VPSUBQ, VPSLLW, VPSRAD, VPSRLQ ->
            wanted.add(m);
        case VPMOVMSKB, VZEROUPPER, VPBROADCASTB, VPSHUFB, VADDPS, VFMADD231SD, VPBLENDVB ->
            wanted.add(m);
        case VPTEST, VUCOMISD, VZEROALL, VPCMPISTRM, VMASKMOVDQU -> wanted.add(m);
        case VEXTRACTI128, VCVTTSD2SI, VPMASKMOVD, VPINSRD, VPERMQ, VSTMXCSR -> wanted.add(m);
        default -> {}
      }
    }
    agrees(wanted, this::vexBytes);
    for (int vector : new int[] {Vector.UD, Vector.NM, Vector.GP, Vector.SS, Vector.PF}) {
      assertThat(faults[vector]).as("cases with exception %d", vector).isGreaterThan(10);
    }
    assertThat(hits).as("operands that fast regions accessed").isGreaterThan(1000);
    assertThat(misses).as("operands that they left for").isGreaterThan(200);
  }

  @Test
  @DisplayName("calls that keep registers in locals agree with the semantic method")
  void lightCalls() {
    Set<Mnemonic> x87 = EnumSet.noneOf(Mnemonic.class);
    for (Mnemonic m : EnumSet.range(Mnemonic.F2XM1, Mnemonic.FNSETPM)) {
      if (m != Mnemonic.FWAIT) {
        x87.add(m);
      }
    }
    agrees(x87, this::x87Bytes);
    agrees(
        EnumSet.of(
            Mnemonic.MOVNTQ,
            Mnemonic.MOVQ2DQ,
            Mnemonic.MOVDQ2Q,
            Mnemonic.PSHUFW,
            Mnemonic.CVTPI2PS,
            Mnemonic.CVTPI2PD,
            Mnemonic.CVTPS2PI,
            Mnemonic.CVTTPD2PI,
            Mnemonic.LDMXCSR,
            Mnemonic.STMXCSR,
            Mnemonic.EMMS,
            Mnemonic.RCPPS,
            Mnemonic.RSQRTSS,
            Mnemonic.MASKMOVDQU,
            Mnemonic.MFENCE),
        this::sseBytes);
  }

  @Test
  @DisplayName("pextrw word [rdi], xmm1, 3, whose mnemonic has another form with bytecode")
  void extractedWordGoesToMemory() {
    byte[] code = HexFormat.of().parseHex("660f3a150f03");
    for (int n = 0; n < PER_MNEMONIC; n++) {
      compare(decoder.decode(code, 0, code.length), "660f3a150f03");
    }
  }

  @Test
  @DisplayName("setcc after ucomisd and comiss, every condition and order")
  void conditions() {
    String[] comparisons = {"660f2ec1", "0f2fc1"};
    long one = 0x3ff000003f800000L;
    long two = 0x4000000040000000L;
    long nan = 0x7ff800007fc00000L;
    long[][] operands = {{one, two}, {two, two}, {two, one}, {nan, one}, {one, nan}};
    for (String comparison : comparisons) {
      for (int cc = 0; cc < 16; cc++) {
        byte[] code = HexFormat.of().parseHex(comparison + String.format("0f9%xc0", cc) + "90");
        Insn compare = decoder.decode(code, 0, code.length);
        int at = compare.length;
        Insn set = decoder.decode(code, at, 3);
        Insn last = decoder.decode(code, at + 3, 1);
        CodeSource source = o -> o == 0 ? compare : o == at ? set : o == at + 3 ? last : null;
        for (Form form : Form.values()) {
          Region region = Translator.translate(source, 0, form, false, Hints.NONE);
          for (long[] pair : operands) {
            fillMemory();
            fill(compare, 0, 0, 0);
            sseOn(expected);
            expected.vec[0] = pair[0];
            expected.vec[4] = pair[1];
            copy(expected, actual);
            actual.mmu.probeWrite(WINDOW, 1);
            assertThat(actual.mmu.prime(WINDOW)).isTrue();
            Binding.of(compare.mnemonic).exec(expected, compare);
            Binding.of(set.mnemonic).exec(expected, set);
            assertThat(region.run(actual, 0x5000, 0)).isEqualTo(0x5000 + at + 4);
            assertThat(state(actual)).as(comparison + " set" + cc).isEqualTo(state(expected));
          }
        }
      }
    }
  }

  @Test
  @DisplayName("sequences in which called methods see the registers that emitted code has changed")
  void sequences() {
    Set<Mnemonic> others =
        EnumSet.of(Mnemonic.MASKMOVDQU, Mnemonic.CVTPI2PS, Mnemonic.MOVQ2DQ, Mnemonic.RCPPS);
    byte[] code = new byte[16];
    for (int n = 0; n < SEQUENCES; n++) {
      TreeMap<Integer, Insn> insns = new TreeMap<>();
      int end = 0;
      while (insns.size() < LENGTH) {
        random.nextBytes(code);
        if (random.nextInt(100) == 0) {
          // fxsave [rdi], fxrstor [rdi]
          byte[] save = {0x0f, (byte) 0xae, (byte) (random.nextBoolean() ? 0x07 : 0x0f)};
          System.arraycopy(save, 0, code, 0, 3);
        } else {
          sseBytes(code);
        }
        Insn i = decoder.decode(code, 0, 15);
        boolean state = i.mnemonic == Mnemonic.FXSAVE || i.mnemonic == Mnemonic.FXRSTOR;
        boolean known = SseForms.has(i.mnemonic) || others.contains(i.mnemonic);
        if (state || (known && !i.hasMem() && i.vexL < 0)) {
          insns.put(end, i);
          end += i.length;
        }
      }
      for (Form form : Form.values()) {
        Region region = Translator.translate(insns::get, 0, form, false, Hints.NONE);
        assertThat(region).isNotNull();
        runSequence(region, insns, end);
      }
    }
  }

  private void runSequence(Region region, TreeMap<Integer, Insn> insns, int end) {
    fill(insns.get(0), 0, 0, 0);
    sseOn(expected);
    expected.mxcsr = mxcsr();
    expected.fpu.status = 0;
    expected.gpr[Reg.RDI] = WINDOW;
    copy(expected, actual);
    actual.mmu.probeWrite(WINDOW, 1);
    assertThat(actual.mmu.prime(WINDOW)).isTrue();
    byte[] before = memory();
    String wanted = "ok";
    for (Map.Entry<Integer, Insn> e : insns.entrySet()) {
      Insn i = e.getValue();
      expected.rip = 0x5000L + e.getKey() + i.length;
      try {
        Binding.of(i.mnemonic).exec(expected, i);
      } catch (GuestFault f) {
        wanted = fault(f, 0x5000L + e.getKey());
        break;
      }
    }
    wanted += state(expected);
    byte[] wantedMemory = memory();
    restore(before);
    String got = "ok";
    try {
      assertThat(region.run(actual, 0x5000, 0)).isEqualTo(0x5000L + end);
    } catch (GuestFault f) {
      got = fault(f, actual.rip);
    }
    got += state(actual);
    assertThat(got).as("%s, seed %d", insns, SEED).isEqualTo(wanted);
    assertThat(memory()).as("memory, %s, seed %d", insns, SEED).isEqualTo(wantedMemory);
  }

  private static void sseOn(Cpu c) {
    c.cr0 &= ~(Cr.CR0_TS | Cr.CR0_EM);
    c.cr4 |= Cr.CR4_OSFXSR;
    c.mxcsr = 0x1f80;
  }

  private interface Bytes {
    /** Fills in random code and returns how many bytes stand before ModRM. */
    void fill(byte[] code);
  }

  private void agrees(Set<Mnemonic> wanted, Bytes bytes) {
    Map<Mnemonic, Integer> seen = new EnumMap<>(Mnemonic.class);
    byte[] code = new byte[16];
    int missing = wanted.size();
    for (int n = 0; n < MAX_TRIES && missing > 0; n++) {
      random.nextBytes(code);
      bytes.fill(code);
      Insn i = decoder.decode(code, 0, 15);
      if (wanted.contains(i.mnemonic)) {
        int count = seen.merge(i.mnemonic, 1, Integer::sum);
        if (count <= PER_MNEMONIC) {
          compare(i, HexFormat.of().formatHex(code, 0, i.length));
        }
        missing -= count == PER_MNEMONIC ? 1 : 0;
      }
    }
    assertThat(missing).as("mnemonics without enough encodings: %s", seen).isZero();
  }

  private int segmentAndSize(byte[] code) {
    int k = 0;
    if (random.nextInt(12) == 0) {
      code[k++] = 0x64;
    }
    if (random.nextInt(12) == 0) {
      code[k++] = 0x67;
    }
    return k;
  }

  private void sseBytes(byte[] code) {
    int k = segmentAndSize(code);
    int prefix = PREFIXES[random.nextInt(4)];
    if (prefix != 0) {
      code[k++] = (byte) prefix;
    }
    if (random.nextBoolean()) {
      code[k++] = (byte) (0x40 | random.nextInt(16));
    }
    code[k] = 0x0f;
  }

  private void vexBytes(byte[] code) {
    int k = segmentAndSize(code);
    code[k++] = (byte) 0xc4;
    code[k] = (byte) (code[k] & 0xe0 | 1 + random.nextInt(3));
    if (random.nextBoolean()) {
      code[k + 1] |= 0x78; // no register in vvvv
    }
  }

  private void x87Bytes(byte[] code) {
    int k = segmentAndSize(code);
    code[k] = (byte) (0xd8 + random.nextInt(8));
  }

  // ---- one encoding

  private void compare(Insn i, String hex) {
    int r = i.hasMem() && i.base < 16 && random.nextBoolean() ? i.base : random.nextInt(16);
    int step = random.nextInt(256) - 128;
    byte[] addition = {
      (byte) (r < 8 ? 0x48 : 0x49), (byte) 0x83, (byte) (0xc0 | r & 7), (byte) step
    };
    Insn first = decoder.decode(addition, 0, 4);
    // Half of the time the instruction is in a block of its own, which checks that SSE is on.
    Insn jumpOver = random.nextBoolean() ? decoder.decode(new byte[] {(byte) 0xeb, 0}, 0, 2) : null;
    int at = first.length + (jumpOver == null ? 0 : jumpOver.length);
    int behind = at + i.length;
    // A loop, because only those have the fast form; the request makes it leave after one round.
    byte[] jump = {(byte) 0xeb, (byte) (-behind - 2)};
    Insn last = decoder.decode(jump, 0, 2);
    CodeSource code =
        o ->
            o == 0 ? first : o == at ? i : o == behind ? last : o == first.length ? jumpOver : null;
    Region compact = Translator.translate(code, 0, Form.COMPACT, false, Hints.NONE);
    Region fast = Translator.translate(code, 0, Form.FAST, false, Hints.NONE);
    assertThat(compact).isNotNull();
    assertThat(fast).isNotNull();
    for (int s = 0; s < STATES; s++) {
      Region region = s % 2 == 0 ? compact : fast;
      long base = fill(i, r, step, behind);
      expected.mmu.probeWrite(WINDOW, 1);
      actual.mmu.probeWrite(WINDOW, 1);
      // Whatever RSP is, there is a page that can serve as a window.
      assertThat(actual.mmu.prime(WINDOW)).isTrue();
      actual.request(Cpu.REQ_KICK);
      byte[] before = memory();
      String wanted = interpret(first, i, base, base + at);
      byte[] wantedMemory = memory();
      restore(before);
      String got = translated(region, region == fast, first, i, base, base + at);
      byte[] gotMemory = memory();
      String what = i.form + " " + hex + ", state " + s + ", seed " + SEED;
      assertThat(got).as(what).isEqualTo(wanted);
      assertThat(Arrays.equals(gotMemory, wantedMemory)).as("memory, " + what).isTrue();
    }
  }

  /** Random equal states; returns the address of the code. */
  private long fill(Insn i, int added, int step, int behind) {
    Cpu c = expected;
    for (int r = 0; r < 16; r++) {
      c.gpr[r] = random.nextInt(3) == 0 ? value() : random.nextLong();
    }
    long base = 0x5000;
    if (i.hasMem() && random.nextInt(10) != 0) {
      long target = target() - (i.segment == Reg.FS ? c.seg[Reg.FS].base : 0);
      if (i.index != Reg.ZERO) {
        c.gpr[i.index] = 16L * random.nextInt(4);
      }
      if (i.base == Reg.RIP) {
        base = target - i.disp - behind;
      } else if (i.base < 16) {
        c.gpr[i.base] = target - i.disp - (c.gpr[i.index] << i.scale);
      }
      if (added == i.base || added == i.index) {
        c.gpr[added] -= step;
      }
    }
    c.setStatusFlags(random.nextInt());
    for (int k = 0; k < Cpu.VEC_SCRATCH; k++) {
      c.vec[k] = value();
    }
    c.xcr0 = random.nextInt(16) != 0 ? 7 : 3;
    c.mxcsr = mxcsr();
    c.cr4 = Cr.CR4_PAE | (random.nextInt(16) != 0 ? Cr.CR4_OSFXSR : 0);
    c.cr4 |= random.nextInt(4) != 0 ? Cr.CR4_OSXMMEXCPT : 0;
    c.cr4 |= random.nextInt(16) != 0 ? Cr.CR4_OSXSAVE : 0;
    c.cr0 &= ~(Cr.CR0_TS | Cr.CR0_EM);
    c.cr0 |= random.nextInt(20) == 0 ? Cr.CR0_TS : 0;
    c.cr0 |= random.nextInt(20) == 0 ? Cr.CR0_EM : 0;
    c.cr0 |= Cr.CR0_NE;
    fillFpu(c);
    copy(c, actual);
    fillMemory();
    return base;
  }

  private void fillFpu(Cpu c) {
    for (int r = 0; r < 8; r++) {
      c.fpu.significand[r] = random.nextBoolean() ? random.nextLong() | 1L << 63 : value();
      c.fpu.signExponent[r] = 0x3f80 + random.nextInt(0x100) | random.nextInt(2) << 15;
    }
    c.fpu.top = random.nextInt(8);
    c.fpu.tag = random.nextInt(4) == 0 ? random.nextInt(0x10000) : 0;
    c.fpu.control = random.nextInt(4) == 0 ? random.nextInt(0x10000) & 0xf7f : 0x37f;
    c.fpu.status = random.nextInt(8) == 0 ? 0x80 : 0;
  }

  private static void copy(Cpu from, Cpu to) {
    System.arraycopy(from.gpr, 0, to.gpr, 0, 16);
    System.arraycopy(from.vec, 0, to.vec, 0, Cpu.VEC_SCRATCH);
    to.xcr0 = from.xcr0;
    to.setStatusFlags(from.statusFlags());
    to.mxcsr = from.mxcsr;
    to.cr0 = from.cr0;
    to.cr4 = from.cr4;
    to.fpu.copyFrom(from.fpu);
    from.unrequest(-1);
    to.unrequest(-1);
  }

  /** An address that is mostly aligned and in the first data page, or near the end of a page. */
  private long target() {
    return switch (random.nextInt(8)) {
      case 0 -> WINDOW + random.nextInt(0xf00);
      case 1 -> WINDOW + 0x1000 - random.nextInt(24);
      case 2 -> WINDOW + 0x2000 - random.nextInt(24);
      case 3 -> WINDOW + 0x3000 - random.nextInt(24);
      default -> WINDOW + (random.nextInt(0xf0) << 4);
    };
  }

  private int mxcsr() {
    int m = 0x1f80 | (random.nextBoolean() ? 0x20 : 0);
    return switch (random.nextInt(6)) {
      case 0 -> m | random.nextInt(0x40);
      case 1 -> m | random.nextInt(4) << 13;
      case 2 -> m | (random.nextBoolean() ? 1 << 6 : 1 << 15);
      case 3 -> random.nextInt(0x10000);
      default -> m;
    };
  }

  /** Edge and ordinary values of all element types. */
  private long value() {
    return switch (random.nextInt(8)) {
      case 0 -> random.nextLong();
      case 1 -> DOUBLES[random.nextInt(DOUBLES.length)];
      case 2 -> single() & 0xffffffffL | (long) single() << 32;
      case 3 -> Double.doubleToRawLongBits(random.nextInt(64) - 32);
      case 4 -> Double.doubleToRawLongBits(random.nextGaussian() * 1000);
      case 5 -> random.nextInt(40);
      default -> plain() & 0xffffffffL | (long) plain() << 32;
    };
  }

  private int single() {
    return FLOATS[random.nextInt(FLOATS.length)];
  }

  private int plain() {
    float f = random.nextBoolean() ? random.nextInt(64) - 32 : (float) random.nextGaussian();
    return Float.floatToRawIntBits(f);
  }

  private void fillMemory() {
    for (int k = 0; k < DATA_BYTES; k += 8) {
      boolean used = k < 0x1000 || (k & 0xfff) < 0x20 || (k & 0xfff) >= 0xfe0;
      bus.put(PagedRam.DATA + k, used ? value() : 0);
    }
    int present = 0x67;
    bus.put(0x3008, PAGE_TABLE | present);
    bus.put(PAGE_TABLE, PagedRam.DATA | present);
    bus.put(PAGE_TABLE + 8, 0);
    bus.put(PAGE_TABLE + 16, PagedRam.DATA + 0x1000 | present);
    bus.put(PAGE_TABLE + 24, PagedRam.DATA + 0x2000 | present & ~2);
  }

  // ---- running it

  private String interpret(Insn first, Insn i, long base, long at) {
    Cpu c = expected;
    c.rip = base + first.length;
    Binding.of(first.mnemonic).exec(c, first);
    c.rip = at + i.length;
    String end;
    try {
      Binding.of(i.mnemonic).exec(c, i);
      end = "ok";
    } catch (GuestFault f) {
      end = fault(f, at);
      faults[f.vector]++;
      secondHalf += f.vector == Vector.PF && (f.cr2 & 0xfff) == 0 ? 1 : 0;
    }
    return end + state(c);
  }

  private String translated(Region region, boolean fast, Insn first, Insn i, long base, long at) {
    Cpu c = actual;
    String end = "ok";
    try {
      long rip = region.run(c, base, 0);
      if (rip == Region.REFUSED) {
        assertThat(SimdAccess.sseOn(c)).isFalse();
        refused++;
        c.rip = base + first.length;
        Binding.of(first.mnemonic).exec(c, first);
        c.rip = at + i.length;
        execute(i);
      } else if (c.missed >= 0) {
        // As the engine does: executes the instruction, and the page becomes the window.
        region.missed(c);
        c.missed = -1;
        misses++;
        assertThat(rip).isEqualTo(at);
        c.rip = rip + i.length;
        execute(i);
      } else {
        assertThat(rip).isIn(base, at + i.length);
        hits += fast && i.hasMem() ? 1 : 0;
      }
    } catch (GuestFault f) {
      // The engine turns a non-canonical stack address into #SS; the MMU cannot know.
      if (f.nonCanonical && i.segment == Reg.SS) {
        f.set(Vector.SS);
      }
      end = fault(f, c.rip);
    }
    return end + state(c);
  }

  /** Executes an instruction whose end is the RIP of {@link #actual}; a fault puts RIP back. */
  private void execute(Insn i) {
    long at = actual.rip - i.length;
    try {
      Binding.of(i.mnemonic).exec(actual, i);
    } catch (GuestFault f) {
      actual.rip = at;
      throw f;
    }
  }

  private static String fault(GuestFault f, long rip) {
    String cr2 = f.vector == Vector.PF ? " cr2 " + Long.toHexString(f.cr2) : "";
    return "fault " + f.vector + "/" + f.errorCode + cr2 + " at " + Long.toHexString(rip);
  }

  private static String state(Cpu c) {
    StringBuilder b = new StringBuilder();
    for (int r = 0; r < 16; r++) {
      b.append(' ').append(Long.toHexString(c.gpr[r]));
    }
    b.append("\nf=").append(Integer.toHexString(c.statusFlags() & RFlags.STATUS));
    b.append(" mxcsr=").append(Integer.toHexString(c.mxcsr));
    b.append(" accrued=").append(c.soft.accrued);
    for (int k = 0; k < Cpu.VEC_SCRATCH; k++) {
      b.append(k % 4 == 0 ? "\nv" + k / 4 : "").append(' ').append(Long.toHexString(c.vec[k]));
    }
    b.append("\nx87 ").append(Arrays.toString(c.fpu.significand));
    b.append(' ').append(Arrays.toString(c.fpu.signExponent)).append(' ').append(c.fpu.top);
    b.append(' ').append(c.fpu.tag).append(' ').append(c.fpu.status).append(' ');
    b.append(c.fpu.control).append(' ').append(c.fpu.ip).append(' ').append(c.fpu.dp);
    b.append(' ').append(c.fpu.opcode).append(' ').append(c.fpu.ds);
    return b.toString();
  }

  private byte[] memory() {
    byte[] b = new byte[DATA_BYTES];
    HostMemory.read(bus.at(PagedRam.DATA), b, 0, b.length);
    return b;
  }

  private void restore(byte[] b) {
    HostMemory.write(b, 0, b.length, bus.at(PagedRam.DATA));
  }
}
