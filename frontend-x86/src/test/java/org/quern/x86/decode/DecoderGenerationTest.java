package org.quern.x86.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.x86.state.Generation;

/** The same bytes on processors of different age. */
class DecoderGenerationTest {
  @ParameterizedTest(name = "{1} on {0}: {2}, {3} bytes")
  @CsvSource({
    "I8086, 60 05, JCC, 2",
    "I286, 60 05, PUSHA, 1",
    "I8086, 0f, POP_SREG, 1",
    "I8086, c0 02 00, RET, 3",
    "I286, c0 e0 02, SHL, 3",
    "I8086, c9, RET_FAR, 1",
    "I286, c9, LEAVE, 1",
    "I8086, d0 f0, SETMO, 2",
    "I286, d0 f0, SHL, 2",
    "I8086, d9 e8, ESC, 2",
    "I286, d9 e8, FLD1, 2",
    "I8086, ff f8, PUSH, 2",
    "I286, ff f8, INVALID, 2",
    "I8086, f1 90, NOP, 2",
    "I286, f1, INT1, 1",
    "I8086, 66 05, JCC, 2",
    "I286, 66 90, INVALID, 1",
    "I386, 66 90, NOP, 2",
    "I286, 64 90, INVALID, 1",
    "I386, 64 90, NOP, 2",
    "I286, 8e e0, INVALID, 2",
    "I386, 8e e0, MOV_SREG, 2",
    "I8086, 8e e8, MOV_SREG, 2",
    "I286, f0 fc, CLD, 2",
    "I386, f0 fc, INVALID, 2",
    "I386, c5 f8 77, INVALID, 2",
    "P6, c5 f8 77, VZEROUPPER, 3",
    "I286, 26 26 26 26 26 26 26 26 26 40, INC, 10",
    "I286, 26 26 26 26 26 26 26 26 26 26 40, TOO_LONG, 10",
    "I386, 26 26 26 26 26 26 26 26 26 26 40, INC, 11"
  })
  void sameBytes(Generation generation, String hex, Mnemonic mnemonic, int length) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    byte[] padded = java.util.Arrays.copyOf(bytes, 16);
    Insn i = new Decoder(16, generation).decode(padded, 0, padded.length);

    assertThat(i.mnemonic).isEqualTo(mnemonic);
    assertThat(i.length).isEqualTo(length);
  }
}
