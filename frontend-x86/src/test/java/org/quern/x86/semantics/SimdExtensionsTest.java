package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.asm.Assembler;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;

/**
 * What {@link SimdOracleTest} does not reach of SSE3 to SSE4, AES and the like: memory operands,
 * three registers, MMX state, and published vectors.
 */
class SimdExtensionsTest {
  private static final int DATA = 0x40000;
  private static final long UNMAPPED = 0x600000;

  private final FakeMachine m = FakeMachine.long64();
  private final Cpu c = m.cpu;

  @BeforeEach
  void data() {
    c.gpr[Reg.RAX] = DATA;
    for (int n = 0; n < 16; n++) {
      m.bus.write(DATA + n, 1, 0xf0 + n);
    }
    m.bus.write(FakeMachine.PAGE_TABLES + 0x2000 + 8 * (UNMAPPED >> 21), 8, 0);
    c.mmu.flushAll();
  }

  private String run(String assembly) {
    byte[] code = Assembler.assemble(assembly, 64, FakeMachine.CODE).bytes();
    return m.outcome(HexFormat.of().formatHex(code));
  }

  private void xmm(int r, long low, long high) {
    c.vec[r * 4] = low;
    c.vec[r * 4 + 1] = high;
  }

  /** A register as the manuals print it: most significant byte first. */
  private String xmm(int r) {
    return String.format("%016x%016x", c.vec[r * 4 + 1], c.vec[r * 4]);
  }

  private void xmm(int r, String value) {
    xmm(
        r,
        Long.parseUnsignedLong(value.substring(16), 16),
        Long.parseUnsignedLong(value.substring(0, 16), 16));
  }

  // ---- alignment

