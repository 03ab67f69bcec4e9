; Product of two 96 by 96 matrices of doubles, row by column in SSE2 scalars, in large pages. One
; element depends on the number of the pass.

N     equ 96
ROW   equ N * 8
A     equ LARGE + 0x4000
B     equ LARGE + 0x1a000
C     equ LARGE + 0x30000

; a[n] = (31 n mod 97 - 48) / 7, b[n] = (37 n mod 101 - 50) / 11
prepare:
    mov r8d, 31
    mov r9d, 97
    mov r10d, 48
    mov r11d, 7
    mov edi, A
    call .matrix
    mov r8d, 37
    mov r9d, 101
    mov r10d, 50
    mov r11d, 11
    mov edi, B
.matrix:
    cvtsi2sd xmm1, r11d
    xor ecx, ecx
.element:
    mov eax, ecx
    imul eax, r8d
    xor edx, edx
    div r9d
    sub edx, r10d
    cvtsi2sd xmm0, edx
    divsd xmm0, xmm1
    movsd [rdi + rcx*8], xmm0
    inc ecx
    cmp ecx, N * N
    jb .element
    ret

work:
    cvtsi2sd xmm0, edi
    movsd [A], xmm0
    mov esi, A
    mov edi, C
.row:
    lea r8, [rsi + ROW]
    mov r9d, B
.column:
    xorpd xmm0, xmm0
    mov rdx, rsi
    mov rcx, r9
.multiply:
    movsd xmm1, [rdx]
    mulsd xmm1, [rcx]
    addsd xmm0, xmm1
    add rdx, 8
    add rcx, ROW
    cmp rdx, r8
    jne .multiply
    movsd [rdi], xmm0
    add rdi, 8
    add r9, 8
    cmp r9, B + ROW
    jne .column
    mov rsi, r8
    cmp rsi, A + N * ROW
    jne .row
    xor eax, eax
    mov edi, C
.fold:
    rol rax, 1
    add rax, [rdi]
    add rdi, 8
    cmp rdi, C + N * ROW
    jne .fold
    ret
