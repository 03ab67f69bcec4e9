package org.quern.cli.difftest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.x86.fault.Vector;
import org.quern.x86.mem.HostMemory;

/** What is taken for a difference between processors, and what is not. */
class UndefinedTest {
  private static final long NEXT = 0;
  private static final long PF = Layout.FAULT + Vector.PF;
  private static final long GP = Layout.FAULT + Vector.GP;
  private static final long MF = Layout.FAULT + Vector.MF;
  private static final long AC = Layout.FAULT + Vector.AC;
  private static final long CASE = HostMemory.allocate(HostMemory.PAGE_SIZE);

  private static boolean excused(String code, long expected, long actual) {
    CodeSlot slot = CodeSlot.of(HexFormat.of().parseHex(code), 0);
    return Undefined.exit(slot, expected, actual, CASE);
  }

  @Test
  void aPrefixChangesTheConditionOfLoop() {
    assertThat(excused("f3e010", NEXT, 3)).isTrue();
    assertThat(excused("e010", NEXT, 3)).isFalse();
    assertThat(excused("f3e210", NEXT, 3)).isFalse();
  }

  @Test
  void callPushesBeforeItLooksAtItsTarget() {
    assertThat(excused("ffd0", PF, GP)).isTrue();
    assertThat(excused("ffd0", AC, GP)).isTrue();
    assertThat(excused("ffd0", NEXT, GP)).isFalse();
    assertThat(excused("ffd0", GP, PF)).isFalse();
    assertThat(excused("ffe0", PF, GP)).isFalse();
  }

  @Test
  void onlyBit17OfMxcsrMayBeReservedOrNot() {
    long operand = CASE + Layout.DATA;
    HostMemory.putLong(CASE + Layout.SELF, Layout.CASES);
    HostMemory.putLong(CASE + Layout.inGpr(0), Layout.CASES + Layout.DATA);
    HostMemory.putInt(operand, 0x21f80);
    assertThat(excused("0fae10", NEXT, GP)).as("ldmxcsr [rax]").isTrue();
    HostMemory.putInt(operand, 0x1f80);
    assertThat(excused("0fae10", NEXT, GP)).as("ldmxcsr [rax]").isFalse();
    HostMemory.putInt(operand + 24, 0x21f80);
    assertThat(excused("0fae08", NEXT, GP)).as("fxrstor [rax]").isTrue();
  }

  @Test
  void cvtpi2psFromMemoryMayLeaveX87Alone() {
    assertThat(excused("0f2a10", AC, MF)).as("cvtpi2ps xmm2, [rax]").isTrue();
    assertThat(excused("0f2a10", NEXT, MF)).isTrue();
    assertThat(excused("0f2ad0", NEXT, MF)).as("cvtpi2ps xmm2, mm0").isFalse();
    assertThat(excused("660f2a10", NEXT, MF)).as("cvtpi2pd xmm2, [rax]").isFalse();
  }

  @Test
  void alignmentOfWideOperandsIsNotCompared() {
    assertThat(excused("0f1000", AC, NEXT)).as("movups xmm0, [rax]").isTrue();
    assertThat(excused("c4e27d2f00", NEXT, AC)).as("vmaskmovpd [rax], ymm0, ymm0").isTrue();
    assertThat(excused("488b00", AC, NEXT)).as("mov rax, [rax]").isFalse();
    assertThat(excused("0f1000", PF, NEXT)).as("movups xmm0, [rax]").isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "3f800000, 3f800000, true",
    "3f7ff000, 3f800000, true",
    "3f7f8000, 3f800000, false",
    "80000000, 80800000, true",
    "00000000, 80800000, false",
    "00000000, 00803000, false",
    "7f800000, 7f800000, true",
    "7f800000, 7f000000, false"
  })
  void reciprocalsAreNearAndTinyOnesMayBeZero(String expected, String actual, boolean same) {
    int e = Integer.parseUnsignedInt(expected, 16);
    int a = Integer.parseUnsignedInt(actual, 16);
    assertThat(Undefined.sameReciprocal(e, a)).isEqualTo(same);
    assertThat(Undefined.sameReciprocal(a, e)).isEqualTo(same);
  }
}