  @ParameterizedTest
  @ValueSource(
      strings = {
        "haddps xmm1, [rax]",
        "addsubpd xmm1, [rax]",
        "movshdup xmm1, [rax]",
        "pshufb xmm1, [rax]",
        "palignr xmm1, [rax], 3",
        "pabsd xmm1, [rax]",
        "pblendvb xmm1, [rax], xmm0",
        "ptest xmm1, [rax]",
        "pmulld xmm1, [rax]",
        "packusdw xmm1, [rax]",
        "movntdqa xmm1, [rax]",
        "roundps xmm1, [rax], 0",
        "dppd xmm1, [rax], 0x33",
        "mpsadbw xmm1, [rax], 0",
        "pcmpgtq xmm1, [rax]",
        "phminposuw xmm1, [rax]",
        "aesenc xmm1, [rax]",
        "aeskeygenassist xmm1, [rax], 1",
        "pclmulqdq xmm1, [rax], 0",
        "sha1msg1 xmm1, [rax]",
        "sha256rnds2 xmm1, [rax], xmm0",
        "gf2p8mulb xmm1, [rax]",
      })
  void sixteenByteOperandsMustBeAligned(String assembly) {
    c.gpr[Reg.RAX] = DATA + 8;
    assertThat(run(assembly)).isEqualTo("#GP(0)");
    c.gpr[Reg.RAX] = DATA;
    assertThat(run(assembly)).isEqualTo("-");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lddqu xmm1, [rax]",
        "movddup xmm1, [rax]",
        "pshufb mm1, [rax]",
        "pmovzxbw xmm1, [rax]",
        "insertps xmm1, [rax], 0x10",
        "pinsrd xmm1, dword [rax], 1",
        "pextrq qword [rax], xmm1, 1",
        "roundsd xmm1, [rax], 0",
        "pcmpestrm xmm1, [rax], 0",
        "pcmpestri xmm1, [rax], 0",
        "pcmpistrm xmm1, [rax], 0",
        "pcmpistri xmm1, [rax], 0",
        "movntsd [rax], xmm1",
      })
  void theseNeedNoAlignment(String assembly) {
    c.gpr[Reg.RAX] = DATA + 1;
    assertThat(run(assembly)).isEqualTo("-");
  }

  // ---- how much of memory is read and written

  @ParameterizedTest
  @CsvSource({
    "'pmovsxbw xmm1, [rax]', 8, fff7fff6fff5fff4fff3fff2fff1fff0",
    "'pmovsxbd xmm1, [rax]', 4, fffffff3fffffff2fffffff1fffffff0",
    "'pmovsxbq xmm1, [rax]', 2, fffffffffffffff1fffffffffffffff0",
    "'pmovsxwd xmm1, [rax]', 8, fffff7f6fffff5f4fffff3f2fffff1f0",
    "'pmovzxwq xmm1, [rax]', 4, 000000000000f3f2000000000000f1f0",
    "'pmovzxdq xmm1, [rax]', 8, 00000000f7f6f5f400000000f3f2f1f0",
    "'movddup xmm1, [rax]', 8, f7f6f5f4f3f2f1f0f7f6f5f4f3f2f1f0",
    "'pinsrb xmm1, byte [rax], 5', 1, 22222222222222221111f01111111111",
    "'pinsrd xmm1, dword [rax], 2', 4, 22222222f3f2f1f01111111111111111",
    "'pinsrq xmm1, qword [rax], 0', 8, 2222222222222222f7f6f5f4f3f2f1f0",
    "'insertps xmm1, [rax], 0xb1', 4, f3f2f1f0222222221111111100000000",
    "'lddqu xmm1, [rax]', 16, fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0",
  })
  void loads(String assembly, int bytes, String expected) {
    for (int n = 0; n < bytes; n++) {
      m.bus.write(UNMAPPED - bytes + n, 1, 0xf0 + n);
    }
    xmm(1, 0x1111111111111111L, 0x2222222222222222L);
    c.gpr[Reg.RAX] = UNMAPPED - bytes;
    assertThat(run(assembly)).isEqualTo("-");
    assertThat(xmm(1)).isEqualTo(expected);
    c.gpr[Reg.RAX] = UNMAPPED - bytes + 1;
    assertThat(run(assembly)).startsWith("#PF(0)@");
    assertThat(xmm(1)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "'pextrb byte [rax], xmm1, 9', fffefdfcfbfaf9f8f7f6f5f4f3f2f122",
    "'pextrw word [rax], xmm1, 7', fffefdfcfbfaf9f8f7f6f5f4f3f22222",
    "'pextrd dword [rax], xmm1, 1', fffefdfcfbfaf9f8f7f6f5f411111111",
    "'pextrq qword [rax], xmm1, 1', fffefdfcfbfaf9f82222222222222222",
    "'extractps dword [rax], xmm1, 2', fffefdfcfbfaf9f8f7f6f5f422222222",
    "'movntss [rax], xmm1', fffefdfcfbfaf9f8f7f6f5f411111111",
    "'movntsd [rax], xmm1', fffefdfcfbfaf9f81111111111111111",
  })
  void stores(String assembly, String expected) {
    xmm(1, 0x1111111111111111L, 0x2222222222222222L);
    assertThat(run(assembly)).isEqualTo("-");
    String found = String.format("%016x%016x", m.bus.read(DATA + 8, 8), m.bus.read(DATA, 8));
    assertThat(found).isEqualTo(expected);
  }

  @Test
  @DisplayName("pextrb, pextrw, extractps to a register clear its upper bits")
  void extractsZeroExtended() {
    xmm(1, "ffeeddccbbaa99887766554433221100");
    c.gpr[Reg.RDX] = -1;
    run("pextrb edx, xmm1, 15");
    assertThat(c.gpr[Reg.RDX]).isEqualTo(0xff);
    c.gpr[Reg.RDX] = -1;
    run("pextrw edx, xmm1, 3");
    assertThat(c.gpr[Reg.RDX]).isEqualTo(0x7766);
    c.gpr[Reg.RDX] = -1;
    run("extractps edx, xmm1, 3");
    assertThat(c.gpr[Reg.RDX]).isEqualTo(0xffeeddccL);
  }

  // ---- three registers

  @ParameterizedTest
  @CsvSource({
    "'pblendvb xmm1, xmm2, xmm0', 22111111111111112211111111111122",
    "'blendvps xmm1, xmm2, xmm0', 22222222111111112222222211111111",
    "'blendvpd xmm1, xmm2, xmm0', 22222222222222222222222222222222",
  })
  void variableBlends(String assembly, String expected) {
    xmm(0, "800000007f7f7f7f800000007f7f7fff");
    xmm(1, "11111111111111111111111111111111");
    xmm(2, "22222222222222222222222222222222");
    assertThat(run(assembly)).isEqualTo("-");
    assertThat(xmm(1)).isEqualTo(expected);
  }

  // ---- MMX state

  @ParameterizedTest
  @ValueSource(strings = {"pshufb mm1, mm2", "phaddw mm1, [rax]", "palignr mm1, mm2, 3"})
  void mmxFormsEnterMmxState(String assembly) {
    c.fpu.init();
    c.fpu.top = 5;
    assertThat(run(assembly)).isEqualTo("-");
    assertThat(c.fpu.top).isZero();
    assertThat(c.fpu.tag).isZero();
    assertThat(c.fpu.signExponent[1]).isEqualTo(0xffff);
    c.fpu.status = 0x81;
    c.fpu.control = 0x37e;
    assertThat(run(assembly)).isEqualTo("#MF");
  }

  // ---- flags

  @ParameterizedTest
  @CsvSource({"0, 0, ZC", "1, 1, C", "1, 2, Z", "3, 1, C", "1, 3, ''"})
  @DisplayName("ptest: ZF for no common bit, CF for no bit outside the destination")
  void ptest(long destination, long source, String flags) {
    xmm(1, 0, destination);
    xmm(2, 0, source);
    c.setStatusFlags(0x8d5);
    run("ptest xmm1, xmm2");
    assertThat((c.zf() ? "Z" : "") + (c.cf() ? "C" : "")).isEqualTo(flags);
    assertThat(c.of() || c.sf() || c.af() || c.pf()).isFalse();
  }

  // ---- published vectors

  /**
   * Sources: Intel, Advanced Encryption Standard Instruction Set, and Carry-Less Multiplication.
   */
  @ParameterizedTest
  @CsvSource({
    "'aesenc xmm0, xmm1', a8311c2f9fdba3c58b104b58ded7e595",
    "'aesenclast xmm0, xmm1', c7fb881e938c5964177ec42553fdc611",
    "'aesdec xmm0, xmm1', 138ac342faea2787b58eb95eb730392a",
    "'aesdeclast xmm0, xmm1', c5a391ef6b317f95d410637b72a593d0",
    "'aesimc xmm0, xmm1', 597f8df109efaa15f39bc5a119d859b6",
    "'pclmulqdq xmm0, xmm1, 0', 1d4d84c85c3440c0929633d5d36f0451",
    "'pclmulqdq xmm0, xmm1, 1', 1a2bf6db3a30862fbabf262df4b7d5c9",
    "'pclmulqdq xmm0, xmm1, 0x10', 1bd17c8d556ab5a17fa540ac2a281315",
    "'pclmulqdq xmm0, xmm1, 0x11', 1d1e1f2c592e7c45d66ee03e410fd4ed",
  })
  void published(String assembly, String expected) {
    xmm(0, "7b5b54657374566563746f725d53475d");
    xmm(1, "48692853686179295b477565726f6e5d");
    assertThat(run(assembly)).isEqualTo("-");
    assertThat(xmm(0)).isEqualTo(expected);
  }

  /** FIPS 197, appendix A.1: the first two words of key expansion. */
  @Test
  @DisplayName("aeskeygenassist xmm0, xmm1, 1")
  void keygen() {
    xmm(1, "3c4fcf098815f7aba6d2ae2816157e2b");
    run("aeskeygenassist xmm0, xmm1, 1");
    assertThat(xmm(0)).isEqualTo("01eb848beb848a013424b5e524b5e434");
  }
}
