package org.quern.x86.asm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.x86.decode.Decoder;
import org.quern.x86.decode.Encoder;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.InsnDraft;
import org.quern.x86.decode.InsnForm;
import org.quern.x86.decode.InsnTable;
import org.quern.x86.decode.RandomDraft;
import org.quern.x86.disasm.Disassembler;
import org.quern.x86.disasm.TableDisassembler;

/** Every row of the table: encode, decode, list, assemble, decode again. */
class RoundTripTest {
  private static final long ADDRESS = 0x1000;
  private static final int VARIANTS = 6;

  @ParameterizedTest
  @ValueSource(ints = {16, 32, 64})
  void everyRow(int codeSize) {
    Random random = new Random(codeSize);
    Decoder decoder = new Decoder(codeSize);
    TableDisassembler disassembler = new TableDisassembler(codeSize);
    List<String> wrong = new ArrayList<>();
    int rows = 0;
    for (InsnForm form : InsnTable.forms()) {
      int reached = 0;
      String shadow = "";
      for (int n = 0; n < VARIANTS; n++) {
        InsnDraft draft = RandomDraft.of(random, form, codeSize);
        if (draft == null) {
          break;
        }
        rows += n == 0 ? 1 : 0;
        byte[] bytes = Encoder.encode(draft);
        if (bytes == null) {
          wrong.add(form + ": no encoding");
          continue;
        }
        Insn i = decoder.decode(bytes, 0, bytes.length);
        if (i.form != form || i.length != bytes.length) {
          // Legal only as long as another variant of the row gets through (NOP beside PREFETCH).
          shadow = "decodes as " + i.form + " " + HexFormat.of().formatHex(bytes);
          continue;
        }
        reached++;
        Disassembler.Text text = disassembler.text(i, ADDRESS);
        String problem = again(codeSize, decoder, i, text);
        if (problem != null) {
          wrong.add(form + ": " + text + ": " + problem + " " + HexFormat.of().formatHex(bytes));
        }
      }
      if (reached == 0 && !shadow.isEmpty()) {
        wrong.add(form + ": " + shadow);
      }
    }
    assertThat(wrong).as("%d rows", rows).isEmpty();
    assertThat(rows).isGreaterThan(1200);
  }

  private static String again(int codeSize, Decoder decoder, Insn i, Disassembler.Text text) {
    byte[] bytes;
    try {
      bytes = Assembler.assemble(text.toString(), codeSize, ADDRESS).bytes();
    } catch (AssemblyException e) {
      return e.getMessage();
    }
    Insn j = decoder.decode(bytes, 0, bytes.length);
    boolean same =
        i.mnemonic == j.mnemonic
            && i.operandCount == j.operandCount
            && (i.cc == j.cc || (i.form.conditions() == 1 && i.form.condition() < 0))
            && i.segment == j.segment
            && i.base == j.base
            && i.index == j.index
            && i.scale == j.scale
            && i.disp == j.disp
            && i.imm2 == j.imm2
            && i.length >= j.length;
    for (int n = 0; same && n < i.operandCount; n++) {
      same = i.operand(n).equals(j.operand(n)) || i.form.relative();
    }
    same &= i.form.relative() ? i.length + i.imm == j.length + j.imm : i.imm == j.imm;
    return same ? null : "assembled to " + HexFormat.of().formatHex(bytes);
  }
}
