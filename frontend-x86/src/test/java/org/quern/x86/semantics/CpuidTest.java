package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Cr;
import org.quern.x86.state.NamedModels;
import org.quern.x86.state.Reg;

/** CPUID tells what the model has, and no more. */
class CpuidTest {
  private FakeMachine m = FakeMachine.long64();

  /** EAX, EBX, ECX, EDX. */
  private int[] cpuid(int leaf, int sub) {
    m.cpu.gpr[Reg.RAX] = leaf & 0xffffffffL;
    m.cpu.gpr[Reg.RCX] = sub;
    m.exec("0f a2");
    return new int[] {
      m.cpu.gpr32(Reg.RAX), m.cpu.gpr32(Reg.RBX), m.cpu.gpr32(Reg.RCX), m.cpu.gpr32(Reg.RDX)
    };
  }

  private static String text(int... words) {
    ByteBuffer b = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int w : words) {
      b.putInt(w);
    }
    return new String(b.array(), StandardCharsets.US_ASCII);
  }

  @Test
  void leaf_0_names_the_vendor() {
    int[] r = cpuid(0, 0);
    assertThat(text(r[1], r[3], r[2])).isEqualTo("GenuineIntel");
    assertThat(r[0]).isEqualTo(0x16);
    r = cpuid(0x80000000, 0);
    assertThat(r[0]).isEqualTo(0x80000008);
  }

  @Test
  void the_brand_string_fills_three_leaves() {
    StringBuilder s = new StringBuilder();
    for (int leaf = 0x80000002; leaf <= 0x80000004; leaf++) {
      s.append(text(cpuid(leaf, 0)));
    }
    assertThat(s.toString().replace("\0", "")).isEqualTo(CpuModel.max().brand());
  }

  static Stream<CpuFeature> featuresOfCpuid() {
    return Arrays.stream(CpuFeature.values()).filter(f -> !f.inMsr());
  }

  @ParameterizedTest
  @MethodSource("featuresOfCpuid")
  void every_feature_bit_is_there_exactly_if_the_model_has_it(CpuFeature f) {
    int[] r = cpuid(f.leaf, f.subleaf);
    boolean bit = (r[f.register - 'a'] >>> f.bit & 1) != 0;
    assertThat(bit).isEqualTo(CpuModel.max().has(f));
  }

  @Test
  void the_upper_halves_of_the_registers_are_cleared() {
    m.cpu.gpr[Reg.RBX] = -1;
    m.cpu.gpr[Reg.RDX] = -1;
    cpuid(0, 0);
    assertThat(m.cpu.gpr[Reg.RBX] >>> 32).isZero();
    assertThat(m.cpu.gpr[Reg.RDX] >>> 32).isZero();
  }

  @Test
  void osxsave_follows_cr4() {
    assertThat(cpuid(1, 0)[2] & 1 << 27).isZero();
    m.cpu.cr4 |= Cr.CR4_OSXSAVE;
    assertThat(cpuid(1, 0)[2] & 1 << 27).isNotZero();
  }

  @Test
  void a_disabled_apic_is_not_reported() {
    assertThat(cpuid(1, 0)[3] & 1 << 9).isNotZero();
    m.interrupts.msrs.put(0x1b, 0xfee00100L);
    assertThat(cpuid(1, 0)[3] & 1 << 9).isZero();
  }

  @Test
  void intel_reports_syscall_in_64_bit_mode_only() {
    assertThat(cpuid(0x80000001, 0)[3] & 1 << 11).isNotZero();
    m = FakeMachine.protected32();
    assertThat(cpuid(0x80000001, 0)[3] & 1 << 11).isZero();
  }

  @ParameterizedTest
  @CsvSource({"1, 0, 0", "2, 1, 1", "3, 2, 1", "4, 2, 1", "8, 3, 1"})
  void topology(int cpus, int bits, int htt) {
    m = FakeMachine.long64(CpuModel.max().withProcessors(cpus));
    int[] one = cpuid(1, 0);
    assertThat(one[3] >>> 28 & 1).as("HTT").isEqualTo(htt);
    assertThat(one[1] >>> 16 & 0xff).as("ids in the package").isEqualTo(1 << bits);
    int[] thread = cpuid(0xb, 0);
    assertThat(thread).startsWith(0, 1, 0x100);
    int[] core = cpuid(0xb, 1);
    assertThat(core).startsWith(bits, cpus, 0x201);
    assertThat(cpuid(0xb, 2)[2] >>> 8).as("no third level").isZero();
    assertThat(cpuid(4, 0)[0] >>> 26).as("cores").isEqualTo((1 << bits) - 1);
  }

  @Test
  void more_processors_than_the_field_holds_leave_the_apic_id_alone() {
    m = FakeMachine.long64(CpuModel.max().withProcessors(200));
    assertThat(cpuid(1, 0)[1] >>> 16).isEqualTo(0xff);
  }

  @Test
  void caches_end_with_type_0() {
    int[] l1 = cpuid(4, 0);
    // Ways, partitions, line size and sets, each less one.
    long size = ((l1[1] >>> 22) + 1L) * ((l1[1] & 0xfff) + 1) * (l1[2] + 1L);
    assertThat(size).isEqualTo(32 << 10);
    assertThat(l1[0] & 0xff).isEqualTo(0x21);
    assertThat(cpuid(4, 4)[0] & 31).isZero();
  }

  @Test
  void the_tsc_frequency_is_the_crystal_times_a_ratio() {
    int[] r = cpuid(0x15, 0);
    assertThat((long) r[2] * r[1] / r[0]).isEqualTo(m.time.tscFrequency());
    assertThat(cpuid(0x16, 0)[0]).isEqualTo(1000);
  }

  @Test
  void xsave_area_sizes() {
    m = with(CpuFeature.AVX, CpuFeature.PKU);
    assertThat(cpuid(0xd, 0)).containsExactly(0x207, 576, 2696, 0);
    assertThat(cpuid(0xd, 2)).containsExactly(256, 576, 0, 0);
    assertThat(cpuid(0xd, 9)).containsExactly(8, 2688, 0, 0);
    assertThat(cpuid(0xd, 3)).containsExactly(0, 0, 0, 0);
    m.cpu.xcr0 = 0x203;
    assertThat(cpuid(0xd, 0)[1]).as("now, standard").isEqualTo(2696);
    assertThat(cpuid(0xd, 1)[1]).as("now, compacted").isEqualTo(584);
  }

  private static FakeMachine with(CpuFeature... more) {
    Set<CpuFeature> features = EnumSet.copyOf(CpuModel.max().features());
    features.addAll(List.of(more));
    return FakeMachine.long64(CpuModel.max().withFeatures(features));
  }

  private static FakeMachine without(CpuFeature... less) {
    Set<CpuFeature> features = EnumSet.copyOf(CpuModel.max().features());
    features.removeAll(List.of(less));
    return FakeMachine.long64(CpuModel.max().withFeatures(features));
  }

  private static FakeMachine named(String name) {
    return FakeMachine.long64(NamedModels.find(name).orElseThrow());
  }

  @Test
  void no_avx_and_no_keys_mean_no_such_state() {
    m = without(CpuFeature.AVX, CpuFeature.PKU);
    assertThat(cpuid(0xd, 0)).containsExactly(3, 576, 576, 0);
    assertThat(cpuid(0xd, 2)).containsExactly(0, 0, 0, 0);
    m = without(CpuFeature.XSAVE);
    assertThat(cpuid(0xd, 0)).containsExactly(0, 0, 0, 0);
  }

  @Test
  void ospke_follows_cr4() {
    assertThat(cpuid(7, 0)[2] & 1 << 4).isZero();
    m.cpu.cr4 |= Cr.CR4_PKE;
    assertThat(cpuid(7, 0)[2] & 1 << 4).isNotZero();
  }

  @Test
  void the_last_leaves_are_the_models() {
    m = named("pentium3");
    assertThat(cpuid(0, 0)[0]).isEqualTo(3);
    assertThat(cpuid(0x80000000, 0)).as("no extended leaves").containsExactly(cpuid(3, 0));
    m = named("EPYC");
    assertThat(cpuid(0, 0)[0]).isEqualTo(0xd);
    assertThat(cpuid(0x80000000, 0)[0]).isEqualTo(0x8000001e);
    assertThat(cpuid(0x10, 0)).as("AMD beyond the last").containsExactly(0, 0, 0, 0);
    assertThat(cpuid(4, 0)).as("Intel's leaf").containsExactly(0, 0, 0, 0);
    assertThat(cpuid(0x8000001d, 3)).containsExactly(0x163, 0x3c0003f, 0x1fff, 6);
    assertThat(cpuid(0x8000001d, 4)).containsExactly(0, 0, 0, 0);
    assertThat(cpuid(0x80000005, 0)[2]).isEqualTo(32 << 24 | 8 << 16 | 1 << 8 | 64);
    assertThat(cpuid(0x80000001, 0)[3] & 0x183f3ff).isEqualTo(cpuid(1, 0)[3] & 0x183f3ff);
  }

  @Test
  void misc_enable_hides_leaves_and_features() {
    m = with(CpuFeature.MONITOR);
    assertThat(cpuid(1, 0)[2] & 1 << 3).isNotZero();
    m.cpu.msr.miscEnable = 1L << 22 | 1L << 34;
    assertThat(cpuid(1, 0)[2] & 1 << 3).as("MONITOR").isZero();
    assertThat(cpuid(0x80000001, 0)[3] & 1 << 20).as("NX").isZero();
    assertThat(cpuid(0, 0)[0]).isEqualTo(2);
    assertThat(cpuid(7, 0)).containsExactly(cpuid(2, 0));
  }

  @Test
  void the_hypervisor_leaf_is_our_own() {
    int[] r = cpuid(0x40000000, 0);
    assertThat(text(r[1], r[2], r[3])).isEqualTo("QuernQuernQu");
    assertThat(cpuid(0x40000001, 0)).containsExactly(0, 0, 0, 0);
  }

  @Test
  void address_widths() {
    assertThat(cpuid(0x80000008, 0)[0]).isEqualTo(57 << 8 | 40);
    m = without(CpuFeature.LA57);
    assertThat(cpuid(0x80000008, 0)[0]).isEqualTo(48 << 8 | 40);
  }

  @Test
  void beyond_the_last_basic_leaf_intel_repeats_it() {
    assertThat(cpuid(0x1234, 0)).containsExactly(cpuid(0x16, 0));
    assertThat(cpuid(0x80000009, 0)).containsExactly(cpuid(0x16, 0));
  }
}
