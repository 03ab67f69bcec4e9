; Port I/O: a byte to the POST port and one to the mask of the 8259A, which is read back. A pass
; makes 3000 accesses.

prepare:
    ret

work:
    push rbx
    mov ebx, 1000
    xor esi, esi
.access:
    lea eax, [rbx + rdi]
    out 0x80, al
    out 0x21, al
    in al, 0x21
    movzx eax, al
    add rsi, rax
    dec ebx
    jnz .access
    mov rax, rsi
    pop rbx
    ret
