package org.quern.x86.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

class DecoderTest {
  private static Insn decode(int codeSize, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    return new Decoder(codeSize).decode(bytes, 0, bytes.length);
  }

  @ParameterizedTest(name = "{0}-bit {1}: {2}")
  @CsvSource({
    "64, 48 01 d8, ADD, 3, 64",
    "32, 66 01 d8, ADD, 3, 16",
    "16, 66 01 d8, ADD, 3, 32",
    "64, 66 48 01 d8, ADD, 4, 64",
    "64, 48 66 01 d8, ADD, 4, 16",
    "64, 00 d8, ADD, 2, 8",
    "64, 90, NOP, 1, 32",
    "64, f3 90, PAUSE, 2, 32",
    "64, 41 90, XCHG, 2, 32",
    "64, 50, PUSH, 1, 64",
    "64, 66 50, PUSH, 2, 16",
    "32, 40, INC, 1, 32",
    "64, 63 c8, MOVSXD, 2, 32",
    "32, 63 c8, ARPL, 2, 32",
    "64, e8 11 22 33 44, CALL, 5, 64",
    "64, 66 e8 11 22 33 44, CALL, 6, 64",
    "32, 66 e8 11 22, CALL, 4, 16",
    "32, ea 11 22 33 44 08 00, JMP_FAR, 7, 32",
    "16, ff 1e 34 12, CALL_FAR, 4, 16",
    "64, 48 b8 11 22 33 44 55 66 77 88, MOV, 10, 64",
    "64, a1 11 22 33 44 55 66 77 88, MOV, 9, 32",
    "32, 82 c0 01, ADD, 3, 8",
    "64, f6 c8 01, TEST, 3, 8",
    "64, c0 f0 01, SHL, 3, 8",
    "32, d6, SALC, 1, 32",
    "64, f1, INT1, 1, 32",
    "64, 0f b9 00, UD1, 3, 32",
    "64, 0f ff 00, UD0, 3, 32",
    "64, 0f 1f 44 00 00, NOP, 5, 32",
    "64, f3 0f 1e fa, ENDBR64, 4, 32",
    "64, 0f 18 08, PREFETCH, 3, 8",
    "64, 0f c7 0e, CMPXCHG8B, 3, 32",
    "64, 48 0f c7 0e, CMPXCHG16B, 4, 64",
    "64, f3 0f b8 c0, POPCNT, 4, 32",
    "64, 66 f3 0f b8 c0, POPCNT, 5, 16",
    "64, 66 0f 38 f0 00, MOVBE, 5, 16",
    "64, f2 0f 38 f0 c0, CRC32, 5, 32",
    "64, 66 f2 0f 38 f1 c0, CRC32, 6, 16",
    "64, f3 0f bc c0, TZCNT, 4, 32",
    "64, f2 0f bc c0, BSF, 4, 32",
    "64, 66 0f 6e c0, MOVD, 4, 32",
    "64, 66 48 0f 6e c0, MOVQ, 5, 64",
    "64, 0f 58 c1, ADDPS, 3, 32",
    "64, 66 f2 0f 58 c1, ADDSD, 5, 16",
    "64, 0f 12 c1, MOVHLPS, 3, 32",
    "64, 0f 12 01, MOVLPS, 3, 32",
    "64, 0f 01 c1, VMCALL, 3, 32",
    "64, 0f ae e8, LFENCE, 3, 32",
    "32, df e0, FNSTSW, 2, 32",
    "32, da d1, FCMOVCC, 2, 32",
    "64, 48 cf, IRET, 2, 64",
  })
  void names(int codeSize, String hex, Mnemonic mnemonic, int length, int opSize) {
    Insn i = decode(codeSize, hex);
    assertThat(i.mnemonic).isEqualTo(mnemonic);
    assertThat(i.length).isEqualTo(length);
    assertThat(i.opSize).isEqualTo(opSize);
  }

