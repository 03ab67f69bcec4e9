package org.quern.firmware.bios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.firmware.BootException;
import org.quern.firmware.TestImages;

class BiosImageTest {
  @TempDir Path folder;

  @Test
  void isReadAsItIs() throws Exception {
    byte[] rom = TestImages.pattern(256 << 10, 1);
    assertThat(BiosImage.read(Files.write(folder.resolve("rom"), rom))).isEqualTo(rom);
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, (64 << 10) + 1, (16 << 20) + (64 << 10)})
  void refusesOtherSizes(int size) throws Exception {
    Path path = Files.write(folder.resolve("rom"), new byte[size]);
    assertThatThrownBy(() -> BiosImage.read(path))
        .isInstanceOf(BootException.class)
        .hasMessageContaining(size + " bytes");
  }
}
