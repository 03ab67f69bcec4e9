package org.quern.tests.observe;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.quern.accel.api.CodeCounters;
import org.quern.accel.api.TranslationCounts;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;
import org.quern.tests.conformance.GuestMachine;
import org.quern.tests.conformance.Mode;

/** What {@code -d stats} and the monitor's {@code info jit} are made of. */
@Timeout(60)
class TranslationCountsTest {
  private static final int ROUNDS = 1000;
  private static final String LOOP =
      "push rax\nmov ecx, " + ROUNDS + "\nagain:\nmov [rbx], rcx\ndec ecx\njnz again\n";

  private static GuestMachine run(Tiering tiering, String source) throws Exception {
    GuestMachine m = new GuestMachine(new SoftwareAccelerator(tiering), Mode.LONG64);
    m.reg(3, GuestMachine.DATA);
    m.code(source).run();
    return m;
  }

  private static TranslationCounts counts(GuestMachine m) {
    return ((CodeCounters) m.vm()).counts();
  }

  @Test
  void interpretedCodeCountsNothing() throws Exception {
    GuestMachine m = run(Tiering.INTERPRET, LOOP);
    assertThat(counts(m)).isEqualTo(new TranslationCounts(0, 0, 0, 0, 0, 0, 0, 0));
    assertThat(((CodeCounters) m.vm()).translates()).isFalse();
  }

  @Test
  void regionsAreCountedByForm() throws Exception {
    TranslationCounts c = counts(run(new Tiering(1, Long.MAX_VALUE, false, false), LOOP));
    assertThat(c.compact()).isPositive();
    assertThat(c.fast()).isZero();
    assertThat(c.bytecodeBytes()).isBetween(100L, 8000L * c.compact());
    assertThat(c.nanoseconds()).isPositive();
    TranslationCounts f = counts(run(new Tiering(1, 0, false, false), LOOP));
    assertThat(f.fast()).isPositive();
    assertThat(f.compact()).isZero();
  }

  @Test
  void bothFormsOfOneRegionCountOnceEach() throws Exception {
    GuestMachine m = run(new Tiering(1, 10, false, false), LOOP);
    assertThat(counts(m).compact()).isPositive();
    assertThat(((CodeCounters) m.vm()).translations())
        .isEqualTo(counts(m).compact() + counts(m).fast());
  }

  @Test
  void aStoreIntoTheCodeInvalidatesItsRegions() throws Exception {
    String source = LOOP + "mov byte [rel $ + 20], 0x90\ntimes 40 nop\n";
    TranslationCounts c = counts(run(new Tiering(1, 0, false, false), source));
    assertThat(c.invalidated()).isPositive();
  }

  @Test
  void aFastRegionThatLeavesForItsAccessCountsAMiss() throws Exception {
    // Each page is touched for the first time, so none is in the TLB but the stack's, which a
    // region needs to be entered.
    String source =
        "push rax\nmov ecx, 64\nagain:\nmov [rbx], rcx\nadd rbx, 4096\ndec ecx\njnz again\n";
    TranslationCounts c = counts(run(new Tiering(1, 0, false, false), source));
    assertThat(c.misses()).isBetween(32L, 128L);
  }

  @Test
  void countingCountsEveryInstructionOfTheFastForm() throws Exception {
    GuestMachine m = run(new Tiering(1, 0, false, false).counting(), LOOP);
    // The two before the loop, three instructions a round, and the HLT.
    assertThat(m.vm().vcpu(0).instructions()).isEqualTo(3 + 3 * ROUNDS);
  }
}
