package org.quern.x86.mmu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.fault.GuestFault;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;

/** Every combination of page and access rights: SDM vol. 3A, 4.6.1 and 4.7. */
class PagePermissionTest {
  enum Access {
    READ,
    WRITE,
    EXECUTE
  }

  enum Paging {
    LEGACY_4K(2),
    LEGACY_4M(1),
    PAE_4K(2),
    PAE_2M(1),
    LONG_4K(4),
    LONG_2M(3),
    LONG_1G(2);

    /** Entries that a walk reads and that have rights, the leaf last. */
    final int levels;

    Paging(int levels) {
      this.levels = levels;
    }
  }

  private static final int P = 1;
  private static final int RW = 2;
  private static final int US = 4;
  private static final long NX = 1L << 63;

  private final FakeMachine m = new FakeMachine();
  private final Cpu c = m.cpu;

  @ParameterizedTest
  @EnumSource(Paging.class)
  void permission_matrix(Paging p) {
    int cases = 0;
    boolean pae = p.ordinal() >= Paging.PAE_4K.ordinal();
    for (int weak = 0; weak < p.levels; weak++) {
      for (int rights = 0; rights < (pae ? 8 : 4); rights++) {
        for (int control = 0; control < 16; control++) {
          for (int cpl = 0; cpl <= 3; cpl += 3) {
            for (Access a : Access.values()) {
              check(p, weak, rights, control, cpl, a);
              cases++;
            }
          }
        }
      }
    }
    assertThat(cases).isEqualTo(p.levels * (pae ? 8 : 4) * 16 * 2 * 3);
  }

  /** The entry at level {@code weak} has only {@code rights}; all others allow everything. */
  private void check(Paging p, int weak, int rights, int control, int cpl, Access a) {
    boolean wp = (control & 1) != 0;
    boolean smep = (control & 2) != 0;
    boolean smap = (control & 4) != 0;
    boolean ac = (control & 8) != 0;
    boolean writable = (rights & 1) != 0;
    boolean userPage = (rights & 2) != 0;
    boolean noExecute = (rights & 4) != 0;
    long entry = P | (writable ? RW : 0) | (userPage ? US : 0) | (noExecute ? NX : 0);
    map(p, weak, entry);
    c.cr0 = Cr.CR0_PE | Cr.CR0_PG | (wp ? Cr.CR0_WP : 0);
    c.cr4 |= (smep ? Cr.CR4_SMEP : 0) | (smap ? Cr.CR4_SMAP : 0);
    c.eflags = RFlags.FIXED | (ac ? RFlags.AC : 0);
    c.setCpl(cpl);
    c.mmu.flushAll();

    boolean user = cpl == 3;
    boolean allowed;
    if (user && !userPage) {
      allowed = false;
    } else if (a == Access.EXECUTE) {
      allowed = !noExecute && (user || !(userPage && smep));
    } else if (!user && userPage && smap && !ac) {
      allowed = false;
    } else {
      allowed = a == Access.READ || writable || (!user && !wp);
    }
    boolean pae = p.ordinal() >= Paging.PAE_4K.ordinal();
    int code = 1;
    if (a == Access.WRITE) {
      code |= 2;
    }
    if (user) {
      code |= 4;
    }
    if (a == Access.EXECUTE && (smep || pae)) {
      code |= 16;
    }
    String expected = allowed ? "-" : "#PF(" + Integer.toHexString(code) + ")@401234";
    String title = p + " level " + weak + " rights " + rights + " control " + control;
    assertThat(access(a)).as("%s cpl %d %s", title, cpl, a).isEqualTo(expected);
    // And again, perhaps from the TLB.
    assertThat(access(a)).as("%s cpl %d %s again", title, cpl, a).isEqualTo(expected);
  }

  private String access(Access a) {
    try {
      switch (a) {
        case READ -> c.mmu.read8(0x401234);
        case WRITE -> c.mmu.write8(0x401234, 1);
        case EXECUTE -> c.mmu.fetchAddress(0x401234);
      }
      return "-";
    } catch (GuestFault f) {
      return FakeMachine.describe(f);
    }
  }

  private static final int T = FakeMachine.PAGE_TABLES;

