; A program that is spread over pages: functions that call each other, each in a page of its own, as
; the parts of a large program do. A pass makes 10000 rounds of seven calls over four pages.

ROUNDS equ 10000

prepare:
    ret

work:
    push rbx
    mov ebx, ROUNDS
    mov eax, edi
.round:
    mov edi, ebx
    call mix
    call mix
    add eax, edi
    dec ebx
    jnz .round
    pop rbx
    ret

align 0x1000
mix:
    push rbp
    mov ebp, edi
    rol eax, 3
    call scramble
    xor eax, ebp
    test al, 1
    jz .even
    call scramble
.even:
    pop rbp
    ret

align 0x1000
scramble:
    imul eax, eax, 0x9e3779b1
    lea edi, [rdi + rax*2 + 5]
    jmp fold

align 0x1000
fold:
    mov ecx, eax
    shr ecx, 15
    xor eax, ecx
    ret
