; A bytecode interpreter as a compiler makes it of a switch in a loop: one indirect jump for all
; instructions. The bytecode adds the lengths of the Collatz sequences of all numbers below the
; limit to the number of the pass.
;
; An instruction is four bytes: operation, a, b, c. There are 16 registers of 64 bits. Distances of
; jumps are in instructions from the next one, signed: in c, or for jz, jnz and jmp in b and c.

LIMIT     equ 1000
REGISTERS equ SMALL

OP_HALT  equ 0
OP_LOAD  equ 1  ; a := b and c
OP_MOVE  equ 2  ; a := b
OP_ADD   equ 3  ; a := b + c
OP_SUB   equ 4  ; a := b - c
OP_MUL   equ 5  ; a := b * c
OP_AND   equ 6  ; a := b & c
OP_XOR   equ 7  ; a := b ^ c
OP_SHR   equ 8  ; a := b >>> number c
OP_ADDI  equ 9  ; a := b + number c
OP_JMP   equ 10
OP_JZ    equ 11 ; if a = 0
OP_JNZ   equ 12 ; if a != 0
OP_JLT   equ 13 ; if a < b
OPS      equ 14

prepare:
    ret

work:
    push rbx
    mov [REGISTERS], rdi
    mov ebx, CODE
next:
    movzx eax, byte [rbx]
    movzx ecx, byte [rbx + 1]
    movzx edx, byte [rbx + 2]
    movzx esi, byte [rbx + 3]
    add rbx, 4
    cmp eax, OPS
    jae halt
    jmp [rax*8 + TABLE]

load:
    movsx rax, word [rbx - 2]
    mov [rcx*8 + REGISTERS], rax
    jmp next
move:
    mov rax, [rdx*8 + REGISTERS]
    mov [rcx*8 + REGISTERS], rax
    jmp next
op_add:
    mov rax, [rdx*8 + REGISTERS]
    add rax, [rsi*8 + REGISTERS]
    mov [rcx*8 + REGISTERS], rax
    jmp next
op_sub:
    mov rax, [rdx*8 + REGISTERS]
    sub rax, [rsi*8 + REGISTERS]
    mov [rcx*8 + REGISTERS], rax
    jmp next
op_mul:
    mov rax, [rdx*8 + REGISTERS]
    imul rax, [rsi*8 + REGISTERS]
    mov [rcx*8 + REGISTERS], rax
    jmp next
op_and:
    mov rax, [rdx*8 + REGISTERS]
    and rax, [rsi*8 + REGISTERS]
    mov [rcx*8 + REGISTERS], rax
    jmp next
op_xor:
    mov rax, [rdx*8 + REGISTERS]
    xor rax, [rsi*8 + REGISTERS]
    mov [rcx*8 + REGISTERS], rax
    jmp next
op_shr:
    mov rax, [rdx*8 + REGISTERS]
    mov r8d, ecx
    mov ecx, esi
    shr rax, cl
    mov [r8*8 + REGISTERS], rax
    jmp next
addi:
    movsx rsi, sil
    add rsi, [rdx*8 + REGISTERS]
    mov [rcx*8 + REGISTERS], rsi
    jmp next
op_jmp:
    movsx rax, word [rbx - 2]
    lea rbx, [rbx + rax*4]
    jmp next
op_jz:
    cmp qword [rcx*8 + REGISTERS], 0
    jne next
    movsx rax, word [rbx - 2]
    lea rbx, [rbx + rax*4]
    jmp next
op_jnz:
    cmp qword [rcx*8 + REGISTERS], 0
    je next
    movsx rax, word [rbx - 2]
    lea rbx, [rbx + rax*4]
    jmp next
jlt:
    mov rax, [rcx*8 + REGISTERS]
    cmp rax, [rdx*8 + REGISTERS]
    jge next
    movsx rsi, sil
    lea rbx, [rbx + rsi*4]
    jmp next
halt:
    mov rax, [REGISTERS + 3*8]
    pop rbx
    ret

align 0x1000
TABLE:
    dq halt, load, move, op_add, op_sub, op_mul, op_and, op_xor, op_shr, addi
    dq op_jmp, op_jz, op_jnz, jlt

; r1 the number, r2 the limit, r3 the sum, r4 the sequence, r5 scratch, r6 one, r7 three.
align 16
CODE:
    db OP_MOVE, 3, 0, 0
    db OP_LOAD, 1
    dw 1
    db OP_LOAD, 2
    dw LIMIT
    db OP_LOAD, 6
    dw 1
    db OP_LOAD, 7
    dw 3
number:
    db OP_MOVE, 4, 1, 0
step:
    db OP_XOR, 5, 4, 6
    db OP_JZ, 5
    dw (done - $ - 2) / 4
    db OP_AND, 5, 4, 6
    db OP_JNZ, 5
    dw (odd - $ - 2) / 4
    db OP_SHR, 4, 4, 1
    db OP_ADDI, 3, 3, 1
    db OP_JMP, 0
    dw (step - $ - 2) / 4
odd:
    db OP_MUL, 4, 4, 7
    db OP_ADDI, 4, 4, 1
    db OP_ADDI, 3, 3, 1
    db OP_JMP, 0
    dw (step - $ - 2) / 4
done:
    db OP_ADDI, 1, 1, 1
    db OP_JLT, 1, 2, (number - $ - 4) / 4
    db OP_HALT, 0, 0, 0
