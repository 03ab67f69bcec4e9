package org.quern.x86.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quern.x86.tables.PagingOracle.A;
import static org.quern.x86.tables.PagingOracle.D;
import static org.quern.x86.tables.PagingOracle.P;
import static org.quern.x86.tables.PagingOracle.PS;
import static org.quern.x86.tables.PagingOracle.RW;
import static org.quern.x86.tables.PagingOracle.US;
import static org.quern.x86.tables.PagingOracle.XD;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuModel;
import org.quern.x86.tables.PagingOracle.Access;
import org.quern.x86.tables.PagingOracle.Mode;

/** Page walks: every combination of rights at every level, every bit, every access. */
class PageWalkTableTest {
  /** A paging mode and the level whose entry maps the page. */
  enum Shape {
    LEGACY_4K(Mode.LEGACY, 1),
    LEGACY_4M(Mode.LEGACY, 2),
    PAE_4K(Mode.PAE, 1),
    PAE_2M(Mode.PAE, 2),
    LONG_4K(Mode.FOUR_LEVEL, 1),
    LONG_2M(Mode.FOUR_LEVEL, 2),
    LONG_1G(Mode.FOUR_LEVEL, 3),
    FIVE_4K(Mode.FIVE_LEVEL, 1),
    FIVE_2M(Mode.FIVE_LEVEL, 2),
    FIVE_1G(Mode.FIVE_LEVEL, 3);

    final Mode mode;
    final int leaf;

    Shape(Mode mode, int leaf) {
      this.mode = mode;
      this.leaf = leaf;
    }

    /** Level of the highest entry that has rights. */
    int top() {
      return mode == Mode.PAE ? 2 : mode.levels;
    }

    /** Number of entries with rights. */
    int entries() {
      return top() - leaf + 1;
    }

    boolean wide() {
      return mode != Mode.LEGACY;
    }
  }

  private static int power(int base, int exponent) {
    int r = 1;
    for (int i = 0; i < exponent; i++) {
      r *= base;
    }
    return r;
  }

  /** R/W, U/S and XD of all levels together, with all controls. */
  @ParameterizedTest
  @EnumSource
  void rights_at_all_levels(Shape shape) {
    PagedMachine m = new PagedMachine(shape.mode, shape.leaf, CpuModel.max());
    Table t = new Table("page walk, rights at all levels, " + shape);
    int choices = shape.wide() ? 8 : 4;
    int controls = shape.wide() ? 32 : 16;
    // Of five levels every seventh combination: 7 has no divisor with the number of choices.
    int step = shape.entries() == 5 ? 7 : 1;
    int all = power(choices, shape.entries());
    int combinations = (all + step - 1) / step;
    int withoutXd = 0;
    for (int control = 0; control < controls; control++) {
      controls(m.oracle, control);
      m.apply();
      for (int combination = 0; combination < all; combination += step) {
        int rest = combination;
        boolean xd = false;
        for (int level = shape.top(); level >= shape.leaf; level--) {
          m.rights(level, rights(rest % choices));
          xd |= rest % choices >= 4;
          rest /= choices;
        }
        if (xd && !m.oracle.nxe) {
          // XD is a reserved bit then: the table of bits has it.
          continue;
        }
        withoutXd += m.oracle.nxe ? 0 : 1;
        everyAccess(m, t, combination);
      }
    }
    assertThat(withoutXd > 0).isEqualTo(shape.wide());
    t.done((combinations * 16 + withoutXd) * (Access.values().length * 2));
  }

  private static long rights(int n) {
    return P | ((n & 1) != 0 ? RW : 0) | ((n & 2) != 0 ? US : 0) | ((n & 4) != 0 ? XD : 0);
  }

  private static void controls(PagingOracle o, int n) {
    o.wp = (n & 1) != 0;
    o.smep = (n & 2) != 0;
    o.smap = (n & 4) != 0;
    o.ac = (n & 8) != 0;
    o.nxe = o.mode == Mode.LEGACY || (n & 16) == 0;
    o.pse = true;
  }

  private static void everyAccess(PagedMachine m, Table t, long what) {
    for (int cpl = 0; cpl <= 3; cpl += 3) {
      for (Access a : Access.values()) {
        m.access(t, a, cpl, what);
      }
    }
  }

