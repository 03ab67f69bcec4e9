; Follows a linked list of 64-byte nodes that lie in 1 MiB of small pages in random order, and adds
; what they hold. A pass takes 32768 steps and the number of the pass more.

NODES equ 16384
LIST  equ SMALL
ORDER equ SMALL + 0x180000 ; scratch of prepare

prepare:
    xor ecx, ecx
.number:
    mov [rcx*4 + ORDER], ecx
    inc ecx
    cmp ecx, NODES
    jb .number
    ; Sattolo's shuffle: one cycle through all nodes.
    mov r8d, 1
    mov ecx, NODES - 1
.shuffle:
    imul r8d, r8d, 1103515245
    add r8d, 12345
    mov eax, r8d
    shr eax, 8
    xor edx, edx
    div ecx
    mov eax, [rdx*4 + ORDER]
    mov esi, [rcx*4 + ORDER]
    mov [rdx*4 + ORDER], esi
    mov [rcx*4 + ORDER], eax
    dec ecx
    jnz .shuffle
    ; Node i is followed by node order[i].
    xor ecx, ecx
    mov edi, LIST
.link:
    mov eax, [rcx*4 + ORDER]
    shl rax, 6
    add rax, LIST
    mov [rdi], rax
    imul rax, rcx, 0x12345679
    mov [rdi + 8], rax
    add rdi, 64
    inc ecx
    cmp ecx, NODES
    jb .link
    ret

work:
    lea ecx, [rdi + 32768]
    mov edx, LIST
    xor eax, eax
.step:
    add rax, [rdx + 8]
    mov rdx, [rdx]
    dec ecx
    jnz .step
    add rax, rdx
    ret
