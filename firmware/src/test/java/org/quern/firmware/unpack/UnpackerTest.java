package org.quern.firmware.unpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.firmware.BootException;
import org.quern.firmware.TestImages;
import org.quern.firmware.TestImages.Compress;
import org.quern.firmware.bytes.LittleEndian;

class UnpackerTest {
  private static final long LIMIT = 64 << 20;

  private static byte[] unpack(byte[] payload, long limit) throws BootException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PayloadFormat format = PayloadFormat.of(payload).orElseThrow();
    Unpacker.unpack("kernel x", format, payload, limit, out::write);
    return out.toByteArray();
  }

  @ParameterizedTest
  @EnumSource(Compress.class)
  void unpacksWhatTheKernelsBuildPacks(Compress format) throws BootException {
    byte[] content = TestImages.elf64(0, TestImages.pattern(100_000, 5), 100_000, 0, new byte[0]);
    byte[] payload = format.payload(content);
    assertThat(PayloadFormat.of(payload).orElseThrow().name()).isEqualTo(format.name());
    assertThat(unpack(payload, LIMIT)).isEqualTo(content);
  }

  @Test
  void unpacksLz4OfSeveralChunks() throws BootException {
    byte[] content = TestImages.pattern((8 << 20) + 123, 6);
    assertThat(unpack(Compress.LZ4.payload(content), LIMIT)).isEqualTo(content);
  }

  @ParameterizedTest
  @EnumSource(value = Compress.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void refusesATruncatedPayload(Compress format) {
    byte[] payload = format.payload(TestImages.pattern(100_000, 7));
    byte[] cut = Arrays.copyOf(payload, payload.length / 2);
    assertThatThrownBy(() -> unpack(cut, LIMIT))
        .isInstanceOf(BootException.class)
        .hasMessageStartingWith("kernel x ")
        .hasMessageContaining(PayloadFormat.of(payload).orElseThrow().label());
  }

  @ParameterizedTest
  @EnumSource(value = Compress.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void refusesMoreThanTheLimit(Compress format) {
    byte[] payload = format.payload(TestImages.pattern(3 << 20, 8));
    assertThatThrownBy(() -> unpack(payload, 2 << 20))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("more than 2 MiB");
  }

  @ParameterizedTest
  @EnumSource(value = Compress.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void refusesAWrongSizeField(Compress format) {
    byte[] payload = format.payload(TestImages.pattern(5000, 9));
    LittleEndian.put32(payload, payload.length - 4, 5001);
    assertThatThrownBy(() -> unpack(payload, LIMIT))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("is corrupt");
  }

  @Test
  void refusesLzoByName() {
    byte[] payload = {(byte) 0x89, 'L', 'Z', 'O', 0, 13, 10, 26, 10, 0, 0, 0};
    assertThatThrownBy(() -> unpack(payload, LIMIT))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("lzo");
  }

  @Test
  void letsFailuresOfTheSinkThrough() {
    byte[] payload = Compress.LZ4.payload(new byte[1000]);
    IllegalStateException own = new IllegalStateException("own");
    assertThatThrownBy(
            () ->
                Unpacker.unpack(
                    "kernel x",
                    PayloadFormat.LZ4,
                    payload,
                    LIMIT,
                    (b, o, l) -> {
                      throw own;
                    }))
        .isSameAs(own);
  }

  @Test
  void doesNotGuessAFormat() {
    assertThat(PayloadFormat.of(new byte[64])).isEmpty();
    assertThat(PayloadFormat.of(new byte[3])).isEmpty();
  }
}