  /** Each bit by itself, inverted at each level, for all accesses and privilege levels. */
  @ParameterizedTest
  @EnumSource
  void every_bit_of_every_entry(Shape shape) {
    Table t = new Table("page walk, every bit of every entry, " + shape);
    int cases = 0;
    for (int physicalBits : new int[] {36, 40, 52}) {
      for (boolean huge : new boolean[] {true, false}) {
        if (!huge && shape.leaf == 3) {
          continue;
        }
        PagedMachine m = new PagedMachine(shape.mode, shape.leaf, model(physicalBits, huge));
        m.oracle.physicalBits = physicalBits;
        m.oracle.hugePages = huge;
        for (int control = 0; control < 4; control++) {
          controls(m.oracle, 1);
          m.oracle.smep = (control & 1) != 0;
          m.oracle.nxe = (control & 2) != 0;
          m.oracle.pse = shape.leaf == 2 || (control & 2) != 0;
          m.apply();
          for (int level = shape.top(); level >= shape.leaf; level--) {
            for (int bit = 0; bit < (shape.wide() ? 64 : 32); bit++) {
              if (!elsewhere(m, shape, level, bit)) {
                m.flip(level, bit);
                for (int cpl = 0; cpl < 4; cpl++) {
                  for (Access a : Access.values()) {
                    m.access(t, a, cpl, (long) level << 8 | bit);
                    cases++;
                  }
                }
                m.flip(level, bit);
              }
            }
          }
        }
      }
    }
    assertThat(cases).isGreaterThan(2_000);
    t.done(cases);
  }

  /** Bits that would lead the walk to other memory: address bits, and PS above the leaf. */
  private static boolean elsewhere(PagedMachine m, Shape shape, int level, int bit) {
    boolean maps = level == shape.leaf;
    if (bit == 7 && !maps) {
      boolean two = level == 2 && (shape.wide() || m.oracle.pse);
      return two || (level == 3 && m.oracle.hugePages);
    }
    if (shape == Shape.LEGACY_4M && bit >= 13 && bit <= 20) {
      return bit < m.oracle.physicalBits - 19;
    }
    int lowest = maps ? shift(shape, level) : 12;
    return bit >= lowest && bit < (shape.wide() ? m.oracle.physicalBits : 32);
  }

  private static int shift(Shape shape, int level) {
    return shape == Shape.LEGACY_4M ? 22 : 12 + 9 * (level - 1);
  }

  private static CpuModel model(int physicalBits, boolean huge) {
    CpuModel max = CpuModel.max();
    Set<CpuFeature> features = EnumSet.copyOf(max.features());
    if (!huge) {
      features.remove(CpuFeature.PDPE1GB);
    }
    return new CpuModel("m", "GenuineIntel", 6, 6, 3, "m", features, physicalBits);
  }

  /** A not-present entry hides everything below it, whatever its other bits say. */
  @ParameterizedTest
  @EnumSource
  void not_present_at_each_level(Shape shape) {
    PagedMachine m = new PagedMachine(shape.mode, shape.leaf, CpuModel.max());
    Table t = new Table("page walk, not present at each level, " + shape);
    int highest = shape.mode.levels;
    for (int control = 0; control < (shape.wide() ? 32 : 16); control++) {
      controls(m.oracle, control);
      m.apply();
      for (int level = highest; level >= shape.leaf; level--) {
        for (int below = 0; below < 2; below++) {
          m.reset();
          m.set(level, shape.mode == Mode.PAE && level == 3 ? 0 : m.oracle.entry[level] & ~P);
          if (below == 1 && level > shape.leaf) {
            m.set(shape.leaf, m.oracle.entry[shape.leaf] & ~P);
          }
          everyAccess(m, t, level);
          if (shape.wide() && level <= shape.top()) {
            // Reserved bits of an entry that is not present are ignored.
            m.set(level, m.oracle.entry[level] | 1L << 51);
          }
          everyAccess(m, t, level | 0x100);
        }
      }
      m.reset();
    }
    t.done((shape.wide() ? 32 : 16) * (highest - shape.leaf + 1) * 2 * 2 * 10);
  }

  /** A reserved bit above wins over a missing page below; a missing page above over it. */
  @ParameterizedTest
  @EnumSource(names = {"PAE_4K", "LONG_4K", "LONG_2M", "LONG_1G", "FIVE_2M", "FIVE_4K"})
  void the_first_bad_entry_decides(Shape shape) {
    PagedMachine m = new PagedMachine(shape.mode, shape.leaf, CpuModel.max());
    Table t = new Table("page walk, the first bad entry decides, " + shape);
    controls(m.oracle, 3);
    m.apply();
    int states = power(4, shape.entries());
    for (int n = 0; n < states; n++) {
      m.reset();
      int rest = n;
      for (int level = shape.top(); level >= shape.leaf; level--) {
        long e = m.oracle.entry[level];
        switch (rest % 4) {
          case 0 -> {}
          case 1 -> m.set(level, e & ~P);
          case 2 -> m.set(level, e | 1L << 51);
          default -> m.set(level, e & ~(RW | US));
        }
        rest /= 4;
      }
      everyAccess(m, t, n);
    }
    t.done(states * 10);
  }

