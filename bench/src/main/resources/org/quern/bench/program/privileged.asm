; What kernels do beside computing: control registers, descriptor tables, model-specific registers,
; TLB entries, the interrupt flag. A pass makes 1000 rounds of 9 privileged instructions.

prepare:
    ret

work:
    push rbx
    mov ebx, 1000
    mov rsi, rdi
    mov ecx, 0xc0000102 ; KERNEL_GS_BASE
.round:
    mov rax, cr3
    mov cr3, rax
    add rsi, rax
    lgdt [gdtr]
    mov eax, esi
    and eax, 0xffff
    xor edx, edx
    wrmsr
    xor eax, eax
    rdmsr
    add rsi, rax
    invlpg [SMALL]
    mov rax, cr0
    mov cr0, rax
    clts
    smsw eax
    and eax, 1
    add rsi, rax
    dec ebx
    jnz .round
    mov rax, rsi
    pop rbx
    ret
