package org.quern.tests.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quern.x86.state.Reg.RAX;
import static org.quern.x86.state.Reg.RCX;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.accel.api.Accelerator;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cr;

/**
 * Programs with AVX, AVX2 and FMA. Each instruction's values are tested in {@code frontend-x86};
 * here they run in loops, between legacy SSE and integer code, in the modes that have them.
 */
abstract class AvxConformance {
  /** Where programs find their input, and where they put their output; not aligned to 32 bytes. */
  private static final long IN = 0x3010;

  private static final long OUT = 0x3810;

  private static final String ENABLE = "mov ecx, 0\nmov eax, 7\nmov edx, 0\nxsetbv\n";

  abstract Accelerator accelerator();

  private GuestMachine machine(Mode mode) throws Exception {
    GuestMachine m = new GuestMachine(accelerator(), mode);
    m.start.cr4 |= Cr.CR4_OSXSAVE | Cr.CR4_OSFXSR | Cr.CR4_OSXMMEXCPT;
    return m;
  }

  @ParameterizedTest
  @EnumSource(
      value = Mode.class,
      names = {"REAL16", "PROTECTED16"},
      mode = EnumSource.Mode.EXCLUDE)
  @DisplayName("vpaddd and vpxor over an array, vzeroupper before legacy code")
  void loop(Mode mode) throws Exception {
    GuestMachine m = machine(mode);
    for (int n = 0; n < 32; n++) {
      m.bus.write64(IN + 8L * n, value(n));
    }
    GuestResult r =
        m.code(
                ENABLE
                    + """
                    mov esi, 0x3010
                    mov edi, 0x3810
                    mov ecx, 8
                    vpcmpeqd ymm3, ymm3, ymm3
                    vpsrld ymm3, ymm3, 31
                    next: vmovdqu ymm0, [esi]
                    vpaddd ymm1, ymm0, [esi]
                    vpxor ymm2, ymm1, ymm3
                    vmovdqu [edi], ymm2
                    paddq xmm2, xmm2
                    vmovdqu [edi+0x200], ymm2
                    add esi, 32
                    add edi, 32
                    dec ecx
                    jnz next
                    vpmovmskb eax, ymm3
                    vzeroupper
                    vmovdqu [0x3000], ymm2
                    """)
            .run();
    assertThat(r.vector()).isEqualTo(-1);
    assertThat(r.reg(RAX)).isZero();
    for (int n = 0; n < 32; n++) {
      long sum = twice(value(n)) ^ 0x0000000100000001L;
      assertThat(r.bus().read64(OUT + 8L * n)).as("lane %d", n).isEqualTo(sum);
      long legacy = n % 4 < 2 ? sum * 2 : sum;
      assertThat(r.bus().read64(OUT + 0x200 + 8L * n)).as("lane %d", n).isEqualTo(legacy);
    }
    // The last store wrote two lanes as they were, and zeros over the start of the input.
    assertThat(r.bus().read64(0x3008)).isEqualTo(2 * (twice(value(29)) ^ 0x0000000100000001L));
    assertThat(r.bus().read64(IN)).isZero();
    assertThat(r.bus().read64(IN + 8)).isZero();
  }

  private static long value(int n) {
    return 0x123456789abcdef1L * (n + 1);
  }

  private static long twice(long v) {
    return v << 1 & 0xfffffffeL | (v >>> 32) * 2 << 32;
  }

  @ParameterizedTest
  @EnumSource(
      value = Mode.class,
      names = {"PROTECTED32", "LONG64"})
  @DisplayName("vpgatherdd, vpmaskmovd and vphaddd add up a table by its indices")
  void gather(Mode mode) throws Exception {
    GuestMachine m = machine(mode);
    int expected = 0;
    for (int n = 0; n < 16; n++) {
      int index = n * 7 % 16;
      m.bus.write64(IN + 4L * n, index);
      m.bus.write64(OUT + 4L * n, 1L << n);
      // Of each eight, the last three are masked away.
      expected += n % 8 < 5 ? 1 << index : 0;
    }
    // A gather clears its mask, so each round starts from the saved one.
    m.bus.write64(0x3100, -1L);
    m.bus.write64(0x3108, -1L);
    m.bus.write64(0x3110, 0xffffffffL);
    m.bus.write64(0x3118, 0);
    GuestResult r =
        m.code(
                ENABLE
                    + """
                    mov esi, 0x3010
                    mov ebx, 0x3810
                    mov ecx, 2
                    vpxor xmm4, xmm4, xmm4
                    next: vmovdqu ymm1, [0x3100]
                    vpmaskmovd ymm2, ymm1, [esi]
                    vpxor ymm0, ymm0, ymm0
                    vpgatherdd ymm0, [ebx+ymm2*4], ymm1
                    vpaddd ymm4, ymm4, ymm0
                    vptest ymm1, ymm1
                    jnz stop
                    add esi, 32
                    dec ecx
                    jnz next
                    stop: vextracti128 xmm5, ymm4, 1
                    vphaddd xmm4, xmm4, xmm5
                    vphaddd xmm4, xmm4, xmm4
                    vphaddd xmm4, xmm4, xmm4
                    vmovd eax, xmm4
                    """)
            .run();
    assertThat(r.vector()).isEqualTo(-1);
    assertThat(r.reg(RCX)).isZero();
    assertThat((int) r.reg(RAX)).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource(
      value = Mode.class,
      names = {"PROTECTED32", "LONG64"})
  @DisplayName("vfmadd231pd is Math.fma in each lane")
  void fusedMultiplyAdd(Mode mode) throws Exception {
    GuestMachine m = machine(mode);
    double[] sums = new double[4];
    for (int n = 0; n < 32; n++) {
      double x = 1.0 / (n + 3);
      m.bus.write64(IN + 8L * n, Double.doubleToRawLongBits(x));
      sums[n % 4] = Math.fma(x, x, sums[n % 4]);
    }
    GuestResult r =
        m.code(
                ENABLE
                    + """
                    mov esi, 0x3010
                    mov ecx, 8
                    vxorpd ymm0, ymm0, ymm0
                    next: vmovupd ymm1, [esi]
                    vfmadd231pd ymm0, ymm1, [esi]
                    add esi, 32
                    dec ecx
                    jnz next
                    vmovupd [0x3810], ymm0
                    """)
            .run();
    assertThat(r.vector()).isEqualTo(-1);
    for (int n = 0; n < 4; n++) {
      assertThat(Double.longBitsToDouble(r.bus().read64(OUT + 8L * n))).isEqualTo(sums[n]);
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  @DisplayName("without AVX state in XCR0, and in real mode, vpxor is undefined")
  void disabled(Mode mode) throws Exception {
    String code = "vpxor ymm0, ymm1, ymm2";
    assertThat(machine(mode).code(code).run().vector()).isEqualTo(Vector.UD);
    boolean real = mode == Mode.REAL16;
    GuestResult r = machine(mode).code(ENABLE + code).run();
    assertThat(r.vector()).isEqualTo(real ? Vector.UD : -1);
  }
}
