; Recursive Fibonacci numbers: calls, returns, the stack. A pass computes the 24th or the 25th.

prepare:
    ret

work:
    and edi, 1
    add edi, 24
fib:
    mov rax, rdi
    cmp rdi, 1
    jbe .done
    push rbp
    push rbx
    sub rsp, 8
    mov rbx, rdi
    lea rdi, [rbx - 1]
    call fib
    mov rbp, rax
    lea rdi, [rbx - 2]
    call fib
    add rax, rbp
    add rsp, 8
    pop rbx
    pop rbp
.done:
    ret
