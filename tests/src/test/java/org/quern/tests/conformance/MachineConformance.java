package org.quern.tests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.accel.api.Accelerator;
import org.quern.machine.run.MachineEnd;

/**
 * What every accelerator must do alike on a whole board: reset, modes, ports, device memory, ROM,
 * interrupts, HLT and several processors. Subclass it with the accelerator to test.
 */
abstract class MachineConformance {
  /** From real mode to flat 32-bit code at label {@code flat}; bases are 0, so symbols are + F. */
  private static final String TO_PROTECTED =
      """
      F equ 0xf0000
      cli
      o32 lgdt [cs:gdtr]
      mov eax, cr0
      or al, 1
      mov cr0, eax
      jmp dword 0x08:F + flat
      .code32
      flat:
      mov ax, 0x10
      mov ds, ax
      mov es, ax
      mov ss, ax
      mov esp, 0x7000
      """;

  abstract Accelerator accelerator();

  private String run(int cpus, String program) throws Exception {
    RomMachine.Result r = RomMachine.run(accelerator(), cpus, program);
    assertThat(r.end().kind()).as(r.end().message()).isEqualTo(MachineEnd.Kind.DEBUG_EXIT);
    return r.text();
  }

  @Test
  @DisplayName("the reset vector leads into the ROM, rep outsb writes text from it")
  void stringOutput() throws Exception {
    assertThat(
            run(
                1,
                """
                cld
                mov si, text
                mov cx, 5
                mov dx, 0xe9
                rep cs outsb
                mov al, '.'
                out 0xe9, al
                jmp end
                text: db "hello"
                """))
        .isEqualTo("hello.");
  }

  @Test
  @DisplayName("ports are read in all widths, rep insb fills memory")
  void portInput() throws Exception {
    // PCI's configuration address and the mask of the 8259A keep what is written to them.
    assertThat(
            run(
                1,
                """
                cld
                xor ax, ax
                mov es, ax
                mov ds, ax
                mov dx, 0xcf8
                mov eax, 0x80424100
                out dx, eax
                xor eax, eax
                in eax, dx
                mov [0x2000], eax
                mov dx, 0x21
                mov al, 'x'
                out dx, al
                mov di, 0x2003
                mov cx, 3
                rep insb
                mov si, 0x2001
                mov cx, 5
                mov dx, 0xe9
                rep outsb
                jmp end
                """))
        .isEqualTo("ABxxx");
  }

  @Test
  @DisplayName("writes to ROM change nothing, reads behind them go on")
  void romIsReadOnly() throws Exception {
    assertThat(
            run(
                1,
                """
                mov ax, 0xf000
                mov ds, ax
                mov byte [text], 'x'
                inc byte [text]
                mov al, [text]
                out 0xe9, al
                jmp end
                text: db "r"
                """))
        .isEqualTo("r");
  }

