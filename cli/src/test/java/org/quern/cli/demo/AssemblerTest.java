package org.quern.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.quern.cli.demo.Assembler.Cond;
import org.quern.cli.demo.Assembler.Op;
import org.quern.cli.demo.Assembler.R;

/** Expected bytes are those of GNU as. */
class AssemblerTest {
  private final Assembler a = new Assembler(0x10_0000);

  private String hex() {
    return HexFormat.of().formatHex(a.finish());
  }

  @Test
  void registersAndNumbers() {
    a.mov(R.DI, 0x1234).mov(R.AX, R.CX).op(Op.CMP, R.DX, 5).op(Op.SUB, R.BX, R.SI);
    assertThat(hex()).isEqualTo("bf34120000" + "89c8" + "81fa05000000" + "29f3");
  }

  @Test
  void memoryByBaseAndDisplacement() {
    a.load(R.AX, R.SI, 8).store(R.DI, -4, R.CX).loadByte(R.DX, R.BP, 0).storeByte(R.DI, 1, R.BX);
    assertThat(hex())
        .isEqualTo("8b8608000000" + "898ffcffffff" + "0fb69500000000" + "889f01000000");
  }

  @Test
  void branchesForwardAndBackward() {
    a.label("start").jump(Cond.NE, "end").call("start").jump("start").label("end").ret();
    assertThat(hex()).isEqualTo("0f850a000000" + "e8f5ffffff" + "e9f0ffffff" + "c3");
  }

  @Test
  void addressesAreAbsolute() {
    a.movAddress(R.SI, "text").farJump(8, "text").label("text").string("a\n");
    assertThat(hex()).isEqualTo("be0c001000" + "ea0c0010000800" + "610d0a00");
  }

  @Test
  void missingAndDoubledLabelsAreRefused() {
    a.jump("nowhere");
    assertThatThrownBy(a::finish).hasMessage("no label nowhere");
    a.label("x");
    assertThatThrownBy(() -> a.label("x")).hasMessage("label x is there twice");
  }

  @Test
  void operandsThatNeedOtherEncodingsAreRefused() {
    assertThatThrownBy(() -> a.load(R.AX, R.SP, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> a.storeByte(R.DI, 0, R.SI))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
