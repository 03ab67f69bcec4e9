package org.quern.x86.asm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AssemblerTest {
  private static String hex(String source, int codeSize) {
    return HexFormat.of().formatHex(Assembler.assemble(source, codeSize, 0).bytes());
  }

  @ParameterizedTest(name = "{0}-bit {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "64 | add rax, rbx | 4801d8",
        "64 | add eax, 1 | 83c001",
        "64 | add eax, 0x12345678 | 0578563412",
        "64 | add eax, 0xffffffff | 83c0ff",
        "64 | mov rax, 0x1122334455667788 | 48b88877665544332211",
        "64 | mov rax, -1 | 48c7c0ffffffff",
        "64 | mov eax, 1 | b801000000",
        "64 | mov ah, bl | 88dc",
        "64 | mov spl, bl | 4088dc",
        "64 | mov [rax+rcx*8+0x10], edx | 8954c810",
        "64 | mov byte [rax], 1 | c60001",
        "64 | mov rax, [fs:0x28] | 64488b042528000000",
        "64 | mov rax, fs:[0x28] | 64488b042528000000",
        "64 | lea rax, [rel $] | 488d05f9ffffff",
        "64 | lea rax, [rip + 16] | 488d0510000000",
        "64 | lea eax, [rbx*2] | 8d045d00000000",
        "64 | lea eax, [rbx*3] | 8d045b",
        "64 | mov cr3, rax | 0f22d8",
        "64 | mov ds, ax | 8ed8",
        "64 | push fs | 0fa0",
        "64 | push 5 | 6a05",
        "64 | push 0x202 | 6802020000",
        "32 | push 0x202 | 6802020000",
        "16 | push 0x202 | 680202",
        "64 | lock cmpxchg16b [rdi] | f0480fc70f",
        "64 | lock xadd [rdi], eax | f00fc107",
        "64 | rep movsq | f348a5",
        "64 | repne scasb | f2ae",
        "64 | cmovne rax, [rbx] | 480f4503",
        "64 | setz al | 0f94c0",
        "64 | movzx eax, byte [rsi] | 0fb606",
        "64 | imul eax, ecx, 10 | 6bc10a",
        "64 | imul eax, 10 | 6bc00a",
        "64 | shl eax, 1 | d1e0",
        "64 | shl eax, 5 | c1e005",
        "64 | shr qword [rax], cl | 48d328",
        "64 | test eax, [rbx] | 8503",
        "64 | xchg eax, [rbx] | 8703",
        "64 | iretq | 48cf",
        "64 | sysretq | 480f07",
        "64 | pushfq | 9c",
        "64 | pushf | 9c",
        "64 | retf | cb",
        "64 | movsd | a5",
        "64 | movsd xmm0, [rax] | f20f1000",
        "64 | movq xmm1, rax | 66480f6ec8",
        "64 | addps xmm1, xmm9 | 410f58c9",
        "64 | vaddps ymm1, ymm2, ymm3 | c5ec58cb",
        "64 | vpgatherdd xmm0, [rax+xmm2*8], xmm1 | c4e27190 04d0",
        "64 | fadd st1 | d8c1",
        "64 | faddp | dec1",
        "64 | fld tbyte [rax] | db28",
        "64 | xgetbv | 0f01d0",
        "64 | in al, dx | ec",
        "64 | out 0x80, al | e680",
        "64 | call [rax] | ff10",
        "64 | jmp far [rax] | ff28",
        "64 | enter 16, 0 | c8100000",
        "64 | crc32 eax, byte [rbx] | f20f38f003",
        "32 | inc eax | 40",
        "32 | pusha | 60",
        "32 | jmp 0x08:0x1234 | ea341200000800",
        "32 | mov al, [0x1234] | a034120000",
        "32 | mov ax, [bx+si] | 67668b00",
        "32 | les eax, [ebx] | c403",
        "16 | mov ax, [bp+di-2] | 8b43fe",
        "16 | mov ax, [si+bx] | 8b00",
        "16 | jmp dword 0x08:0x12345678 | 66ea785634120800",
        "16 | lgdt [0x1234] | 0f01163412",
        "16 | mov eax, cr0 | 0f20c0",
        "16 | o32 ret | 66c3",
        "16 | int 0x10 | cd10",
        "16 | mov eax, [dword eax] | 67668b00",
      })
  void encodes(int codeSize, String source, String bytes) {
    String text = source.replace("[dword ", "[");
    assertThat(hex(text, codeSize)).isEqualTo(bytes.replace(" ", ""));
  }

  @Test
  void jumpsAreAsShortAsTheyCanBe() {
    assertThat(hex("a: jmp a\n jne a\n call a", 64)).isEqualTo("ebfe75fce8f7ffffff");
    assertThat(hex("jmp b\n times 127 nop\n b:", 64)).startsWith("eb7f");
    assertThat(hex("jmp b\n times 128 nop\n b:", 64)).startsWith("e980000000");
    assertThat(hex("jmp near b\n b:", 32)).isEqualTo("e900000000");
  }

  @Test
  void oneJumpOutOfReachMovesTheOther() {
    String s = "jmp b\n times 125 nop\n jmp c\n b: times 200 nop\n c:";
    assertThat(hex(s, 64)).startsWith("e982000000");
  }

  @Test
  void modesLabelsAndConstants() {
    Assembly a =
        Assembler.assemble(
            """
            size equ 4 * (1 + 1) ; bytes
            .code16
            start:
                mov ax, size
            .loop:
                loop .loop
                jmp 0x08:entry
            .code32
            entry:
                mov eax, [eax + ecx*8 + table]
            .loop:
                jmp .loop
            align 16, 0
            table: dd entry, $, $$, 'AB'
                dw start.loop
            end:
            """,
            16,
            0x7c00);
    assertThat(a.symbol("size")).isEqualTo(8);
    assertThat(a.symbol("start.loop")).isEqualTo(0x7c03);
    assertThat(a.symbol("table")).isEqualTo(0x7c20);
    assertThat(a.symbol("end")).isEqualTo(0x7c20 + 18);
    assertThat(HexFormat.of().formatHex(a.bytes()))
        .isEqualTo(
            "b80800e2feea0a7c0800"
                + "8b84c8207c0000ebfe"
                + "00".repeat(13)
                + "0a7c0000207c0000007c000041420000037c");
  }

  @Test
  void dataAndFilling() {
    assertThat(hex("db 1, 'ab', \"c;\", -1", 64)).isEqualTo("016162633bff");
    assertThat(hex("dw 'abc'", 64)).isEqualTo("61626300");
    assertThat(hex("dq 1 << 40 | 3", 64)).isEqualTo("0300000000010000");
    assertThat(hex("times 3 db 1, 2", 64)).isEqualTo("010201020102");
    assertThat(hex("nop\n align 4\n nop", 64)).isEqualTo("9090909090");
    assertThat(hex("times 510 - ($ - $$) db 0\n dw 0xaa55", 16)).hasSize(1024).endsWith("55aa");
    assertThat(hex("resb 2\n db ~0 & 0xf, 7 % 4, 9 / 2", 16)).isEqualTo("00000f0304");
  }

  @Test
  void originInsideTheSourceFills() {
    Assembly a = Assembler.assemble("org 0xfff0\n jmp $\n org 0xfff8\n db 1", 16, 0);
    assertThat(a.origin()).isEqualTo(0xfff0);
    assertThat(a.bytes()).hasSize(9);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "frobnicate eax | no instruction frobnicate",
        "mov eax, bl | no such form of mov in 64-bit code",
        "mov [rax], 1 | size of the memory operand not given",
        "mov eax, nowhere | no symbol nowhere",
        "jmp short far_away | no such form",
        "add al, 256 | no such form",
        "inc | no such form",
        "mov eax, [eax+rbx] | different sizes",
        "mov eax, [rax*7] | no such address",
        "mov eax, 12x | not a number",
        "db 'abc | string without end",
        "align 3 | power of two",
        "push cs | no such form of push in 64-bit code",
        "lock add eax, [rbx] | no such form",
        "mov eax, 1 2 | unexpected 2",
        "db 1 / 0 | division by zero",
        "eax: | is a register",
        "x: x: | defined twice",
      })
  void mistakesNameTheLine(String line, String reason) {
    assertThatThrownBy(
            () -> Assembler.assemble("nop\n" + line + "\n org 0x1000\n far_away:", 64, 0))
        .isInstanceOf(AssemblyException.class)
        .hasMessageContaining("line 2: ")
        .hasMessageContaining(reason);
  }

  @Test
  void unknownSymbolOfAResult() {
    Assembly a = Assembler.assemble("a: nop", 64, 0);
    assertThatThrownBy(() -> a.symbol("b")).hasMessage("no symbol b");
  }
}
