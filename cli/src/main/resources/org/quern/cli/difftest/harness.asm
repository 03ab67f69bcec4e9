; The guest of quern difftest: user code that loads a state, jumps to the instruction under test, and
; writes down the state behind it. The whole of it runs at CPL 3; a fault comes back through two
; instructions at CPL 0, and only the end of a batch leaves the guest. The constants at its top and
; the macro-like lines AVX_LOAD, AVX_SAVE and RESTORE are written by GuestImage.

.code64
org HARNESS
start:
    mov qword [IB], IB_TABLE
next_block:
    mov rax, [IB]
    mov rcx, [rax]
    test rcx, rcx
    jz finish
    mov [TARGET], rcx
    mov rcx, [rax + 8]
    mov [CURRENT], rcx
    mov rcx, [rax + 16]
    mov [LEFT], rcx
next_case:
    mov rbx, [CURRENT]
    lea rcx, [rbx + OUT_END]
    mov [OUT_TOP], rcx
    xor eax, eax
    mov [EXIT], rax
    mov [ERROR_CODE], rax
    mov [FAULT_ADDRESS], rax
    mov rdi, [rbx + FIXED_AT]
    test rdi, rdi
    jnz put_fixed
prepare:
    mov rcx, [rbx + VECTORS_IN]
    test rcx, rcx
    jz .registers
    fxrstor64 [rcx]
    AVX_LOAD
.registers:
    mov rsp, rbx
    popfq
    pop rax
    pop rcx
    pop rdx
    pop rbx
    pop rbp
    pop rsi
    pop rdi
    pop r8
    pop r9
    pop r10
    pop r11
    pop r12
    pop r13
    pop r14
    pop r15
    pop rsp
    jmp [TARGET]

; The instruction has completed; or has faulted, and EXIT says so.
left_slot:
leave:
    mov [SAVED_RSP], rsp
    mov rsp, [OUT_TOP]
    push r15
    push r14
    push r13
    push r12
    push r11
    push r10
    push r9
    push r8
    push rdi
    push rsi
    push rbp
    push rbx
    push rdx
    push rcx
    push rax
    push qword [SAVED_RSP]
    pushfq
    push qword 2
    popfq
    mov rbx, [CURRENT]
    mov rax, [EXIT]
    mov [rbx + OUT_EXIT], rax
    cmp eax, FAULT
    jb .vectors
    mov rax, [ERROR_CODE]
    mov [rbx + OUT_ERROR], rax
    mov rax, [FRAME_RIP]
    mov [rbx + OUT_RIP], rax
    cmp rax, left_slot
    je .own
    shr rax, 12
    cmp eax, HARNESS / 4096
    je broken
.own:
    mov rax, [FRAME_RFLAGS]
    mov [rbx + OUT_FAULT_RFLAGS], rax
    mov rax, [FRAME_RSP]
    mov [rbx + OUT_FAULT_RSP], rax
    mov rax, [FAULT_ADDRESS]
    mov [rbx + OUT_CR2], rax
.vectors:
    cmp qword [rbx + VECTORS_OUT], 0
    jz .next
    fxsave64 [rbx + OUT_VECTORS]
    AVX_SAVE
    fnstenv [rbx + OUT_ENVIRONMENT]
.next:
    mov rsi, [rbx + FIXED_AT]
    test rsi, rsi
    jnz take_fixed
fixed_taken:
    mov rsi, [rbx + WINDOW]
    test rsi, rsi
    jnz used_special
advance:
    add rbx, CASE_BYTES
    mov [CURRENT], rbx
    dec qword [LEFT]
    jnz next_case
    add qword [IB], IB_BYTES
    jmp next_block
; The case has used the pages that all share: keep what it left there, and make them as they were.
used_special:
    lea rdi, [rbx + OUT_WINDOW]
    mov ecx, WINDOW_BYTES / 8
    rep movsq
    RESTORE
    jmp advance
; The case has memory at a fixed address, which all cases of the instruction share.
put_fixed:
    lea rsi, [rbx + FIXED_COPY]
    mov ecx, FIXED_BYTES / 8
    rep movsq
    jmp prepare
take_fixed:
    lea rdi, [rbx + FIXED_COPY]
    mov ecx, FIXED_BYTES / 8
    rep movsq
    jmp fixed_taken
; A fault of the harness itself, not the single-step trap of a POPF: a case has overwritten what is
; not its own.
broken:
    mov rax, [FRAME_RIP]
    mov [BROKEN], rax
finish:
    out END_PORT, al
    jmp start
