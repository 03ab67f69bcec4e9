package org.quern.x86.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EncodingSamplerTest {
  private static final long SEED = 386;

  @Test
  void everyRowOf64BitCodeHasSamplesThatDecodeByIt() {
    EncodingSampler sampler = new EncodingSampler(new SplittableRandom(SEED));
    Decoder decoder = new Decoder(64);
    for (InsnForm f : InsnTable.forms()) {
      boolean found = false;
      for (int n = 0; n < 20; n++) {
        EncodingSampler.Sample s = sampler.sample(f);
        if (s != null) {
          Insn i = decoder.decode(s.bytes(), 0, s.bytes().length);
          assertThat(i.length).as("%s", f).isEqualTo(s.bytes().length);
          assertThat(i.form).as("%s", f).isIn(f, InsnForm.INVALID);
          found |= i.form == f;
        }
      }
      assertThat(found).as("%s, seed %d", f, SEED).isEqualTo(f.in64BitMode());
    }
  }

  @Test
  void theDisplacementIsWhereTheSampleSays() {
    EncodingSampler sampler = new EncodingSampler(new SplittableRandom(SEED));
    Decoder decoder = new Decoder(64);
    Set<Integer> sizes = new HashSet<>();
    for (InsnForm f : InsnTable.forms()) {
      EncodingSampler.Sample s = sampler.sample(f);
      if (s == null || s.dispAt() < 0 || s.insn().form != f) {
        continue;
      }
      byte[] changed = s.bytes().clone();
      changed[s.dispAt()] ^= 1;
      Insn i = decoder.decode(changed, 0, changed.length);
      assertThat(i.disp).as("%s, seed %d", f, SEED).isEqualTo(s.insn().disp ^ 1);
      sizes.add(s.dispBytes());
    }
    assertThat(sizes).contains(1, 4);
  }
}
