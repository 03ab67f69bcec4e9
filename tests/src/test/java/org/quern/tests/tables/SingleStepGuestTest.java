package org.quern.tests.tables;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.tests.conformance.GuestMachine;
import org.quern.tests.conformance.GuestResult;
import org.quern.x86.asm.Assembler;
import org.quern.x86.asm.Assembly;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.Reg;

/**
 * Single-step traps: behind which instructions they come, with which causes in DR6, and before what
 * else. Each row runs several times in a loop, so that translated code has to leave for it. Source:
 * SDM vol. 3B, 17.2.3 and 17.3.1; vol. 3A, 6.8.3 and table 6-2.
 */
class SingleStepGuestTest {
  private static final long HANDLER = 0x9000;
  private static final long SOFTWARE = 0x9100;
  private static final long INVALID = 0x9200;
  private static final long IDT = 0x4000;
  private static final long LOG = 0x300000;
  private static final long DATA = 0x400000;
  private static final int ROUNDS = 4;

  /** Logs RIP and the low half of DR6 at R15. */
  private static final String DEBUG_EXCEPTION =
      """
      push rax
      push rcx
      mov rax, [rsp + 16]
      mov [r15], eax
      mov rax, dr6
      mov [r15 + 4], eax
      add r15, 8
      mov ecx, 0xffff0ff0
      mov dr6, rcx
      test al, 15
      je .done
      or dword [rsp + 32], 0x10000
      .done: pop rcx
      pop rax
      iretq
      """;

  /** TF goes on with POPFQ, whose own end has no trap, and off with another, whose end has one. */
  private static final String FRAME =
      """
      round: mov edi, 0x400000
      mov esi, 0x400100
      mov ecx, 3
      push 0x102
      popfq
      BODY
      push 2
      popfq
      end: dec r13d
      jne round
      hlt
      """;

  /** A body and where its traps come: label, and cause (4000 is BS, bits 0 to 3 breakpoints). */
  private record Row(String name, String body, String traps, long dr0, long dr7) {
    Row(String name, String body, String traps) {
      this(name, body, traps, 0, 0x400);
    }
  }

  private static final String IRETQ =
      """
      mov rax, rsp
      a: push 0x10
      b: push rax
      c: push 0x102
      d: push 0x18
      e: push g
      f: iretq
      g:
      """;

  private static final List<Row> ROWS =
      List.of(
          new Row("nop", "nop\na: nop\nb:", "a b"),
          new Row("jmp", "jmp a\nnop\na:", "a"),
          new Row("call and ret", "call a\nb: jmp c\na: ret\nc:", "a b c"),
          new Row("conditional jump", "xor eax, eax\na: je b\nnop\nb: jne c\nc:", "a b c"),
          new Row("mov ss", "mov eax, ss\na: mov ss, ax\nnop\nb:", "a b"),
          new Row("int n", "int 0x50\nnop\na:", "a"),
          new Row("int3", "int3\nnop\na:", "a"),
          new Row("ud2, skipped by its handler", "ud2\nnop\na:", "a"),
          new Row("rep movsb", "a: rep movsb\nb:", "a a b"),
          new Row("rep stosb of nothing", "xor ecx, ecx\na: rep stosb\nb:", "a b"),
          new Row("cpuid", "xor eax, eax\na: cpuid\nb:", "a b"),
          new Row("popfq that leaves TF", "push 0x102\na: popfq\nb: nop\nc:", "a b c"),
          new Row("iretq that leaves TF", IRETQ, "a b c d e f g"),
          new Row("data breakpoint too", "mov [rdi], al\na:", "a:4001", DATA, 0x10402),
          new Row("breakpoint in rep stosb", "a: rep stosb\nb:", "a a:4001 b", DATA + 1, 0x10402),
          new Row(
              "breakpoint alone behind mov ss",
              "mov eax, ss\na: mov ss, word [rdi]\nnop\nb:",
              "a b:4001",
              DATA,
              0x30402));

  private static String expected(Row row, Assembly program) {
    List<String> all = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      for (String trap : row.traps.split(" ", -1)) {
        String[] parts = trap.split(":", -1);
        String cause = parts.length > 1 ? parts[1] : "4000";
        all.add(Long.toHexString(program.symbol(parts[0])) + ":" + cause);
      }
      // The push of the image and the POPFQ that takes TF away.
      all.add(Long.toHexString(program.symbol("end") - 1) + ":4000");
      all.add(Long.toHexString(program.symbol("end")) + ":4000");
    }
    return String.join(" ", all);
  }

  private static void handler(GuestMachine m, int vector, long at, String source) {
    m.bus.write(at, Assembler.assemble(source, 64, at).bytes());
    m.bus.write64(IDT + 16L * vector, at | GuestMachine.CODE64 << 16 | 0x8e0000000000L);
  }

  private static String run(Engine engine, Row row, Assembly program) throws Exception {
    GuestMachine m = engine.machine();
    m.bus.write(GuestMachine.CODE, program.bytes());
    handler(m, Vector.DB, HANDLER, DEBUG_EXCEPTION);
    handler(m, 0x50, SOFTWARE, "iretq");
    handler(m, Vector.BP, SOFTWARE, "iretq");
    handler(m, Vector.UD, INVALID, "add qword [rsp], 2\niretq");
    m.bus.write64(DATA, GuestMachine.DATA32);
    m.start.dr[0] = row.dr0;
    m.start.dr[7] = row.dr7;
    m.reg(13, ROUNDS).reg(15, LOG).reg(Reg.RDI, DATA);
    GuestResult r = m.run();
    assertThat(r.vector()).as(row.name).isEqualTo(-1);
    StringBuilder s = new StringBuilder();
    for (long at = LOG; at < r.reg(15); at += 8) {
      long entry = m.bus.read64(at);
      s.append(s.isEmpty() ? "" : " ");
      s.append(Long.toHexString(entry & 0xffffffffL)).append(':');
      s.append(Long.toHexString(entry >>> 32 & 0xe00f));
    }
    return s.toString();
  }

  @ParameterizedTest
  @EnumSource
  void traps(Engine engine) throws Exception {
    List<String> wrong = new ArrayList<>();
    for (Row row : ROWS) {
      String source = FRAME.replace("BODY", row.body);
      Assembly program = Assembler.assemble(source, 64, GuestMachine.CODE);
      String expected = expected(row, program);
      String got = run(engine, row, program);
      if (!got.equals(expected)) {
        wrong.add(row.name + ":\n expected " + expected + "\n but was " + got);
      }
    }
    System.out.println("table: single-step traps, " + engine + ": " + ROWS.size() + " cases");
    assertThat(wrong).isEmpty();
  }
}
