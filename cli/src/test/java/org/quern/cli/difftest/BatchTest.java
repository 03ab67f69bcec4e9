package org.quern.cli.difftest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.accel.api.TranslationCounts;
import org.quern.cli.CliException;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.CpuModel;

/** No case depends on those before it, and all run as translated code where that is asked for. */
class BatchTest {
  private static final int CASES = 2000;
  private static final int EACH = 20;

  private final CpuModel model = TestedModel.of();
  private final GuestImage image = new GuestImage(true);

  private SoftwareEngine engine(String name) {
    return new SoftwareEngine(name, DifftestOptions.tiering(name), model, image);
  }

  private Batch build(SoftwareEngine e, long seed) {
    FormFilter forms = new FormFilter(Pattern.compile(""), Set.of(), model::has, f -> true);
    return new BatchBuilder(e.ram(), new SplittableRandom(seed), forms.taken).build(CASES, EACH);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aCaseLeavesTheSameAloneAsInItsBatch(long seed) throws Exception {
    List<String> wrong = new ArrayList<>();
    int compared = 0;
    Comparison comparison = new Comparison(false);
    try (SoftwareEngine all = engine("interp");
        SoftwareEngine single = engine("interp")) {
      Batch b = build(all, seed);
      List<TestVector> alone = new ArrayList<>();
      for (int block = 0; block < b.blocks; block++) {
        for (int n = b.firstCase[block]; n < b.firstCase[block + 1]; n++) {
          alone.add(TestVector.of(b.slots[block], n, all.ram()));
        }
      }
      all.run();
      for (TestVector v : alone) {
        long together = v.caseIn(all.ram());
        if (HostMemory.getLong(together + Layout.VECTORS_IN) == 0) {
          // It ran with what vector registers the first case of the instruction had.
          HostMemory.putLong(together + Layout.VECTORS_OUT, 0);
        }
        Single.run(v, single);
        List<String> d = comparison.differences(v.codeSlot(), together, v.caseIn(single.ram()));
        if (!d.isEmpty()) {
          wrong.add(VectorText.write(v, "seed " + seed) + d);
        }
        compared++;
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(compared).isEqualTo(CASES);
  }

  @Test
  void aHarnessThatFaultsIsNoticed() throws Exception {
    try (SoftwareEngine e = engine("interp")) {
      build(e, 5);
      HostMemory.putLong(e.ram() + Layout.caseAt(7) + Layout.FIXED_AT, 0x100000000L);
      assertThatThrownBy(e::run).isInstanceOf(CliException.class).hasMessageContaining("harness");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"jit-compact", "jit-fast"})
  void everySlotIsTranslated(String name) throws Exception {
    try (SoftwareEngine e = engine(name)) {
      Batch b = build(e, 4);
      e.run();
      TranslationCounts c = e.translations();
      assertThat(c.compact() + c.fast() + c.interpreted()).isGreaterThanOrEqualTo(b.blocks);
      assertThat(c.interpreted()).isLessThan(b.blocks / 5);
    }
  }

  @Test
  void nothingIsTranslatedByTheInterpreter() throws Exception {
    try (SoftwareEngine e = engine("interp")) {
      assertThat(e.translations()).isNull();
    }
  }
}
