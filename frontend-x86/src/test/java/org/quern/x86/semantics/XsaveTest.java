package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;

/**
 * The XSAVE feature set with AVX and PKRU: both formats, what is saved of initial components, and
 * the checks. What a header holds for initial components and MXCSR is as an AMD Zen 4 has it.
 */
class XsaveTest {
  private static final long AREA = 0x6000;
  private static final int HEADER = 512;
  private static final int XCOMP_BV = 520;
  private static final int YMM = 576;
  private static final int PKRU = 2688;
  private static final long ALL = 0x207;
  private static final long COMPACT = 1L << 63;

  // With RBX as base
  private static final String XSAVE = "48 0f ae 23";
  private static final String XSAVEOPT = "48 0f ae 33";
  private static final String XSAVEC = "48 0f c7 23";
  private static final String XSAVES = "48 0f c7 2b";
  private static final String XRSTOR = "48 0f ae 2b";
  private static final String XRSTORS = "48 0f c7 1b";
  private static final String XGETBV = "0f 01 d0";
  private static final String XSETBV = "0f 01 d1";

  private FakeMachine m;
  private Cpu c;

  @BeforeEach
  void machine() {
    Set<CpuFeature> features = EnumSet.copyOf(CpuModel.max().features());
    features.add(CpuFeature.AVX);
    m = FakeMachine.long64(CpuModel.max().withFeatures(features));
    c = m.cpu;
    c.cr4 |= Cr.CR4_OSXSAVE;
    c.xcr0 = ALL;
    initial();
  }

  /** All components in their initial configuration. */
  private void initial() {
    c.fpu.init();
    Arrays.fill(c.fpu.significand, 0);
    Arrays.fill(c.fpu.signExponent, 0);
    Arrays.fill(c.vec, 0);
    c.mxcsr = 0x1f80;
    c.pkru = 0;
  }

  /** No component in its initial configuration. */
  private void fill() {
    c.fpu.control = 0x27f;
    for (int n = 0; n < 4 * 16; n++) {
      c.vec[n] = 0x100L + n;
    }
    c.mxcsr = 0x3f80;
    c.pkru = 0x12345670;
  }

  private String run(String code, long mask) {
    c.gpr[Reg.RBX] = AREA;
    c.gpr[Reg.RAX] = mask & 0xffffffffL;
    c.gpr[Reg.RDX] = mask >>> 32;
    return m.outcome(code);
  }

  private long at(int offset) {
    return m.bus.read(AREA + offset, 8);
  }

  private void put(int offset, long v) {
    m.bus.write(AREA + offset, 8, v);
  }

  /** Everything of the area becomes 0xcc, the header 0. */
  private void stain() {
    for (int n = 0; n < 4096; n += 8) {
      put(n, n >= HEADER && n < YMM ? 0 : 0xcccccccccccccccL);
    }
  }

  // ---- segments

  @ParameterizedTest
  @CsvSource({
    // code, mask, bytes in the segment
    "0f ae 23, 3, 576, -",
    "0f ae 23, 7, 831, #GP(0)",
    "0f ae 23, 7, 832, -",
    "0f ae 23, 207, 2695, #GP(0)",
    "0f c7 23, 207, 839, #GP(0)",
    "0f c7 23, 207, 840, -",
    "0f ae 2b, 7, 831, #GP(0)",
    "0f ae 2b, 7, 832, -"
  })
  void theSegmentMustHoldWhatIsSavedAndRestored(
      String code, String mask, int bytes, String expected) {
    m = FakeMachine.protected32(CpuModel.max());
    c = m.cpu;
    c.cr4 |= Cr.CR4_OSXSAVE;
    c.xcr0 = ALL;
    fill();
    put(HEADER, 7);
    c.seg[Reg.DS].limit = (int) AREA + bytes - 1;
    assertThat(run(code, Long.parseLong(mask, 16))).isEqualTo(expected);
  }

  // ---- saving

  @Test
  @DisplayName("xsave: the standard format")
  void standardFormat() {
    fill();
    assertThat(run(XSAVE, -1)).isEqualTo("-");
    assertThat(at(HEADER)).isEqualTo(ALL);
    assertThat(at(XCOMP_BV)).isZero();
    assertThat(at(YMM + 16 * 15)).isEqualTo(0x100 + 15 * 4 + 2);
    assertThat(at(YMM + 16 * 15 + 8)).isEqualTo(0x100 + 15 * 4 + 3);
    assertThat(at(PKRU)).isEqualTo(0x12345670);
  }

