package org.quern.x86.disasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DisassemblerTest {
  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  @ParameterizedTest(name = "{0}-bit {1}: {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "64 | 4801d8 | add rax, rbx",
        "64 | 8b44b310 | mov eax, dword ptr [rbx + rsi*4 + 0x10]",
        "64 | 8b0425f0ffffff | mov eax, dword ptr [0xfffffffffffffff0]",
        "64 | 8b05f0ffffff | mov eax, dword ptr [rip - 0x10]",
        "64 | 64488b042528000000 | mov rax, qword ptr fs:[0x28]",
        "64 | 48b88877665544332211 | movabs rax, 0x1122334455667788",
        "64 | 83c0ff | add eax, -1",
        "64 | 6a80 | push -0x80",
        "64 | 66c3 | ret",
        "64 | 7402 | je 0x1004",
        "64 | e8fbffffff | call 0x1000",
        "64 | f348a5 | rep movsq",
        "64 | f3a6 | repe cmpsb",
        "64 | 64a4 | fs movsb",
        "64 | 67a4 | a32 movsb",
        "64 | f00fb10e | lock cmpxchg dword ptr [rsi], ecx",
        "64 | ff28 | jmp far fword ptr [rax]",
        "64 | 0f22d8 | mov cr3, rax",
        "64 | c5ec58cb | vaddps ymm1, ymm2, ymm3",
        "64 | c4e2719004d0 | vpgatherdd xmm0, dword ptr [rax + xmm2*8], xmm1",
        "64 | 0f18 08 | prefetcht0 byte ptr [rax]",
        "64 | d8c1 | fadd st(0), st(1)",
        "64 | 06 | (bad)",
        "64 | 0f | (bad)",
        "32 | ea341200000800 | jmp far 8:0x1234",
        "32 | 66cf | iretw",
        "32 | dbd9 | fcmovnu st(0), st(1)",
        "16 | 8b43fe | mov ax, word ptr [bp + di - 2]",
        "16 | ebfe | jmp 0x1000",
        "16 | 6668ffffffff | o32 push -1",
        "16 | e302 | jcxz 0x1004",
      })
  void text(int codeSize, String hex, String text) {
    byte[] code = bytes(hex.replace(" ", ""));
    Disassembler.Text t = new TableDisassembler(codeSize).at(code, 0, code.length, 0x1000);
    assertThat(t.toString()).isEqualTo(text);
    assertThat(t.length()).isBetween(1, code.length);
  }

  @Test
  void listingGoesOnBehindWhatItCannotRead() {
    String s = new TableDisassembler(32).listing(bytes("90ffff40"), 0, 4, 0xfffffff0L, 10);
    assertThat(s.lines().map(String::trim))
        .containsExactly(
            "00000000fffffff0  90                             nop",
            "00000000fffffff1  ff ff                          (bad)",
            "00000000fffffff3  40                             inc eax");
  }

  @Test
  void capstoneIsUsedWhereItIs() {
    Capstone.Probe probe = Capstone.probe();
    assertThat(probe.available()).isEqualTo(probe.reason().isEmpty());
    assertThat(Disassembler.of(64))
        .isInstanceOf(probe.available() ? Capstone.class : TableDisassembler.class);
    if (!probe.available()) {
      assertThatThrownBy(() -> new Capstone(64)).hasMessage(probe.reason());
    }
  }

  @Test
  void capstoneAgreesOnAnAddition() {
    assumeTrue(Capstone.probe().available(), Capstone.probe().reason());
    Disassembler.Text t = new Capstone(64).at(bytes("4801d890"), 0, 4, 0);
    assertThat(t.toString()).isEqualTo("add rax, rbx");
    assertThat(t.length()).isEqualTo(3);
    assertThat(new Capstone(64).at(bytes("06"), 0, 1, 0).toString()).isEqualTo("(bad)");
  }
}