  @ParameterizedTest(name = "{0}-bit {1}")
  @CsvSource({
    "64, f0 01 c8",
    "64, f0 8b 00",
    "64, f0 39 00",
    "64, f0 0f a3 00",
    "32, f0 90",
    "64, 06",
    "64, 40 06",
    "64, 62 f1 7c 48 58 c1",
    "32, 62 c0",
    "64, 82 c0 01",
    "64, 9a",
    "64, d6",
    "64, 8f c8",
    "64, 8f e8 78",
    "32, 8e c8",
    "32, 8e f0",
    "32, 8c f0",
    "64, 0f 20 c8",
    "64, 44 0f 21 c0",
    "32, 8d c0",
    "64, f3 0f ae 00",
    "64, f3 0f 38 f0 00",
    "32, d9 d1",
    "32, 0f 04",
    "64, 66 c5 f8 77",
    "64, f0 c5 f8 77",
    "64, 48 c5 f8 77",
    "64, c4 e2 71 90 04 c8",
    "64, c4 e2 71 90 00",
    "64, c5 f0 28 c1",
    "32, 67 c4 e2 71 90 00",
  })
  void undefined(int codeSize, String hex) {
    Insn i = decode(codeSize, hex);
    assertThat(i.mnemonic).isEqualTo(Mnemonic.INVALID);
    assertThat(i.length).isBetween(1, 15);
    assertThat(i.endsBlock).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"f0 01 08", "f0 87 08", "f0 0f b1 0e", "f0 0f ab 0e", "f0 0f c7 0e"})
  @DisplayName("lock on a read-modify-write of memory")
  void lockable(String hex) {
    Insn i = decode(64, hex);
    assertThat(i.mnemonic).isNotEqualTo(Mnemonic.INVALID);
    assertThat(i.lock).isTrue();
  }

  @ParameterizedTest(name = "{0}-bit {1}")
  @CsvSource({
    // code size, bytes, base, index, scale, displacement, segment, address size
    "64, 8b 04 25 78 56 34 92, 16, 16, 0, -1842063752, 3, 64",
    "64, 8b 05 f0 ff ff ff, 17, 16, 0, -16, 3, 64",
    "64, 67 8b 05 f0 ff ff ff, 17, 16, 0, -16, 3, 32",
    "64, 8b 44 24 08, 4, 16, 0, 8, 2, 64",
    "64, 8b 45 f8, 5, 16, 0, -8, 2, 64",
    "64, 41 8b 45 f8, 13, 16, 0, -8, 3, 64",
    "64, 41 8b 04 24, 12, 16, 0, 0, 3, 64",
    "64, 42 8b 04 a0, 0, 12, 2, 0, 3, 64",
    "64, 8b 04 65 00 00 00 00, 16, 16, 0, 0, 3, 64",
    "64, 2e 8b 45 00, 5, 16, 0, 0, 2, 64",
    "64, 64 2e 8b 00, 0, 16, 0, 0, 4, 64",
    "64, 65 8b 04 25 28 00 00 00, 16, 16, 0, 40, 5, 64",
    "32, 2e 8b 00, 0, 16, 0, 0, 1, 32",
    "32, 26 64 8b 00, 0, 16, 0, 0, 4, 32",
    "32, 8b 05 78 56 34 12, 16, 16, 0, 305419896, 3, 32",
    "32, 67 8b 42 fe, 5, 6, 0, -2, 2, 16",
    "16, 8b 07, 3, 16, 0, 0, 3, 16",
    "16, 8b 06 ff ff, 16, 16, 0, -1, 3, 16",
    "16, 8b 46 00, 5, 16, 0, 0, 2, 16",
    "16, 67 8b 04 4b, 3, 1, 1, 0, 3, 32",
  })
  void addresses(
      int codeSize, String hex, int base, int index, int scale, long disp, int segment, int size) {
    Insn i = decode(codeSize, hex);
    assertThat(i.mnemonic).isEqualTo(Mnemonic.MOV);
    assertThat(i.base).isEqualTo(base);
    assertThat(i.index).isEqualTo(index);
    assertThat(i.scale).isEqualTo(scale);
    assertThat(i.disp).isEqualTo(disp);
    assertThat(i.segment).isEqualTo(segment);
    assertThat(i.addrSize).isEqualTo(size);
  }

  @ParameterizedTest(name = "{0}-bit {1}: immediate {2}")
  @CsvSource({
    "64, 6a 80, -128",
    "64, 83 c0 ff, -1",
    "64, 80 c0 ff, 255",
    "64, 05 ff ff ff ff, -1",
    "64, 48 05 00 00 00 80, -2147483648",
    "32, 66 05 00 80, -32768",
    "64, b8 ff ff ff ff, -1",
    "64, c2 ff ff, 65535",
    "64, cd 80, 128",
    "64, 74 fe, -2",
    "64, d1 e0, 1",
    "64, 66 0f 70 c0 ff, 255",
  })
  void immediates(int codeSize, String hex, long imm) {
    assertThat(decode(codeSize, hex).imm).isEqualTo(imm);
  }

  @ParameterizedTest(name = "{0}-bit {1}: {2}")
  @CsvSource({
    "64, c5 ec 58 cb, VADDPS, 1, 1, 2, 3, 256",
    "64, c4 41 28 58 cb, VADDPS, 0, 9, 10, 11, 128",
    "32, c4 e2 78 f2 c1, ANDN, 0, 0, 0, 1, 32",
    "64, c4 e2 f8 f2 c1, ANDN, 0, 0, 0, 1, 64",
    "64, c4 e2 7b f7 c1, SHRX, 0, 0, 1, 0, 32",
    "64, c4 e2 68 f7 c1, BEXTR, 0, 0, 1, 2, 32",
    "64, c4 e2 e9 98 cb, VFMADD132PD, 0, 1, 2, 3, 128",
  })
  void vex(
      int codeSize, String hex, Mnemonic mnemonic, int l, int op0, int op1, int op2, int size) {
    Insn i = decode(codeSize, hex);
    assertThat(i.mnemonic).isEqualTo(mnemonic);
    assertThat(i.vexL).isEqualTo(l);
    assertThat(i.op0.reg()).isEqualTo(op0);
    assertThat(i.op1.reg()).isEqualTo(op1);
    assertThat(i.op2.reg()).isEqualTo(op2);
    assertThat(i.op0.size()).isEqualTo(size);
    assertThat(i.form.vex()).isTrue();
  }

  @Test
  @DisplayName("vblendvps xmm0, xmm2, xmm1, xmm3")
  void registerInImmediate() {
    Insn i = decode(64, "c4 e3 69 4a c1 30");
    assertThat(i.op3).isEqualTo(Operand.of(Operand.Kind.VEC, 128, 3));
    assertThat(i.form.feature()).isEqualTo(CpuFeature.AVX);
    assertThat(decode(64, "c5 ed fc c1").form.feature()).isEqualTo(CpuFeature.AVX2);
    assertThat(decode(64, "c5 e9 fc c1").form.feature()).isEqualTo(CpuFeature.AVX);
  }

  @Test
  @DisplayName("les and lds where 64-bit code has VEX")
  void lesIsNotVex() {
    assertThat(decode(32, "c4 00").mnemonic).isEqualTo(Mnemonic.LES);
    assertThat(decode(16, "c5 00").mnemonic).isEqualTo(Mnemonic.LDS);
    assertThat(decode(32, "c5 f8 77").mnemonic).isEqualTo(Mnemonic.VZEROUPPER);
  }

  @Test
  @DisplayName("enter 0x1234, 5")
  void enter() {
    Insn i = decode(64, "c8 34 12 05");
    assertThat(i.imm).isEqualTo(0x1234);
    assertThat(i.imm2).isEqualTo(5);
    assertThat(i.op1.kind()).isEqualTo(Operand.Kind.IMM2);
  }

  @Test
  @DisplayName("call 0x8:0x44332211")
  void far() {
    Insn i = decode(32, "9a 11 22 33 44 08 00");
    assertThat(i.imm).isEqualTo(0x44332211);
    assertThat(i.imm2).isEqualTo(8);
  }

  @Test
  @DisplayName("mov ah, bl and mov spl, bl")
  void highBytes() {
    assertThat(decode(64, "88 dc").op0).isEqualTo(Operand.of(Operand.Kind.GPR_HIGH, 8, 0));
    assertThat(decode(64, "40 88 dc").op0).isEqualTo(Operand.of(Operand.Kind.GPR, 8, Reg.RSP));
  }

  @Test
  @DisplayName("mov cr0, rax ignores ModRM.mod")
  void controlRegister() {
    Insn i = decode(64, "0f 22 00");
    assertThat(i.length).isEqualTo(3);
    assertThat(i.op0).isEqualTo(Operand.of(Operand.Kind.CONTROL, 64, 0));
    assertThat(i.op1).isEqualTo(Operand.of(Operand.Kind.GPR, 64, Reg.RAX));
    assertThat(decode(64, "44 0f 22 c0").op0.reg()).isEqualTo(8);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"da c1, 2", "da d9, 10", "db c9, 5", "db d9, 11"})
  @DisplayName("fcmovcc")
  void fcmov(String hex, int cc) {
    assertThat(decode(32, hex).cc).isEqualTo(cc);
  }

  @Test
  void longestInstructionHasFifteenBytes() {
    assertThat(decode(64, "66".repeat(14) + "90").mnemonic).isEqualTo(Mnemonic.NOP);
    assertThat(decode(64, "66".repeat(15) + "90").mnemonic).isEqualTo(Mnemonic.TOO_LONG);
    assertThat(decode(32, "26".repeat(10) + "81 05 00 00 00 00 00 00").mnemonic)
        .isEqualTo(Mnemonic.TOO_LONG);
  }

  @Test
  void everyShorterPieceOfAnInstructionIsTruncated() {
    String whole = "f0 66 48 81 84 cb 11 22 33 44 01 02 03 04";
    byte[] bytes = HexFormat.of().parseHex(whole.replace(" ", ""));
    Decoder d = new Decoder(64);
    assertThat(d.decode(bytes, 0, bytes.length).length).isEqualTo(bytes.length);
    for (int n = 0; n < bytes.length; n++) {
      assertThat(d.decode(bytes, 0, n).mnemonic).isEqualTo(Mnemonic.TRUNCATED);
    }
  }

  @Test
  void whatFollowsDoesNotMatter() {
    Random random = new Random(1);
    byte[] bytes = new byte[32];
    for (int codeSize : new int[] {16, 32, 64}) {
      Decoder d = new Decoder(codeSize);
      for (int n = 0; n < 20_000; n++) {
        random.nextBytes(bytes);
        Insn i = d.decode(bytes, 8, 24);
        assertThat(i.length).isBetween(1, 15);
        if (i.mnemonic != Mnemonic.INVALID && i.mnemonic != Mnemonic.TOO_LONG) {
          Insn same = d.decode(bytes, 8, i.length);
          assertThat(same.form).isSameAs(i.form);
          assertThat(same.imm).isEqualTo(i.imm);
          assertThat(d.decode(bytes, 8, i.length - 1).mnemonic).isEqualTo(Mnemonic.TRUNCATED);
        }
      }
    }
  }

  @Test
  void repeatPrefixIsReportedUnlessPartOfTheOpcode() {
    assertThat(decode(64, "f3 a4").rep).isEqualTo(0xf3);
    assertThat(decode(64, "f2 f3 a6").rep).isEqualTo(0xf3);
    assertThat(decode(64, "f3 0f 58 c0").rep).isZero();
    assertThat(decode(64, "f3 c3").rep).isEqualTo(0xf3);
  }

  @Test
  void blocksEndWhereFlowOrModeMayChange() {
    assertThat(decode(64, "74 00").endsBlock).isTrue();
    assertThat(decode(64, "f3 a4").endsBlock).isTrue();
    assertThat(decode(64, "a4").endsBlock).isFalse();
    assertThat(decode(32, "8e d0").endsBlock).isTrue();
    assertThat(decode(32, "8e d8").endsBlock).isFalse();
    assertThat(decode(32, "17").endsBlock).isTrue();
    assertThat(decode(64, "0f 22 c0").endsBlock).isTrue();
    assertThat(decode(64, "48 01 d8").endsBlock).isFalse();
  }

  @Test
  void rowsKnowFlagsAndFeatures() {
    InsnForm adc = decode(64, "11 00").form;
    assertThat(adc.flagsRead()).isEqualTo(RFlags.CF);
    assertThat(adc.flagsWritten()).isEqualTo(RFlags.STATUS);
    assertThat(decode(64, "0f af c0").form.flagsUndefined())
        .isEqualTo(RFlags.SF | RFlags.ZF | RFlags.AF | RFlags.PF);
    assertThat(decode(64, "d3 e0").form.flagsConditional()).isTrue();
    assertThat(decode(64, "66 0f 58 c0").form.feature()).isEqualTo(CpuFeature.SSE2);
    assertThat(adc.feature()).isNull();
    assertThat(decode(64, "f3 0f bc c0").form.fallback()).isEqualTo(Mnemonic.BSF);
    assertThat(decode(64, "0f 30").form.privilege()).isEqualTo(InsnForm.Privilege.CPL0);
    assertThat(decode(32, "0f 00 d0").form.protectedOnly()).isTrue();
  }
}