  /** Accessed and dirty: every initial state of both, at every level. */
  @ParameterizedTest
  @EnumSource
  void accessed_and_dirty(Shape shape) {
    PagedMachine m = new PagedMachine(shape.mode, shape.leaf, CpuModel.max());
    Table t = new Table("page walk, accessed and dirty, " + shape);
    controls(m.oracle, 1);
    m.apply();
    int states = power(4, shape.entries());
    for (int denied = 0; denied < 2; denied++) {
      for (int n = 0; n < states; n++) {
        m.reset();
        int rest = n;
        for (int level = shape.top(); level >= shape.leaf; level--) {
          long e = m.oracle.entry[level] & ~(A | D);
          m.set(level, e | ((rest & 1) != 0 ? A : 0) | ((rest & 2) != 0 ? D : 0));
          rest /= 4;
        }
        if (denied == 1) {
          m.set(shape.leaf, m.oracle.entry[shape.leaf] & ~RW);
        }
        everyAccess(m, t, n);
      }
    }
    t.done(states * 2 * 10);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void pdptes_are_checked_when_cr3_is_loaded(boolean nxe) {
    Table t = new Table("PDPTE registers, NXE " + nxe);
    for (int physicalBits : new int[] {36, 40, 52}) {
      PagedMachine m = new PagedMachine(Mode.PAE, 1, model(physicalBits, true));
      m.oracle.nxe = nxe;
      m.apply();
      for (int index = 0; index < 4; index++) {
        for (int present = 0; present < 2; present++) {
          for (int bit = 1; bit < 64; bit++) {
            boolean reserved = bit <= 2 || (bit >= 5 && bit <= 8) || bit >= physicalBits;
            boolean ok = m.loadPdpte(index, 1L << bit | present);
            boolean expected = present == 0 || !reserved;
            int b = bit;
            t.next();
            t.same(() -> physicalBits + " bits, bit " + b, expected, ok);
          }
        }
      }
    }
    t.done(3 * 4 * 2 * 63);
  }

  /** Protection keys: what PKRU and PKRS say, with the rights of the page and all that counts. */
  @ParameterizedTest
  @EnumSource(names = {"LONG_4K", "LONG_2M", "LONG_1G", "FIVE_4K"})
  void protection_keys(Shape shape) {
    PagedMachine m = new PagedMachine(shape.mode, shape.leaf, CpuModel.max());
    Table t = new Table("page walk, protection keys, " + shape);
    int cases = 0;
    for (int control = 0; control < 16; control++) {
      controls(m.oracle, control);
      for (int on = 0; on < 4; on++) {
        m.oracle.pke = (on & 1) != 0;
        m.oracle.pks = (on & 2) != 0;
        for (int key : new int[] {0, 1, 6, 15}) {
          for (int n = 0; n < 4 * 4 * 2; n++) {
            // The other keys forbid what this one allows, and the other way round.
            int others = (n >> 4) * -1;
            m.oracle.pkru = others & ~(3 << 2 * key) | (n & 3) << 2 * key;
            m.oracle.pkrs = others & ~(3 << 2 * key) | (n >> 2 & 3) << 2 * key;
            m.apply();
            for (int rights = 0; rights < 8; rights++) {
              m.rights(shape.leaf, rights(rights) | (long) key << 59);
              for (int cpl = 0; cpl <= 3; cpl += 3) {
                for (Access a : Access.values()) {
                  boolean userToSupervisor = cpl == 3 && !a.implicit() && (rights & 2) == 0;
                  if (userToSupervisor && m.oracle.pks) {
                    // Refused anyway; whether PKRS is then reported is not said.
                    continue;
                  }
                  m.access(t, a, cpl, key);
                  cases++;
                }
              }
            }
          }
        }
      }
    }
    assertThat(cases).isGreaterThan(400_000);
    t.done(cases);
  }

  @Test
  void page_size_extension_off_ignores_ps() {
    PagedMachine m = new PagedMachine(Mode.LEGACY, 1, CpuModel.max());
    Table t = new Table("page walk, PS without CR4.PSE");
    for (int control = 0; control < 16; control++) {
      controls(m.oracle, control);
      m.oracle.pse = false;
      m.apply();
      m.reset();
      m.set(2, m.oracle.entry[2] | PS);
      everyAccess(m, t, control);
    }
    t.done(160);
  }
}
