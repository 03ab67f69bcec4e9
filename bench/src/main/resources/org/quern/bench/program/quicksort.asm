; Quicksort (Hoare's partition) of 64-bit numbers: unpredictable branches, recursion. A pass fills
; the array with pseudo-random numbers, sorts it and folds it in order.

COUNT equ 16384
ARRAY equ SMALL

prepare:
    ret

work:
    mov r8, 6364136223846793005
    mov r9, 1442695040888963407
    lea rax, [rdi + 1]
    mov ecx, ARRAY
.fill:
    imul rax, r8
    add rax, r9
    mov [rcx], rax
    add rcx, 8
    cmp rcx, ARRAY + COUNT * 8
    jb .fill
    mov edi, ARRAY
    mov esi, ARRAY + (COUNT - 1) * 8
    call sort
    xor eax, eax
    mov ecx, ARRAY
.fold:
    imul rax, rax, 31
    add rax, [rcx]
    add rcx, 8
    cmp rcx, ARRAY + COUNT * 8
    jb .fold
    ret

; Sorts from rdi to rsi, both the addresses of elements.
sort:
    cmp rdi, rsi
    jae .done
    mov rax, rsi
    sub rax, rdi
    shr rax, 4
    mov rdx, [rdi + rax*8] ; the pivot: the middle one
    lea rcx, [rdi - 8]
    lea r8, [rsi + 8]
.up:
    add rcx, 8
    cmp [rcx], rdx
    jl .up
.down:
    sub r8, 8
    cmp [r8], rdx
    jg .down
    cmp rcx, r8
    jae .split
    mov rax, [rcx]
    mov r9, [r8]
    mov [rcx], r9
    mov [r8], rax
    jmp .up
.split:
    push rsi
    push r8
    mov rsi, r8
    call sort
    pop rdi
    pop rsi
    add rdi, 8
    jmp sort
.done:
    ret
