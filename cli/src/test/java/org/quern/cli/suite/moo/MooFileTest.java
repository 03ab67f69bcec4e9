package org.quern.cli.suite.moo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MooFileTest {
  private static final byte[] TWO =
      new MooBuilder("8086")
          .definedFlags(0xf72a)
          .on("inc ax", 0x40)
          .with("ax", 7)
          .gives("ax", 8)
          .gives("ip", 0x101)
          .leaves(0x12345, 0x67)
          .end()
          .on("int 3", 0xcc)
          .vector(3)
          .end()
          .file();

  @Test
  void readsHeaderCasesAndMasks() throws IOException {
    MooFile f = MooFile.of(TWO);
    MooCase a = f.next();
    MooCase b = f.next();

    assertThat(f.cpu()).isEqualTo("8086");
    assertThat(f.count()).isEqualTo(2);
    assertThat(a.name()).isEqualTo("inc ax");
    assertThat(a.initial().get(MooReg.EAX)).isEqualTo(7);
    assertThat(a.initial().get(MooReg.CS)).isEqualTo(0x1000);
    assertThat(a.result().has(MooReg.EBX)).isFalse();
    assertThat(a.initial().after(MooReg.EAX, a.result())).isEqualTo(8);
    assertThat(a.initial().after(MooReg.ESP, a.result())).isEqualTo(0x100);
    assertThat(a.initial().addresses()).containsExactly(0x10100);
    assertThat(a.result().addresses()).containsExactly(0x12345);
    assertThat(a.result().bytes()).containsExactly((byte) 0x67);
    assertThat(a.mask()[MooReg.EFLAGS.ordinal()]).isEqualTo(0xf72a);
    assertThat(a.mask()[MooReg.EAX.ordinal()]).isEqualTo(-1);
    assertThat(a.exception()).isEqualTo(-1);
    assertThat(a.hash()).isEqualTo("ab01");
    assertThat(b.index()).isEqualTo(1);
    assertThat(b.exception()).isEqualTo(3);
    assertThat(f.next()).isNull();
  }

  @Test
  void registersOf32BitsHaveTheirOwnOrder() throws IOException {
    MooFile f =
        MooFile.of(
            new MooBuilder("386E")
                .on("inc esi", 0x66, 0x46, 0xf4)
                .with("esi", 0x12345678)
                .gives("esi", 0x12345679)
                .end()
                .file());

    MooCase c = f.next();
    assertThat(c.initial().get(MooReg.ESI)).isEqualTo(0x12345678);
    assertThat(c.result().get(MooReg.ESI)).isEqualTo(0x12345679);
    assertThat(c.initial().get(MooReg.SS)).isEqualTo(0x2000);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 9, 19, 30, 70, 71, 90, 120, 180})
  void aFileThatIsCutOffIsRefusedOrEndsBetweenCases(int length) throws IOException {
    byte[] cut = Arrays.copyOf(TWO, length);
    try {
      MooFile f = MooFile.of(cut);
      MooCase c = f.next();
      assertThat(c == null || c.name().equals("inc ax")).isTrue();
    } catch (IOException e) {
      assertThat(e).hasMessageMatching(".*(cut off|damaged|has no).*");
    }
  }

  @Test
  void lengthsThatLieAreRefused() {
    byte[] bad = TWO.clone();
    int ram = new String(bad, StandardCharsets.ISO_8859_1).indexOf("RAM ");
    Arrays.fill(bad, ram + 8, ram + 12, (byte) 0x7f); // number of memory bytes

    assertThatThrownBy(() -> MooFile.of(bad).next())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("damaged");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0x7fffffff})
  void aNameOfImpossibleLengthIsRefused(int length) {
    byte[] bad = TWO.clone();
    int name = new String(bad, StandardCharsets.ISO_8859_1).indexOf("NAME");
    ByteBuffer.wrap(bad).order(ByteOrder.LITTLE_ENDIAN).putInt(name + 8, length);
    assertThatThrownBy(() -> MooFile.of(bad).next())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("damaged");
  }

  @Test
  void somethingElseIsNoMooFile() {
    assertThatThrownBy(
            () -> MooFile.of("{\"tests\": []}          ".getBytes(StandardCharsets.US_ASCII)))
        .isInstanceOf(IOException.class);
  }
}