  /** Maps linear 0x400000 to physical 0x400000 (or 0). */
  private void map(Paging p, int weak, long entry) {
    c.efer = Cr.EFER_NXE;
    long all = P | RW | US;
    boolean big = false;
    switch (p) {
      case LEGACY_4K, LEGACY_4M -> {
        c.cr4 = Cr.CR4_PSE;
        c.cr3 = T;
        if (p == Paging.LEGACY_4M) {
          m.bus.write(T + 4, 4, 0x400000 | 0x80 | entry);
        } else {
          m.bus.write(T + 4, 4, T + 0x1000 | (weak == 0 ? entry : all));
          m.bus.write(T + 0x1000 + 4, 4, 0x401000 | (weak == 1 ? entry : all));
        }
      }
      case PAE_4K, PAE_2M -> {
        c.cr4 = Cr.CR4_PAE;
        c.cr3 = T;
        m.bus.write(T, 8, T + 0x1000 | P);
        big = p == Paging.PAE_2M;
        lower(T + 0x1000, weak, entry, big);
        assertThat(c.mmu.walker.loadPdptes(c.cr3)).isTrue();
      }
      default -> {
        c.cr4 = Cr.CR4_PAE;
        c.efer |= Cr.EFER_LME | Cr.EFER_LMA;
        c.cr3 = T;
        m.bus.write(T, 8, T + 0x1000 | (weak == 0 ? entry : all));
        if (p == Paging.LONG_1G) {
          m.bus.write(T + 0x1000, 8, 0x80 | (weak == 1 ? entry : all));
        } else {
          m.bus.write(T + 0x1000, 8, T + 0x2000 | (weak == 1 ? entry : all));
          big = p == Paging.LONG_2M;
          lower(T + 0x2000, weak - 2, entry, big);
        }
      }
    }
  }

  /** Page directory and page table for linear 0x400000. */
  private void lower(long directory, int weak, long entry, boolean big) {
    long all = P | RW | US;
    if (big) {
      m.bus.write(directory + 16, 8, 0x400000 | 0x80 | (weak == 0 ? entry : all));
    } else {
      m.bus.write(directory + 16, 8, directory + 0x1000 | (weak == 0 ? entry : all));
      m.bus.write(directory + 0x1000 + 8, 8, 0x401000 | (weak == 1 ? entry : all));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void absent_entry_gives_error_code_without_p(int level) {
    map(Paging.LONG_4K, level, RW | US);
    c.cr0 = Cr.CR0_PE | Cr.CR0_PG;
    c.setCpl(3);
    c.mmu.flushAll();
    assertThat(access(Access.READ)).isEqualTo("#PF(4)@401234");
    assertThat(access(Access.WRITE)).isEqualTo("#PF(6)@401234");
    assertThat(access(Access.EXECUTE)).isEqualTo("#PF(14)@401234");
  }

  @Test
  void nx_is_reserved_without_efer_nxe() {
    map(Paging.LONG_4K, 3, P | RW | US | NX);
    c.efer &= ~Cr.EFER_NXE;
    c.cr0 = Cr.CR0_PE | Cr.CR0_PG;
    c.setCpl(0);
    c.mmu.flushAll();
    assertThat(access(Access.READ)).isEqualTo("#PF(9)@401234");
    assertThat(access(Access.EXECUTE)).isEqualTo("#PF(9)@401234");
  }

  @Test
  void implicit_supervisor_access_ignores_ac_but_not_smap() {
    map(Paging.LONG_4K, 3, P | RW | US);
    c.cr0 = Cr.CR0_PE | Cr.CR0_PG | Cr.CR0_WP;
    c.cr4 |= Cr.CR4_SMAP;
    c.eflags = RFlags.FIXED | RFlags.AC;
    c.setCpl(0);
    c.mmu.flushAll();
    assertThat(access(Access.READ)).isEqualTo("-");
    String implicit;
    try {
      c.mmu.readSystem8(0x401234);
      implicit = "-";
    } catch (GuestFault f) {
      implicit = FakeMachine.describe(f);
    }
    assertThat(implicit).isEqualTo("#PF(1)@401234");
  }
}
