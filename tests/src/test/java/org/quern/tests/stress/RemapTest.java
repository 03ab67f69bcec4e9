package org.quern.tests.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.accel.api.VmExit;
import org.quern.tests.conformance.GuestMachine;
import org.quern.tests.conformance.GuestResult;
import org.quern.x86.asm.Assembler;
import org.quern.x86.state.Reg;

/**
 * The same linear address executes other code because the mapping, the mode or memory itself has
 * changed without a store of the processor to that code. EDX counts what was old, EBX the looks.
 */
@Timeout(120)
class RemapTest {
  /** Linear address of the function that changes. */
  private static final long FUNCTION = 0x80_0000;

  private static final long FRAME_ONE = 0x30_0000;
  private static final long FRAME_TWO = 0x31_0000;

  /** A page table for {@link #FUNCTION}, and a second set of all tables. */
  private static final long TABLE = 0x2_0000;

  private static final long OTHER_PML4 = 0x2_1000;
  private static final long OTHER_PDPT = 0x2_2000;
  private static final long OTHER_DIRECTORY = 0x2_3000;
  private static final long OTHER_TABLE = 0x2_4000;

  private static final long PML4 = 0x1_0000;
  private static final long DIRECTORY = 0x1_2000;

  private static final String CALLS =
      """
      mov r14d, CALLS
      LABEL: call 0x800000
      cmp eax, EXPECTED
      je LABEL_same
      inc edx
      LABEL_same: dec r14d
      jnz LABEL
      inc ebx
      """;

  private static String calls(String label, int expected) {
    return CALLS.replace("LABEL", label).replace("EXPECTED", "" + expected);
  }

  private static GuestMachine machine(Engine engine) throws Exception {
    GuestMachine m = engine.machine();
    m.bus.write(FRAME_ONE, Assembler.assemble("mov eax, 1\nret", 64, FUNCTION).bytes());
    m.bus.write(FRAME_TWO, Assembler.assemble("mov eax, 2\nret", 64, FUNCTION).bytes());
    m.bus.write64(DIRECTORY + 8 * (FUNCTION >> 21), TABLE | 7);
    m.bus.write64(TABLE, FRAME_ONE | 7);
    m.bus.write64(OTHER_PML4, OTHER_PDPT | 7);
    m.bus.write64(OTHER_PDPT, OTHER_DIRECTORY | 7);
    m.bus.write64(OTHER_DIRECTORY, 0x87);
    m.bus.write64(OTHER_DIRECTORY + 8 * (FUNCTION >> 21), OTHER_TABLE | 7);
    m.bus.write64(OTHER_TABLE, FRAME_TWO | 7);
    return m;
  }

  private static void check(Engine engine, GuestMachine m, String source) throws Exception {
    GuestResult r = m.code(engine.fill(source)).run();
    assertThat(r.kind()).isEqualTo(VmExit.Kind.HLT);
    assertThat(r.vector()).as("exception").isEqualTo(-1);
    assertThat(r.reg(Reg.RDX)).as("old code seen").isZero();
    assertThat(r.reg(Reg.RBX)).isEqualTo(2L * engine.rounds);
  }

