package org.quern.translator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.quern.x86.asm.Assembler;
import org.quern.x86.decode.Decoder;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;

/** What a region covers: calls, returns, indirect jumps, budgets. */
class RegionPlanTest {
  private static final int BUDGET = 100;

  /** Code at the start of a page. */
  private static final class Page implements CodeSource {
    private final byte[] bytes;
    private final Decoder decoder = new Decoder(64);
    private int[] targets = {};
    private int coldFrom = Integer.MAX_VALUE;

    Page(String source) throws Exception {
      bytes = Arrays.copyOf(Assembler.assemble(source, 64, 0).bytes(), 4096 + 15);
    }

    @Override
    public Insn at(int offset) {
      Insn i = decoder.decode(bytes, offset, 15);
      return offset + i.length > 4096 ? null : i;
    }

    @Override
    public boolean reached(int offset) {
      return offset >>> 12 == 0 && offset < coldFrom;
    }

    @Override
    public int[] targets(int offset) {
      return targets;
    }
  }

  private static RegionPlan plan(Page page) {
    return RegionPlan.of(page, 0, BUDGET);
  }

  @Test
  void callInThePageIsFollowedAndItsReturnPointKnown() throws Exception {
    RegionPlan p = plan(new Page("call f\nnop\nud2\nf: mov eax, 1\nret"));
    assertThat(p.blocks.keySet()).containsExactly(0, 5, 8);
    assertThat(p.returnPoints).containsExactly(5);
    assertThat(p.entries).containsExactly(0);
    assertThat(p.successors(p.blocks.get(8))).containsExactly(5);
  }

  @Test
  void returnPointOfACallThatLeavesIsAnEntry() throws Exception {
    RegionPlan p = plan(new Page("nop\ncall 0x5000\nnop\nud2"));
    assertThat(p.entries).containsExactly(0, 6);
    assertThat(p.returnPoints).isEmpty();
  }

  @Test
  void indirectJumpGoesToTheTargetsSeen() throws Exception {
    Page page = new Page("jmp rax\nnop\nud2\nmov eax, 1\nud2");
    page.targets = new int[] {2, 5};
    RegionPlan p = plan(page);
    assertThat(p.successors(p.blocks.get(0))).isEqualTo(List.of(2, 5));
  }

  @Test
  void codeNeverReachedIsLeftOut() throws Exception {
    Page page = new Page("test eax, eax\njz cold\nnop\nud2\ncold: nop\nud2");
    assertThat(plan(page).blocks.keySet()).containsExactly(0, 4, 7);
    page.coldFrom = 7;
    assertThat(plan(page).blocks.keySet()).containsExactly(0, 4);
  }

  @Test
  void systemCallIsTheLastOfItsBlock() throws Exception {
    RegionPlan p = plan(new Page("mov eax, 1\nsyscall\nnop"));
    assertThat(p.blocks.get(0).last().insn().mnemonic).isEqualTo(Mnemonic.SYSCALL);
    assertThat(p.size).isEqualTo(2);
  }

  @Test
  void budgetCuts() throws Exception {
    Page page = new Page("nop\n".repeat(60) + "ret");
    assertThat(RegionPlan.of(page, 0, 50).size).isEqualTo(50);
    assertThat(RegionPlan.of(page, 0, 100).size).isEqualTo(61);
  }

  @Test
  void whatCannotBeTranslatedMakesNoRegion() throws Exception {
    assertThat(plan(new Page("hlt"))).isNull();
  }
}
