; CPUID, which always leaves a guest of VT-x. What it says differs between processors, so only the
; rounds are counted. A pass executes 1000.

prepare:
    ret

work:
    push rbx
    mov r8d, 1000
    mov esi, edi
.leaf:
    xor eax, eax
    xor ecx, ecx
    cpuid
    add esi, 3
    dec r8d
    jnz .leaf
    mov eax, esi
    pop rbx
    ret
