package org.quern.translator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.quern.x86.decode.Decoder;
import org.quern.x86.decode.Insn;

class SseChecksTest {
  private static RegionPlan plan(String hex) {
    byte[] code = HexFormat.of().parseHex(hex.replace(" ", ""));
    Decoder decoder = new Decoder(64);
    return RegionPlan.of(
        o -> {
          Insn i = o < code.length ? decoder.decode(code, o, code.length - o) : null;
          return i == null || o + i.length > code.length ? null : i;
        },
        0,
        100);
  }

  @Test
  @DisplayName("a loop behind an SSE instruction needs no check of its own; the entry is refused")
  void loop() {
    // 0: pxor xmm0, xmm0; 4: pxor xmm1, xmm1; jne 4; 10: nop; ret
    RegionPlan plan = plan("660fefc0 660fefc9 75fa 90 c3");
    assertThat(SseChecks.guarded(plan)).isEqualTo(1);
    assertThat(SseChecks.done(plan)).containsExactlyInAnyOrder(0, 4, 10);
  }

  @Test
  @DisplayName("where a way without SSE joins, the check is needed; behind it no more")
  void join() {
    // 0: jne 8; 2: pxor xmm0, xmm0; jmp 8; 8: pxor xmm1, xmm1; jne 8; 14: nop; ret
    RegionPlan plan = plan("7506 660fefc0 eb00 660fefc9 75fa 90 c3");
    assertThat(SseChecks.guarded(plan)).isZero();
    assertThat(SseChecks.done(plan)).containsExactly(14);
  }

  @Test
  @DisplayName("MMX instructions check nothing for SSE")
  void mmx() {
    // 0: pxor mm0, mm0; jne 0; 5: pxor xmm0, xmm0; ret
    RegionPlan plan = plan("0fefc0 75fb 660fefc0 c3");
    assertThat(SseChecks.guarded(plan)).isZero();
    assertThat(SseChecks.done(plan)).isEmpty();
  }
}
