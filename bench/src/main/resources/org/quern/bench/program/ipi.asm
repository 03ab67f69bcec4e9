; Interrupts: the processor sends itself an interrupt through its local APIC, halts, is woken, and
; acknowledges it. A pass takes 500.

APIC      equ 0xfee00000
PD_DEVICE equ 0x20c000
IDT       equ 0x20d000
VECTOR    equ 0x40

prepare:
    mov edi, PD_DEVICE
    xor eax, eax
    mov ecx, 1024 ; and the IDT behind it
    cld
    rep stosq
    mov eax, APIC | 0x9f
    mov [PD_DEVICE + 0x1f7 * 8], rax
    mov eax, PD_DEVICE | 7
    mov [PDPT + 3 * 8], rax
    mov eax, interrupt
    mov [IDT + VECTOR * 16], ax
    mov word [IDT + VECTOR * 16 + 2], 0x08
    mov word [IDT + VECTOR * 16 + 4], 0x8e00
    shr eax, 16
    mov [IDT + VECTOR * 16 + 6], ax
    lidt [idtr]
    mov al, 0xff ; nothing from the 8259A
    out 0x21, al
    out 0xa1, al
    mov edx, APIC
    mov dword [rdx + 0xf0], 0x1ff
    mov dword [rdx + 0x80], 0
    ret

align 8
idtr:
    dw 0xfff
    dq IDT

interrupt:
    inc esi
    mov dword [rdx + 0xb0], 0
    iretq

work:
    push rbx
    mov ebx, 500
    mov esi, edi
    mov edx, APIC
.send:
    mov dword [rdx + 0x300], 0x40000 | 0x4000 | VECTOR ; to itself
    sti
    hlt
    cli
    dec ebx
    jnz .send
    mov eax, esi
    pop rbx
    ret