  @Test
  @DisplayName("device memory is read and written in 32 bits: local APIC and HPET")
  void deviceMemory() throws Exception {
    assertThat(
            run(
                1,
                TO_PROTECTED
                    + """
                    mov ebx, 0xfee00000
                    mov dword [ebx + 0x80], 0x41
                    mov eax, [ebx + 0x80]
                    out 0xe9, al
                    mov eax, [ebx + 0x30]
                    and al, 0xf0
                    add al, 0x32
                    out 0xe9, al
                    mov eax, [0xfed00004]
                    shr eax, 4
                    test eax, eax
                    setnz al
                    add al, 'C' - 1
                    out 0xe9, al
                    jmp end
                    """))
        .isEqualTo("ABC");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  @DisplayName("the timer's interrupts wake hlt (0) and come between instructions (1)")
  void timerInterrupts(int running) throws Exception {
    assertThat(
            run(
                1,
                """
                xor ax, ax
                mov ds, ax
                mov ss, ax
                mov sp, 0x7000
                mov word [0x20 * 4], tick
                mov word [0x20 * 4 + 2], 0xf000
                mov al, 0x11
                out 0x20, al
                mov al, 0x20
                out 0x21, al
                mov al, 4
                out 0x21, al
                mov al, 1
                out 0x21, al
                mov al, 0xfe
                out 0x21, al
                mov al, 0x34
                out 0x43, al
                mov al, 0
                out 0x40, al
                mov al, 0x10
                out 0x40, al
                xor bx, bx
                sti
                wait: cmp bx, 5
                jae done
                mov cl, RUNNING
                test cl, cl
                jnz wait
                hlt
                jmp wait
                done: cli
                jmp end
                tick: inc bx
                mov al, 't'
                out 0xe9, al
                mov al, 0x20
                out 0x20, al
                iret
                """
                    .replace("RUNNING", Integer.toString(running))))
        .startsWith("ttttt");
  }

  @Test
  @DisplayName("real, protected, long and compatibility mode, and back to real mode")
  void modes() throws Exception {
    assertThat(
            run(
                1,
                TO_PROTECTED
                    + """
                    mov al, 'p'
                    out 0xe9, al
                    mov edi, 0x10000
                    mov ecx, 0xc00
                    xor eax, eax
                    cld
                    rep stosd
                    mov dword [0x10000], 0x11007
                    mov dword [0x11000], 0x12007
                    mov dword [0x12000], 0x87
                    mov eax, 0x10000
                    mov cr3, eax
                    mov eax, 0x20
                    mov cr4, eax
                    mov ecx, 0xc0000080
                    mov eax, 0x100
                    xor edx, edx
                    wrmsr
                    mov eax, 0x80000001
                    mov cr0, eax
                    jmp 0x18:F + wide
                    .code64
                    wide:
                    mov al, 'l'
                    out 0xe9, al
                    mov rax, 0x123456789a
                    shr rax, 32
                    add al, 'l' - 0x12
                    out 0xe9, al
                    push 0x08
                    push F + compatible
                    o64 retf
                    .code32
                    compatible:
                    mov al, 'c'
                    out 0xe9, al
                    mov eax, 1
                    mov cr0, eax
                    mov ecx, 0xc0000080
                    xor eax, eax
                    xor edx, edx
                    wrmsr
                    jmp 0x20:narrow
                    .code16
                    narrow:
                    mov eax, 0
                    mov cr0, eax
                    jmp 0xf000:real
                    real:
                    mov al, 'r'
                    out 0xe9, al
                    jmp end
                    """
                        .replace("jmp 0x20:narrow", "jmp 0x20:F + narrow")))
        .isEqualTo("pllcr");
  }

  @Test
  @DisplayName("INIT and start-up IPIs start a second processor, which halts when it is done")
  void startsProcessor() throws Exception {
    assertThat(
            run(
                2,
                startSecond(
                    """
        mov byte [0x6000], 's'
        mov eax, 1
        xchg [0x6004], eax
        second_stop: cli
        hlt
        jmp second_stop
        """,
                    """
        wait: cmp dword [0x6004], 0
        je wait
        mov al, [0x6000]
        out 0xe9, al
        jmp end
        """)))
        .isEqualTo("s");
  }

  @Test
  @DisplayName("an IPI wakes a halted processor")
  void ipi() throws Exception {
    // The second one enables its local APIC in protected mode, and halts in real mode.
    assertThat(
            run(
                2,
                startSecond(
                    """
                    mov ss, ax
                    mov sp, 0x5000
                    mov word [0x41 * 4], 0x8000 + answer - second
                    mov word [0x41 * 4 + 2], 0
                    mov ax, 0xf000
                    mov ds, ax
                    o32 lgdt [gdtr]
                    mov eax, cr0
                    or al, 1
                    mov cr0, eax
                    jmp dword 0x08:0x8000 + enable - second
                    .code32
                    enable: mov ax, 0x10
                    mov ds, ax
                    mov dword [0xfee000f0], 0x1ff
                    jmp 0x20:0x8000 + leave - second
                    .code16
                    leave: mov eax, 0
                    mov cr0, eax
                    jmp 0:0x8000 + again - second
                    again: xor ax, ax
                    mov ds, ax
                    mov dword [0x6004], 1
                    sti
                    sleep: hlt
                    jmp sleep
                    answer: inc dword [0x6008]
                    iret
                    """,
                    """
                    wait: cmp dword [0x6004], 0
                    je wait
                    mov dword [ebx + 0x310], 0x01000000
                    mov dword [ebx + 0x300], 0x4041
                    answered: cmp dword [0x6008], 1
                    jne answered
                    mov al, 'i'
                    out 0xe9, al
                    jmp end
                    """)))
        .isEqualTo("i");
  }

  /** Copies {@code second} to 0x8000 and starts processor 1 there in real mode. */
  private static String startSecond(String second, String first) {
    return TO_PROTECTED
        + """
        mov dword [0x6004], 0
        mov dword [0x6008], 0
        cld
        mov esi, F + second
        mov edi, 0x8000
        mov ecx, second_end - second
        rep movsb
        mov ebx, 0xfee00000
        mov dword [ebx + 0xf0], 0x1ff
        mov dword [ebx + 0x310], 0x01000000
        mov dword [ebx + 0x300], 0x4500
        mov dword [ebx + 0x310], 0x01000000
        mov dword [ebx + 0x300], 0x4608
        """
        + first
        + """
        .code16
        second:
        xor ax, ax
        mov ds, ax
        """
        + second
        + "second_end:\n.code32\n";
  }

  @Test
  @DisplayName("a triple fault resets the machine, whose RAM keeps its contents")
  void tripleFault() throws Exception {
    assertThat(
            run(
                1,
                """
                xor ax, ax
                mov ds, ax
                cmp word [0x6000], 0x1234
                je again
                mov word [0x6000], 0x1234
                o32 lidt [cs:nothing]
                mov eax, cr0
                or al, 1
                mov cr0, eax
                xor cx, cx
                div cx
                again: mov al, 'a'
                out 0xe9, al
                jmp end
                nothing: dw 0
                dd 0
                """))
        .isEqualTo("a");
  }
}