  @Test
  @DisplayName("xsave: initial components are written, but not marked; other bits stay")
  void xsaveOfInitialState() {
    stain();
    put(HEADER, 0x204);
    assertThat(run(XSAVE, 7)).isEqualTo("-");
    assertThat(at(HEADER)).isEqualTo(0x200);
    assertThat(at(0) & 0xffff).isEqualTo(0x37f);
    assertThat(at(YMM)).isZero();
    assertThat(at(PKRU)).as("not asked for").isEqualTo(0xcccccccccccccccL);
  }

  @ParameterizedTest
  @CsvSource({
    // mask, MXCSR not initial: header, whether MXCSR is written
    "7, false, 200, true",
    "4, false, 200, true",
    "1, false, 204, false",
    "7, true, 200, true",
    "4, true, 200, true"
  })
  void xsaveoptLeavesInitialComponentsOut(long mask, boolean mx, String header, boolean mxcsr) {
    stain();
    put(HEADER, 0x204);
    c.mxcsr = mx ? 0x3f80 : 0x1f80;
    assertThat(run(XSAVEOPT, mask)).isEqualTo("-");
    assertThat(Long.toHexString(at(HEADER))).isEqualTo(header);
    assertThat(at(0)).as("x87").isEqualTo(0xcccccccccccccccL);
    assertThat(at(YMM)).as("YMM").isEqualTo(0xcccccccccccccccL);
    assertThat((int) at(24) == c.mxcsr).isEqualTo(mxcsr);
  }

  @ParameterizedTest
  @CsvSource({"7, false, 0", "4, false, 0", "7, true, 2", "4, true, 0", "1, true, 0", "2, true, 2"})
  void xsavecOfInitialState(long mask, boolean mx, long header) {
    stain();
    put(HEADER, -1);
    c.mxcsr = mx ? 0x3f80 : 0x1f80;
    assertThat(run(XSAVEC, mask)).isEqualTo("-");
    assertThat(at(HEADER)).isEqualTo(header);
    assertThat(at(XCOMP_BV)).isEqualTo(COMPACT | mask);
    assertThat((int) at(24) == c.mxcsr).isEqualTo(header == 2);
    assertThat(at(0)).isEqualTo(0xcccccccccccccccL);
  }

  @ParameterizedTest
  @ValueSource(strings = {XSAVEC, XSAVES})
  void compactedFormat(String code) {
    fill();
    assertThat(run(code, 0x201)).isEqualTo("-");
    assertThat(at(HEADER)).isEqualTo(0x201);
    assertThat(at(XCOMP_BV)).isEqualTo(COMPACT | 0x201);
    assertThat(at(YMM)).as("PKRU comes first").isEqualTo(0x12345670);
    run(code, -1);
    assertThat(at(YMM + 256)).as("PKRU behind YMM").isEqualTo(0x12345670);
  }

  // ---- restoring

  @ParameterizedTest
  @CsvSource({XSAVE + "," + XRSTOR, XSAVEOPT + "," + XRSTOR, XSAVEC + "," + XRSTOR})
  void roundTrip(String save, String restore) {
    fill();
    run(save, -1);
    long[] vec = c.vec.clone();
    initial();
    assertThat(run(restore, -1)).isEqualTo("-");
    assertThat(c.vec).isEqualTo(vec);
    assertThat(c.fpu.control).isEqualTo(0x27f);
    assertThat(c.mxcsr).isEqualTo(0x3f80);
    assertThat(c.pkru).isEqualTo(0x12345670);
  }

  @Test
  @DisplayName("xsaves; xrstors")
  void supervisorRoundTrip() {
    fill();
    run(XSAVES, -1);
    long[] vec = c.vec.clone();
    initial();
    assertThat(run(XRSTORS, -1)).isEqualTo("-");
    assertThat(c.vec).isEqualTo(vec);
    assertThat(c.pkru).isEqualTo(0x12345670);
  }

  @Test
  @DisplayName("xrstor of what the area does not hold: initial configuration")
  void absentComponents() {
    initial();
    run(XSAVEC, -1);
    fill();
    assertThat(run(XRSTOR, ALL & ~4)).isEqualTo("-");
    assertThat(c.vec[0]).isZero();
    assertThat(c.vec[2]).as("not asked for").isEqualTo(0x102);
    assertThat(c.mxcsr).as("part of SSE in the compacted format").isEqualTo(0x1f80);
    assertThat(c.pkru).isZero();
    assertThat(c.fpu.control).isEqualTo(0x37f);
  }

