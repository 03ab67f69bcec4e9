; System calls: ring 3 calls ring 0 by SYSCALL, which changes stacks, dispatches and goes back by
; SYSRET, as a kernel does. A pass makes 10000 calls.

CALLS      equ 10000
PER_CPU    equ SMALL          ; stack of the caller, stack of the kernel
USER_STACK equ SMALL + 0x20000

prepare:
    mov ecx, 0xc0000081 ; STAR: SYSCALL loads 0x08 and 0x10, SYSRET 0x23 and 0x1b
    xor eax, eax
    mov edx, 0x00100008
    wrmsr
    mov ecx, 0xc0000082 ; LSTAR
    mov eax, system_call
    xor edx, edx
    wrmsr
    mov ecx, 0xc0000084 ; FMASK: TF, IF, DF
    mov eax, 0x700
    wrmsr
    mov ecx, 0xc0000102 ; KERNEL_GS_BASE
    mov eax, PER_CPU
    wrmsr
    ret

work:
    push rbx
    push rbp
    push r12
    push r13
    push r14
    push r15
    mov [PER_CPU + 8], rsp
    mov ecx, user
    mov r11d, 2
    mov esp, USER_STACK
    o64 sysret

; Ring 3: the calls, with the number of the pass in rdi to begin with.
user:
    mov ebx, CALLS
.call:
    mov esi, ebx
    mov eax, ebx
    and eax, 1
    syscall
    mov rdi, rax
    dec ebx
    jnz .call
    mov eax, 2
    syscall

system_call:
    swapgs
    mov [gs:0], rsp
    mov rsp, [gs:8]
    push rcx
    push r11
    cmp eax, 2
    ja .bad
    call [rax*8 + TABLE]
.bad:
    pop r11
    pop rcx
    mov rsp, [gs:0]
    swapgs
    o64 sysret

call_add:
    lea rax, [rdi + rsi]
    ret
call_mix:
    mov rax, rdi
    rol rax, 5
    xor rax, rsi
    ret

; Back to the caller of work.
call_exit:
    mov rax, rdi
    mov rsp, [gs:8]
    swapgs
    pop r15
    pop r14
    pop r13
    pop r12
    pop rbp
    pop rbx
    ret

align 0x1000
TABLE:
    dq call_add, call_mix, call_exit
