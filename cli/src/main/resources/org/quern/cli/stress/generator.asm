; A guest that behaves like a just-in-time compiler: it makes up small functions, writes their code
; into slots of a buffer, calls each many times, compares every result with what an evaluator says,
; and begins again with the first slot. For ever, or until a result is wrong.
;
; A multiboot kernel; the first GiB is mapped by 2 MiB pages.

PML4        equ 0x200000
PDPT        equ 0x201000
PD          equ 0x202000
STACK_TOP   equ 0x2f0000

; Read from outside.
GENERATIONS equ 0x300000 ; times that all slots were rewritten
FUNCTIONS   equ 0x300008 ; functions made
WRONG       equ 0x300010 ; not 0: a result was wrong

ARGUMENTS   equ 0x310000
EXPECTED    equ 0x310100
PROGRAM     equ 0x320000 ; the function being made: operation and immediate, 8 bytes each
BUFFER      equ 0x400000
SLOTS       equ 64
SLOT_SHIFT  equ 10

EXIT_PORT   equ 0xf4

org 0x100000
image:
    dd 0x1badb002, 0x00010000, -(0x1badb002 + 0x00010000) ; flags: the addresses below hold
    dd image, image, image_end, image_end, entry

; Set by whoever makes the image: calls of each function.
align 8
calls: dd 1

align 8
gdt:
    dq 0
    dq 0x00af9b000000ffff ; 0x08 code, 64 bits
    dq 0x00cf93000000ffff ; 0x10 data
gdtr:
    dw 23
    dd gdt, 0

align 16
.code32
entry:
    cli
    cld
    mov esp, STACK_TOP
    xor eax, eax
    mov edi, PML4
    mov ecx, 0x3000 / 4
    rep stosd
    mov dword [PML4], PDPT | 3
    mov dword [PDPT], PD | 3
    mov edi, PD
    mov eax, 0x83
.large_page:
    mov [edi], eax
    add edi, 8
    add eax, 0x200000
    cmp edi, PD + 0x1000
    jb .large_page
    mov eax, PML4
    mov cr3, eax
    mov eax, 0x20 ; PAE
    mov cr4, eax
    mov ecx, 0xc0000080
    rdmsr
    or eax, 0x100 ; EFER.LME
    wrmsr
    mov eax, cr0
    or eax, 0x80000000
    mov cr0, eax
    lgdt [gdtr]
    jmp 0x08:long_mode

.code64
long_mode:
    mov eax, 0x10
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov esp, STACK_TOP
    mov rbx, 0x9e3779b97f4a7c15

generation:
    xor r12d, r12d
slot:
    mov ebp, r12d
    shl ebp, SLOT_SHIFT
    add ebp, BUFFER
    mov rdi, rbp
    call generate
    xor r13d, r13d
.argument:
    call random
    mov [ARGUMENTS + r13 * 4], eax
    mov edi, eax
    call evaluate
    mov [EXPECTED + r13 * 4], eax
    inc r13d
    cmp r13d, 4
    jb .argument
    mov r14d, [calls]
.call:
    mov r15d, r14d
    and r15d, 3
    mov edi, [ARGUMENTS + r15 * 4]
    call rbp
    cmp eax, [EXPECTED + r15 * 4]
    jne wrong
    dec r14d
    jnz .call
    inc qword [FUNCTIONS]
    inc r12d
    cmp r12d, SLOTS
    jb slot
    inc qword [GENERATIONS]
    jmp generation

wrong:
    mov qword [WRONG], 1
    mov al, 0x20
    out EXIT_PORT, al
.stop:
    hlt
    jmp .stop

; xorshift64 over RBX, the result in RAX.
random:
    mov rax, rbx
    shl rax, 13
    xor rbx, rax
    mov rax, rbx
    shr rax, 7
    xor rbx, rax
    mov rax, rbx
    shl rax, 17
    xor rbx, rax
    mov rax, rbx
    ret

; Makes up a program of 8 to 23 operations and writes its code to RDI.
; Between the operations EAX is the value, EDI the argument.
generate:
    mov rsi, PROGRAM
    mov word [rdi], 0xf889 ; mov eax, edi
    add rdi, 2
    call random
    and eax, 15
    add eax, 8
    mov r9d, eax
.next:
    call random
    mov r10d, eax
    and r10d, 7
    shr rax, 16
    mov r11d, eax
    mov [rsi], r10d
    mov [rsi + 4], r11d
    add rsi, 8
    jmp [emitters + r10 * 8]
.add:
    mov byte [rdi], 0x05 ; add eax, imm32
    mov [rdi + 1], r11d
    add rdi, 5
    jmp .emitted
.xor:
    mov byte [rdi], 0x35 ; xor eax, imm32
    mov [rdi + 1], r11d
    add rdi, 5
    jmp .emitted
.multiply:
    mov word [rdi], 0xc069 ; imul eax, eax, imm32
    mov [rdi + 2], r11d
    add rdi, 6
    jmp .emitted
.rotate:
    mov word [rdi], 0xc0c1 ; rol eax, imm8
    mov [rdi + 2], r11b
    add rdi, 3
    jmp .emitted
.subtract:
    mov byte [rdi], 0x2d ; sub eax, imm32
    mov [rdi + 1], r11d
    add rdi, 5
    jmp .emitted
.lea:
    mov dword [rdi], 0x0038448d ; lea eax, [rax + rdi + disp8]
    mov [rdi + 3], r11b
    add rdi, 4
    jmp .emitted
.not:
    mov word [rdi], 0xd0f7 ; not eax
    add rdi, 2
    jmp .emitted
.loop:
    mov byte [rdi], 0xb9 ; mov ecx, 1 to 8
    mov eax, r11d
    and eax, 7
    inc eax
    mov [rdi + 1], eax
    mov byte [rdi + 5], 0x05 ; add eax, imm32
    mov [rdi + 6], r11d
    mov dword [rdi + 10], 0xf775c9ff ; dec ecx; jnz to the add
    add rdi, 14
.emitted:
    dec r9d
    jnz .next
    mov byte [rdi], 0xc3 ; ret
    mov dword [rsi], 8
    ret

; The value of the program for the argument EDI, in EAX.
evaluate:
    mov rsi, PROGRAM
    mov eax, edi
.next:
    mov r10d, [rsi]
    mov r11d, [rsi + 4]
    add rsi, 8
    jmp [evaluators + r10 * 8]
.add:
    add eax, r11d
    jmp .next
.xor:
    xor eax, r11d
    jmp .next
.multiply:
    imul eax, r11d
    jmp .next
.rotate:
    mov ecx, r11d
    rol eax, cl
    jmp .next
.subtract:
    sub eax, r11d
    jmp .next
.lea:
    movsx ecx, r11b
    add eax, edi
    add eax, ecx
    jmp .next
.not:
    not eax
    jmp .next
.loop:
    mov ecx, r11d
    and ecx, 7
    inc ecx
    imul ecx, r11d
    add eax, ecx
    jmp .next
.end:
    ret

align 8
emitters:
    dq generate.add, generate.xor, generate.multiply, generate.rotate
    dq generate.subtract, generate.lea, generate.not, generate.loop
evaluators:
    dq evaluate.add, evaluate.xor, evaluate.multiply, evaluate.rotate
    dq evaluate.subtract, evaluate.lea, evaluate.not, evaluate.loop, evaluate.end
image_end:
