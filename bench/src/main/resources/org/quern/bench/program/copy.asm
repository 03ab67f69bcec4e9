; Copies 96 KiB byte by byte, in large pages; where it starts to read moves with the pass.

LENGTH      equ 0x18000
SOURCE      equ LARGE + 0x3000
DESTINATION equ LARGE + 0x98000

prepare:
    mov eax, 1
    mov edi, SOURCE
.fill:
    imul eax, eax, 1103515245
    add eax, 12345
    mov edx, eax
    shr edx, 16
    mov [rdi], dl
    inc rdi
    cmp rdi, SOURCE + LENGTH + 8
    jb .fill
    ret

work:
    and edi, 7
    lea rsi, [rdi + SOURCE]
    mov edi, DESTINATION
    xor ecx, ecx
.byte:
    movzx eax, byte [rsi + rcx]
    mov [rdi + rcx], al
    inc rcx
    cmp rcx, LENGTH
    jne .byte
    ; Eight bytes of every 64 are enough to tell.
    xor eax, eax
.fold:
    rol rax, 1
    add rax, [rdi]
    add rdi, 64
    cmp rdi, DESTINATION + LENGTH
    jb .fold
    ret
