package org.quern.tests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.quern.accel.api.Accelerator;
import org.quern.accel.api.AcceleratorException;
import org.quern.accel.api.VmExit;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Generation;
import org.quern.x86.state.NamedModels;
import org.quern.x86.state.Reg;

/** Every CPU model: what CPUID does not report is undefined, and what it reports is not. */
abstract class ModelConformance {
  private static final int UD = 6;
  private static final long SLOT = 64;
  private static final HexFormat HEX = HexFormat.of();

  /** A feature, one of its instructions with RBX as address, and whether that is for 64 bits. */
  private record Probe(CpuFeature feature, String code, boolean only64) {}

  private static final List<Probe> PROBES = probes();

  abstract Accelerator accelerator();

  private static List<Probe> probes() {
    // An asterisk: in 64-bit mode only.
    String rows =
        """
        TSC 0f31
        MSR 0f32
        CX8 0fc70b
        CMOV 0f44c1
        MMX 0f6fc1
        FXSR 0fae03
        SSE 0f58c1
        SSE2 660f58c1
        SSE3 f20f7cc1
        SSSE3 660f3800c1
        SSE4_1 660f3817c1
        SSE4_2 660f3837c1
        SSE4A f20f79c1
        POPCNT f30fb8c1
        AES 660f38dcc1
        PCLMULQDQ 660f3a44c100
        MONITOR 0f01c8
        CX16 480fc70b *
        MOVBE 0f38f003
        XSAVE 0f01d0
        XSAVEOPT 0fae33
        XSAVEC 0fc723
        XSAVES 0fc72b
        AVX c5f058c2
        F16C c4e27913c1
        FMA c4e27198c2
        AVX2 c5f5fcc2
        VAES c4e275dcc2
        VPCLMULQDQ c4e37544c200
        RDRAND 0fc7f0
        RDSEED 0fc7f8
        FSGSBASE f30faec0 *
        BMI1 c4e270f2c2
        BMI2 c4e273f6c2
        ADX 660f38f6c1
        INVPCID 660f388203
        SMAP 0f01ca
        CLFLUSH 0fae3b
        CLFLUSHOPT 660fae3b
        CLWB 660fae33
        SHA 0f38c8c1
        GFNI 660f38cfc1
        PKU 0f01ee
        RDPID f30fc7f8
        RDTSCP 0f01f9
        SERIALIZE 0f01e8
        CLZERO 89d80f01fc
        LAHF_LM 9f *
        """;
    List<Probe> list = new ArrayList<>();
    for (String row : rows.strip().split("\n", -1)) {
      String[] word = row.split(" ", -1);
      list.add(new Probe(CpuFeature.valueOf(word[0]), word[1], word.length > 2));
    }
    return list;
  }

  /** FNINIT and FNSTSW AX: how software looks for an x87. */
  private static final String DETECTION = "b85a5a0000dbe3dfe0";

  @ParameterizedTest
  @CsvSource({
    // CR0 beside its other bits, vector, AX behind
    "0, -1, 5a5a",
    "2, -1, 5a5a", // MP
    "4, 7, 5a5a", // EM
    "8, 7, 5a5a" // TS
  })
  void withoutX87NobodyAnswersEscapes(int cr0, int vector, String ax) throws AcceleratorException {
    EnumSet<CpuFeature> features = EnumSet.copyOf(CpuModel.max().features());
    features.remove(CpuFeature.FPU);
    CpuModel model = CpuModel.max().withFeatures(features);
    GuestMachine m = new GuestMachine(accelerator(), Mode.LONG64, 1, model);
    m.start.cr0 = m.start.cr0 & ~(Cr.CR0_EM | Cr.CR0_MP | Cr.CR0_TS) | cr0;
    place(m, 0, DETECTION);
    place(m, 1, "66c7035a5adbe3dd3b");
    for (int n = 0; n < 3; n++) {
      GuestResult r = run(m, 0);
      assertThat(r.vector()).isEqualTo(vector);
      assertThat(r.reg(Reg.RAX)).isEqualTo(Long.parseLong(ax, 16));
      assertThat(run(m, 1).vector()).isEqualTo(vector);
      assertThat(m.bus.read(GuestMachine.DATA, 2)).containsExactly(0x5a, 0x5a);
    }
  }

