package org.quern.translator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.quern.x86.asm.Assembler;
import org.quern.x86.decode.Decoder;

/** The three outcomes of a translation: the region fits, is cut until it fits, or is not made. */
class TranslatorTest {
  private static Translation translate(String source) throws Exception {
    byte[] code = java.util.Arrays.copyOf(Assembler.assemble(source, 64, 0).bytes(), 4096 + 15);
    Decoder decoder = new Decoder(64);
    return Translator.translate(
        o -> decoder.decode(code, o, 15), 0, Form.FAST, false, Hints.NONE, "test");
  }

  @Test
  void fits() throws Exception {
    Translation t = translate("again: add [rdi], rax\ndec ecx\njnz again\nhlt");
    assertThat(t.region()).isNotNull();
    assertThat(t.halved()).isFalse();
    assertThat(t.bytecodeBytes()).isLessThan(Translator.HUGE_METHOD);
  }

  @Test
  void isCutUntilItFits() throws Exception {
    // Each access has a base of its own, so that none shares a check.
    String body = "mov rsi, [rdi]\nadd [rsi + 8], rax\nmov rdi, [rsi]\nsbb [rdi + 16], rbx\n";
    Translation t = translate("again: " + body.repeat(50) + "jmp again");
    assertThat(t.region()).isNotNull();
    assertThat(t.halved()).isTrue();
    assertThat(t.bytecodeBytes()).isLessThan(Translator.HUGE_METHOD);
  }

  @Test
  void isCutUntilAClassCanHoldIt() throws Exception {
    // Each FXSAVE writes all registers back and reads them again: more than 64 KiB in all.
    StringBuilder source = new StringBuilder("again: ");
    for (int r = 0; r < 16; r++) {
      source.append(String.format("pxor xmm%d, xmm%d%n", r, r));
    }
    source.append("fxsave [rdi]\n".repeat(220)).append("jmp again");
    Translation t = translate(source.toString());
    assertThat(t.region()).isNotNull();
    assertThat(t.halved()).isTrue();
    assertThat(t.bytecodeBytes()).isLessThan(Translator.HUGE_METHOD);
  }

  @Test
  void staysInTheInterpreter() throws Exception {
    assertThat(translate("hlt").region()).isNull();
  }
}
