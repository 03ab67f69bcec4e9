package org.quern.x86.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.RFlags;

class InsnTableTest {
  @Test
  void everyMnemonicHasARow() {
    Set<Mnemonic> without = EnumSet.allOf(Mnemonic.class);
    InsnTable.forms().forEach(f -> without.remove(f.mnemonic()));
    // The last two are in the 8086's own table.
    assertThat(without)
        .containsExactlyInAnyOrder(
            Mnemonic.INVALID, Mnemonic.TOO_LONG, Mnemonic.TRUNCATED, Mnemonic.SETMO, Mnemonic.ESC);
  }

  @Test
  void vectorRowsNeedAFeature() {
    assertThat(InsnTable.forms())
        .filteredOn(f -> f.vector() || f.vex())
        .allMatch(f -> f.feature() != null);
  }

  @Test
  void theFeatureOfAnIntegerVectorRowGoesByItsLength() {
    assertThat(InsnTable.forms())
        .filteredOn(f -> f.mnemonic() == Mnemonic.VPADDB)
        .extracting(InsnForm::feature)
        .containsExactly(CpuFeature.AVX, CpuFeature.AVX2);
  }

  @Test
  void onlyReadModifyWriteIsLockable() {
    Set<Mnemonic> lockable = EnumSet.noneOf(Mnemonic.class);
    InsnTable.forms().stream().filter(InsnForm::lockable).forEach(f -> lockable.add(f.mnemonic()));
    // SDM vol. 2A, LOCK.
    assertThat(lockable)
        .containsExactlyInAnyOrder(
            Mnemonic.ADD,
            Mnemonic.ADC,
            Mnemonic.AND,
            Mnemonic.BTC,
            Mnemonic.BTR,
            Mnemonic.BTS,
            Mnemonic.CMPXCHG,
            Mnemonic.CMPXCHG8B,
            Mnemonic.CMPXCHG16B,
            Mnemonic.DEC,
            Mnemonic.INC,
            Mnemonic.NEG,
            Mnemonic.NOT,
            Mnemonic.OR,
            Mnemonic.SBB,
            Mnemonic.SUB,
            Mnemonic.XOR,
            Mnemonic.XADD,
            Mnemonic.XCHG);
  }

  @Test
  void movesDoNotTouchFlags() {
    assertThat(InsnTable.forms())
        .filteredOn(f -> f.mnemonic() == Mnemonic.MOV || f.mnemonic() == Mnemonic.LEA)
        .allMatch(f -> (f.flagsRead() | f.flagsWritten() | f.flagsUndefined()) == 0);
  }

  @Test
  void conditionsReadStatusFlagsOnly() {
    assertThat(InsnTable.forms())
        .filteredOn(f -> f.conditions() == 16)
        .hasSize(4)
        .allMatch(f -> f.flagsRead() == (RFlags.STATUS & ~RFlags.AF) && f.flagsWritten() == 0);
  }
}
