; SHA-256 (FIPS 180-4), rounds in a loop: rotations and additions on registers. A pass hashes 4087
; bytes, 64 blocks with the padding, of which the first byte is the number of the pass.

LENGTH  equ 4087
BLOCKS  equ 64
MESSAGE equ SMALL
W       equ SMALL + 0x90000
H       equ SMALL + 0x92000

prepare:
    mov eax, 1
    mov edi, MESSAGE
.fill:
    imul eax, eax, 1103515245
    add eax, 12345
    mov edx, eax
    shr edx, 16
    mov [rdi], dl
    inc rdi
    cmp rdi, MESSAGE + LENGTH
    jb .fill
    mov byte [rdi], 0x80
    mov rax, LENGTH * 8
    bswap rax
    mov [rdi + 1], rax
    ret

work:
    push rbx
    push rbp
    push r12
    push r13
    push r14
    mov byte [MESSAGE], dil
    xor ecx, ecx
.initial:
    mov eax, [rcx*4 + INITIAL]
    mov [rcx*4 + H], eax
    inc ecx
    cmp ecx, 8
    jb .initial
    mov r14d, MESSAGE
.block:
    call compress
    add r14, 64
    cmp r14, MESSAGE + BLOCKS * 64
    jb .block
    ; The digest as four big-endian numbers, added.
    xor eax, eax
    xor ecx, ecx
.fold:
    mov edx, [rcx*8 + H]
    shl rdx, 32
    mov esi, [rcx*8 + H + 4]
    or rdx, rsi
    add rax, rdx
    inc ecx
    cmp ecx, 4
    jb .fold
    pop r14
    pop r13
    pop r12
    pop rbp
    pop rbx
    ret

; One block at r14.
compress:
    xor ecx, ecx
.load:
    mov eax, [r14 + rcx*4]
    bswap eax
    mov [rcx*4 + W], eax
    inc ecx
    cmp ecx, 16
    jb .load
.extend:
    mov eax, [rcx*4 + W - 15*4]
    mov edx, eax
    mov esi, eax
    ror eax, 7
    ror edx, 18
    shr esi, 3
    xor eax, edx
    xor eax, esi
    mov edx, [rcx*4 + W - 2*4]
    mov esi, edx
    mov edi, edx
    ror edx, 17
    ror esi, 19
    shr edi, 10
    xor edx, esi
    xor edx, edi
    add eax, edx
    add eax, [rcx*4 + W - 16*4]
    add eax, [rcx*4 + W - 7*4]
    mov [rcx*4 + W], eax
    inc ecx
    cmp ecx, 64
    jb .extend
    mov eax, [H]
    mov ebx, [H + 4]
    mov ecx, [H + 8]
    mov edx, [H + 12]
    mov r8d, [H + 16]
    mov r9d, [H + 20]
    mov r10d, [H + 24]
    mov r11d, [H + 28]
    xor esi, esi
.round:
    mov edi, r8d
    ror edi, 6
    mov ebp, r8d
    ror ebp, 11
    xor edi, ebp
    ror ebp, 14
    xor edi, ebp
    add r11d, edi
    mov edi, r9d
    xor edi, r10d
    and edi, r8d
    xor edi, r10d
    add r11d, edi
    add r11d, [rsi*4 + K]
    add r11d, [rsi*4 + W]
    mov edi, eax
    ror edi, 2
    mov ebp, eax
    ror ebp, 13
    xor edi, ebp
    ror ebp, 9
    xor edi, ebp
    mov r12d, eax
    or r12d, ebx
    and r12d, ecx
    mov r13d, eax
    and r13d, ebx
    or r12d, r13d
    add edi, r12d
    add edx, r11d
    add edi, r11d
    mov r11d, r10d
    mov r10d, r9d
    mov r9d, r8d
    mov r8d, edx
    mov edx, ecx
    mov ecx, ebx
    mov ebx, eax
    mov eax, edi
    inc esi
    cmp esi, 64
    jb .round
    add [H], eax
    add [H + 4], ebx
    add [H + 8], ecx
    add [H + 12], edx
    add [H + 16], r8d
    add [H + 20], r9d
    add [H + 24], r10d
    add [H + 28], r11d
    ret

align 0x1000
INITIAL:
    dd 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
K:
    dd 0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5
    dd 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174
    dd 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da
    dd 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967
    dd 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85
    dd 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070
    dd 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3
    dd 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
