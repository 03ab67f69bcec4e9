; Device memory: the index register of the I/O APIC is written and read back. A pass makes 2000
; accesses.

IOAPIC    equ 0xfec00000
PD_DEVICE equ 0x20c000

prepare:
    ; The fourth GiB gets a page directory with the one large page of the I/O APIC.
    mov edi, PD_DEVICE
    xor eax, eax
    mov ecx, 512
    cld
    rep stosq
    mov eax, IOAPIC | 0x9f ; not cached
    mov [PD_DEVICE + 0x1f6 * 8], rax
    mov eax, PD_DEVICE | 7
    mov [PDPT + 3 * 8], rax
    ret

work:
    push rbx
    mov ebx, 1000
    xor esi, esi
    mov edx, IOAPIC
.access:
    lea eax, [rbx + rdi]
    and eax, 0x3f
    mov [rdx], eax
    mov eax, [rdx]
    and eax, 0xff
    add rsi, rax
    dec ebx
    jnz .access
    mov rax, rsi
    pop rbx
    ret
