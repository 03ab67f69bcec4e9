; CRC-32 of Ethernet, a table look-up for each byte. A pass checks 64 KiB of which the first byte is
; the number of the pass.

LENGTH equ 65536
BUFFER equ SMALL
TABLE  equ SMALL + 0x90000

prepare:
    xor ecx, ecx
.entry:
    mov eax, ecx
    mov edx, 8
.bit:
    shr eax, 1
    jnc .even
    xor eax, 0xedb88320
.even:
    dec edx
    jnz .bit
    mov [rcx*4 + TABLE], eax
    inc ecx
    cmp ecx, 256
    jb .entry
    mov eax, 1
    mov edi, BUFFER
.fill:
    imul eax, eax, 1103515245
    add eax, 12345
    mov edx, eax
    shr edx, 16
    mov [rdi], dl
    inc rdi
    cmp rdi, BUFFER + LENGTH
    jb .fill
    ret

work:
    mov esi, BUFFER
    mov [rsi], dil
    lea rdi, [rsi + LENGTH]
    mov eax, -1
.byte:
    movzx edx, byte [rsi]
    movzx ecx, al
    inc rsi
    xor edx, ecx
    shr eax, 8
    xor eax, [rdx*4 + TABLE]
    cmp rsi, rdi
    jne .byte
    not eax
    ret