  private static String alternate(String toOne, String toTwo) {
    return "xor edx, edx\nxor ebx, ebx\nmov r12d, ROUNDS\nround:\n"
        + toOne
        + calls("one", 1)
        + toTwo
        + calls("two", 2)
        + "dec r12d\njnz round\n";
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("a page table entry is changed, then invlpg")
  void invalidatePage(Engine engine) throws Exception {
    String to = "mov dword [0x20000], FRAME | 7\ninvlpg [0x800000]\n";
    check(
        engine,
        machine(engine),
        alternate(to.replace("FRAME", "0x300000"), to.replace("FRAME", "0x310000")));
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("CR3 is switched between two address spaces")
  void switchAddressSpace(Engine engine) throws Exception {
    String to = "mov eax, TABLES\nmov cr3, rax\n";
    check(
        engine,
        machine(engine),
        alternate(to.replace("TABLES", "" + PML4), to.replace("TABLES", "" + OTHER_PML4)));
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("a page that was executable gets NX: the call faults, also where it was linked")
  void noExecute(Engine engine) throws Exception {
    GuestMachine m = machine(engine);
    String source =
        "xor edx, edx\nxor ebx, ebx\n"
            + calls("one", 1)
            + "mov dword [0x20004], 0x80000000\ninvlpg [0x800000]\n"
            + "mov ecx, 1\nmov r14d, 1\njmp one\n";
    GuestResult r = m.code(engine.fill(source)).run();
    assertThat(r.vector()).isEqualTo(14);
    assertThat(r.state().cr2).isEqualTo(FUNCTION);
    assertThat(r.reg(Reg.RDX)).isZero();
    assertThat(r.reg(Reg.RBX)).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("the same bytes in 64-bit and in compatibility mode: 48 FF C0")
  void modeChange(Engine engine) throws Exception {
    // inc rax; in 32-bit code dec eax, inc eax.
    String source =
        """
        xor edx, edx
        xor ebx, ebx
        mov r12d, ROUNDS
        round:
        mov r14d, CALLS
        xor eax, eax
        wide: call f
        dec r14d
        jnz wide
        cmp eax, CALLS
        je wide_same
        inc edx
        wide_same: inc ebx
        push 0x08
        push narrow_code
        o64 retf
        .code32
        narrow_code:
        mov ecx, CALLS
        xor eax, eax
        narrow: call f
        dec ecx
        jnz narrow
        jmp 0x18:back
        .code64
        back:
        test eax, eax
        je narrow_same
        inc edx
        narrow_same: inc ebx
        dec r12d
        jnz round
        hlt
        align 64
        f: db 0x48, 0xff, 0xc0
        ret
        """;
    check(engine, engine.machine(), source);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("DMA writes code that is hot, on the processor's own thread")
  void dma(Engine engine) throws Exception {
    GuestMachine m = machine(engine);
    AtomicInteger transfers = new AtomicInteger();
    m.bus.onPortWrite =
        (port, value) -> {
          if (port == 0x80) {
            transfers.incrementAndGet();
            m.bus.write(FRAME_ONE + 1, new byte[] {(byte) (int) value});
            m.vm().memoryWritten(FRAME_ONE + 1, 1);
          }
        };
    check(engine, m, alternate("mov al, 1\nout 0x80, al\n", "mov al, 2\nout 0x80, al\n"));
    assertThat(transfers).hasValue(2 * engine.rounds);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("DMA by another thread: seen behind the flag that says it is done")
  void dmaByAnotherThread(Engine engine) throws Exception {
    GuestMachine m = machine(engine);
    int rounds = 2 * engine.rounds;
    Thread device =
        new Thread(
            () -> {
              for (int n = 1; n <= rounds; n++) {
                while (m.bus.read64(GuestMachine.DATA) != 2L * n - 1) {
                  Thread.onSpinWait();
                }
                m.bus.write(FRAME_ONE + 1, new byte[] {(byte) (n & 1)});
                m.vm().memoryWritten(FRAME_ONE + 1, 1);
                m.bus.write64(GuestMachine.DATA, 2L * n);
              }
            });
    device.setDaemon(true);
    device.start();
    String source =
        """
        xor edx, edx
        xor ebx, ebx
        mov r12d, 1
        round:
        lea eax, [r12 * 2 - 1]
        mov [0x100000], eax
        lea ecx, [r12 * 2]
        wait_device: call 0x800000
        mov eax, [0x100000]
        cmp eax, ecx
        jne wait_device
        mov r14d, CALLS
        mov r15d, r12d
        and r15d, 1
        look: call 0x800000
        cmp eax, r15d
        je same
        inc edx
        same: dec r14d
        jnz look
        inc ebx
        inc r12d
        cmp ebx, 2 * ROUNDS
        jne round
        """;
    check(engine, m, source);
    device.join();
  }
}
