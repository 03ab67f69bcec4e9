package org.quern.tests.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.quern.accel.api.VmExit;
import org.quern.accel.software.Observation;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;
import org.quern.accel.software.TranslationLog;
import org.quern.accel.software.TranslationLog.Item;
import org.quern.tests.conformance.GuestMachine;
import org.quern.tests.conformance.Mode;

/** What {@code -d in_asm,op,out_asm} writes of a small guest. */
@Timeout(60)
class TranslationLogTest {
  /** A loop at offset 5 of the page that stores, and calls a function at 0x10. */
  private static final String LOOP =
      """
      mov ecx, 50
      again:
      mov [rbx], rcx
      call inc
      dec ecx
      jnz again
      hlt
      align 16
      inc:
      add eax, 3
      ret
      """;

  private static final Tiering COMPACT = new Tiering(1, Long.MAX_VALUE, false, false);
  private static final Tiering FAST = new Tiering(1, 0, false, false);

  private final List<String> blocks = new CopyOnWriteArrayList<>();
  private LongFunction<String> symbols;

  @BeforeEach
  void nothingHasAName() {
    symbols = address -> null;
  }

  private String log(Tiering tiering, String source, Item... items) throws Exception {
    TranslationLog log =
        new TranslationLog(Set.copyOf(List.of(items)), a -> symbols.apply(a), blocks::add);
    GuestMachine m =
        new GuestMachine(
            new SoftwareAccelerator(tiering, new Observation(symbols, log)), Mode.LONG64);
    m.reg(3, GuestMachine.DATA);
    assertThat(m.code(source).run().kind()).isEqualTo(VmExit.Kind.HLT);
    return String.join("", blocks);
  }

  /** The block of the region that was made for the loop. */
  private String loop() {
    return blocks.stream().filter(b -> b.contains("offset 005")).findFirst().orElseThrow();
  }

  @Test
  void theHeadSaysWhereAndHowMuch() throws Exception {
    log(COMPACT, LOOP, Item.OP);
    assertThat(loop())
        .startsWith("region 0000000000008005, page 8000 offset 005, compact: fits, ")
        .containsPattern("fits, 6 instructions, \\d+ bytes of bytecode, \\d+\\.\\d us\n")
        .endsWith("\n\n");
  }

  @Test
  void inAsmListsTheGuestCodeOfTheRegion() throws Exception {
    log(COMPACT, LOOP, Item.IN_ASM);
    assertThat(loop())
        .contains("IN:\n0000000000008005  48 89 0b ")
        .contains("mov qword ptr [rbx], rcx", "dec ecx", "add eax, 3", "ret")
        .doesNotContain("hlt", "OP:", "OUT:", "nop");
  }

  @Test
  void inAsmNamesSymbols() throws Exception {
    symbols = a -> a >= 0x8020 ? null : String.format("copy_loop+0x%x", a - 0x8000);
    log(COMPACT, LOOP, Item.IN_ASM);
    assertThat(loop())
        .startsWith("region 0000000000008005 <copy_loop+0x5>, page 8000")
        .contains("IN:\n<copy_loop+0x5>:\n0000000000008005  48");
  }

  @Test
  void opListsBlocksSuccessorsAndFollowedCalls() throws Exception {
    log(COMPACT, LOOP, Item.OP);
    assertThat(loop())
        .contains("OP:\n  entries: 005")
        .contains("  return points: 00d\n")
        .contains("  block 005 to 00d: 2 instructions, then 020, call followed\n")
        .contains("  block 00d to 011: 2 instructions, then 005\n")
        .contains("  block 020 to 024: 2 instructions, then 00d\n")
        .contains("  memory: calls of the MMU\n")
        .doesNotContain("IN:", "OUT:");
  }

  @Test
  void opSaysWhichWayTheAccessesOfTheFastFormHave() throws Exception {
    String source =
        """
        mov ecx, 50
        again:
        mov [rbx], rcx
        mov [rbx + 8 * rdi + 0x4000], rcx
        mov rdx, [rbx + 8]
        mov rax, [rdx + 16]
        mov rax, gs:[0x200]
        push rax
        pop rax
        dec ecx
        jnz again
        hlt
        """;
    log(FAST, source, Item.OP);
    assertThat(loop())
        .contains(", fast: fits, ")
        .contains(
            "  memory [rbx] store: window\n", "  memory [rbx + rdi*8 + area 8] store: window\n")
        .contains("  memory gs:[area 2] load: window\n", "  memory [rsp] store: window\n")
        // One check serves both accesses off RBX alone.
        .doesNotContain("[rbx] load")
        // RDX comes from memory: it may point anywhere.
        .contains("  memory [rdx] load: tlb\n")
        .doesNotContain("calls of the MMU");
  }

  @Test
  void outAsmIsTheBytecode() throws Exception {
    log(COMPACT, LOOP, Item.OUT_ASM);
    assertThat(loop())
        .contains("OUT:\n// class version 61.0 (61)\n")
        .contains("final class org/quern/translator/Guest_p8000_005 extends")
        .contains("public run(Lorg/quern/x86/state/Cpu;JI)J", "LRETURN")
        .doesNotContain("IN:", "OP:");
  }

  @Test
  void aRegionThatIsTooLargeForHotSpotIsSaidToBeCut() throws Exception {
    // 240 of these, which a region may have, come to much more than 8,000 bytes.
    String source =
        "mov ecx, 3\nagain:\n" + "lock add qword [rbx], rcx\n".repeat(300) + "dec ecx\njnz again\n";
    assertThat(log(FAST, source, Item.OP))
        .containsPattern("fast: halved \\d times?, \\d+ instructions, [1-7]\\d{3} bytes");
  }

  @Test
  void codeLeftToTheInterpreterIsSaid() throws Exception {
    // HLT is not translated: no region begins with it.
    assertThat(log(COMPACT, "jmp there\nthere:\nhlt\n", Item.OP, Item.IN_ASM))
        .contains("offset 002, compact: interpreted, ");
  }

  @Test
  void nothingIsMadeThatWasNotAskedFor() throws Exception {
    assertThat(log(Tiering.INTERPRET, LOOP, EnumSet.allOf(Item.class).toArray(Item[]::new)))
        .isEmpty();
  }
}
