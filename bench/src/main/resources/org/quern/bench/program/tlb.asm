; Memory accesses that miss the TLB: one word of each of 2560 small pages, in an order without
; locality. A pass makes 65536.

PAGES   equ 2560
STEP    equ 1601 ; has no divisor in common with PAGES

prepare:
    mov edi, SMALL
    mov ecx, PAGES
    mov eax, 1
.fill:
    mov [rdi], rax
    add rdi, 0x1000
    inc eax
    dec ecx
    jnz .fill
    ret

work:
    push rbx
    mov ebx, 65536
    mov ecx, edi
    and ecx, 1023
    xor eax, eax
.access:
    mov edx, ecx
    shl edx, 12
    add rax, [rdx + SMALL]
    add ecx, STEP
    cmp ecx, PAGES
    jb .inside
    sub ecx, PAGES
.inside:
    dec ebx
    jnz .access
    pop rbx
    ret
