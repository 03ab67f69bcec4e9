package org.quern.cli.holes;

import java.util.List;

/**
 * The sensitive instructions of 32-bit protected mode. Those that user code may execute are the
 * seventeen of Robin and Irvine ("Analysis of the Intel Pentium's Ability to Support a Secure
 * Virtual Machine Monitor", USENIX Security 2000) in the forms that matter, and CPUID. Of the
 * privileged ones, which trap as they should, there is a choice.
 */
final class Probes {
  private static final boolean READS = true;
  private static final boolean ACTS = false;

  private static final String SEE_EAX = "mov [RESULT], eax";
  private static final String DONE = "mov dword [RESULT], 1";

  /** Puts ZF into RESULT. */
  private static final String SEE_ZF = "setz al\nmovzx eax, al\n" + SEE_EAX;

  /** The stack of a return to ring 3; the segment register that survives is made ready. */
  private static final String TO_USER =
      "mov ax, 0x3b\nmov es, ax\npush dword 0x3b\npush dword USER_STACK\n";

  static final List<Probe> ALL =
      List.of(
          free("SGDT", READS, "probe: sgdt [RESULT]", Layout.GDT << 16 | Layout.GDT_LIMIT, 0),
          free("SIDT", READS, "probe: sidt [RESULT]", Layout.IDT << 16 | Layout.IDT_LIMIT, 0),
          free("SLDT", READS, "xor eax, eax\nprobe: sldt ax\n" + SEE_EAX, Layout.LOCAL, 0),
          free("STR", READS, "xor eax, eax\nprobe: str ax\n" + SEE_EAX, Layout.TASK, 0),
          free("SMSW", READS, "xor eax, eax\nprobe: smsw ax\n" + SEE_EAX, Layout.CR0, 0),
          free("PUSHF", READS, "probe: pushfd\npop eax\nand eax, 0x3200\n" + SEE_EAX, 0, 0),
          free(
              "POPF",
              ACTS,
              "push dword 0x3202\nprobe: popfd\npushfd\npop eax\nand eax, 0x3200\n"
                  + SEE_EAX
                  + "\npush dword 2\npopfd",
              0x3200,
              0),
          free(
              "LAR of a data segment",
              READS,
              "mov ax, 0x10\nprobe: lar ebx, ax\nand ebx, 0x00f0ff00\nmov [RESULT], ebx",
              0x00c09300,
              0),
          free("LAR of a TSS", ACTS, "mov ax, 0x20\nprobe: lar ebx, ax\n" + SEE_ZF, 1, 0),
          free("LSL", READS, "mov ax, 0x10\nprobe: lsl ebx, ax\nmov [RESULT], ebx", -1, 0),
          free("VERR", ACTS, "mov ax, 0x13\nprobe: verr ax\n" + SEE_ZF, 0, 0),
          free("VERW", ACTS, "mov ax, 0x13\nprobe: verw ax\n" + SEE_ZF, 0, 0),
          free("PUSH CS", READS, "probe: push cs\npop eax\n" + SEE_EAX, Layout.KERNEL_CODE, 0),
          free("PUSH SS", READS, "probe: push ss\npop eax\n" + SEE_EAX, Layout.KERNEL_DATA, 0),
          free("PUSH DS", READS, "probe: push ds\npop eax\n" + SEE_EAX, Layout.KERNEL_DATA, 0),
          free("MOV r, CS", READS, "probe: mov eax, cs\n" + SEE_EAX, Layout.KERNEL_CODE, 0),
          free("MOV r, SS", READS, "probe: mov eax, ss\n" + SEE_EAX, Layout.KERNEL_DATA, 0),
          free("MOV r, DS", READS, "probe: mov eax, ds\n" + SEE_EAX, Layout.KERNEL_DATA, 0),
          free("POP SS", ACTS, "push dword 0x10\nprobe: pop ss\n" + DONE, 1, 0),
          free("MOV SS, r", ACTS, "mov ax, 0x10\nprobe: mov ss, ax\n" + DONE, 1, 0),
          free("POP DS", ACTS, "push dword 0x10\nprobe: pop ds\n" + DONE, 1, 0),
          free("MOV DS, r", ACTS, "mov ax, 0x10\nprobe: mov ds, ax\n" + DONE, 1, 0),
          free(
              "CALL far",
              READS,
              "probe: db 0x9a\ndd there\ndw 8\njmp over\nthere:\nmov eax, [esp + 4]\n"
                  + SEE_EAX
                  + "\nretf\nover:",
              Layout.KERNEL_CODE,
              0),
          free("CALL far, gate", ACTS, "probe: db 0x9a\ndd 0\ndw 0x18", Layout.KERNEL_CODE, 0),
          free("JMP far", ACTS, "probe: db 0xea\ndd there\ndw 8\nthere:\n" + DONE, 1, 0),
          free(
              "JMP far, gate",
              ACTS,
              "push dword 8\npush dword there\nprobe: db 0xea\ndd 0\ndw 0x18\nthere:",
              Layout.KERNEL_CODE,
              0),
          free(
              "RET far, same level",
              ACTS,
              "push dword 8\npush dword there\nprobe: retf\nthere:\n" + DONE,
              1,
              0),
          free(
              "RET far to user code",
              ACTS,
              TO_USER + "push dword 0x33\npush dword user\nprobe: retf",
              Layout.USER_STACK,
              Layout.USER_DATA),
          free(
              "IRET, same level",
              ACTS,
              "push dword 2\npush dword 8\npush dword there\nprobe: iretd\nthere:\n" + DONE,
              1,
              0),
          free(
              "IRET to user code",
              ACTS,
              TO_USER + "push dword 2\npush dword 0x33\npush dword user\nprobe: iretd",
              Layout.USER_STACK,
              Layout.USER_DATA),
          free("INT n", ACTS, "probe: int 0x30", Layout.KERNEL_CODE, 0),
          free("INT3", ACTS, "probe: int3", Layout.KERNEL_CODE, 0),
          free(
              "CPUID",
              READS,
              "mov eax, 1\nprobe: cpuid\n" + SEE_EAX,
              GuestKernel.MODEL.signature(),
              0),
          privileged("CLI", "probe: cli\n" + DONE, 1),
          privileged("STI", "probe: sti\n" + DONE + "\ncli", 1),
          privileged("MOV r, CR0", "probe: mov eax, cr0\n" + SEE_EAX, Layout.CR0),
          privileged(
              "LMSW",
              "mov ax, 0x3b\nprobe: lmsw ax\nmov eax, cr0\n" + SEE_EAX + "\nclts",
              Layout.CR0 | 8),
          privileged(
              "CLTS",
              "mov eax, cr0\nor al, 8\nmov cr0, eax\nprobe: clts\nmov eax, cr0\n" + SEE_EAX,
              Layout.CR0),
          privileged(
              "LGDT",
              "sub esp, 8\nmov word [esp], 0x47\nmov dword [esp + 2], 0x1000\nprobe: lgdt [esp]\n"
                  + DONE,
              1),
          privileged(
              "LIDT",
              "sub esp, 8\nmov word [esp], 0x7ff\nmov dword [esp + 2], 0x2000\nprobe: lidt [esp]\n"
                  + DONE,
              1),
          privileged("LLDT", "mov ax, 0x28\nprobe: lldt ax\n" + DONE, 1),
          privileged(
              "LTR",
              "mov byte [0x1045], 0x89\nmov ax, 0x40\nprobe: ltr ax\nmovzx eax, byte [0x1045]\n"
                  + SEE_EAX,
              0x8b),
          privileged(
              "OUT",
              "mov al, 0x5a\nprobe: out 0x80, al\nxor eax, eax\nin al, 0x80\n" + SEE_EAX,
              0x5a),
          privileged(
              "IN",
              "mov al, 0xa5\nout 0x80, al\nxor eax, eax\nprobe: in al, 0x80\n" + SEE_EAX,
              0xa5),
          privileged(
              "WRMSR",
              "mov ecx, 0x174\nmov eax, 8\nxor edx, edx\nprobe: wrmsr\nxor eax, eax\nrdmsr\n"
                  + SEE_EAX,
              8),
          privileged(
              "RDMSR",
              "mov ecx, 0x174\nmov eax, 8\nxor edx, edx\nwrmsr\nxor eax, eax\nprobe: rdmsr\n"
                  + SEE_EAX,
              8));

  private Probes() {}

  private static Probe free(String name, boolean reads, String body, int first, int second) {
    return new Probe(name, reads, true, body, first, second);
  }

  private static Probe privileged(String name, String body, int first) {
    return new Probe(name, ACTS, false, body, first, 0);
  }
}