  @Test
  @DisplayName("xrstor of AVX alone takes MXCSR from the standard format")
  void avxAloneLoadsMxcsr() {
    fill();
    run(XSAVE, -1);
    initial();
    assertThat(run(XRSTOR, 4)).isEqualTo("-");
    assertThat(c.mxcsr).isEqualTo(0x3f80);
    assertThat(c.vec[2]).isEqualTo(0x102);
    assertThat(c.vec[0]).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "512, 408", // XSTATE_BV has more than XCR0
    "520, 1", // XCOMP_BV without bit 63
    "528, 1" // reserved
  })
  void standardHeaderChecks(int offset, String value) {
    fill();
    run(XSAVE, -1);
    put(offset, Long.parseLong(value, 16));
    assertThat(run(XRSTOR, -1)).isEqualTo("#GP(0)");
  }

  @ParameterizedTest
  @CsvSource({
    "512, 8", // not in XCOMP_BV
    "520, 8000000000000407", // more than XCR0
    "520, 8000000000000003", // less than XSTATE_BV
    "528, 1",
    "568, 1"
  })
  void compactedHeaderChecks(int offset, String value) {
    fill();
    run(XSAVEC, -1);
    put(offset, Long.parseUnsignedLong(value, 16));
    assertThat(run(XRSTOR, -1)).isEqualTo("#GP(0)");
    assertThat(run(XRSTORS, -1)).isEqualTo("#GP(0)");
  }

  @Test
  void standardHeaderMayHaveOtherBytes() {
    fill();
    run(XSAVE, -1);
    put(536, 1);
    assertThat(run(XRSTOR, -1)).isEqualTo("-");
    assertThat(run(XRSTORS, -1)).as("not compacted").isEqualTo("#GP(0)");
  }

  // ---- checks of all

  @ParameterizedTest
  @ValueSource(strings = {XSAVE, XSAVEOPT, XSAVEC, XSAVES, XRSTOR, XRSTORS})
  void alignmentTaskSwitchedAndOsxsave(String code) {
    run(XSAVEC, -1);
    c.gpr[Reg.RBX] = AREA + 32;
    assertThat(m.outcome(code)).isEqualTo("#GP(0)");
    c.cr0 |= Cr.CR0_TS;
    assertThat(run(code, -1)).isEqualTo("#NM");
    c.cr4 &= ~Cr.CR4_OSXSAVE;
    assertThat(run(code, -1)).isEqualTo("#UD");
  }

  @ParameterizedTest
  @ValueSource(strings = {XSAVES, XRSTORS, XSETBV})
  void privilegedOnes(String code) {
    m.user();
    assertThat(run(code, -1)).isEqualTo("#GP(0)");
  }

  @Test
  @DisplayName("xsave into a page that is not there changes nothing before it")
  void faultsComeFirst() {
    c.gpr[Reg.RBX] = 0x3fff_ff80L - 576;
    c.gpr[Reg.RAX] = 7;
    c.gpr[Reg.RDX] = 0;
    fill();
    // The first 1 GiB is mapped: YMM crosses its end.
    assertThat(m.outcome(XSAVE)).isEqualTo("#PF(2)@40000070");
    assertThat(run(XSAVE, 7)).isEqualTo("-");
  }

  // ---- XCR0

  @ParameterizedTest
  @CsvSource({
    "1, -",
    "3, -",
    "7, -",
    "207, -",
    "201, -",
    "0, #GP(0)",
    "2, #GP(0)",
    "5, #GP(0)",
    "b, #GP(0)",
    "100000001, #GP(0)"
  })
  void xsetbvChecks(String value, String expected) {
    c.gpr[Reg.RCX] = 0;
    assertThat(run(XSETBV, Long.parseLong(value, 16))).isEqualTo(expected);
  }

  @Test
  @DisplayName("xgetbv with ecx = 1: what is in use")
  void xinuse() {
    c.gpr[Reg.RCX] = 1;
    m.exec(XGETBV);
    assertThat(c.gpr[Reg.RAX]).isZero();
    c.mxcsr = 0x3f80;
    c.vec[6] = 1;
    c.pkru = 4;
    m.exec(XGETBV);
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0x206);
    fill();
    m.exec(XGETBV);
    assertThat(c.gpr[Reg.RAX]).isEqualTo(ALL);
    c.gpr[Reg.RCX] = 2;
    assertThat(m.outcome(XGETBV)).isEqualTo("#GP(0)");
  }

  @Test
  @DisplayName("xrstor may take away the right to its own area: at its end")
  void restoredKeysHoldBehindIt() {
    c.cr4 |= Cr.CR4_PKE;
    c.pkru = 0;
    m.bus.read(AREA, 8);
    fill();
    c.pkru = 0;
    run(XSAVE, -1);
    put(HEADER, ALL);
    put(PKRU, 1);
    assertThat(run(XRSTOR, 0x200)).isEqualTo("-");
    assertThat(c.pkru).isEqualTo(1);
    assertThat(run(XRSTOR, 0x200)).isEqualTo("#PF(21)@6000");
  }
}
