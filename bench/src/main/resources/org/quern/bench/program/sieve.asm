; Sieve of Eratosthenes: stores with a stride, a byte for each number. A pass finds the primes below
; the limit and returns their count and sum.

LIMIT equ 400000
FLAGS equ SMALL

prepare:
    ret

work:
    xor eax, eax
    mov edi, FLAGS
.clear:
    mov [rdi], rax
    add rdi, 8
    cmp rdi, FLAGS + LIMIT
    jb .clear
    mov ecx, 2
    mov eax, 4
.candidate:
    cmp byte [rcx + FLAGS], 0
    jne .composite
.cross:
    mov byte [rax + FLAGS], 1
    add rax, rcx
    cmp rax, LIMIT
    jb .cross
.composite:
    inc ecx
    mov eax, ecx
    imul eax, eax
    cmp eax, LIMIT
    jb .candidate
    xor eax, eax
    xor edx, edx
    mov ecx, 2
.count:
    cmp byte [rcx + FLAGS], 0
    jne .next
    inc eax
    add rdx, rcx
.next:
    inc rcx
    cmp rcx, LIMIT
    jb .count
    shl rax, 40
    add rax, rdx
    ret
