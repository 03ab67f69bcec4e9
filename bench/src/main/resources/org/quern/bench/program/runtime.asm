; What every benchmark program begins with: a multiboot kernel that enters 64-bit mode with paging,
; runs the work, reports over the debug console and ends through the debug-exit device.
;
; A program provides, with the System V calling convention (rbx, rbp, r12 to r15 are preserved):
;   prepare   once, before the clock starts
;   work      one pass: edi = number of the pass, returns a value in rax that depends on all of it
;
; Memory. The first 16 MiB are mapped by 4 KiB pages, as a process sees its memory; the rest of the
; first GiB by 2 MiB pages. Everything is accessible from ring 3.
;   0x100000  this image: code and constants, never written
;   0x200000  page tables
;   0x2f0000  top of the stack
;   0x400000  data in small pages
;   0x1000000 data in large pages

PML4      equ 0x200000
PDPT      equ 0x201000
PD        equ 0x202000
PT        equ 0x203000
PT_END    equ 0x20b000
TSS       equ 0x20e000 ; with a bitmap that lets ring 3 use the ports below 0x100
STACK_TOP equ 0x2f0000
SMALL     equ 0x400000
LARGE     equ 0x1000000

DEBUGCON  equ 0xe9
EXIT_PORT equ 0xf4

org 0x100000
image:
    dd 0x1badb002, 0x00010000, -(0x1badb002 + 0x00010000) ; flags: the addresses below hold
    dd image, image, image_end, image_end, entry

; Set by whoever makes the image.
align 8
repetitions: dd 1
passes:      dd 1
ring3:       dd 0 ; 1: everything after the start-up runs in ring 3, with access to ports

align 8
gdt:
    dq 0
    dq 0x00af9b000000ffff ; 0x08 code, 64 bits
    dq 0x00cf93000000ffff ; 0x10 data
    dq 0x00cff3000000ffff ; 0x18 data of ring 3
    dq 0x00affb000000ffff ; 0x20 code of ring 3, 64 bits
    dq 0x00008920e0000088 ; 0x28 task state at TSS
    dq 0
gdtr:
    dw 55
    dd gdt, 0

align 16
.code32
entry:
    cli
    cld
    mov esp, STACK_TOP
    xor eax, eax
    mov edi, PML4
    mov ecx, (PT_END - PML4) / 4
    rep stosd
    mov edi, TSS
    mov ecx, 64
    rep stosd
    mov word [TSS + 0x66], 0x68
    mov byte [TSS + 0x88], 0xff
    mov dword [PML4], PDPT | 7
    mov dword [PDPT], PD | 7
    mov edi, PT
    mov eax, 7
.small_page:
    mov [edi], eax
    add edi, 8
    add eax, 0x1000
    cmp edi, PT_END
    jb .small_page
    mov edi, PD
    mov eax, PT | 7
.table:
    mov [edi], eax
    add edi, 8
    add eax, 0x1000
    cmp edi, PD + 8 * 8
    jb .table
    mov eax, LARGE | 0x87
.large_page:
    mov [edi], eax
    add edi, 8
    add eax, 0x200000
    cmp edi, PD + 0x1000
    jb .large_page
    mov eax, PML4
    mov cr3, eax
    mov eax, cr4
    or eax, 0x620 ; PAE, OSFXSR, OSXMMEXCPT
    mov cr4, eax
    mov ecx, 0xc0000080
    rdmsr
    or eax, 0x101 ; EFER: LME, SCE
    wrmsr
    mov eax, cr0
    and eax, 0xfffffff3 ; no EM, no TS
    or eax, 0x80010002 ; PG, WP, MP
    mov cr0, eax
    lgdt [gdtr]
    jmp 0x08:long_mode

.code64
long_mode:
    mov eax, 0x10
    mov ds, ax
    mov es, ax
    mov ss, ax
    xor eax, eax
    mov fs, ax
    mov gs, ax
    mov esp, STACK_TOP
    cmp dword [ring3], 0
    je .prepare
    mov eax, 0x28
    ltr ax
    push 0x1b
    push STACK_TOP
    push 2
    push 0x23
    push .prepare
    iretq
.prepare:
    call prepare
    mov r14d, [passes]
    mov r15d, [repetitions]
    mov al, '+'
    out DEBUGCON, al
.repetition:
    xor r13d, r13d
    xor ebx, ebx
.pass:
    mov edi, ebx
    call work
    rol r13, 1
    add r13, rax
    inc ebx
    cmp ebx, r14d
    jb .pass
    mov al, '.'
    out DEBUGCON, al
    ; All repetitions must come to the same.
    cmp r15d, [repetitions]
    jne .compare
    mov r12, r13
.compare:
    cmp r12, r13
    je .same
    mov al, '!'
    out DEBUGCON, al
.same:
    dec r15d
    jnz .repetition
    mov al, '='
    out DEBUGCON, al
    mov ecx, 16
.digit:
    rol r13, 4
    mov eax, r13d
    and eax, 15
    cmp al, 10
    jb .decimal
    add al, 'a' - '0' - 10
.decimal:
    add al, '0'
    out DEBUGCON, al
    dec ecx
    jnz .digit
    mov al, 10
    out DEBUGCON, al
    mov al, 0x10
    out EXIT_PORT, al
.stop:
    hlt
    jmp .stop

; The program is in a page of its own.
align 0x1000