  /** Every processor with 32-bit code, and the default. */
  static Stream<String> models() {
    return Stream.concat(NamedModels.families().stream(), Stream.of("486-v0", "max", "base"))
        .filter(n -> !model(n).generation().before(Generation.I386));
  }

  private static CpuModel model(String name) {
    return NamedModels.usable(NamedModels.find(name).orElseThrow());
  }

  @ParameterizedTest
  @MethodSource("models")
  @DisplayName("undefined exactly where CPUID says so")
  void undefinedExactlyWhereCpuidSaysSo(String name) throws AcceleratorException {
    CpuModel model = model(name);
    boolean wide = model.has(CpuFeature.LM);
    GuestMachine m =
        new GuestMachine(accelerator(), wide ? Mode.LONG64 : Mode.PROTECTED32, 1, model);
    m.start.cr4 |= Cr.CR4_OSXSAVE | Cr.CR4_FSGSBASE | Cr.CR4_PKE;
    m.start.xcr0 = 7;
    place(m, 0, "0fa2");
    for (int n = 0; n < PROBES.size(); n++) {
      place(m, n + 1, PROBES.get(n).code);
    }
    List<String> wrong = new ArrayList<>();
    for (int n = 0; n < PROBES.size(); n++) {
      Probe p = PROBES.get(n);
      if (p.only64 && !wide) {
        continue;
      }
      boolean reported = reported(m, p.feature);
      boolean undefined = run(m, n + 1).vector() == UD;
      if (reported == undefined) {
        wrong.add(p.feature + (reported ? " is reported, but #UD" : " is not reported, but works"));
      }
      assertThat(reported).as("%s", p.feature).isEqualTo(model.has(p.feature));
    }
    assertThat(wrong).isEmpty();
  }

  /** A jump, so that an engine takes it for an entry; then the instruction. */
  private static void place(GuestMachine m, int slot, String code) {
    m.bus.write(GuestMachine.CODE + SLOT * slot, HEX.parseHex("eb00" + code + "f4"));
  }

  private static GuestResult run(GuestMachine m, int slot) {
    m.start.rip = GuestMachine.CODE + SLOT * slot;
    m.start.gpr[Reg.RBX] = GuestMachine.DATA;
    m.run();
    GuestResult r = m.run();
    assertThat(r.kind()).isEqualTo(VmExit.Kind.HLT);
    return r;
  }

  /** The feature's bit, as the guest's CPUID has it. */
  private static boolean reported(GuestMachine m, CpuFeature f) {
    int leaf = f.leaf;
    int last = cpuid(m, leaf & 0x80000000, 0, 'a');
    boolean there = last < 0 == leaf < 0 && Integer.compareUnsigned(leaf, last) <= 0;
    return there && (cpuid(m, leaf, f.subleaf, f.register) >>> f.bit & 1) != 0;
  }

  /** A register CPUID gives; 0 on processors without it. */
  private static int cpuid(GuestMachine m, int leaf, int subleaf, char register) {
    m.start.gpr[Reg.RAX] = leaf & 0xffffffffL;
    m.start.gpr[Reg.RCX] = subleaf;
    GuestResult r = run(m, 0);
    m.start.gpr[Reg.RAX] = 0;
    m.start.gpr[Reg.RCX] = 0;
    if (r.vector() == UD) {
      return 0;
    }
    return (int)
        r.reg(
            switch (register) {
              case 'a' -> Reg.RAX;
              case 'b' -> Reg.RBX;
              case 'c' -> Reg.RCX;
              default -> Reg.RDX;
            });
  }
}
